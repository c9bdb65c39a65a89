//! TLS for the sessions of a mailbox, in both roles (RFC 5024 2.3).

use std::ffi::c_char;
use std::time::Duration;

use oftp_station::monitor::{Callers, MonitorError};

use super::config::{choice, value};
use super::link::{Link, Socket};
use super::object::{Instance, Role};
use super::tls_link::Tls;
use crate::guard::{Versioned, read};
use crate::status::Outcome;
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
                && self.monitor.partner(&code).is_some_and(|row| row.needs_tls)
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
            Role::Call(code) => {
                let (config, name) = self.monitor.client_tls(&code, host)?;
                (Tls::client(socket, config, name), None)
            }
            Role::Answer => {
                let (config, callers) = self.monitor.server_tls(required)?;
                (Tls::server(socket, config), Some(callers))
            }
        };
        let tls = tls.map_err(MonitorError::from)?;
        Ok((Link::Tls(Box::new(tls)), Some(within), callers))
    }
}
