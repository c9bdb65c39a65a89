//! Hash algorithms, computed on the way.

use aws_lc_rs::digest;

use crate::asn1::oid;

/// A hash algorithm of a cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1: mandatory in suites 01 and 02, legacy everywhere.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384: in no suite, but in certificates and signatures of partners.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-512.
    Sha3_512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sha1,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_512,
    ];

    /// The length of a hash value in octets.
    #[must_use]
    pub fn octets(self) -> usize {
        self.algorithm().output_len()
    }

    /// The object identifier, as content octets.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
            Self::Sha3_512 => oid::SHA3_512,
        }
    }

    /// The algorithm with this object identifier.
    #[must_use]
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.oid() == oid)
    }

    /// The hash value of octets that are all there.
    #[must_use]
    pub fn of(self, octets: &[u8]) -> Vec<u8> {
        digest::digest(self.algorithm(), octets).as_ref().to_vec()
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
            Self::Sha3_512 => &digest::SHA3_512,
        }
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha3_512 => "SHA3-512",
        })
    }
}

/// A hash value in the making.
#[derive(Clone)]
pub struct Digest {
    hash: Hash,
    context: digest::Context,
}

impl Digest {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new(hash: Hash) -> Self {
        Self {
            hash,
            context: digest::Context::new(hash.algorithm()),
        }
    }

    /// The algorithm.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Hashes the next octets.
    pub fn update(&mut self, octets: &[u8]) {
        self.context.update(octets);
    }

    /// The hash value of all octets.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.context.finish().as_ref().to_vec()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({})", self.hash)
    }
}
