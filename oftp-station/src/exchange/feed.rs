//! Moves a local file into Data Exchange Buffers: one read for each of the large ones.

use oftp_core::mailbox::{SendBuffer, Supply};

use crate::outbox::{Piece, Source, SourceError};

/// Larger than the reader's own buffer, so that octets go straight where they are encoded from.
const SCRATCH: usize = 128 * 1024;

/// A file that is being sent, and what is read of it and not yet encoded.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) source: Source,
    scratch: Vec<u8>,
    at: usize,
    piece: Piece,
}

impl Feed {
    /// Sends `source` from where it stands. `scratch` is the room of the file before, if any.
    pub(super) fn new(source: Source, mut scratch: Vec<u8>) -> Self {
        scratch.resize(SCRATCH, 0);
        Self {
            source,
            scratch,
            at: 0,
            piece: Piece {
                octets: 0,
                end_of_record: false,
                end_of_file: false,
            },
        }
    }

    /// The room, for the next file.
    pub(super) fn into_scratch(self) -> Vec<u8> {
        self.scratch
    }

    /// Fills one Data Exchange Buffer, and says whether the file is at its end.
    pub(super) fn fill(&mut self, buffer: &mut SendBuffer<'_, '_>) -> Result<Supply, SourceError> {
        loop {
            let rest = &self.scratch[self.at..self.piece.octets];
            if !rest.is_empty() || self.piece.end_of_record {
                let written = buffer.write(rest, self.piece.end_of_record);
                self.at += written.octets;
                let open = self.piece.end_of_record && !written.ended;
                if self.at < self.piece.octets || open {
                    return Ok(Supply::More);
                }
                self.piece.end_of_record = false;
            }
            if self.piece.end_of_file {
                return Ok(Supply::End);
            }
            self.at = 0;
            self.piece = self.source.read(&mut self.scratch)?;
        }
    }
}
