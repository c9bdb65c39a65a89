//! Security between this station and its partners (RFC 5024 chapters 4.2.3, 6 and 11): whose keys
//! are used for what, and the work that is done with them away from the sessions.

mod attempts;
mod challenges;
mod content;
mod files;
mod keys;
mod opening;
mod protection;
mod responses;
mod tls;

pub use attempts::Attempts;
pub use challenges::{answer, challenge};
pub use files::{ForUse, PartnerFiles, own_keys};
pub use keys::{KeyError, KeyRing, Keys, OwnKeys, PartnerKeys, Use};
pub use opening::{Opened, Opening, open};
pub use protection::{ProtectError, Protection, Sealed, seal};
pub use responses::{Checked, Evidence, SignError, check, sign, unhex};
pub use tls::{CallersTls, TlsKeyError, called, calling};

use std::path::PathBuf;
use std::sync::Arc;

/// What the sessions of a station share of its security.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The keys between us and our partners.
    pub ring: Arc<KeyRing>,
    /// Failed authentications.
    pub attempts: Attempts,
    /// Take no 3DES and no SHA-1.
    pub no_legacy: bool,
    /// The suite that is meant where a signed end response is wanted and none is named.
    pub unnamed_suite: Option<u8>,
    /// Where signed responses that come are kept.
    pub receipts: Option<PathBuf>,
    /// Where envelopes that were opened are kept.
    pub envelopes: Option<PathBuf>,
}
