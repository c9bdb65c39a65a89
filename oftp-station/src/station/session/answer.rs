//! Sessions that partners call for (RFC 5024 2.2.1: we are the Responder).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use oftp_core::mailbox::{self, Directory, Mailbox};
use oftp_secure::tls::{Partners, TlsError};

use super::Visit;
use crate::exchange::Voice;
use crate::serve::{Needs, Peer, Station};
use crate::station::Shared;
use crate::station::config::Config;

/// Answers callers with the partners of the configuration.
#[derive(Debug)]
pub struct Answering {
    shared: Shared,
    voice: Voice,
    /// Whose TLS certificates are whose; `None`: no port has TLS.
    owners: Option<Arc<Partners>>,
    numbers: Arc<AtomicU64>,
}

impl Answering {
    /// Sessions of this station. `numbers` gives each its number in the log.
    #[must_use]
    pub const fn new(
        shared: Shared,
        voice: Voice,
        owners: Option<Arc<Partners>>,
        numbers: Arc<AtomicU64>,
    ) -> Self {
        Self {
            shared,
            voice,
            owners,
            numbers,
        }
    }

    /// Everybody who may be this caller.
    fn directory(&self, config: &Config, caller: &Peer) -> Directory {
        let partners = config.partners.iter();
        let mut directory = Directory {
            partners: partners.map(|partner| partner.mailbox.clone()).collect(),
            strangers: None,
            hide_unknown: true,
        };
        let owners = match (&self.owners, &caller.tls) {
            (Some(owners), Some(tls)) => owners.owners(&tls.certificates, SystemTime::now()),
            _ => Vec::new(),
        };
        caller.deny_others(&mut directory, &owners, |partner| {
            let known = config.partner_by_code(&partner.code);
            known.map_or(Needs::Certificate, |known| known.needs)
        });
        directory
    }
}

impl Station for Answering {
    type Handler = Visit;

    fn session(&self, caller: &Peer, busy: bool) -> (Mailbox, Visit) {
        let config = self.shared.config();
        let voice = self
            .voice
            .of_session(self.numbers.fetch_add(1, Ordering::Relaxed) + 1);
        let settings = mailbox::Settings {
            busy,
            ..config.session.clone()
        };
        let mailbox = Mailbox::answer(settings, self.directory(&config, caller));
        (mailbox, Visit::new(self.shared.clone(), voice, None))
    }

    fn finished(&self, _: &Peer, _: Visit) {}

    fn handshake_failed(&self, caller: SocketAddr, error: &TlsError) {
        self.voice.error(&format!("{caller}: {error}"));
    }

    fn accept_failed(&self, error: &io::Error) {
        self.voice
            .error(&format!("a caller could not be accepted: {error}"));
    }
}
