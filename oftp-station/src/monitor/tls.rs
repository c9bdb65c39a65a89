//! What the keys of a monitor make of TLS (RFC 5024 2.3): which configuration, and who may call.

use std::sync::Arc;
use std::time::SystemTime;

use oftp_core::mailbox::Directory;
use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, check_called, client_config, server_config,
    server_name,
};
use oftp_secure::{Certificate, Credential};
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
        let callers = self.tls_callers(required);
        let config = server_config(ServerTls {
            credentials: own.to_vec(),
            partners: callers.partners.clone(),
            client_certificates: if required {
                ClientCertificates::Required
            } else {
                ClientCertificates::Asked
            },
        })?;
        Ok((config, callers))
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

/// For hosts that make the handshake of TLS themselves.
impl Monitor {
    /// Our certificate for TLS, with those that vouch for it, and its key. `None`: there is none,
    /// and it is not `required`.
    ///
    /// # Errors
    /// [`MonitorError::Key`]: there is none, or it has expired.
    pub fn tls_credential(&self, required: bool) -> Result<Option<Credential>, MonitorError> {
        match self.security.ring.own().valid(Use::Tls, SystemTime::now()) {
            Ok(own) => Ok(Some(own.clone())),
            Err(KeyError::NoOwn { .. }) if !required => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The certificates by which partners are known for TLS: their own, and those of their
    /// authorities.
    #[must_use]
    pub fn tls_authorities(&self) -> Vec<Certificate> {
        let mut all = Vec::new();
        for (_, keys) in self.security.ring.partners() {
            if keys.knows(Use::Tls) {
                let trust = keys.trust(Use::Tls);
                all.extend(trust.pinned);
                all.extend(trust.anchors);
                all.extend(trust.intermediates);
            }
        }
        all
    }

    /// Who may call by TLS, for [`callers`](Self::callers).
    #[must_use]
    pub fn tls_callers(&self, required: bool) -> Callers {
        let partners = self.security.ring.partners();
        let known = partners.filter(|(_, keys)| keys.knows(Use::Tls));
        let known = known.map(|(code, keys)| (*code, keys.trust(Use::Tls)));
        Callers {
            partners: Arc::new(Partners::new(known.collect())),
            required,
        }
    }

    /// Whether the partner that was called under this name has `shown` a certificate of its own:
    /// the certificates of the handshake, its own first. `host` as for
    /// [`client_tls`](Self::client_tls).
    ///
    /// # Errors
    /// [`MonitorError::Key`]: it has shown none, or somebody else's; [`MonitorError::HostNeeded`];
    /// [`MonitorError::Tls`]: `host` is no name.
    pub fn check_called(
        &self,
        partner: &IdentificationCode,
        host: &str,
        shown: &[Certificate],
    ) -> Result<(), MonitorError> {
        let keys = self.security.ring.with(partner);
        if !keys.partner.knows(Use::Tls) {
            return Err(KeyError::NoPartner { purpose: Use::Tls }.into());
        }
        let trust = keys.partner.trust(Use::Tls);
        if host.is_empty() && trust.names.is_empty() && !trust.anchors.is_empty() {
            return Err(MonitorError::HostNeeded);
        }
        let name = server_name(if host.is_empty() { "0.0.0.0" } else { host })?;
        let (own, sent_with) = shown
            .split_first()
            .ok_or(KeyError::NoPartner { purpose: Use::Tls })?;
        check_called(&trust, own, sent_with, &name, SystemTime::now())
            .map_err(|distrust| KeyError::Distrust(distrust).into())
    }
}
