//! Exchange Buffers in recorded streams (RFC 5024 section 8.2).

use oftp_core::wire::{CommandCode, WireError, sth};

use super::input::{Direction, Piece};

/// One Exchange Buffer of a recording, or what is there of it.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    pub(super) direction: Option<Direction>,
    /// Where its header, or it itself where there are none, begins in its stream.
    pub(super) offset: usize,
    pub(super) octets: &'a [u8],
    pub(super) fault: Option<UnitFault>,
    /// The piece of the recording in which it ends.
    piece: usize,
}

/// What is wrong with an Exchange Buffer before its command is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum UnitFault {
    /// The header is none; the rest of the stream, so many octets, cannot be read.
    Header(WireError, usize),
    /// The recording ends, and so many octets were announced, with the header.
    Cut(usize),
}

impl Unit<'_> {
    /// The command, where there is one that is known.
    pub(super) fn code(&self) -> Option<CommandCode> {
        if matches!(self.fault, Some(UnitFault::Header(..))) {
            return None;
        }
        self.octets
            .first()
            .copied()
            .and_then(CommandCode::from_octet)
    }
}

/// The streams of a recording: one for each direction that is told apart.
pub(super) struct Streams {
    streams: Vec<Stream>,
    headers: bool,
}

struct Stream {
    direction: Option<Direction>,
    octets: Vec<u8>,
    /// Where pieces of the recording end in `octets`, and which they are.
    ends: Vec<(usize, usize)>,
}

impl Streams {
    pub(super) fn new(pieces: Vec<Piece<'_>>, headers: bool) -> Self {
        let mut streams: Vec<Stream> = Vec::new();
        for (index, Piece { direction, octets }) in pieces.into_iter().enumerate() {
            let known = streams.iter().position(|s| s.direction == direction);
            let at = known.unwrap_or(streams.len());
            match streams.get_mut(at) {
                Some(stream) => stream.octets.extend_from_slice(&octets),
                None => streams.push(Stream {
                    direction,
                    octets: octets.into_owned(),
                    ends: Vec::new(),
                }),
            }
            if let Some(stream) = streams.get_mut(at) {
                stream.ends.push((stream.octets.len(), index));
            }
        }
        Self { streams, headers }
    }

    /// All Exchange Buffers, in the order in which their last octets were recorded.
    pub(super) fn units(&self) -> Vec<Unit<'_>> {
        let of = |stream| match self.headers {
            true => Stream::units(stream),
            false => Stream::bare_units(stream),
        };
        let mut units: Vec<_> = self.streams.iter().flat_map(of).collect();
        units.sort_by_key(|unit| unit.piece);
        units
    }
}

impl Stream {
    fn units(&self) -> Vec<Unit<'_>> {
        let mut units = Vec::new();
        let mut offset = 0;
        while let Some(rest) = self.octets.get(offset..).filter(|rest| !rest.is_empty()) {
            let (octets, fault) = next(rest);
            let end = match fault {
                None => offset + sth::OCTETS + octets.len(),
                Some(_) => self.octets.len(),
            };
            units.push(self.unit(offset, end, octets, fault));
            offset = end;
        }
        units
    }

    /// Each piece is an Exchange Buffer.
    fn bare_units(&self) -> Vec<Unit<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|&(end, _)| end));
        starts
            .zip(&self.ends)
            .map(|(start, &(end, _))| self.unit(start, end, &self.octets[start..end], None))
            .collect()
    }

    fn unit<'a>(
        &self,
        offset: usize,
        end: usize,
        octets: &'a [u8],
        fault: Option<UnitFault>,
    ) -> Unit<'a> {
        let ends = self.ends.partition_point(|&(piece_end, _)| piece_end < end);
        Unit {
            direction: self.direction,
            offset,
            octets,
            fault,
            piece: self.ends.get(ends).map_or(usize::MAX, |&(_, piece)| piece),
        }
    }
}

/// The Exchange Buffer at the start of a stream.
fn next(rest: &[u8]) -> (&[u8], Option<UnitFault>) {
    let Some((&header, content)) = rest.split_first_chunk::<{ sth::OCTETS }>() else {
        return (&[], Some(UnitFault::Cut(sth::OCTETS)));
    };
    match sth::exchange_buffer_octets(header) {
        Err(error) => (rest, Some(UnitFault::Header(error, rest.len()))),
        Ok(octets) => match content.get(..octets) {
            Some(content) => (content, None),
            None => (content, Some(UnitFault::Cut(sth::OCTETS + octets))),
        },
    }
}
