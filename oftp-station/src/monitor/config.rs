//! What a monitor is told before it begins.

use std::path::PathBuf;

use oftp_core::mailbox::{Identity, Settings};
use oftp_core::session::Role;
use oftp_secure::Credential;

/// What a monitor is told before it begins.
#[derive(Debug, Clone)]
pub struct MonitorConfig {
    /// Who we are, and what sessions are told. `config.role` must be [`Role::Both`];
    /// `config.trace` asks for [`Tell::Trace`](super::Tell::Trace), which costs time.
    pub settings: Settings,
    /// Answer an unknown code as a wrong password (ESID 04), so that codes cannot be guessed;
    /// else ESID 03.
    pub hide_unknown: bool,
    /// Take neither 3DES nor SHA-1 in envelopes and signatures.
    pub no_legacy: bool,
    /// Our own keys, for every use, the preferred one first ([`keys::own`](super::keys::own)).
    pub own_keys: Vec<Credential>,
    /// An existing folder where files are put into their envelopes, as files without a name that
    /// are gone when they are closed; `None`: the folder for temporary files.
    pub spool: Option<PathBuf>,
}

impl MonitorConfig {
    /// The defaults for this identity: no keys.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        let mut settings = Settings::new(identity);
        settings.config.role = Role::Both;
        Self {
            settings,
            hide_unknown: false,
            no_legacy: false,
            own_keys: Vec::new(),
            spool: None,
        }
    }
}
