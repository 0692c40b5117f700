//! A stream of some encoding as UTF-8.

use std::io::Read;

use encoding_rs::Decoder;

use crate::dataset::ready::Ready;

/// Turns a stream of some encoding into UTF-8; what cannot be decoded becomes
/// U+FFFD, which the check of the data counts.
pub(super) struct Decoding<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: Ready,
    at_end: bool,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(source: R, decoder: Decoder) -> Self {
        Self {
            source,
            decoder,
            raw: vec![0; 1 << 16],
            decoded: Ready::default(),
            at_end: false,
        }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        let read = self.source.read(&mut self.raw)?;
        self.at_end = read == 0;
        let size = self
            .decoder
            .max_utf8_buffer_length(read)
            .unwrap_or(read * 3 + 16);
        self.decoded.renew();
        self.decoded.bytes.resize(size, 0);
        let input = &self.raw[..read];
        let (_, _, written, _) =
            self.decoder
                .decode_to_utf8(input, &mut self.decoded.bytes, self.at_end);
        self.decoded.bytes.truncate(written);
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        while self.decoded.is_spent() {
            if self.at_end {
                return Ok(0);
            }
            self.refill()?;
        }
        Ok(self.decoded.give(target))
    }
}
