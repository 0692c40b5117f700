//! Which of the western encodings of one byte a letter fits the bytes: in all of
//! them a letter within a word is a small one.

use encoding_rs::{Encoding, ISO_8859_15, MACINTOSH, WINDOWS_1252};

use crate::dataset::table::Source;
use crate::support::{Error, Result};

/// Fewer letters than this prove nothing.
const ENOUGH: u64 = 3;

/// How often bytes beyond ASCII occur.
#[derive(Debug, Clone)]
pub(super) struct Letters {
    all: [u64; 256],
    /// Between two small letters.
    within: [u64; 256],
    /// Pairs that are hiragana in Shift JIS, which hardly ever follow each other
    /// in anything else.
    kana: u64,
}

impl Default for Letters {
    fn default() -> Self {
        Self {
            all: [0; 256],
            within: [0; 256],
            kana: 0,
        }
    }
}

impl Letters {
    pub(super) fn count(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().filter(|byte| !byte.is_ascii()) {
            self.all[usize::from(*byte)] += 1;
        }
        let kana = bytes
            .windows(2)
            .filter(|two| matches!(two, [0x82, 0x9f..=0xf1]));
        self.kana += kana.count() as u64;
        for three in bytes.windows(3) {
            if let [before, byte, after] = three
                && !byte.is_ascii()
                && before.is_ascii_lowercase()
                && after.is_ascii_lowercase()
            {
                self.within[usize::from(*byte)] += 1;
            }
        }
    }

    /// Whether a third of the letters at least are hiragana in Shift JIS.
    pub(super) fn are_kana(&self) -> bool {
        let all: u64 = self.all.iter().sum();
        self.kana > 0 && 6 * self.kana > all
    }

    /// The western encoding that the letters fit.
    ///
    /// Fails where they fit none that is known: code pages of DOS.
    pub(super) fn western(&self, source: &Source) -> Result<&'static Encoding> {
        if self.fits(WINDOWS_1252) {
            // A sign for any currency, which nobody writes, was the euro there;
            // Windows has that elsewhere, among quotation marks and dashes.
            let count = |byte: u8| self.all[usize::from(byte)];
            let of_windows = (0x80..0xa0).any(|byte| count(byte) > 0);
            return Ok(match count(0xa4) > 0 && !of_windows {
                true => ISO_8859_15,
                false => WINDOWS_1252,
            });
        }
        if self.fits(MACINTOSH) {
            return Ok(MACINTOSH);
        }
        Err(Error::input(format!(
            "`{}` is neither UTF-8 nor Windows-1252: signs stand there within its words, as in \
             files of DOS (code page 437, 850 or 852)",
            source.name()
        ))
        .hint(
            "save it as UTF-8, for instance with iconv -f cp850 -t utf-8 FILE > NEW; if it is read \
             rightly by some encoding, name that under [data], as encoding = \"windows-1252\"",
        ))
    }

    /// Whether nearly all bytes within words are small letters.
    fn fits(&self, encoding: &'static Encoding) -> bool {
        let total: u64 = self.within.iter().sum();
        let odd = (0..=u8::MAX).zip(&self.within).filter(|(byte, _)| {
            let byte = [*byte];
            let (text, _) = encoding.decode_without_bom_handling(&byte);
            let may_be =
                |c: char| c.is_lowercase() || matches!(c, '’' | '‘' | '´' | '·' | '\u{ad}');
            !text.chars().all(may_be)
        });
        let odd: u64 = odd.map(|(_, count)| count).sum();
        total < ENOUGH || odd * 5 <= total
    }
}
