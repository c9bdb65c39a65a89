//! Secure authentication (RFC 5024 4.2.3, 4.2.4): challenges are made and answered beside the
//! session, by the keys between us and the partner. Whatever goes wrong, the partner hears ESID 11
//! and nothing more (ST-34); the reason is for the log of this side.

use std::time::Instant;

use oftp_core::mailbox::{Ended, Mailbox};
use oftp_core::session::AbortCause;
use oftp_core::wire::{EsidReason, IdentificationCode};

use super::Exchange;
use crate::driver::Jobs;
use crate::security;

impl Exchange {
    /// A challenge is wanted for this partner (AUCH).
    pub(super) fn seal_challenge(&self, partner: &IdentificationCode, jobs: &mut Jobs<Self>) {
        let keys = self.settings.ring.with(partner);
        jobs.spawn(
            move || security::challenge(&keys),
            |exchange, mailbox, _, challenge| {
                let challenge = exchange.or_tell(challenge);
                // A session that is over does not wait any more.
                let _ = mailbox.seal_challenge_rs(challenge);
            },
        );
    }

    /// The partner's challenge is to be opened (AURP).
    pub(super) fn open_challenge(
        &mut self,
        mailbox: &mut Mailbox,
        sealed: &[u8],
        jobs: &mut Jobs<Self>,
    ) {
        let partner = mailbox.partner().map(|partner| partner.code);
        let partner = partner.unwrap_or_default();
        if self
            .settings
            .attempts
            .are_used_up(partner.trimmed(), Instant::now())
        {
            self.voice.error(
                "this partner failed to authenticate ten times within the last hour: its \
                 challenges are not opened for now",
            );
            let _ = mailbox.open_challenge_rs(None);
            return;
        }
        // Counted now and taken back on success: sessions side by side do not pass the limit.
        self.settings
            .attempts
            .failed(partner.trimmed(), Instant::now());
        self.attempt_counted = true;
        let keys = self.settings.ring.with(&partner);
        let sealed = sealed.to_vec();
        jobs.spawn(
            move || security::answer(&sealed, &keys),
            |exchange, mailbox, _, answer| {
                let answer = exchange.or_tell(answer);
                let _ = mailbox.open_challenge_rs(answer);
            },
        );
    }

    fn or_tell<T>(&self, result: Result<T, String>) -> Option<T> {
        result.map_err(|why| self.voice.error(&why)).ok()
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
        if let Some(partner) = mailbox
            .partner()
            .filter(|_| failed && !self.attempt_counted)
        {
            self.settings
                .attempts
                .failed(partner.code.trimmed(), Instant::now());
        }
    }

    /// The session is up.
    pub(super) fn note_authentication(&mut self, partner: &IdentificationCode) {
        if std::mem::take(&mut self.attempt_counted) {
            self.settings.attempts.succeeded(partner.trimmed());
        }
    }
}
