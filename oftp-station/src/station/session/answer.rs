//! Sessions that partners call for (RFC 5024 2.2.1: we are the Responder).

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use oftp_core::mailbox::{self, Directory, Mailbox};
use oftp_secure::tls::TlsError;
use rustls::ServerConfig;

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
    numbers: Arc<AtomicU64>,
}

impl Answering {
    /// Sessions of this station. `numbers` gives each its number in the log.
    #[must_use]
    pub const fn new(shared: Shared, voice: Voice, numbers: Arc<AtomicU64>) -> Self {
        Self {
            shared,
            voice,
            numbers,
        }
    }

    /// Everybody who may be this caller.
    fn directory(&self, config: &Config, caller: &Peer) -> Directory {
        let partners = config.partners.iter();
        let mut directory = Directory {
            partners: partners.map(|partner| partner.mailbox.clone()).collect(),
            strangers: None,
            hide_unknown: config.hide_unknown,
        };
        let owners = match (&config.tls, &caller.tls) {
            (Some(ours), Some(tls)) => ours.owners.owners(&tls.certificates, SystemTime::now()),
            _ => Vec::new(),
        };
        // Looked up once for all: this is done for everybody who connects.
        let needs: HashMap<&[u8], Needs> = config
            .partners
            .iter()
            .map(|partner| (partner.mailbox.code.trimmed(), partner.needs))
            .collect();
        caller.deny_others(&mut directory, &owners, |partner| {
            let known = needs.get(partner.code.trimmed());
            known.copied().unwrap_or(Needs::Certificate)
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
        let visit = Visit::called(self.shared.clone(), voice, caller.address);
        (mailbox, visit)
    }

    fn finished(&self, _: &Peer, _: Visit) {}

    fn tls(&self, configured: Arc<ServerConfig>) -> Arc<ServerConfig> {
        let config = self.shared.config();
        config
            .tls
            .as_ref()
            .map_or(configured, |tls| tls.config.clone())
    }

    fn handshake_failed(&self, caller: SocketAddr, error: &TlsError) {
        self.voice.error(&format!("{caller}: {error}"));
    }

    fn accept_failed(&self, error: &io::Error) {
        self.voice
            .error(&format!("a caller could not be accepted: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use oftp_secure::tls::Partners;

    use super::*;
    use crate::security::CallersTls;
    use crate::station::fixture::Place;

    fn tls() -> CallersTls {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::server::ResolvesServerCertUsingSni::new()));
        CallersTls {
            config: Arc::new(config),
            owners: Arc::new(Partners::new(Vec::new())),
        }
    }

    #[test]
    fn keys_that_were_read_again_are_those_of_the_next_caller() {
        let (first, second) = (tls(), tls());
        let mut place = Place::new();
        place.config.tls = Some(first.clone());
        let shared = place.shared();
        let answering = Answering::new(shared.clone(), Voice::kept(Arc::default()), Arc::default());
        let same =
            |one: &CallersTls| Arc::ptr_eq(&answering.tls(first.config.clone()), &one.config);
        assert!(same(&first));
        place.config.tls = Some(second.clone());
        shared.replace_config(place.config.clone());
        assert!(same(&second));
        place.config.tls = None;
        shared.replace_config(place.config.clone());
        assert!(same(&first), "a port does not turn into a plain one");
    }
}
