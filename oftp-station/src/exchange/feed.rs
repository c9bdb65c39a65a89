//! Moves a local file into Data Exchange Buffers: one read for each of the large ones.

use oftp_core::mailbox::{SendBuffer, Supply};

use oftp_secure::crypto::{Digest, Hash};

use crate::outbox::{Piece, Source, SourceError};

/// Larger than the reader's own buffer, so that octets go straight where they are encoded from.
const SCRATCH: usize = 128 * 1024;

/// A file that is being sent, and what is read of it and not yet encoded.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) source: Source,
    scratch: Vec<u8>,
    at: usize,
    piece: Piece,
    /// The hash of what is transmitted, where a signed end response will name it (5.3.13).
    digest: Option<Digest>,
}

impl Feed {
    /// Sends `source` from where it stands. `scratch` is the room of the file before, if any.
    /// `hash`: the octets are hashed on the way.
    pub(crate) fn new(source: Source, hash: Option<Hash>, mut scratch: Vec<u8>) -> Self {
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
            digest: hash.map(Digest::new),
        }
    }

    /// Goes to a restart position (SFPAACNT). A hash begins with what is not sent again.
    pub(crate) fn seek(&mut self, position: u64) -> Result<(), SourceError> {
        if let Some(digest) = &mut self.digest {
            *digest = Digest::new(digest.hash());
            self.source.seek(position)?;
            let kept = self.source.octets();
            self.source.seek(0)?;
            while self.source.octets() < kept {
                let left = kept - self.source.octets();
                let room = usize::try_from(left).map_or(SCRATCH, |left| left.min(SCRATCH));
                let piece = self.source.read(&mut self.scratch[..room])?;
                digest.update(&self.scratch[..piece.octets]);
            }
        }
        self.source.seek(position)
    }

    /// The hash of all octets, once the file is at its end.
    pub(crate) fn hash(&self) -> Option<Vec<u8>> {
        self.digest.clone().map(Digest::finish)
    }

    /// The room, for the next file.
    pub(crate) fn into_scratch(self) -> Vec<u8> {
        self.scratch
    }

    /// Fills one Data Exchange Buffer, and says whether the file is at its end.
    pub(crate) fn fill(&mut self, buffer: &mut SendBuffer<'_, '_>) -> Result<Supply, SourceError> {
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
            if let Some(digest) = &mut self.digest {
                digest.update(&self.scratch[..self.piece.octets]);
            }
        }
    }
}
