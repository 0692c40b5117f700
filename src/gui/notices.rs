//! Messages that stay until they are dismissed.

use crate::support::{Error, Result};

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Whether something went wrong.
    pub failure: bool,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl From<&Error> for Notice {
    fn from(error: &Error) -> Self {
        Self {
            failure: true,
            message: error.to_string(),
            hint: error.remedy().map(str::to_owned),
        }
    }
}

/// Those that nobody has dismissed yet.
#[derive(Debug, Default)]
pub struct Notices(pub Vec<Notice>);

impl Notices {
    /// Adds what went well.
    pub fn say(&mut self, message: impl Into<String>) {
        self.0.push(Notice {
            failure: false,
            message: message.into(),
            hint: None,
        });
    }

    /// Adds what went wrong.
    pub fn fail(&mut self, error: &Error) {
        self.0.push(error.into());
    }

    /// The value of a result; adds why there is none.
    pub fn value<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.fail(&error)).ok()
    }
}
