//! What comes with an event into the state machine.

use std::ops::Range;

use super::primitive::{
    CloseFileRq, CloseFileRs, ConnectRq, ConnectRs, SealedChallenge, StartFileRs,
};
use crate::virtual_file::{DataBuffer, DataError};
use crate::wire::{
    Eerp, Efid, Efna, Efpa, Esid, EsidReason, Nerp, Sfid, Sfna, Sfpa, Ssid, Text, WireError,
};

/// The parameters of one event: of a primitive, of a command, or of neither.
#[derive(Debug)]
pub(super) enum Input {
    /// Nothing that any row needs.
    Nothing,
    /// A command that is refused by the state, whatever it holds.
    Misplaced,

    ConnectRq(Box<ConnectRq>),
    ConnectRs(Box<ConnectRs>),
    Ssid(Box<Ssid>),
    /// SFID received, or F_START_FILE_RQ.
    Sfid(Box<Sfid>),
    StartFileRs(StartFileRs),
    Sfpa(Sfpa),
    Sfna(Sfna),
    /// F_DATA_RQ: the buffer is in the transmit queue already, this many octets.
    DataRq(usize),
    /// DATA received: where its payload is, and what it holds.
    Data(ReceivedData),
    CloseFileRq(CloseFileRq),
    Efid(Efid),
    CloseFileRs(CloseFileRs),
    Efpa(Efpa),
    Efna(Efna),
    /// EERP received, or F_EERP_RQ.
    Eerp(Box<Eerp>),
    /// NERP received, or F_NERP_RQ.
    Nerp(Box<Nerp>),
    Release(EsidReason, Text),
    Esid(Esid),
    /// SECD, with the challenge that answers it; `None` where there is no usable certificate.
    Sealed(Option<Box<SealedChallenge>>),
    /// AUCH, with the opened challenge; `None` where it cannot be opened.
    Opened(Option<[u8; 20]>),
    /// AURP.
    Response([u8; 20]),
    Invalid(WireError),
    InvalidData(DataError),
}

/// DATA that has been checked.
#[derive(Debug, Clone)]
pub(super) struct ReceivedData {
    /// Its payload in the receive buffer.
    pub(super) payload: Range<u64>,
    /// Whether the file travels as a stream: it may be over when the data are read.
    pub(super) stream: bool,
    /// What it brings to the Virtual File.
    pub(super) buffer: DataBuffer,
}

/// V.Req-buf: a request that waits for CD (9.3, WF_CD).
#[derive(Debug)]
pub(super) enum Stored {
    Eerp(Box<Eerp>),
    Nerp(Box<Nerp>),
    Sfid(Box<Sfid>),
}
