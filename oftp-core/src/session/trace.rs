//! The trace: every command and every step of the state machine, by the names of the RFC.

use std::fmt;

use crate::state;
use crate::wire::{Command, Level};

/// One line of the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// A command was received; its octets without the Stream Transmission Header. DATA comes with
    /// its length only.
    Received {
        /// The release level by which it was read.
        level: Level,
        /// The Exchange Buffer; for DATA the first octet.
        octets: Vec<u8>,
        /// Octets of the Exchange Buffer.
        len: usize,
    },
    /// A command was queued for sending.
    Sent {
        /// The release level by which it was written.
        level: Level,
        /// The Exchange Buffer; for DATA the first octet.
        octets: Vec<u8>,
        /// Octets of the Exchange Buffer.
        len: usize,
    },
    /// The state machine took a row: `9.10 K OPOP SFPA -> OPO`.
    Step(state::Trace),
}

impl Trace {
    pub(super) fn received(level: Level, octets: &[u8]) -> Self {
        Self::Received {
            level,
            octets: shortened(octets),
            len: octets.len(),
        }
    }

    pub(super) fn sent(level: Level, command: &Command<'_>) -> Self {
        let mut octets = Vec::new();
        // A command that cannot be encoded was refused before; the trace then shows none.
        let _ = command.encode(level, &mut octets);
        let len = octets.len();
        Self::Sent { level, octets, len }
    }

    pub(super) fn sent_data(level: Level, len: usize) -> Self {
        Self::Sent {
            level,
            octets: vec![b'D'],
            len,
        }
    }
}

fn shortened(octets: &[u8]) -> Vec<u8> {
    match octets.first() {
        Some(b'D') => vec![b'D'],
        _ => octets.to_vec(),
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, octets, len) = match self {
            Self::Step(step) => return step.fmt(f),
            Self::Received { octets, len, .. } => ("received", octets, len),
            Self::Sent { octets, len, .. } => ("sent", octets, len),
        };
        let name = octets
            .first()
            .and_then(|code| crate::wire::CommandCode::from_octet(*code))
            .map_or("?", |code| code.name());
        write!(f, "{way} {name} ({len} octets)")
    }
}
