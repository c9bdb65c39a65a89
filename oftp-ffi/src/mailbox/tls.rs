//! TLS for the sessions of a mailbox, in both roles (RFC 5024 2.3).

use std::ffi::c_char;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oftp_core::mailbox::Directory;
use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, TlsError, client_config, server_config,
    server_name,
};
use oftp_station::security::{KeyError, Use};
use oftp_station::serve::{Needs, Peer, PeerTls};

use super::config::{choice, value};
use super::keys;
use super::link::{Link, Socket};
use super::object::{Instance, Role};
use super::tls_link::Tls;
use crate::guard::{Versioned, read};
use crate::status::{Fail, Outcome, oftp_code};
use crate::text::string;

/// TLS 1.2 or 1.3 below a session. The keys are those of the mailbox: `own_keys` is shown, and
/// the partner must show one of its `certificates`, or one that its `anchors` certify. Who calls
/// by the certificate of another partner is turned away by ESID 03. Initialise with
/// `OFTP_TLS_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_tls {
    /// `sizeof(oftp_tls)`.
    pub struct_size: usize,
    /// Where we call: the host name or address of the partner. A certificate of its anchors must
    /// be for this host, unless `names` of the partner say what it bears. NULL: only the
    /// partner's `certificates`, or `names`, count.
    pub host: *const c_char,
    /// Where we answer: whether callers must show a certificate, an `oftp_choice`; default yes.
    /// With no, one that is shown must still be a partner's.
    pub client_certificate: i32,
    /// Longest time for the handshake in milliseconds; default 10,000.
    pub handshake_ms: u64,
}

// SAFETY: repr(C), the size first, and zero is good for integers and pointers.
unsafe impl Versioned for oftp_tls {
    const NAME: &'static str = "oftp_tls";
    const FIRST: usize = size_of::<Self>();
}

const HANDSHAKE: Duration = Duration::from_secs(10);

/// Who may call by TLS.
#[derive(Clone)]
pub(super) struct Callers {
    partners: Arc<Partners>,
    required: bool,
}

fn failed(error: &TlsError) -> Fail {
    match error {
        TlsError::HostName(_) => value(format!("host: {error}")),
        _ => oftp_code::OFTP_E_KEY.because(error.to_string()),
    }
}

impl Instance {
    /// The connection for this role, with TLS if it is wanted; the time for its handshake.
    ///
    /// # Safety
    /// `tls` is NULL or valid.
    pub(super) unsafe fn link(
        &self,
        socket: Socket,
        role: Role,
        tls: *const oftp_tls,
    ) -> Outcome<(Link, Option<Duration>, Option<Callers>)> {
        if tls.is_null() {
            if let Role::Call(code) = role
                && self.row(&code).is_some_and(|row| row.needs_tls)
            {
                return Err(value(format!("{code} must use TLS, and tls is NULL")));
            }
            return Ok((Link::Plain(socket), None, None));
        }
        // SAFETY: by the caller.
        let (told, host) = unsafe {
            let told = read(tls)?;
            (told, string(told.host, "host")?)
        };
        let within = match told.handshake_ms {
            0 => HANDSHAKE,
            ms => Duration::from_millis(ms),
        };
        let required = choice(told.client_certificate, "client_certificate", true)?;
        let (tls, callers) = match role {
            Role::Call(code) => (self.calling(socket, &code, host)?, None),
            Role::Answer => {
                let (tls, callers) = self.called(socket, required)?;
                (tls, Some(callers))
            }
        };
        Ok((Link::Tls(Box::new(tls)), Some(within), callers))
    }

    fn calling(&self, socket: Socket, code: &IdentificationCode, host: &str) -> Outcome<Tls> {
        let keys = self.security.ring.with(code);
        if !keys.partner.knows(Use::Tls) {
            let purpose = Use::Tls;
            return Err(keys::told(&KeyError::NoPartner { purpose }));
        }
        let trust = keys.partner.trust(Use::Tls);
        if host.is_empty() && trust.names.is_empty() && !trust.anchors.is_empty() {
            return Err(value(
                "host is NULL, and the anchors of the partner certify others too: name the host, \
                 or names of the partner",
            ));
        }
        let credential = match keys.own.valid(Use::Tls, SystemTime::now()) {
            Ok(own) => Some(own.clone()),
            // Callers without a certificate are taken by many; one that has expired is a mistake.
            Err(KeyError::NoOwn { .. }) => None,
            Err(error) => return Err(keys::told(&error)),
        };
        // An address is no server name that would be sent.
        let name = if host.is_empty() { "0.0.0.0" } else { host };
        let name = server_name(name).map_err(|error| failed(&error))?;
        let config = client_config(ClientTls { trust, credential });
        config
            .and_then(|config| Tls::client(socket, config, name))
            .map_err(|error| failed(&error))
    }

    fn called(&self, socket: Socket, required: bool) -> Outcome<(Tls, Callers)> {
        let ring = &self.security.ring;
        let own = ring.own().all(Use::Tls);
        if own.is_empty() {
            let purpose = Use::Tls;
            return Err(keys::told(&KeyError::NoOwn { purpose }));
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
        });
        let tls = config
            .and_then(|config| Tls::server(socket, config))
            .map_err(|error| failed(&error))?;
        Ok((tls, Callers { partners, required }))
    }

    /// Who may call on this connection: a certificate is bound to its partner (threat model S15).
    pub(super) fn callers(&self, link: &Link, callers: Option<&Callers>) -> Directory {
        let mut directory = self.directory();
        let shown = match link {
            Link::Plain(_) => None,
            Link::Tls(tls) => Some(tls.certificates()),
        };
        let owners = match (callers, &shown) {
            (Some(callers), Some(shown)) => callers.partners.owners(shown, SystemTime::now()),
            _ => Vec::new(),
        };
        let peer = Peer {
            // Of no use here: it is for logs.
            address: ([0, 0, 0, 0], 0).into(),
            tls: shown.map(|certificates| PeerTls {
                certificates,
                protocol: String::new(),
            }),
        };
        let required = callers.is_some_and(|callers| callers.required);
        peer.deny_others(&mut directory, &owners, |partner| {
            let row = self.row(&partner.code);
            match row.is_some_and(|row| row.needs_tls) {
                _ if required => Needs::Certificate,
                true => Needs::Tls,
                false => Needs::Nothing,
            }
        });
        directory
    }
}
