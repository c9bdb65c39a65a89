//! What a monitor tells its host.

use std::path::PathBuf;

use oftp_core::mailbox::Response;
use oftp_core::session::{Agreed, Trace};
use oftp_core::wire::{EfnaReason, IdentificationCode, NerpReason, Sfid, SfnaReason};

/// One thing that the host is told.
#[derive(Debug)]
#[non_exhaustive]
pub enum Tell {
    /// The session is up.
    Up {
        /// With whom.
        partner: IdentificationCode,
        /// What holds for it.
        agreed: Agreed,
    },
    /// The partner offers a file that its policy allows (SFID). Answer by
    /// [`accept_file`](super::Monitor::accept_file) or
    /// [`refuse_file`](super::Monitor::refuse_file), now or later; or leave it to the folder by
    /// [`offer_passed`](super::Monitor::offer_passed).
    Offered(Box<Sfid>),
    /// All of the file that the host takes is here, and its counts agree (EFID). Make it safe,
    /// then answer by [`stored`](super::Monitor::stored) or
    /// [`not_stored`](super::Monitor::not_stored), now or later.
    Complete(Box<Sfid>),
    /// A file lies in the folder, opened if it was secured, and is answered.
    Received {
        /// As it was offered.
        sfid: Box<Sfid>,
        /// Where.
        path: PathBuf,
    },
    /// A file of the partner came to nothing.
    TurnedAway {
        /// As it was offered.
        sfid: Box<Sfid>,
        /// What the partner was told; `None`: the session ended before all of it was here, and
        /// what came is kept for a restart.
        answer: Option<Answer>,
        /// Why, for people.
        text: String,
    },
    /// The partner has stored a file of ours (EFPA).
    Sent(u64),
    /// A file of ours was not taken.
    Refused {
        /// Which.
        id: u64,
        /// How the partner refused it; `None`: it could not be offered or read here.
        answer: Option<Answer>,
        /// It is kept for the next session; else it is forgotten.
        retry: bool,
        /// The partner's words, or ours.
        text: String,
    },
    /// An end response came. Make it safe, then confirm it by
    /// [`response_told`](super::Monitor::response_told): only then RTR is sent and its file
    /// closed.
    Response {
        /// To which file of ours; `None`: it belongs to none.
        id: Option<u64>,
        /// The response.
        response: Response,
        /// What it is worth.
        proof: Proof,
        /// Who signed it, or what is wrong with it.
        text: String,
    },
    /// The partner has taken a response of ours (RTR).
    ResponseSent(Response),
    /// The session has ended; [`result`](super::Monitor::result) says how. The last of a session.
    Ended,
    /// Something is not as it was asked for, or a fault of this side.
    Warning(String),
    /// The partner went beyond the letter, and a quirk took it.
    Quirk {
        /// The name of the quirk.
        quirk: &'static str,
        /// The command.
        command: &'static str,
    },
    /// A command or a row of the state tables, where the configuration asks for the trace.
    Trace(Box<Trace>),
}

/// How a file was refused (RFC 5024 5.3.4, 5.3.10, 5.3.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Before it was sent (SFNA).
    Sfna(SfnaReason),
    /// After all of it was sent (EFNA).
    Efna(EfnaReason),
    /// After it was taken (NERP).
    Nerp(NerpReason),
}

impl Answer {
    /// The command: "SFNA", "EFNA" or "NERP".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sfna(_) => "SFNA",
            Self::Efna(_) => "EFNA",
            Self::Nerp(_) => "NERP",
        }
    }

    /// The reason code in it, 0 to 99.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Sfna(reason) => reason.code(),
            Self::Efna(reason) => reason.code(),
            Self::Nerp(reason) => reason.code(),
        }
    }
}

/// What an end response that came is worth (threat model R1 to R5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Not signed, and not asked to be.
    Unsigned,
    /// Signed by the partner, for just the octets that were sent.
    Signed,
    /// Signed without being asked, and nothing is known of the partner to check it by.
    NotChecked,
    /// It proves nothing, and the file stays open: a signature is missing or wrong.
    Worthless,
    /// It belongs to no file of ours.
    NoFile,
}
