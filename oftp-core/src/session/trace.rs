//! The trace: every command and every step of the state machine, by the names of the RFC.

use std::fmt;

use crate::state;
use crate::wire::{Command, CommandCode, Level};

/// One line of the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trace {
    /// A command was received; its octets without the Stream Transmission Header. DATA comes with
    /// its length only, and `*` stands for what nobody may read in a log: SSIDPSWD, and the
    /// contents of AUCHCHAL and AURPRSP.
    Received {
        /// The release level by which it was read.
        level: Level,
        /// The Exchange Buffer; for DATA the first octet.
        octets: Vec<u8>,
        /// Octets of the Exchange Buffer.
        len: usize,
    },
    /// A command was queued for sending; shown like one received.
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
            octets: shown(octets),
            len: octets.len(),
        }
    }

    pub(super) fn sent(level: Level, command: &Command<'_>) -> Self {
        let mut octets = Vec::new();
        // A command that cannot be encoded was refused before; the trace then shows none.
        let _ = command.encode(level, &mut octets);
        let len = octets.len();
        hide_secrets(&mut octets);
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

fn shown(octets: &[u8]) -> Vec<u8> {
    if octets.first() == Some(&b'D') {
        return vec![b'D'];
    }
    let mut octets = octets.to_vec();
    hide_secrets(&mut octets);
    octets
}

fn hide_secrets(octets: &mut [u8]) {
    let len = octets.len();
    let secret = match octets
        .first()
        .and_then(|code| CommandCode::from_octet(*code))
    {
        // SSIDPSWD follows code, level and identification code (5.3.2).
        Some(CommandCode::Ssid) => 27..35,
        // AUCHCHAL follows its length (5.3.17).
        Some(CommandCode::Auch) => 3..len,
        Some(CommandCode::Aurp) => 1..len,
        _ => return,
    };
    // The partner may have sent less.
    if let Some(octets) = octets.get_mut(secret.start..secret.end.min(len)) {
        octets.fill(b'*');
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
            .and_then(|code| CommandCode::from_octet(*code))
            .map_or("?", |code| code.name());
        write!(f, "{way} {name} ({len} octets)")
    }
}
