//! The content of an envelope (RFC 5024 6.1, 6.5): the octets of the Virtual File; those of a V
//! file with the length of each record before it.

use std::io::{self, Read, Write};

use oftp_secure::record_lengths::{LengthReader, RecordError};

use super::protection::ProtectError;
use crate::inbox::{InboxError, Slot};
use crate::outbox::Source;
use crate::records::{Format, LONGEST_RECORD};

/// Reads a local file as the content of an envelope.
#[derive(Debug)]
pub(super) struct ContentReader<'a> {
    source: &'a mut Source,
    /// A record with its length, or octets of a file without records; what of it is given.
    piece: Vec<u8>,
    octets: usize,
    given: usize,
    at_end: bool,
    fault: Option<ProtectError>,
}

/// Octets of a record's length.
const LENGTH: usize = 2;

/// Room for the longest record and its length.
const PIECE: usize = LENGTH + LONGEST_RECORD as usize;

impl<'a> ContentReader<'a> {
    /// Reads `source`, which stands at its beginning.
    pub(super) fn new(source: &'a mut Source) -> Self {
        let facts = source.facts();
        Self {
            at_end: facts.octets == 0 && facts.records == 0,
            source,
            piece: vec![0; PIECE],
            octets: 0,
            given: 0,
            fault: None,
        }
    }

    /// What was wrong with the file, where reading it failed.
    pub(super) fn into_fault(self) -> Option<ProtectError> {
        self.fault
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let header = match self.source.facts().format {
            Format::Variable(_) => LENGTH,
            _ => 0,
        };
        // There is room for a whole record, so that one read gives all of it.
        let piece = match self.source.read(&mut self.piece[header..]) {
            Ok(piece) => piece,
            Err(error) => {
                self.fault = Some(error.into());
                return Err(io::ErrorKind::Other.into());
            }
        };
        if header > 0 {
            let Ok(length) = u16::try_from(piece.octets) else {
                self.fault = Some(ProtectError::Record {
                    octets: piece.octets,
                });
                return Err(io::ErrorKind::Other.into());
            };
            self.piece[..header].copy_from_slice(&length.to_be_bytes());
        }
        self.octets = header + piece.octets;
        self.given = 0;
        self.at_end = piece.end_of_file;
        Ok(())
    }
}

impl Read for ContentReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.octets {
            if self.at_end {
                return Ok(0);
            }
            self.next_piece()?;
        }
        let rest = &self.piece[self.given..self.octets];
        let taken = rest.len().min(out.len());
        out[..taken].copy_from_slice(&rest[..taken]);
        self.given += taken;
        Ok(taken)
    }
}

/// Writes the content of an envelope to where the file is stored.
#[derive(Debug)]
pub(super) struct ContentWriter<'a> {
    slot: &'a mut Slot,
    kind: Kind,
    fault: Option<ContentFault>,
}

#[derive(Debug)]
enum Kind {
    /// U and T.
    Stream,
    /// F: the length of a record, and how many octets of one have come.
    Fixed { record: usize, open: usize },
    /// V.
    Variable(LengthReader),
}

/// Why a content is not stored.
#[derive(Debug)]
pub(super) enum ContentFault {
    /// This side cannot.
    Ours(InboxError),
    /// Its records are not what SFIDFMT and SFIDLRECL say.
    Records(String),
}

impl From<InboxError> for ContentFault {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::Record(error) => Self::Records(error.to_string()),
            error => Self::Ours(error),
        }
    }
}

impl<'a> ContentWriter<'a> {
    /// Writes to `slot`, which takes a file of this format.
    pub(super) fn new(slot: &'a mut Slot, format: Format) -> Self {
        let kind = match format {
            Format::Fixed(record) => Kind::Fixed {
                record: record.max(1) as usize,
                open: 0,
            },
            Format::Variable(longest) => Kind::Variable(LengthReader::new(longest)),
            Format::Unstructured | Format::Text => Kind::Stream,
        };
        Self {
            slot,
            kind,
            fault: None,
        }
    }

    /// All octets have come.
    pub(super) fn finish(self) -> Result<(), ContentFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        match &self.kind {
            Kind::Stream | Kind::Fixed { open: 0, .. } => Ok(()),
            Kind::Fixed { .. } => Err(ContentFault::Records(
                "its last record is cut off".to_owned(),
            )),
            Kind::Variable(lengths) => match lengths.finish() {
                Ok(_) => Ok(()),
                Err(error) => Err(ContentFault::Records(error.to_string())),
            },
        }
    }

    fn store(&mut self, mut octets: &[u8]) -> Result<(), ContentFault> {
        let slot = &mut *self.slot;
        match &mut self.kind {
            Kind::Stream => slot.write(octets, false)?,
            Kind::Fixed { record, open } => {
                while !octets.is_empty() {
                    let (now, rest) = octets.split_at(octets.len().min(*record - *open));
                    *open = (*open + now.len()) % *record;
                    slot.write(now, *open == 0)?;
                    octets = rest;
                }
            }
            Kind::Variable(lengths) => {
                let wrong = |error: RecordError| ContentFault::Records(error.to_string());
                while let Some(piece) = lengths.next(&mut octets).map_err(wrong)? {
                    slot.write(piece.octets, piece.end_of_record)?;
                }
            }
        }
        Ok(())
    }
}

impl Write for ContentWriter<'_> {
    /// Octets behind a fault in the records are passed over: whether the signature holds is still
    /// to be seen, and says more than the records do.
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.fault.is_none()
            && let Err(fault) = self.store(octets)
        {
            self.fault = Some(fault);
        }
        match self.fault {
            Some(ContentFault::Ours(_)) => Err(io::ErrorKind::Other.into()),
            _ => Ok(octets.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
