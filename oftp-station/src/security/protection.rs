//! What is done to a file that is sent (RFC 5024 6.1): signed, compressed and encrypted in this
//! order, each or none.

use std::io::{self, BufWriter, Write};
use std::time::SystemTime;

use oftp_core::wire::Security;
use oftp_secure::Suite;
use oftp_secure::certificate::hex;
use oftp_secure::cms::{self, SealPlan};
use oftp_secure::crypto::Digest;

use super::content::ContentReader;
use super::keys::{KeyError, Keys, Use};
use crate::outbox::{Source, SourceError};

/// What is done to a file that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// It is signed (SFIDSEC 02, 03).
    pub sign: bool,
    /// It is encrypted for the partner (SFIDSEC 01, 03).
    pub encrypt: bool,
    /// It is compressed, by zlib at this level, 0 to 9 (SFIDCOMP).
    pub compress: Option<u32>,
    /// A signed end response is asked for (SFIDSIGN).
    pub signed_response: bool,
    /// The cipher suite (SFIDCIPH).
    pub suite: &'static Suite,
}

impl Protection {
    /// Whether the file is put into an envelope (SFIDENV).
    #[must_use]
    pub const fn seals(&self) -> bool {
        self.sign || self.encrypt || self.compress.is_some()
    }

    /// Whether there is anything that only level 2.0 has.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.seals() || self.signed_response
    }

    /// SFIDSEC.
    #[must_use]
    pub const fn security(&self) -> Security {
        match (self.sign, self.encrypt) {
            (false, false) => Security::None,
            (false, true) => Security::Encrypted,
            (true, false) => Security::Signed,
            (true, true) => Security::EncryptedAndSigned,
        }
    }

    /// SFIDCIPH: 00 where nothing needs a suite.
    #[must_use]
    pub const fn suite_code(&self) -> u8 {
        if self.sign || self.encrypt || self.signed_response {
            self.suite.code
        } else {
            0
        }
    }

    /// In words, to tell transfers of the same file apart that differ in it; empty for none.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for (is_done, word) in [
            (self.sign, " signed"),
            (self.compress.is_some(), " compressed"),
            (self.encrypt, " encrypted"),
            (self.signed_response, " signed-eerp"),
        ] {
            if is_done {
                text.push_str(word);
            }
        }
        if self.suite_code() > 0 {
            text.push_str(&format!(" suite {:02}", self.suite.code));
        }
        text
    }
}

/// An envelope that has been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its length in octets.
    pub octets: u64,
    /// Its hash by the cipher suite, in hexadecimal (EERPHSH).
    pub hash: String,
}

/// Puts a file into its envelope, from its first octet to its last. `progress` hears how many
/// octets of the file are behind.
///
/// # Errors
/// [`ProtectError`]: a key, the file, or the disk.
pub fn seal(
    source: &mut Source,
    protection: &Protection,
    keys: &Keys,
    out: &mut impl Write,
    progress: impl FnMut(u64),
) -> Result<Sealed, ProtectError> {
    let now = SystemTime::now();
    let mut plan = SealPlan::new(protection.suite);
    plan.signing_time = Some(now);
    plan.compression = protection.compress;
    if protection.sign {
        plan.signers.push(keys.own.valid(Use::Sign, now)?.clone());
    }
    if protection.encrypt {
        plan.recipients.push(keys.recipient(Use::Encrypt, now)?);
    }
    let mut out = Hashed {
        out: BufWriter::with_capacity(128 << 10, out),
        digest: Digest::new(protection.suite.hash),
        octets: 0,
    };
    let mut content = ContentReader::new(source);
    let sealed = cms::seal(plan, &mut content, &mut out, progress);
    match content.into_fault() {
        Some(error) => return Err(error),
        None => sealed.map_err(ProtectError::Envelope)?,
    }
    out.out.flush().map_err(ProtectError::Envelope)?;
    Ok(Sealed {
        octets: out.octets,
        hash: hex(&out.digest.finish()),
    })
}

/// Hashes what is written.
struct Hashed<W> {
    out: W,
    digest: Digest,
    octets: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.out.write(octets)?;
        self.digest.update(&octets[..written]);
        self.octets += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file cannot be put into its envelope.
#[derive(Debug, thiserror::Error)]
pub enum ProtectError {
    /// A key is missing or cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A record of a V file has no room for its length: two octets (RFC 5024 6.5).
    #[error("a record of {octets} octets cannot be secured, 65535 is the longest (RFC 5024 6.5)")]
    Record {
        /// Its length.
        octets: usize,
    },
    /// The envelope cannot be made or written.
    #[error("the envelope cannot be made: {0}")]
    Envelope(io::Error),
}
