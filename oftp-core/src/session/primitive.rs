//! The parameters of the service primitives that a User Monitor issues (RFC 5024 chapter 3).

use super::config::{Capabilities, ConfigError};
use crate::state::State;
use crate::virtual_file::RestartPosition;
use crate::wire::{
    Capability, EfnaReason, FieldError, IdentificationCode, Level, Password, Quirks, SfnaReason,
    Text, UserData,
};

/// Network addresses of a connection, as text for logs and decisions of the User Monitor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Called-address of F_CONNECT (V.Called-addr).
    pub called: String,
    /// Calling-address of F_CONNECT (V.Calling-addr).
    pub calling: String,
}

/// F_CONNECT_RQ (3.2.1): who we are, and how we want the session.
#[derive(Debug, Clone)]
pub struct ConnectRq {
    /// ID1: our identification code (SSIDCODE).
    pub code: IdentificationCode,
    /// PSW1: our password (SSIDPSWD).
    pub password: Password,
    /// SSIDUSER, spaces when unused.
    pub user: UserData,
    /// Mode: what this side wants to do; S and R are not negotiable.
    pub mode: Capability,
    /// Restart: whether interrupted files may be continued.
    pub restart: bool,
    /// Secure authentication (SSIDAUTH): required, or not wanted; there is no negotiation.
    pub authentication: bool,
    /// The addresses, for the driver and the log.
    pub addresses: Addresses,
}

/// F_CONNECT_RS (3.2.1): the Responder's answer.
#[derive(Debug, Clone)]
pub struct ConnectRs {
    /// ID2: our identification code.
    pub code: IdentificationCode,
    /// PSW2: our password.
    pub password: Password,
    /// SSIDUSER, spaces when unused.
    pub user: UserData,
    /// Mode of this side; must fit the offer.
    pub mode: Capability,
    /// Whether interrupted files may be continued; counts only when the Initiator offered it.
    pub restart: bool,
    /// Whether secure authentication is required; must be equal to the Initiator's, else ESID 12.
    pub authentication: bool,
    /// Takes the place of [`Config::capabilities`](super::Config) for this partner.
    pub capabilities: Option<Capabilities>,
    /// Takes the place of [`Config::quirks`](super::Config) for this partner.
    pub quirks: Option<Quirks>,
}

/// F_START_FILE_RS (3.3.1).
#[derive(Debug, Clone)]
pub enum StartFileRs {
    /// RS(+): the file is taken from this position on (restart-pos2); at most the offered one.
    Positive(RestartPosition),
    /// RS(-): the file is refused.
    Negative {
        /// Cause.
        reason: SfnaReason,
        /// Retry-later: whether another try in a later session makes sense.
        retry: bool,
        /// Text for people; sent at level 2.0 only.
        text: Text,
    },
}

/// F_CLOSE_FILE_RQ (3.3.3): the counts of the whole Virtual File, also after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseFileRq {
    /// Rec-count: records for F and V, 0 for U and T (EFIDRCNT).
    pub records: u64,
    /// Unit-count: octets (EFIDUCNT).
    pub octets: u64,
}

/// F_CLOSE_FILE_RS (3.3.3).
#[derive(Debug, Clone)]
pub enum CloseFileRs {
    /// RS(+): the file is stored.
    Positive {
        /// Speaker = Y: we want the turn now (EFPACD).
        speaker: bool,
    },
    /// RS(-): the file is not accepted.
    Negative {
        /// Cause.
        reason: EfnaReason,
        /// Text for people; sent at level 2.0 only.
        text: Text,
    },
}

/// The answer to [`Event::SealChallengeInd`](super::Event): a challenge for the partner (5.3.17).
#[derive(Clone)]
pub struct SealedChallenge {
    /// The 20 random octets, new for every AUCH.
    pub plain: [u8; 20],
    /// The same octets as CMS EnvelopedData for the partner's certificate (AUCHCHAL), at most
    /// 65,535 octets.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for SealedChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedChallenge")
            .field("sealed_octets", &self.sealed.len())
            .finish_non_exhaustive()
    }
}

/// A primitive was refused: the caller's mistake. Nothing changed and nothing was sent (the `U`
/// and `W` cells of chapter 9, and values that the session cannot carry).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{primitive} refused in state {}: {problem}", state.name())]
pub struct UserError {
    /// The primitive by its name in RFC 5024, such as `F_START_FILE_RQ`.
    pub primitive: &'static str,
    /// The state in which it was issued.
    pub state: State,
    /// What is wrong.
    pub problem: UserProblem,
}

/// What is wrong with a refused primitive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserProblem {
    /// The state does not allow it (RFC 5024 chapter 9, row in brackets).
    #[error("not allowed in this state (RFC 5024 {row})")]
    State {
        /// The row of the state tables that says so.
        row: String,
    },
    /// A capability forbids it: restart was not agreed, or this side only receives (9.10 P1).
    #[error("{0}")]
    Capability(&'static str),
    /// A value does not fit the field of the session's release level.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A capability is out of its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The session's release level does not have it.
    #[error("release level {level} does not have {what}")]
    Level {
        /// The level of the session.
        level: Level,
        /// What it lacks.
        what: &'static str,
    },
    /// Values of the primitive contradict each other or the session.
    #[error("{0}")]
    Value(&'static str),
    /// The connection of this session is over; a new session needs a new [`Session`](super::Session).
    #[error("the session is over")]
    Over,
}
