//! Who guesses passwords is heard no longer (threat model S3).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Denial, Mailbox};
use oftp_core::wire::{EsidReason, IdentificationCode};

use crate::room::origin;
use crate::security::Attempts;

/// How long a wrong password counts.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Wrong passwords, by the partner and by where they came from: a guesser does not keep out the
/// partner itself, which calls from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Guesses(Attempts);

impl Guesses {
    pub(super) fn new() -> Self {
        Self(Attempts::within(WINDOW))
    }

    /// Before a caller says who it is: whom it has said to be too often, with a wrong password.
    pub(super) fn deny(&self, mailbox: &mut Mailbox, from: IpAddr) {
        // Most often: then not every partner is looked up.
        if self.0.are_none() {
            return;
        }
        let now = Instant::now();
        mailbox.deny(|partner| {
            self.0
                .are_used_up(&key(&partner.code, from), now)
                .then(|| Denial {
                    // It learns nothing from this: not even the right password is taken now.
                    reason: EsidReason::INVALID_PASSWORD,
                    why: format!(
                        "ten wrong passwords have come from {from} within 15 minutes: no more of \
                         them are looked at for now"
                    ),
                })
        });
    }

    /// After a session.
    pub(super) fn count(&self, mailbox: &Mailbox, from: IpAddr) {
        if let Some(code) = mailbox.wrong_password() {
            self.0.failed(&key(code, from), Instant::now());
        }
    }
}

fn key(code: &IdentificationCode, from: IpAddr) -> Vec<u8> {
    [code.trimmed(), b"\0", origin(from).to_string().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (threat model S3)
    #[test]
    fn only_who_guesses_is_kept_out() {
        let guesses = Guesses::new();
        let code = |text| IdentificationCode::new(text).expect("a code");
        let from = |text: &str| text.parse::<IpAddr>().expect("an address");
        let now = Instant::now();
        for host in 0..10 {
            let guesser = from(&format!("2001:db8::{host}"));
            guesses.0.failed(&key(&code("OALPHA"), guesser), now);
        }
        let is_out = |text, address| {
            let key = key(&code(text), from(address));
            guesses.0.are_used_up(&key, now)
        };
        assert!(is_out("OALPHA", "2001:db8::99"), "the same network");
        assert!(!is_out("OALPHA", "2001:db8:0:1::1"), "the partner itself");
        assert!(!is_out("OBETA", "2001:db8::1"), "another partner");
    }
}
