//! Secure authentication (RFC 5024 4.2.3, 4.2.4). Whatever goes wrong, the partner hears ESID 11
//! and nothing more.

use std::time::Instant;

use oftp_core::mailbox::{Ended, Event};
use oftp_core::session::AbortCause;
use oftp_core::wire::EsidReason;

use super::Monitor;
use crate::security;

impl Monitor {
    pub(super) fn challenge(&mut self, event: Event) {
        let partner = self.session_partner();
        let Some(run) = &mut self.run else {
            return;
        };
        let failed = match event {
            Event::SealChallenge { partner } => {
                let made = security::challenge(&self.security.ring.with(&partner));
                let (answer, why) = apart(made);
                let _ = run.mailbox.seal_challenge_rs(answer);
                why
            }
            Event::OpenChallenge { sealed } => {
                let (answer, why) = if self
                    .security
                    .attempts
                    .are_used_up(partner.trimmed(), Instant::now())
                {
                    let why = "this partner failed to authenticate ten times within the last \
                               hour: its challenges are not opened for now";
                    (None, Some(why.to_owned()))
                } else {
                    // Counted now and taken back on success.
                    self.security
                        .attempts
                        .failed(partner.trimmed(), Instant::now());
                    run.attempt_counted = true;
                    apart(security::answer(
                        &sealed,
                        &self.security.ring.with(&partner),
                    ))
                };
                let _ = run.mailbox.open_challenge_rs(answer);
                why
            }
            _ => None,
        };
        if let Some(why) = failed {
            self.warn(why);
        }
    }

    /// An authentication that failed is counted, on either side.
    pub(super) fn count_attempt(&self, ended: &Ended) {
        let failed = match ended {
            Ended::Failed(abort) => {
                matches!(abort.cause, AbortCause::Authentication(_))
                    || abort.reason == Some(EsidReason::INVALID_CHALLENGE_RESPONSE)
            }
            _ => false,
        };
        let counted = self.run.as_ref().is_none_or(|run| run.attempt_counted);
        if failed && !counted {
            let partner = self.session_partner();
            self.security
                .attempts
                .failed(partner.trimmed(), Instant::now());
        }
    }
}

fn apart<T>(result: Result<T, String>) -> (Option<T>, Option<String>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(why) => (None, Some(why)),
    }
}
