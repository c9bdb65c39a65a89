//! Records and characters, from the local file to the spool: there each record of a V file follows
//! its length, and all characters are those of the partner.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write};

use super::super::config::Conversion;
use super::super::plan::{Local, Plan};
use super::IntakeError;
use crate::outbox::Problem;
use crate::records::{Format, RecordLayout, RecordReader};

/// How much is read at a time.
pub(super) const BUFFER: usize = 128 << 10;

/// What a local file is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// SFIDFMT and SFIDLRECL.
    pub(super) format: Format,
    /// How the records of a V file lie in it.
    pub(super) layout: RecordLayout,
    /// What is done to its characters.
    pub(super) conversion: Conversion,
}

impl Shape {
    /// That of a file which is being taken out of an outbox.
    pub(super) fn taken(plan: &Plan) -> Self {
        let local = plan.local.as_ref();
        Self {
            format: plan.format,
            layout: local.map_or(RecordLayout::Length32, |local| local.layout),
            conversion: Conversion::None,
        }
    }

    /// What is to be remembered of it while it is being taken.
    pub(super) fn local(&self) -> Local {
        Local {
            layout: self.layout,
            code_page: match self.conversion {
                Conversion::None => None,
                Conversion::CodePage(page) => Some(page.to_owned()),
            },
        }
    }

    /// Whether it is, octet for octet, what lies in the spool.
    pub(super) fn is_final(&self) -> bool {
        let records = matches!(self.format, Format::Variable(_));
        self.conversion == Conversion::None && (!records || self.layout == RecordLayout::Length32)
    }
}

/// Copies a local file to the spool.
pub(super) fn copy(
    mut input: impl BufRead,
    name: &str,
    shape: &Shape,
    out: &mut File,
) -> Result<(), IntakeError> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let read = |problem| IntakeError::source(name, problem);
    let disk = |error| IntakeError::disk("spool", error);
    if let Format::Variable(_) = shape.format {
        let mut reader = RecordReader::new(input, shape.layout);
        let (mut record, mut length) = (Vec::new(), Vec::new());
        while reader
            .next(&mut record)
            .map_err(|error| read(error.into()))?
        {
            length.clear();
            RecordLayout::Length32
                .push_length(record.len(), &mut length)
                .map_err(|error| disk(io::Error::other(error)))?;
            out.write_all(&length).map_err(disk)?;
            out.write_all(&record).map_err(disk)?;
        }
    } else {
        loop {
            let octets = match input.fill_buf() {
                Ok(octets) => octets,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(read(Problem::Io(error))),
            };
            if octets.is_empty() {
                break;
            }
            out.write_all(octets).map_err(disk)?;
            let taken = octets.len();
            input.consume(taken);
        }
    }
    out.flush().map_err(disk)
}
