//! Private keys, certificates and revocation lists from files of any kind: PEM with several blocks
//! in any order, DER, PKCS#8 encrypted or not (RFC 5958), PKCS#1 and SEC 1 keys, PKCS#12
//! (RFC 7292), and PKCS#7 bundles of certificates.

mod contents;
mod error;
mod files;
mod key_forms;
mod passphrase;

use std::io::Read;
use std::path::Path;

use crate::certificate::Certificate;
use crate::key::{Credential, PrivateKey};

pub use error::{KeystoreError, KeystoreProblem};
pub use files::{exposed_to_others, write_new, write_secret};
pub use passphrase::{Passphrase, PassphraseError};

/// What lies in one file, or in several.
#[derive(Debug, Clone, Default)]
pub struct Keystore {
    /// Private keys.
    pub keys: Vec<PrivateKey>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Lists of revoked certificates, in DER.
    pub crls: Vec<Vec<u8>>,
}

/// The largest file that is read, in octets: revocation lists of large authorities have some 10 MB.
pub const LARGEST_FILE: u64 = 64 << 20;

/// How many certificates a chain may have.
const LONGEST_CHAIN: usize = 8;

impl Keystore {
    /// Reads whatever these octets hold. The passphrase opens what is encrypted, and is not needed
    /// where nothing is.
    ///
    /// # Errors
    /// [`KeystoreError`] says what is wrong and what to do.
    pub fn read(octets: &[u8], passphrase: Option<&Passphrase>) -> Result<Self, KeystoreError> {
        let mut store = Self::default();
        contents::read(octets, passphrase, &mut store).map_err(KeystoreError::from)?;
        if store.is_empty() {
            return Err(KeystoreProblem::Nothing.into());
        }
        Ok(store)
    }

    /// Reads a file, which may have at most [`LARGEST_FILE`] octets.
    ///
    /// # Errors
    /// As [`read`](Self::read), with the name of the file.
    pub fn load(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, KeystoreError> {
        let named = |error: KeystoreError| error.of_file(path);
        let unreadable = |error| named(KeystoreProblem::Unreadable(error).into());
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut octets = zeroize::Zeroizing::new(Vec::new());
        file.take(LARGEST_FILE + 1)
            .read_to_end(&mut octets)
            .map_err(unreadable)?;
        if octets.len() as u64 > LARGEST_FILE {
            return Err(named(KeystoreProblem::TooLarge.into()));
        }
        Self::read(&octets, passphrase).map_err(named)
    }

    /// Whether there is nothing at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.certificates.is_empty() && self.crls.is_empty()
    }

    /// Takes what another one holds too. What is there already does not come twice.
    pub fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        for certificate in other.certificates {
            if !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        self.crls.extend(other.crls);
    }

    /// Each private key with its certificates: one for each pair, the certificate that became
    /// valid last first. The other certificates fill the chains.
    ///
    /// # Errors
    /// There is no key, or there is one without a certificate.
    pub fn credentials(&self) -> Result<Vec<Credential>, KeystoreError> {
        if self.keys.is_empty() {
            return Err(KeystoreProblem::NoKey.into());
        }
        let mut all = Vec::new();
        for key in &self.keys {
            let own = self.certificates.iter();
            let own: Vec<_> = own.filter(|certificate| key.is_of(certificate)).collect();
            if own.is_empty() {
                let others = self.certificates.iter().map(Certificate::to_string);
                let others = others.collect();
                return Err(KeystoreProblem::NoCertificate { others }.into());
            }
            all.extend(own.into_iter().map(|certificate| Credential {
                key: key.clone(),
                certificate: certificate.clone(),
                chain: self.chain(certificate),
            }));
        }
        all.sort_by_key(|own| std::cmp::Reverse(own.certificate.not_before()));
        Ok(all)
    }

    /// The certificates from this one's issuer upwards, without the root that signed itself.
    fn chain(&self, certificate: &Certificate) -> Vec<Certificate> {
        let mut chain: Vec<Certificate> = Vec::new();
        let mut at = certificate;
        while !at.is_self_issued() && chain.len() < LONGEST_CHAIN {
            let mut all = self.certificates.iter();
            let issuer = all.find(|issuer| issuer.subject_der() == at.issuer_der());
            match issuer {
                Some(issuer) if !issuer.is_self_issued() && !chain.contains(issuer) => {
                    chain.push(issuer.clone());
                    at = issuer;
                }
                _ => break,
            }
        }
        chain
    }
}
