//! What is to be done with a file of ours, as the configuration said when it was queued. The file
//! keeps it, so that a new configuration does not change what has begun.

use serde::{Deserialize, Serialize};

use super::journal::JournalError;
use crate::records::Format;
use crate::security::Protection;

/// What is to be done with a file of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// SFIDFMT and SFIDLRECL of the file as it lies in the spool.
    pub format: Format,
    /// It is signed.
    #[serde(default)]
    pub sign: bool,
    /// It is encrypted for its destination.
    #[serde(default)]
    pub encrypt: bool,
    /// It is compressed, by zlib at this level.
    #[serde(default)]
    pub compress: Option<u32>,
    /// A signed end response is asked for.
    #[serde(default)]
    pub signed_response: bool,
    /// The cipher suite.
    #[serde(default)]
    pub suite: u8,
    /// It is forwarded: what lies in the spool is sent as it is, envelope and all, and its SFID is
    /// not touched.
    #[serde(default)]
    pub forward: bool,
}

impl Plan {
    /// A file in this format with this protection.
    #[must_use]
    pub fn new(format: Format, protection: &Protection) -> Self {
        Self {
            format,
            sign: protection.sign,
            encrypt: protection.encrypt,
            compress: protection.compress,
            signed_response: protection.signed_response,
            suite: protection.suite.code,
            forward: false,
        }
    }

    /// What is done to the file; `None`: its suite is not known here.
    #[must_use]
    pub fn protection(&self) -> Option<Protection> {
        let suite = oftp_secure::Suite::of(self.suite)
            .or_else(|| oftp_secure::Suite::of(oftp_secure::suite::DEFAULT))?;
        Some(Protection {
            sign: self.sign,
            encrypt: self.encrypt,
            compress: self.compress,
            signed_response: self.signed_response,
            suite,
        })
    }

    /// As the journal keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What became this JSON.
    ///
    /// # Errors
    /// [`JournalError::Content`]: it is none.
    pub fn from_json(json: &str) -> Result<Self, JournalError> {
        serde_json::from_str(json)
            .map_err(|error| JournalError::Content(format!("plan {json}: {error}")))
    }
}
