//! TLS by the keys between us and our partners: the same for the options of a command and for the
//! configuration of a station.

use std::sync::Arc;
use std::time::SystemTime;

use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, TlsError, client_config, server_config,
};
use rustls::{ClientConfig, ServerConfig};

use super::keys::{KeyError, KeyRing, Keys, Use};

/// TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsKeyError {
    /// No certificate and no authority of the partner is known.
    #[error("nothing is known of the partner's certificate")]
    NothingKnown,
    /// We have no key to show to callers.
    #[error("there is no own key")]
    NoOwn,
    /// Our own key is not good.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The library refuses it.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// TLS for calls to a partner.
///
/// # Errors
/// [`TlsKeyError`].
pub fn calling(keys: &Keys) -> Result<Arc<ClientConfig>, TlsKeyError> {
    if !keys.partner.knows(Use::Tls) {
        return Err(TlsKeyError::NothingKnown);
    }
    let credential = match keys.own.valid(Use::Tls, SystemTime::now()) {
        Ok(own) => Some(own.clone()),
        // Callers without a certificate are taken by many; one that has expired is a mistake.
        Err(KeyError::NoOwn { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(client_config(ClientTls {
        trust: keys.partner.trust(Use::Tls),
        credential,
    })?)
}

/// TLS for callers.
#[derive(Debug, Clone)]
pub struct CallersTls {
    /// How their connections are secured.
    pub config: Arc<ServerConfig>,
    /// Whose certificates are whose.
    pub owners: Arc<Partners>,
}

/// TLS for callers: with our newest keys, and the certificates of these partners.
///
/// # Errors
/// [`TlsKeyError`].
pub fn called(ring: &KeyRing, wanted: ClientCertificates) -> Result<CallersTls, TlsKeyError> {
    let own = ring.own().all(Use::Tls);
    if own.is_empty() {
        return Err(TlsKeyError::NoOwn);
    }
    let known = ring.partners().filter(|(_, keys)| keys.knows(Use::Tls));
    let known = known.map(|(code, keys)| (*code, keys.trust(Use::Tls)));
    let owners = Arc::new(Partners::new(known.collect()));
    let config = server_config(ServerTls {
        credentials: own.to_vec(),
        partners: owners.clone(),
        client_certificates: wanted,
    })?;
    Ok(CallersTls { config, owners })
}
