//! Block ciphers in CBC mode with PKCS#7 padding, as CMS uses them (RFC 5652 6.3, RFC 3370,
//! RFC 3565), streamed.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext,
    StreamingDecryptingKey, StreamingEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

use super::CryptoError;
use crate::asn1::oid;

/// The cipher for the content of a file or a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCipher {
    /// 3DES-EDE-CBC with three keys: mandatory in suite 01, legacy everywhere.
    TripleDes,
    /// AES-128-CBC: in no suite, but partners may send it.
    Aes128,
    /// AES-192-CBC: in no suite, but partners may send it.
    Aes192,
    /// AES-256-CBC.
    Aes256,
}

/// The most octets that one block holds back.
const BLOCK: usize = 16;

impl ContentCipher {
    const ALL: [Self; 4] = [Self::TripleDes, Self::Aes128, Self::Aes192, Self::Aes256];

    /// The length of a content key in octets.
    #[must_use]
    pub const fn key_octets(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The length of an initialisation vector in octets.
    #[must_use]
    pub const fn iv_octets(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// The object identifier, as content octets.
    #[must_use]
    pub const fn oid(self) -> &'static [u8] {
        match self {
            Self::TripleDes => oid::DES_EDE3_CBC,
            Self::Aes128 => oid::AES128_CBC,
            Self::Aes192 => oid::AES192_CBC,
            Self::Aes256 => oid::AES256_CBC,
        }
    }

    /// The cipher with this object identifier.
    #[must_use]
    pub fn from_oid(oid: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.oid() == oid)
    }

    #[allow(deprecated, reason = "RFC 5024 10.2 makes 3DES mandatory")]
    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::TripleDes => &aws_lc_rs::cipher::DES_EDE3_FOR_LEGACY_USE_ONLY,
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
        }
    }

    fn key(self, key: &[u8]) -> Result<UnboundCipherKey, CryptoError> {
        UnboundCipherKey::new(self.algorithm(), key).map_err(|_| CryptoError)
    }
}

impl std::fmt::Display for ContentCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TripleDes => "3DES",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
        })
    }
}

/// Encrypts one content.
pub struct Encryptor(StreamingEncryptingKey);

impl Encryptor {
    /// Encrypts with this key and initialisation vector, both of the cipher's lengths.
    ///
    /// # Errors
    /// A length is wrong, or 3DES keys are weak or equal.
    pub fn new(cipher: ContentCipher, key: &[u8], iv: &[u8]) -> Result<Self, CryptoError> {
        let context = match cipher {
            ContentCipher::TripleDes => EncryptionContext::Iv64(fixed(iv)?),
            _ => EncryptionContext::Iv128(fixed(iv)?),
        };
        StreamingEncryptingKey::less_safe_cbc_pkcs7(cipher.key(key)?, context)
            .map(Self)
            .map_err(|_| CryptoError)
    }

    /// Encrypts `input` to the end of `out`: all whole blocks of what came so far.
    ///
    /// # Errors
    /// The library failed.
    pub fn update(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let start = out.len();
        out.resize(start + input.len() + BLOCK, 0);
        let written = self.0.update(input, &mut out[start..]);
        let written = written.map_err(|_| CryptoError)?.written().len();
        out.truncate(start + written);
        Ok(())
    }

    /// The last block, padded.
    ///
    /// # Errors
    /// The library failed.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let mut last = [0; BLOCK];
        let (_, written) = self.0.finish(&mut last).map_err(|_| CryptoError)?;
        out.extend_from_slice(written.written());
        Ok(())
    }
}

/// Decrypts one content.
pub struct Decryptor(StreamingDecryptingKey);

impl Decryptor {
    /// Decrypts with this key and initialisation vector, both of the cipher's lengths.
    ///
    /// # Errors
    /// A length is wrong, or 3DES keys are weak or equal.
    pub fn new(cipher: ContentCipher, key: &[u8], iv: &[u8]) -> Result<Self, CryptoError> {
        let context = match cipher {
            ContentCipher::TripleDes => DecryptionContext::Iv64(fixed(iv)?),
            _ => DecryptionContext::Iv128(fixed(iv)?),
        };
        StreamingDecryptingKey::cbc_pkcs7(cipher.key(key)?, context)
            .map(Self)
            .map_err(|_| CryptoError)
    }

    /// Decrypts `input` to the end of `out`; the last block is held back.
    ///
    /// # Errors
    /// The library failed.
    pub fn update(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let start = out.len();
        out.resize(start + input.len() + BLOCK, 0);
        let written = self.0.update(input, &mut out[start..]);
        let written = written.map_err(|_| CryptoError)?.written().len();
        out.truncate(start + written);
        Ok(())
    }

    /// The last block, without its padding.
    ///
    /// # Errors
    /// The padding is wrong: whatever was decrypted is worthless, and nobody may learn why.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let mut last = [0; BLOCK];
        let written = self.0.finish(&mut last).map_err(|_| CryptoError)?;
        out.extend_from_slice(written.written());
        Ok(())
    }
}

impl std::fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encryptor")
    }
}

impl std::fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decryptor")
    }
}

fn fixed<const N: usize>(iv: &[u8]) -> Result<FixedLength<N>, CryptoError> {
    <[u8; N]>::try_from(iv)
        .map(FixedLength::from)
        .map_err(|_| CryptoError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encrypted_in_pieces_is_decrypted_in_others() {
        for cipher in ContentCipher::ALL {
            let key: Vec<u8> = (1..=cipher.key_octets() as u8).collect();
            let iv = vec![7; cipher.iv_octets()];
            let plain: Vec<u8> = (0..1000u32).map(|n| n as u8).collect();
            let mut sealed = Vec::new();
            let mut encryptor = Encryptor::new(cipher, &key, &iv).expect("key");
            for piece in plain.chunks(7) {
                encryptor.update(piece, &mut sealed).expect("encrypts");
            }
            encryptor.finish(&mut sealed).expect("encrypts");
            let mut opened = Vec::new();
            let mut decryptor = Decryptor::new(cipher, &key, &iv).expect("key");
            for piece in sealed.chunks(13) {
                decryptor.update(piece, &mut opened).expect("decrypts");
            }
            decryptor.finish(&mut opened).expect("decrypts");
            assert_eq!(opened, plain, "{cipher}");
        }
    }

    #[test]
    fn keys_of_other_lengths_and_equal_keys_are_refused() {
        assert!(Encryptor::new(ContentCipher::Aes256, &[1; 16], &[0; 16]).is_err());
        assert!(Encryptor::new(ContentCipher::Aes256, &[1; 32], &[0; 8]).is_err());
        assert!(Decryptor::new(ContentCipher::TripleDes, &[1; 24], &[0; 8]).is_err());
    }
}
