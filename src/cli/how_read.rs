//! How data files are read, typed with the words of project.toml.

use clap::Args;

use crate::records::{FileSpec, Quotes};
use crate::support::{Error, Result};

/// How data files are read where that is not to be recognised: a value holds
/// for all of them, `FILE=VALUE` for one.
#[derive(Debug, Clone, Default, Args)]
pub struct HowArgs {
    /// Encoding of the text files, by its web name (`windows-1252`), or of one:
    /// `FILE=ENCODING`; recognised when left out, as what follows is.
    #[arg(long, value_name = "[FILE=]ENCODING")]
    pub encoding: Vec<String>,
    /// Delimiter of CSV files (`,` `;` `|`, `\\t` for a tab), or of one.
    #[arg(long, value_name = "[FILE=]DELIMITER")]
    pub delimiter: Vec<String>,
    /// What quotation marks do in CSV files, or in one: `doubled`, `backslash`
    /// or `none`.
    #[arg(long, value_name = "[FILE=]QUOTES")]
    pub quotes: Vec<String>,
    /// Sheet of workbooks, or of one.
    #[arg(long, value_name = "[FILE=]SHEET")]
    pub sheet: Vec<String>,
}

impl HowArgs {
    /// How a file is read, where `all` are the files that were typed.
    pub(super) fn of(&self, file: &str, all: &[&str]) -> Result<FileSpec> {
        let of = |typed: &'_ [String]| said_of(typed, file, all).map(str::to_owned);
        Ok(FileSpec {
            encoding: of(&self.encoding),
            delimiter: of(&self.delimiter)
                .map(|typed| delimiter(&typed))
                .transpose()?,
            quotes: of(&self.quotes).map(|typed| quotes(&typed)).transpose()?,
            sheet: of(&self.sheet),
            ..FileSpec::default()
        })
    }
}

/// What was typed for a file, or else for all.
fn said_of<'a>(typed: &'a [String], file: &str, all: &[&str]) -> Option<&'a str> {
    let for_one = |typed: &'a String, file: &str| typed.strip_prefix(file)?.strip_prefix('=');
    let is_for_one = |typed: &&'a String| all.iter().any(|file| for_one(typed, file).is_some());
    let own = typed.iter().rev().find_map(|typed| for_one(typed, file));
    let general = || typed.iter().rev().find(|typed| !is_for_one(typed));
    own.or_else(|| general().map(String::as_str))
}

fn delimiter(typed: &str) -> Result<char> {
    let mut letters = typed.chars();
    match (typed, letters.next(), letters.next()) {
        ("\\t" | "tab", ..) => Ok('\t'),
        (_, Some(one), None) => Ok(one),
        _ => Err(
            Error::input(format!("`{typed}` cannot be a delimiter")).hint(
                "write one of , ; | or \\t for a tab; for one file FILE=DELIMITER, with FILE as \
                 it is among the files",
            ),
        ),
    }
}

fn quotes(typed: &str) -> Result<Quotes> {
    match typed {
        "doubled" => Ok(Quotes::Doubled),
        "backslash" => Ok(Quotes::Backslash),
        "none" => Ok(Quotes::None),
        _ => Err(Error::input(format!(
            "`{typed}` is nothing that quotation marks do"
        ))
        .hint(
            "write doubled, backslash or none; for one file FILE=QUOTES, with FILE as it is among \
             the files",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_for_all_files_and_one_with_a_file_for_that() {
        let all = ["a.csv", "b=c.csv", "d.xlsx"];
        let owned = |typed: &[&str]| typed.iter().map(|one| (*one).to_owned()).collect();
        let how = HowArgs {
            encoding: owned(&["koi8-r", "b=c.csv=windows-1252"]),
            delimiter: owned(&["a.csv=\\t", ";"]),
            quotes: owned(&["b=c.csv=none"]),
            sheet: owned(&["d.xlsx=1 = 2", "x=y"]),
        };
        let of = |file| how.of(file, &all).expect("can be read so");
        let (a, b, d) = (of("a.csv"), of("b=c.csv"), of("d.xlsx"));
        assert_eq!(a.encoding.as_deref(), Some("koi8-r"));
        assert_eq!(b.encoding.as_deref(), Some("windows-1252"));
        assert_eq!((a.delimiter, b.delimiter), (Some('\t'), Some(';')));
        assert_eq!((a.quotes, b.quotes), (None, Some(Quotes::None)));
        // A sheet may be called like that, too.
        assert_eq!(d.sheet.as_deref(), Some("1 = 2"));
        assert_eq!(a.sheet.as_deref(), Some("x=y"));
    }

    #[test]
    fn what_is_none_of_the_words_is_refused() {
        for (delimiter, quotes) in [("other.csv=;", "doubled"), (";;", "none"), (";", "Doubled")] {
            let how = HowArgs {
                delimiter: vec![delimiter.to_owned()],
                quotes: vec![quotes.to_owned()],
                ..HowArgs::default()
            };
            let error = how.of("a.csv", &["a.csv"]).expect_err("no such thing");
            assert!(error.remedy().is_some(), "{error}");
        }
    }
}
