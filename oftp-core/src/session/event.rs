//! What a [`Session`](super::Session) tells: indications, confirmations and network requests.

use std::fmt;
use std::time::Duration;

use super::data::DataInd;
use super::primitive::Addresses;
use super::trace::Trace;
use super::transmit::Pending;
use crate::state::{Origin, State};
use crate::virtual_file::DataError;
use crate::wire::{
    Capability, CommandCode, Eerp, EfnaReason, EsidReason, IdentificationCode, Level, Nerp, Sfid,
    SfnaReason, Ssid, Text, WireError,
};

/// One item of the ordered output queue ([`Session::poll_output`](super::Session::poll_output)).
#[derive(Debug)]
pub enum Output<'a> {
    /// N_CON_RQ: open the network connection, then say [`n_con_cf`](super::Session::n_con_cf).
    NConRq,
    /// N_CON_RS: accept the network connection.
    NConRs,
    /// N_DATA_RQ: send these octets. The item stays at the front until
    /// [`sent`](super::Session::sent) has been told of all of them.
    NDataRq(Pending<'a>),
    /// N_DISC_RQ: what was given before is sent; close the network connection.
    NDiscRq,
    /// F_DATA_IND: one Data Exchange Buffer of the file being received. It can be read until the
    /// next call on the session.
    DataInd(DataInd<'a>),
    /// Any other indication or confirmation.
    Event(Event),
    /// A command or a step of the state machine, where [`Config::trace`](super::Config) is set.
    Trace(Trace),
    /// Nothing more to do until there is input, or until this time: then call
    /// [`tick`](super::Session::tick). A time that has passed means at once: a timer was started,
    /// and counts from that tick. `None`: no timer runs.
    Wait(Option<Duration>),
}

/// Indications and confirmations of RFC 5024 chapter 3, and the local events beside them.
#[derive(Debug, Clone)]
pub enum Event {
    /// F_CONNECT_IND: an Initiator has named itself; answer with `connect_rs` or `release_rq`.
    ConnectInd(Box<ConnectInd>),
    /// F_CONNECT_CF: the session is up and we are the Speaker. The User Monitor checks the
    /// partner's code and password now (ST-48).
    ConnectCf(Box<ConnectCf>),
    /// F_START_FILE_IND: the partner offers a file; answer with `start_file_rs`.
    StartFileInd(Box<Sfid>),
    /// F_START_FILE_CF: the partner's answer to our offer.
    StartFileCf(StartFileCf),
    /// F_DATA_CF: the next data request can be taken.
    DataCf,
    /// F_CLOSE_FILE_IND: the file is complete by the partner's word; answer with `close_file_rs`.
    CloseFileInd(CloseFileInd),
    /// F_CLOSE_FILE_CF: the partner's answer to the end of our file.
    CloseFileCf(CloseFileCf),
    /// F_CD_IND: the turn is ours, unasked; it may end the session by `release_rq`.
    CdInd,
    /// F_EERP_IND: an End to End Response; answer with `rtr_rs` when it is safe.
    EerpInd(Box<Eerp>),
    /// F_NERP_IND: a Negative End Response; answer with `rtr_rs` when it is safe.
    NerpInd(Box<Nerp>),
    /// F_RTR_CF: the partner has taken our EERP or NERP.
    RtrCf,
    /// F_RELEASE_IND: the partner ended the session normally.
    ReleaseInd {
        /// Text of the ESID, mostly empty.
        text: Text,
    },
    /// F_ABORT_IND: the session is over, or will be when the partner disconnects.
    AbortInd(AbortInd),
    /// Local: the Responder has named itself, and secure authentication is next. The User Monitor
    /// checks its code and password now (ST-48): after `release_rq` with reason 03 or 04 no SECD
    /// leaves and no challenge is asked for; drawing the next output goes on.
    PartnerInd(Box<ConnectCf>),
    /// Local: a challenge is wanted for this partner; answer with `seal_challenge_rs`.
    SealChallengeInd {
        /// The identification code that the partner claims (SSIDCODE).
        partner: IdentificationCode,
    },
    /// Local: the partner's challenge is to be opened; answer with `open_challenge_rs`.
    OpenChallengeInd {
        /// CMS EnvelopedData (AUCHCHAL).
        sealed: Vec<u8>,
    },
    /// Local: the partner has proved its identity to us as Responder, and we ours (ST-35).
    AuthenticationInd,
    /// Local: the partner went beyond the letter, and a quirk took it.
    QuirkInd {
        /// The name of the quirk, as in [`Quirks`](crate::wire::Quirks).
        quirk: &'static str,
        /// The command in which it happened.
        command: CommandCode,
    },
}

/// F_CONNECT_IND: the Initiator's offer.
#[derive(Debug, Clone)]
pub struct ConnectInd {
    /// The SSID as received; its password is compared by the User Monitor.
    pub ssid: Ssid,
    /// What is left for this side of the offered mode (3.2.1).
    pub mode: Capability,
    /// Where the call came from.
    pub addresses: Addresses,
}

/// F_CONNECT_CF: the Responder's answer, and what holds for the session.
#[derive(Debug, Clone)]
pub struct ConnectCf {
    /// The SSID as received.
    pub ssid: Ssid,
    /// What was agreed.
    pub agreed: Agreed,
}

/// What both SSIDs agreed on (the variables of 9.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// The release level of the session.
    pub level: Level,
    /// V.Buf-size in octets, command octet included.
    pub buffer_size: u32,
    /// V.Window in Data Exchange Buffers.
    pub window: u16,
    /// V.Compression.
    pub compression: bool,
    /// V.Restart.
    pub restart: bool,
    /// V.Mode of this side.
    pub mode: Capability,
    /// V.Authentication.
    pub authentication: bool,
}

/// F_START_FILE_CF (3.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartFileCf {
    /// CF(+): go on after this many records, or blocks of 1024 octets (restart-pos2).
    Positive {
        /// SFPAACNT, at most what was offered.
        position: u64,
    },
    /// CF(-): the file is refused.
    Negative {
        /// Cause.
        reason: SfnaReason,
        /// Retry-later.
        retry: bool,
        /// Text for people.
        text: Text,
    },
}

/// F_CLOSE_FILE_IND (3.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseFileInd {
    /// Rec-count as the partner says (EFIDRCNT).
    pub records: u64,
    /// Unit-count as the partner says (EFIDUCNT).
    pub octets: u64,
    /// What the received data say: the answer that chapters 5.3.8 and 7 ask for.
    pub verdict: Result<(), FileFault>,
}

/// Why a file that was received must not be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Cause for EFNA.
    pub reason: EfnaReason,
    /// What was expected and what came.
    pub text: String,
}

/// F_CLOSE_FILE_CF (3.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseFileCf {
    /// CF(+): the partner has stored the file.
    Positive {
        /// Whether we are still the Speaker.
        speaker: bool,
    },
    /// CF(-): the partner does not accept the file.
    Negative {
        /// Cause.
        reason: EfnaReason,
        /// Text for people.
        text: Text,
    },
}

/// F_ABORT_IND (3.4.2 to 3.4.4): the session failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbortInd {
    /// R: the ESID reason sent or received; `None` where there is none (connection lost).
    pub reason: Option<EsidReason>,
    /// AO: which side gave the session up.
    pub origin: Origin,
    /// What happened, for people.
    pub cause: AbortCause,
}

/// What led to F_ABORT_IND. A fault of the partner, of the network, or of the agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbortCause {
    /// The partner sent ESID.
    EsidReceived {
        /// The partner's own words.
        text: Text,
        /// The state in which it came.
        state: State,
    },
    /// The partner sent a command that the state does not allow (ESID 02).
    Violation {
        /// The command.
        command: CommandCode,
        /// The state in which it came.
        state: State,
        /// More, where the command is allowed but not with this value.
        detail: Option<&'static str>,
    },
    /// The partner sent a buffer that cannot be read (ESID 01, 06 or 07).
    Invalid(WireError),
    /// The partner sent data that cannot be read (ESID 06 or 07).
    InvalidData(DataError),
    /// The two sides do not fit (ESID 02, 10 or 12).
    Incompatible(String),
    /// Secure authentication failed (ESID 11).
    Authentication(&'static str),
    /// Nothing came in time (ESID 09).
    TimeOut {
        /// The state that waited.
        state: State,
    },
    /// The network connection was closed.
    Disconnected {
        /// The state in which that happened.
        state: State,
    },
    /// The network connection was reset, or could not be opened.
    Reset {
        /// The state in which that happened.
        state: State,
    },
    /// The connection could not be asked for: own capabilities forbid it.
    NotCapable,
}

impl fmt::Display for AbortCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EsidReceived { text, state } => {
                write!(f, "partner ended the session in state {}", state.name())?;
                if !text.is_empty() {
                    write!(f, " and says: {text}")?;
                }
                Ok(())
            }
            Self::Violation {
                command,
                state,
                detail,
            } => {
                write!(
                    f,
                    "partner sent {} in state {}, which does not allow it",
                    command.name(),
                    state.name()
                )?;
                match detail {
                    Some(detail) => write!(f, ": {detail}"),
                    None => Ok(()),
                }
            }
            Self::Invalid(error) => error.fmt(f),
            Self::InvalidData(error) => error.fmt(f),
            Self::Incompatible(what) => f.write_str(what),
            Self::Authentication(what) => f.write_str(what),
            Self::TimeOut { state } => {
                write!(f, "nothing came in time in state {}", state.name())
            }
            Self::Disconnected { state } => {
                write!(f, "connection closed in state {}", state.name())
            }
            Self::Reset { state } => write!(f, "connection reset in state {}", state.name()),
            Self::NotCapable => f.write_str("own capabilities do not allow to call this partner"),
        }
    }
}
