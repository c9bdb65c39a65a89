//! Holds what a session tells against what it promises.

use oftp_core::session::{Event, Trace};

use super::peer::PLAIN;

/// What was seen of a session so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// A command was received, and no row has come for it yet.
    unanswered: Option<u8>,
    /// The SSIDs, and where wanted the authentication, are done.
    pub(super) up: bool,
    /// The partner has sent back the octets of a challenge that was sent to it.
    proved: bool,
    /// ESID is sent, or the end is told: nothing but the disconnect follows.
    pub(super) ended: bool,
    /// F_ABORT_IND or F_RELEASE_IND was told.
    end_told: bool,
    /// N_DISC_RQ was given, or the connection was lost.
    pub(super) disconnected: bool,
}

impl Watch {
    pub(super) fn trace(&mut self, trace: &Trace) {
        match trace {
            Trace::Received { octets, .. } => {
                assert_eq!(self.unanswered, None, "a command without a row");
                self.unanswered = Some(octets.first().copied().unwrap_or_default());
                let proof = octets.split_first();
                self.proved |= proof.is_some_and(|(code, rest)| *code == b'S' && rest == PLAIN);
            }
            Trace::Sent { octets, .. } => {
                assert!(!self.ended, "{trace} after the end");
                self.ended |= octets.first() == Some(&b'F');
            }
            Trace::Step(_) => self.unanswered = None,
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            // Before authentication ends nobody gets more than this (9.8, note at P4).
            Event::ConnectInd(_) | Event::PartnerInd(_) => assert!(!self.up && !self.ended),
            Event::SealChallengeInd { .. } | Event::OpenChallengeInd { .. } => {
                assert!(!self.up && !self.ended, "{event:?}");
                // The row is that of the answer.
                self.unanswered = None;
            }
            Event::ConnectCf(cf) => {
                assert!(!self.up && !self.ended);
                assert_eq!(cf.ssid.auth, cf.agreed.authentication);
                assert!(
                    self.proved || !cf.agreed.authentication,
                    "not authenticated"
                );
                self.up = true;
            }
            Event::AuthenticationInd => {
                assert!(!self.up && !self.ended && self.proved);
                self.up = true;
            }
            Event::QuirkInd { quirk, .. } => {
                // No row of the tables has it: the quirk is the answer.
                if *quirk == "late_cdt" {
                    self.unanswered = None;
                }
            }
            Event::AbortInd(_) | Event::ReleaseInd { .. } => {
                assert!(!self.end_told, "the end is told twice: {event:?}");
                self.end_told = true;
                self.ended = true;
            }
            _ => self.data_or_file(event),
        }
    }

    /// Everything that only a session that is up tells.
    pub(super) fn data_or_file(&self, what: &impl std::fmt::Debug) {
        assert!(self.up, "{what:?} before authentication ended");
        assert!(!self.ended, "{what:?} after the end");
    }

    /// Nothing more is to come without input.
    pub(super) fn rests(&self) {
        assert_eq!(self.unanswered, None, "a command without a row");
    }
}
