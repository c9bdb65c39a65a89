//! What a [`Mailbox`](super::Mailbox) tells and asks.

use std::time::Duration;

use crate::session::{AbortInd, Agreed, DataInd, FileFault, Pending, Trace, UserError};
use crate::wire::{
    CommandCode, Eerp, EfnaReason, EsidReason, IdentificationCode, Nerp, Sfid, SfnaReason, Text,
};

/// One item of the ordered output of a [`Mailbox`](super::Mailbox).
#[derive(Debug)]
pub enum Mail<'a> {
    /// Open the network connection, then say [`n_con_cf`](super::Mailbox::n_con_cf).
    NConRq,
    /// The incoming network connection is accepted.
    NConRs,
    /// Send these octets, and tell [`sent`](super::Mailbox::sent).
    NDataRq(Pending<'a>),
    /// Close the network connection.
    NDiscRq,
    /// A line of the trace.
    Trace(Trace),
    /// Nothing to do until there is input or until this time: then call
    /// [`tick`](super::Mailbox::tick). A time that has passed means at once: a timer was started,
    /// and counts from that tick.
    Wait(Option<Duration>),
    /// A file or a session event; see [`Event`].
    Event(Event),
    /// Octets of the file that is being received: store them. They can be read until the next
    /// call on the mailbox.
    Data(DataInd<'a>),
}

/// The name that a mailbox gives to a queued file, unique in the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

/// An End to End Response or a Negative End Response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// The file has reached its destination.
    Eerp(Box<Eerp>),
    /// The file has not reached its destination, and will not.
    Nerp(Box<Nerp>),
}

/// Files and sessions, as they go on. Those that say "answer" wait for a call on the mailbox,
/// for as long as that takes; the session waits with them.
#[derive(Debug, Clone)]
pub enum Event {
    /// The session is up: with whom, and what was agreed.
    Up {
        /// The partner's identification code.
        partner: IdentificationCode,
        /// What holds for the session.
        agreed: Agreed,
    },
    /// The partner takes a queued file, from this position on: open it there and answer with
    /// [`source_ready`](super::Mailbox::source_ready).
    FileWanted {
        /// Which file.
        id: FileId,
        /// Records (F, V) or blocks of 1024 octets (U, T, secured) that the partner holds.
        position: u64,
    },
    /// There is room for data of the open file: answer with
    /// [`supply`](super::Mailbox::supply).
    DataWanted {
        /// Which file.
        id: FileId,
    },
    /// The partner has stored a file (EFPA).
    FileSent {
        /// Which file.
        id: FileId,
    },
    /// The partner does not take a file (SFNA).
    FileRefused {
        /// Which file.
        id: FileId,
        /// Cause. A code that is not listed counts as 99 (CF-22).
        reason: SfnaReason,
        /// Whether another try in a later session makes sense.
        retry: bool,
        /// The partner's words.
        text: Text,
    },
    /// The partner got a whole file and does not accept it (EFNA).
    FileNotAccepted {
        /// Which file.
        id: FileId,
        /// Cause. A code that is not listed counts as 99 (CF-22).
        reason: EfnaReason,
        /// The partner's words.
        text: Text,
    },
    /// A queued file cannot be sent in this session: nothing of it was sent.
    FileUnsendable {
        /// Which file.
        id: FileId,
        /// Why.
        error: UserError,
    },
    /// The partner offers a file that the policy allows: answer with
    /// [`accept_file`](super::Mailbox::accept_file) or
    /// [`refuse_file`](super::Mailbox::refuse_file). Only the User Monitor knows what was received
    /// before: such a file is refused with 13, or taken once more and dropped where the partner
    /// needs that ([`Quirks::DUPLICATE_DISCARD`](crate::wire::Quirks::DUPLICATE_DISCARD)).
    FileOffered {
        /// Its SFID; SFIDREST is what the partner could restart at.
        sfid: Box<Sfid>,
    },
    /// A file was refused by policy (SFNA); nothing to answer.
    FileTurnedAway {
        /// Its SFID.
        sfid: Box<Sfid>,
        /// Cause.
        reason: SfnaReason,
        /// The words sent with it.
        text: String,
    },
    /// All of the file is here and its counts agree: make it safe, then answer with
    /// [`file_stored`](super::Mailbox::file_stored) or
    /// [`file_failed`](super::Mailbox::file_failed).
    FileComplete,
    /// The file that was received is not what its sender says (EFNA): drop it. Nothing to answer.
    FileBroken {
        /// What is wrong.
        fault: FileFault,
    },
    /// A response to a file came: make it safe, then answer with
    /// [`response_taken`](super::Mailbox::response_taken).
    ResponseReceived(Response),
    /// The partner has taken one of our responses (RTR).
    ResponseSent(Response),
    /// A response cannot be sent in this session, such as a NERP below level 1.4 (CF-21).
    ResponseUnsendable {
        /// Which.
        response: Response,
        /// Why.
        error: UserError,
    },
    /// Secure authentication: a challenge is wanted; answer with
    /// [`seal_challenge_rs`](super::Mailbox::seal_challenge_rs).
    SealChallenge {
        /// The identification code that the partner claims.
        partner: IdentificationCode,
    },
    /// Secure authentication: open this challenge; answer with
    /// [`open_challenge_rs`](super::Mailbox::open_challenge_rs).
    OpenChallenge {
        /// CMS EnvelopedData.
        sealed: Vec<u8>,
    },
    /// The partner went beyond the letter, and a quirk took it.
    Quirk {
        /// Its name.
        quirk: &'static str,
        /// The command in which it happened.
        command: CommandCode,
    },
    /// The session is at its end; nothing but the disconnect follows.
    Ended(Ended),
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// ESID 00 where it belongs.
    Normally,
    /// Nothing was in progress, but the partner left without the turn being given (ESID 00 out of
    /// place, a closed connection), or said nothing more. Everything that was done holds (ST-04).
    Irregularly(AbortInd),
    /// We ended it with this reason: a caller turned away, a limit reached, a local fault.
    ByUs {
        /// The reason sent in ESID; only the driver is told where no ESID can be sent, because
        /// there is no connection yet, or the Responder has not spoken.
        reason: EsidReason,
        /// Why.
        why: String,
    },
    /// F_ABORT_IND in the middle of something, or before the session was up.
    Failed(AbortInd),
}
