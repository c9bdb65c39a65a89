//! Records and characters between the local file and the Virtual File (RFC 5024 section 1.5;
//! what characters mean is a matter between partners).
//!
//! The spool holds the Virtual File as it goes over the line: the records of a V file as
//! [`Length32`](RecordLayout::Length32), characters in the code page of the partner. A file on its
//! way out comes from the layout of its rule, in UTF-8; a file on its way in goes there. Files of
//! any size take the same little memory.
//!
//! ```text
//! code_page    what character each octet stands for
//! characters   from UTF-8 to a code page and back
//! records      from one layout to another
//! error        what does not fit, and where
//! ```

mod characters;
pub mod code_page;
mod error;
mod records;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};

use characters::Characters;
use code_page::CodePage;
pub use error::{ConvertError, Place, Unfit};

use super::config::{Conversion, ReceiveRule, SendRule};
use crate::records::{Format, Position, RecordLayout};

/// Where a file is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To a partner: UTF-8 becomes the code page.
    Out,
    /// From a partner: the code page becomes UTF-8.
    In,
}

/// What is to be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The format of the Virtual File. A V file of length 0 may have records of any length: the
    /// longest is then found out ([`Converted::longest`]).
    pub format: Format,
    /// How the records of a V file lie now.
    pub from: RecordLayout,
    /// How they are to lie.
    pub to: RecordLayout,
    /// How characters are converted.
    pub conversion: Conversion,
    /// Where the file is going.
    pub way: Way,
}

impl Job {
    /// From a local file into the spool, by its rule.
    #[must_use]
    pub const fn sending(rule: &SendRule) -> Self {
        Self {
            format: rule.format,
            from: rule.layout,
            to: RecordLayout::Length32,
            conversion: rule.conversion,
            way: Way::Out,
        }
    }

    /// From the spool into a local file of this format, by its rule.
    #[must_use]
    pub const fn receiving(rule: &ReceiveRule, format: Format) -> Self {
        Self {
            format,
            from: RecordLayout::Length32,
            to: rule.layout,
            conversion: rule.conversion,
            way: Way::In,
        }
    }

    /// Whether the result has the same octets as the file: it need not be written anew. (The
    /// lengths of records are looked at only by [`convert`].)
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let records = matches!(self.format, Format::Variable(_)) && self.from != self.to;
        self.conversion == Conversion::None && !records
    }

    fn characters(&self) -> Result<Option<Characters>, ConvertError> {
        match self.conversion {
            Conversion::None => Ok(None),
            Conversion::CodePage(number) => CodePage::of(number)
                .map(|page| Some(Characters::new(page, self.way)))
                .ok_or(ConvertError::NoSuchPage(number)),
        }
    }
}

/// What has become of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Converted {
    /// How much was written. A file without records has none, and as many octets as its local file.
    pub written: Position,
    /// The longest record of the Virtual File in octets, as it goes over the line: SFIDLRECL of a
    /// V file. 0 for files without records.
    pub longest: u32,
}

/// Converts a file, from `source`, which stands at its beginning, to `target`. Both are read and written in large pieces. What was written before an error is of
/// no use.
///
/// # Errors
/// [`ConvertError`]: the file is not what its rule says, or holds what cannot be converted: where,
/// and what.
pub fn convert(
    source: &mut dyn Read,
    target: &mut dyn Write,
    job: Job,
) -> Result<Converted, ConvertError> {
    let characters = job.characters()?;
    match job.format {
        Format::Unstructured | Format::Text => records::stream(source, target, None, characters),
        Format::Fixed(octets) => {
            records::stream(source, target, Some((octets, job.way)), characters)
        }
        Format::Variable(longest) => records::variable(source, target, job, longest, characters),
    }
}
