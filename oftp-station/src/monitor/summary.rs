//! How a session went.

use oftp_core::mailbox::Ended;
use oftp_core::session::{AbortCause, AbortInd};
use oftp_core::wire::{EsidReason, IdentificationCode};

use super::Monitor;
use super::post::Phase;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ending {
    /// It has not ended, or there was none.
    #[default]
    None,
    /// By ESID 00, as it should be.
    Normal,
    /// The partner left or fell silent while nothing was in progress: all that was done holds.
    Irregular,
    /// This side ended it: a caller was turned away, a limit reached, a file could not be stored.
    ByUs,
    /// It failed, before it was up or in the middle of something.
    Failed,
    /// There was no connection to hold it on, or TLS failed
    /// ([`connection_failed`](Monitor::connection_failed)).
    NoConnection,
}

/// How the last session went, or goes, and what there is still to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// How it ended.
    pub ending: Ending,
    /// The reason of the ESID sent or received; `None`: there was none.
    pub reason: Option<EsidReason>,
    /// What happened, for people.
    pub text: String,
    /// The partner; blank where it is not known.
    pub partner: IdentificationCode,
    /// Files of ours that the partner has stored in this session (EFPA).
    pub sent: u64,
    /// Files of ours that it did not take, or that could not be offered.
    pub refused: u64,
    /// Files that came and were stored in this session.
    pub received: u64,
    /// Files that came and were refused, or could not be opened.
    pub turned_away: u64,
    /// Files of ours that an EERP has closed in this session.
    pub delivered: u64,
    /// Files of ours that a NERP has closed in this session.
    pub failed: u64,
    /// End responses that came and prove nothing, or belong to no file.
    pub worthless: u64,
    /// End responses that the partner has taken (RTR).
    pub responses: u64,
    /// Files that are still to be sent, to any partner.
    pub waiting: u64,
    /// Files that were sent in any session and have no end response yet.
    pub open: u64,
}

impl Summary {
    pub(super) fn end(&mut self, ended: &Ended) {
        (self.ending, self.reason, self.text) = match ended {
            Ended::Normally => (
                Ending::Normal,
                Some(EsidReason::NORMAL),
                "the session ended normally".to_owned(),
            ),
            Ended::Irregularly(ind) => (Ending::Irregular, ind.reason, words(ind)),
            Ended::ByUs { reason, why } => (Ending::ByUs, Some(*reason), why.clone()),
            Ended::Failed(ind) => (Ending::Failed, ind.reason, words(ind)),
        };
    }
}

impl Monitor {
    /// How the last session went, or goes, and what there is still to do.
    #[must_use]
    pub fn result(&self) -> Summary {
        let count = |sent: bool| {
            let mut posts = self.posts.iter().map(|post| post.phase);
            posts
                .by_ref()
                .filter(|phase| (*phase == Phase::Sent) == sent)
                .count() as u64
        };
        Summary {
            waiting: count(false),
            open: count(true),
            ..self.score.clone()
        }
    }
}

/// What ended a session. What a partner's ESID means is not in its own words, nor in ours.
fn words(ind: &AbortInd) -> String {
    match (&ind.cause, ind.reason) {
        (AbortCause::EsidReceived { .. }, Some(reason)) => format!("{} (ESID {reason})", ind.cause),
        _ => ind.cause.to_string(),
    }
}
