//! Secure authentication within a session (RFC 5024 4.2.3, 5.3.16 to 5.3.18).

use std::time::Instant;

use oftp_core::mailbox::{Ended, Mailbox};
use oftp_core::session::AbortCause;
use oftp_core::wire::{EsidReason, IdentificationCode};

use super::Visit;
use crate::driver::Jobs;
use crate::security;

impl Visit {
    /// A challenge is wanted for this partner (AUCH).
    pub(super) fn seal_challenge(&self, partner: &IdentificationCode, jobs: &mut Jobs<Self>) {
        let keys = self.config.security.ring.with(partner);
        jobs.spawn(
            move || security::challenge(&keys),
            |visit, mailbox, _, challenge| {
                let challenge = challenge.map_err(|why| visit.error(&why)).ok();
                // A session that is over does not wait any more.
                let _ = mailbox.seal_challenge_rs(challenge);
            },
        );
    }

    /// The partner's challenge is to be opened (AURP).
    pub(super) fn open_challenge(
        &mut self,
        mailbox: &mut Mailbox,
        sealed: Vec<u8>,
        jobs: &mut Jobs<Self>,
    ) {
        let code = mailbox.partner().map(|partner| partner.code);
        let code = code.unwrap_or_default();
        let attempts = &self.config.security.attempts;
        if attempts.are_used_up(code.trimmed(), Instant::now()) {
            self.error(
                "failed to authenticate ten times within the last hour: its challenges are not \
                 opened for now",
            );
            let _ = mailbox.open_challenge_rs(None);
            return;
        }
        // Counted now and taken back on success: sessions side by side do not pass the limit.
        attempts.failed(code.trimmed(), Instant::now());
        self.attempt_counted = true;
        let keys = self.config.security.ring.with(&code);
        jobs.spawn(
            move || security::answer(&sealed, &keys),
            |visit, mailbox, _, answer| {
                let answer = answer.map_err(|why| visit.error(&why)).ok();
                let _ = mailbox.open_challenge_rs(answer);
            },
        );
    }

    /// Counts a session that ended because a proof failed, on either side.
    pub(super) fn note_failed_authentication(&self, mailbox: &Mailbox, ended: &Ended) {
        let failed = match ended {
            Ended::Failed(abort) => {
                matches!(abort.cause, AbortCause::Authentication(_))
                    || abort.reason == Some(EsidReason::INVALID_CHALLENGE_RESPONSE)
            }
            _ => false,
        };
        if failed
            && !self.attempt_counted
            && let Some(partner) = mailbox.partner()
        {
            let attempts = &self.config.security.attempts;
            attempts.failed(partner.code.trimmed(), Instant::now());
        }
    }

    /// The session is up.
    pub(super) fn note_authentication(&mut self, partner: &IdentificationCode) {
        if std::mem::take(&mut self.attempt_counted) {
            self.config.security.attempts.succeeded(partner.trimmed());
        }
    }
}
