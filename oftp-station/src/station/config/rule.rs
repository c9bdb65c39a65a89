//! Which files go under which names, and how they are converted.
//!
//! ```text
//! pattern    which names a rule is for
//! template   how a name is made
//! facts      what a name is made of
//! name       the dataset name of a local file, the local name of a Virtual File
//! choice     the rule that a file falls under
//! ```

mod choice;
mod facts;
mod name;
mod pattern;
mod template;
#[cfg(test)]
mod tests;

use oftp_core::wire::IdentificationCode;

use crate::records::{Format, RecordLayout};
use crate::security::Protection;

pub use choice::{receive_rule, send_rule};
pub use facts::Facts;
pub use name::{LONGEST_INBOX_NAME, NameError, dataset_name_of, description_of, inbox_name_of};
pub use pattern::Captures;

/// What names fit: `*` stands for any octets, `?` for one; the rest for itself, letters in either
/// case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(pub String);

/// How a name is made: text with `{name}`, `{stem}`, `{ext}`, `{dsn}`, `{date}`, `{time}`,
/// `{counter}`, `{orig}`, `{dest}`, `{description}`, `{1}` .. `{9}` (what a `*` of the pattern
/// stood for).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate(pub String);

/// How characters are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conversion {
    /// Not at all.
    #[default]
    None,
    /// Between UTF-8 here and an 8-bit code page there, by its number (`037`, `273`, `500`, `1047`,
    /// `1140`, `1141`, `8859-1`, `1252`).
    CodePage(&'static str),
}

/// Files for a partner.
#[derive(Debug, Clone, PartialEq)]
pub struct SendRule {
    /// The local names that it is for.
    pub files: NamePattern,
    /// SFIDDSN.
    pub dsn: NameTemplate,
    /// SFIDDESC: the long name, where there is one.
    pub description: Option<NameTemplate>,
    /// SFIDFMT and SFIDLRECL.
    pub format: Format,
    /// How the records of a V file lie in the local file.
    pub layout: RecordLayout,
    /// How characters are converted on the way out.
    pub conversion: Conversion,
    /// What is done to the file.
    pub protection: Option<Protection>,
    /// SFIDDEST, where it is not the partner itself.
    pub destination: Option<IdentificationCode>,
    /// SFIDORIG, where it is not we.
    pub originator: Option<IdentificationCode>,
    /// SFIDUSER.
    pub user_data: String,
    /// 0 first, 9 last.
    pub priority: u8,
}

/// Files from a partner.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiveRule {
    /// The dataset names that it is for.
    pub dsn: NamePattern,
    /// The name in the inbox; `None`: the five fields of its identity
    /// ([`stored_name`](crate::names::stored_name)).
    pub name: Option<NameTemplate>,
    /// How the records of a V file are to lie in the local file.
    pub layout: RecordLayout,
    /// How characters are converted on the way in.
    pub conversion: Conversion,
}
