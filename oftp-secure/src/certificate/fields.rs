//! Fields of a certificate that partners write sloppily, read by a tolerant walk.

use crate::asn1::{Asn1Error, Reader, oid, tag};

/// What the owner's key may be used for (RFC 5280 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u8);

impl KeyUsage {
    pub(super) fn from_der(value: &[u8]) -> Self {
        let bits = Reader::new(value).expect(tag::BIT_STRING, "key usage");
        // The first octet counts the unused bits, which are 0.
        let bits = bits.ok().and_then(|bits| bits.content.get(1).copied());
        Self(bits.unwrap_or_default())
    }

    /// digitalSignature.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// nonRepudiation, also called contentCommitment.
    #[must_use]
    pub const fn non_repudiation(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// keyEncipherment.
    #[must_use]
    pub const fn key_encipherment(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// keyCertSign.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// cRLSign.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.0 & 0x02 != 0
    }
}

impl std::fmt::Display for KeyUsage {
    /// `digitalSignature, keyEncipherment`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 8] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
        ];
        let set = NAMES.iter().enumerate();
        let set = set.filter(|(bit, _)| self.0 & (0x80 >> bit) != 0);
        let names: Vec<&str> = set.map(|(_, name)| *name).collect();
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

/// The kind of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, with the length of the modulus in bits.
    Rsa(u32),
    /// An elliptic curve: for TLS alone.
    Curve(&'static str),
    /// Something else.
    Other,
}

impl KeyKind {
    /// The kind of the key in this SubjectPublicKeyInfo.
    pub(crate) fn of(spki: &[u8]) -> Result<Self, Asn1Error> {
        let mut info = Reader::new(spki)
            .expect(tag::SEQUENCE, "public key")?
            .reader();
        let mut algorithm = info.expect(tag::SEQUENCE, "algorithm")?.reader();
        let kind = algorithm.expect(tag::OID, "algorithm")?.content;
        Ok(match kind {
            oid::RSA_ENCRYPTION => {
                let bits = info.expect(tag::BIT_STRING, "public key")?.content;
                let key = bits.get(1..).unwrap_or_default();
                let mut key = Reader::new(key).expect(tag::SEQUENCE, "RSA key")?.reader();
                let modulus = key.expect(tag::INTEGER, "modulus")?.content;
                Self::Rsa(bits_of(modulus))
            }
            _ => Self::curve(kind, algorithm)?,
        })
    }

    /// The kind of a key that is not RSA, in this PrivateKeyInfo.
    pub(crate) fn of_pkcs8(der: &[u8]) -> Result<Self, Asn1Error> {
        let mut info = Reader::new(der).expect(tag::SEQUENCE, "key")?.reader();
        info.expect(tag::INTEGER, "version")?;
        let mut algorithm = info.expect(tag::SEQUENCE, "algorithm")?.reader();
        let kind = algorithm.expect(tag::OID, "algorithm")?.content;
        Self::curve(kind, algorithm)
    }

    fn curve(kind: &[u8], mut parameters: Reader<'_>) -> Result<Self, Asn1Error> {
        if kind == oid::ED25519 {
            return Ok(Self::Curve("Ed25519"));
        }
        if kind != oid::EC_PUBLIC_KEY {
            return Ok(Self::Other);
        }
        Ok(match parameters.expect(tag::OID, "curve")?.content {
            oid::P256 => Self::Curve("P-256"),
            oid::P384 => Self::Curve("P-384"),
            oid::P521 => Self::Curve("P-521"),
            _ => Self::Other,
        })
    }
}

impl std::fmt::Display for KeyKind {
    /// `RSA, 2048 bits`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA, {bits} bits"),
            Self::Curve(name) => write!(f, "elliptic curve {name}"),
            Self::Other => f.write_str("of a kind that is not known here"),
        }
    }
}

fn bits_of(modulus: &[u8]) -> u32 {
    let leading = modulus.iter().take_while(|octet| **octet == 0).count();
    let Some(first) = modulus.get(leading) else {
        return 0;
    };
    let bits = (modulus.len() - leading) * 8 - first.leading_zeros() as usize;
    bits.try_into().unwrap_or(u32::MAX)
}

/// The identifiers in a SEQUENCE OF OBJECT IDENTIFIER.
pub(super) fn list_of_oids(value: &[u8]) -> Result<Vec<&[u8]>, Asn1Error> {
    let mut list = Reader::new(value).expect(tag::SEQUENCE, "usages")?.reader();
    let mut oids = Vec::new();
    while !list.is_empty() {
        oids.push(list.expect(tag::OID, "usage")?.content);
    }
    Ok(oids)
}

/// The values of an attribute of a name.
pub(super) fn attributes(name: &[u8], wanted: &[u8]) -> Result<Vec<String>, Asn1Error> {
    const BMP_STRING: u8 = 0x1E;
    let mut name = Reader::new(name).expect(tag::SEQUENCE, "name")?.reader();
    let mut values = Vec::new();
    while !name.is_empty() {
        let mut set = name.expect(tag::SET, "part of a name")?.reader();
        while !set.is_empty() {
            let mut pair = set.expect(tag::SEQUENCE, "attribute")?.reader();
            let oid = pair.expect(tag::OID, "kind of attribute")?.content;
            let value = pair.any()?;
            if oid == wanted {
                values.push(if value.tag == BMP_STRING {
                    let units = value.content.chunks_exact(2);
                    let units = units.map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
                    String::from_utf16_lossy(&units.collect::<Vec<_>>())
                } else {
                    String::from_utf8_lossy(value.content).into_owned()
                });
            }
        }
    }
    Ok(values)
}
