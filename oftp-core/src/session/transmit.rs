//! What is on its way to the network: whole Stream Transmission Buffers in a few blocks.
//!
//! Blocks are filled at the end and sent from the front, so nothing is ever moved; one that is
//! sent is kept for the next, so a running transfer does not allocate. How much may wait here is
//! the User Monitor's decision ([`Session::transmit_pending`](super::Session::transmit_pending)).

use std::collections::VecDeque;

use crate::wire::sth;

/// Small commands and small Data Exchange Buffers share a block up to this many octets.
const BLOCK: usize = 64 * 1024;

/// A session that has sent nothing but commands has a block of so many octets.
const COMMANDS: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Transmit {
    blocks: VecDeque<Vec<u8>>,
    /// Octets of the first block that are sent.
    sent: usize,
    /// Octets in all blocks that are not sent.
    pending: usize,
    spare: Vec<Vec<u8>>,
    /// Given up, but perhaps still looked at by who is sending it.
    dropped: Vec<Vec<u8>>,
}

/// What is going to be appended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Room {
    /// A command of this many octets.
    Command(usize),
    /// A Data Exchange Buffer of at most this many octets.
    Data(usize),
}

impl Transmit {
    /// Appends one Exchange Buffer written by `fill`, its Stream Transmission Header before it.
    /// Where `fill` writes nothing or says no, nothing is appended. Octets that wait already stay
    /// at their addresses.
    ///
    /// Returns the octets appended, header included, and what `fill` returned.
    pub(super) fn append<R>(
        &mut self,
        room: Room,
        fill: impl FnOnce(&mut Vec<u8>) -> (bool, R),
    ) -> (usize, R) {
        let block = self.block_with(room);
        let start = block.len();
        block.extend_from_slice(&[0; sth::OCTETS]);
        let (keep, result) = fill(block);
        let octets = block.len() - start;
        if !keep || octets == sth::OCTETS {
            block.truncate(start);
            return (0, result);
        }
        block[start..start + sth::OCTETS].copy_from_slice(&sth::header(octets - sth::OCTETS));
        self.pending += octets;
        (octets, result)
    }

    fn block_with(&mut self, room: Room) -> &mut Vec<u8> {
        let (octets, least) = match room {
            Room::Command(octets) => (octets + sth::OCTETS, COMMANDS),
            Room::Data(octets) => (octets + sth::OCTETS, BLOCK),
        };
        let fits = self
            .blocks
            .back()
            .is_some_and(|block| block.len() + octets <= block.capacity());
        if !fits {
            let mut block = self.spare.pop().unwrap_or_default();
            block.reserve(octets.max(least));
            self.blocks.push_back(block);
        }
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    /// The first `octets` unsent octets, block by block.
    pub(super) fn slices(&self, octets: usize) -> Pending<'_> {
        Pending {
            transmit: self,
            octets: octets.min(self.pending),
        }
    }

    /// Takes `octets` as sent.
    pub(super) fn advance(&mut self, octets: usize) {
        debug_assert!(
            octets <= self.pending,
            "more is said to be sent than was given"
        );
        let mut left = octets.min(self.pending);
        self.pending -= left;
        while let Some(front) = self.blocks.front_mut() {
            let rest = front.len() - self.sent;
            if left < rest {
                self.sent += left;
                return;
            }
            left -= rest;
            self.sent = 0;
            front.clear();
            // The last block stays where it is: it takes the next command without a move.
            if self.blocks.len() == 1 {
                return;
            }
            if let Some(block) = self.blocks.pop_front()
                && self.spare.len() < 2
                && block.capacity() >= BLOCK
            {
                self.spare.push(block);
            }
        }
    }

    /// Drops all that is not sent: the connection is given up. The memory goes by
    /// [`forget_dropped`](Self::forget_dropped).
    pub(super) fn clear(&mut self) {
        self.dropped.extend(self.blocks.drain(..));
        self.spare.clear();
        self.sent = 0;
        self.pending = 0;
    }

    /// Nobody looks at what was dropped any more.
    pub(super) fn forget_dropped(&mut self) {
        if !self.dropped.is_empty() {
            self.dropped = Vec::new();
        }
    }
}

/// Octets to be sent, in order: one slice or a few (for a vectored write).
#[derive(Debug, Clone, Copy)]
pub struct Pending<'a> {
    transmit: &'a Transmit,
    octets: usize,
}

impl<'a> Pending<'a> {
    /// How many octets there are, at least 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.octets
    }

    /// The octets, slice by slice, none of them empty.
    pub fn slices(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut left = self.octets;
        let mut skip = self.transmit.sent;
        let slices = self.transmit.blocks.iter().map(move |block| {
            let rest = &block[skip..];
            skip = 0;
            let taken = &rest[..rest.len().min(left)];
            left -= taken.len();
            taken
        });
        slices.filter(|slice| !slice.is_empty())
    }

    /// The octets copied into one piece, for tests and recorders.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.octets);
        self.slices()
            .for_each(|slice| octets.extend_from_slice(slice));
        octets
    }
}
