//! Secure authentication as local primitives (RFC 5024 4.2.3, 4.2.4): the order of the commands
//! is the state machine's, the cryptography is the User Monitor's, whenever it has the answer.

use super::Session;
use super::event::Event;
use super::input::Input;
use super::primitive::{SealedChallenge, UserError, UserProblem};
use crate::state;

/// The local primitive that the User Monitor owes. Until it comes nothing is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    /// SECD is received: a challenge has to be sealed for the partner.
    Seal,
    /// AUCH is received: its challenge has to be opened.
    Open,
}

impl Session {
    /// SECD in WF_SECD: asks the User Monitor for a challenge before AUCH can leave (9.8 J).
    pub(super) fn ask_to_seal(&mut self) {
        let partner = self.vars.peer_ssid.as_ref().map(|ssid| ssid.code);
        self.local = Some(Local::Seal);
        self.event(Event::SealChallengeInd {
            partner: partner.unwrap_or_default(),
        });
    }

    /// AUCH in WF_AUCH: asks the User Monitor to open it before AURP can leave (9.8 I).
    pub(super) fn ask_to_open(&mut self, sealed: Vec<u8>) {
        self.local = Some(Local::Open);
        self.event(Event::OpenChallengeInd { sealed });
    }

    /// Answers [`Event::SealChallengeInd`]: AUCH is sent, and the partner's answer is compared
    /// with the plain octets in constant time. `None`: there is no usable certificate of the
    /// partner; the session ends with ESID 11 (ST-34).
    ///
    /// # Errors
    /// [`UserError`] when no challenge is wanted now, or when it is longer than AUCHCHAL.
    pub fn seal_challenge_rs(&mut self, answer: Option<SealedChallenge>) -> Result<(), UserError> {
        if self.local != Some(Local::Seal) {
            return Err(self.refuse(
                "seal_challenge_rs",
                UserProblem::Value("no challenge is wanted now"),
            ));
        }
        if answer.as_ref().is_some_and(|a| a.sealed.len() > 65_535) {
            return Err(self.refuse(
                "seal_challenge_rs",
                UserProblem::Value("challenge is longer than 65535 octets"),
            ));
        }
        self.local = None;
        self.run(state::Event::Secd, Input::Sealed(answer.map(Box::new)))
    }

    /// Answers [`Event::OpenChallengeInd`] with the 20 octets found in it. `None`: it could not
    /// be opened, whatever the cause; the session ends with ESID 11 and nothing more (ST-34).
    ///
    /// # Errors
    /// [`UserError`] when no challenge is to be opened now.
    pub fn open_challenge_rs(&mut self, answer: Option<[u8; 20]>) -> Result<(), UserError> {
        if self.local != Some(Local::Open) {
            return Err(self.refuse(
                "open_challenge_rs",
                UserProblem::Value("no challenge is to be opened now"),
            ));
        }
        self.local = None;
        self.run(state::Event::Auch, Input::Opened(answer))
    }
}

/// Compares in a time that does not depend on where the octets differ.
pub(super) fn equal(a: &[u8; 20], b: &[u8; 20]) -> bool {
    let difference = a.iter().zip(b).fold(0, |seen, (a, b)| seen | (a ^ b));
    std::hint::black_box(difference) == 0
}
