//! A partner, and everything that is agreed with it.

use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox;
use oftp_core::session::Timers;
use oftp_core::wire::IdentificationCode;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::{ReceiveRule, Retry, Schedule, SendRule};
use crate::args::Endpoint;
use crate::security::Protection;
use crate::serve::Needs;

/// A partner, and everything that is agreed with it.
#[derive(Debug, Clone)]
pub struct PartnerConfig {
    /// Its name here: folders, commands and messages use it.
    pub name: String,
    /// The profile whose settings it has where it has none of its own.
    pub profile: Option<String>,
    /// Code, passwords, levels, authentication, quirks, which files are taken.
    pub mailbox: mailbox::Partner,
    /// Stations behind it: files for them go over it, and it may bring theirs.
    pub stations: Vec<IdentificationCode>,
    /// Where it is called, tried in this order; empty: it calls us.
    pub addresses: Vec<Endpoint>,
    /// TLS for calls to it, with the name that its certificate must bear (`None`: the host called);
    /// `None`: plain TCP.
    pub tls: Option<CallTls>,
    /// What its own calls must have.
    pub needs: Needs,
    /// What is done to its files unless a rule says otherwise.
    pub protection: Protection,
    /// Names, formats and conversions of files for it: the first rule that fits counts.
    pub send: Vec<SendRule>,
    /// The same for files from it.
    pub receive: Vec<ReceiveRule>,
    /// When it is called.
    pub schedule: Schedule,
    /// When it is called again after trouble.
    pub retry: Retry,
    /// Sessions with it that we call for at a time.
    pub sessions: usize,
    /// What is expected of its end responses, and given to it.
    pub responses: EndResponses,
    /// Stamps of its files must differ in their seconds: it may be at level 1.2 or 1.3, or ignores
    /// the counter.
    pub seconds_only: bool,
    /// The largest file taken from it, in octets.
    pub file_size: Option<u64>,
    /// The largest number of octets of it that may lie in spool and inbox; `None`: no limit.
    pub quota: Option<u64>,
    /// Restart positions are offered to it: not where it is known to get them wrong.
    pub restart_records: bool,
    /// Time limits of calls to it, where they are special. Of its own calls it is known too late
    /// who they are from.
    pub timers: Option<Timers>,
}

/// TLS for calls.
#[derive(Debug, Clone)]
pub struct CallTls {
    /// How a connection is secured, and whose certificate is taken.
    pub config: Arc<ClientConfig>,
    /// The name that the certificate must bear; `None`: the host that is called.
    pub name: Option<ServerName<'static>>,
}

/// What is agreed on end responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndResponses {
    /// Without one after this time people are told.
    pub alarm: Duration,
    /// It sends none: a file is done with EFPA.
    pub expected: bool,
    /// Files from it are answered.
    pub given: bool,
}

impl Default for EndResponses {
    /// Expected within 24 hours, and given.
    fn default() -> Self {
        Self {
            alarm: Duration::from_secs(24 * 3600),
            expected: true,
            given: true,
        }
    }
}

/// A group of stations: what comes for its code goes to all members, and is answered when all have
/// answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name in messages.
    pub name: String,
    /// The destination that stands for all of them (SFIDDEST).
    pub code: IdentificationCode,
    /// Their codes.
    pub members: Vec<IdentificationCode>,
}
