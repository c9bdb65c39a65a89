//! What the keys of a monitor make of TLS (RFC 5024 2.3): which configuration, and who may call.

use std::sync::Arc;
use std::time::SystemTime;

use oftp_core::mailbox::Directory;
use oftp_core::wire::IdentificationCode;
use oftp_secure::Certificate;
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, client_config, server_config, server_name,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ServerConfig};

use super::{Monitor, MonitorError};
use crate::security::{KeyError, Use};
use crate::serve::{Needs, Peer, PeerTls};

/// Who may call by TLS, as it was when [`Monitor::server_tls`] was asked.
#[derive(Debug, Clone)]
pub struct Callers {
    partners: Arc<Partners>,
    required: bool,
}

impl Monitor {
    /// TLS to call this partner with. `host` is its host name or address: a certificate of its
    /// anchors must be for it, unless names of the partner were given; empty: only the partner's
    /// certificates, or its names, count.
    ///
    /// # Errors
    /// [`MonitorError::Key`]: a key is missing or has expired; [`MonitorError::HostNeeded`];
    /// [`MonitorError::Tls`]: `host` is no name, or the keys cannot be used.
    pub fn client_tls(
        &self,
        partner: &IdentificationCode,
        host: &str,
    ) -> Result<(Arc<ClientConfig>, ServerName<'static>), MonitorError> {
        let keys = self.security.ring.with(partner);
        if !keys.partner.knows(Use::Tls) {
            return Err(KeyError::NoPartner { purpose: Use::Tls }.into());
        }
        let trust = keys.partner.trust(Use::Tls);
        if host.is_empty() && trust.names.is_empty() && !trust.anchors.is_empty() {
            return Err(MonitorError::HostNeeded);
        }
        let credential = match keys.own.valid(Use::Tls, SystemTime::now()) {
            Ok(own) => Some(own.clone()),
            // Callers without a certificate are taken by many; one that has expired is a mistake.
            Err(KeyError::NoOwn { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        // An address is no server name that would be sent.
        let name = server_name(if host.is_empty() { "0.0.0.0" } else { host })?;
        Ok((client_config(ClientTls { trust, credential })?, name))
    }

    /// TLS to be called with. `required`: callers must show a certificate; else one that is shown
    /// must still be a partner's. After the handshake, [`callers`](Self::callers) says who may
    /// call.
    ///
    /// # Errors
    /// [`MonitorError::Key`]: there is no key of our own; [`MonitorError::Tls`].
    pub fn server_tls(&self, required: bool) -> Result<(Arc<ServerConfig>, Callers), MonitorError> {
        let ring = &self.security.ring;
        let own = ring.own().all(Use::Tls);
        if own.is_empty() {
            return Err(KeyError::NoOwn { purpose: Use::Tls }.into());
        }
        let known = ring.partners().filter(|(_, keys)| keys.knows(Use::Tls));
        let known = known.map(|(code, keys)| (*code, keys.trust(Use::Tls)));
        let partners = Arc::new(Partners::new(known.collect()));
        let config = server_config(ServerTls {
            credentials: own.to_vec(),
            partners: partners.clone(),
            client_certificates: if required {
                ClientCertificates::Required
            } else {
                ClientCertificates::Asked
            },
        })?;
        Ok((config, Callers { partners, required }))
    }

    /// Who may call on a connection: a certificate is bound to its partner (threat model S15).
    /// `tls` has who may call by TLS, and the certificates that the caller has shown in the
    /// handshake, its own first, none where it showed none; `None`: the connection is plain.
    #[must_use]
    pub fn callers(&self, tls: Option<(&Callers, Vec<Certificate>)>) -> Directory {
        let mut directory = self.directory();
        let now = SystemTime::now();
        let (owners, required) = tls
            .as_ref()
            .map_or((Vec::new(), false), |(callers, shown)| {
                (callers.partners.owners(shown, now), callers.required)
            });
        let peer = Peer {
            // Of no use here: it is for logs.
            address: ([0, 0, 0, 0], 0).into(),
            tls: tls.map(|(_, certificates)| PeerTls {
                certificates,
                protocol: String::new(),
            }),
        };
        peer.deny_others(&mut directory, &owners, |partner| {
            let row = self.partner(&partner.code);
            match row.is_some_and(|row| row.needs_tls) {
                _ if required => Needs::Certificate,
                true => Needs::Tls,
                false => Needs::Nothing,
            }
        });
        directory
    }
}
