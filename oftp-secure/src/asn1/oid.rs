//! Object identifiers as the content octets of their encoding.

#![allow(
    missing_docs,
    reason = "the names of RFC 5652, RFC 3274, RFC 8017 and RFC 5280"
)]

// 1.2.840.113549.1.7
pub const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
pub const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
pub const ENVELOPED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3];
// 1.2.840.113549.1.9
pub const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
pub const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];
pub const SIGNING_TIME: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5];
pub const COMPRESSED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 9];
pub const ZLIB: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 3, 8];
// 1.2.840.113549.1.1
pub const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
pub const SHA1_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 5];
pub const RSA_OAEP: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 7];
pub const MGF1: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 8];
pub const RSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 10];
pub const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11];
pub const SHA384_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 12];
pub const SHA512_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 13];
// 2.16.840.1.101.3.4.3.16
pub const SHA3_512_WITH_RSA: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 16];
// 1.3.14.3.2.26, 2.16.840.1.101.3.4.2
pub const SHA1: &[u8] = &[0x2B, 0x0E, 3, 2, 0x1A];
pub const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
pub const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
pub const SHA3_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 10];
// 1.2.840.113549.3.7, 2.16.840.1.101.3.4.1
pub const DES_EDE3_CBC: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 3, 7];
pub const AES128_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
pub const AES192_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 22];
pub const AES256_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42];
// 2.5.29
pub const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 14];
pub const KEY_USAGE: &[u8] = &[0x55, 0x1D, 15];
pub const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 17];
pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
pub const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 37];
pub const CRL_REASON: &[u8] = &[0x55, 0x1D, 21];
pub const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1D, 28];
pub const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1D, 31];
pub const ANY_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 37, 0];
// 1.3.6.1.5.5.7.3
pub const SERVER_AUTH: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 1];
pub const CLIENT_AUTH: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 2];
pub const EMAIL_PROTECTION: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 4];
// 2.5.4
pub const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub const SERIAL_NUMBER: &[u8] = &[0x55, 4, 5];
// 1.2.840.10045
pub const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
pub const ECDSA_WITH_SHA1: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1];
pub const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
// 1.3.132.0
pub const P384: &[u8] = &[0x2B, 0x81, 4, 0, 34];
pub const P521: &[u8] = &[0x2B, 0x81, 4, 0, 35];
// 1.3.101.112
pub const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

/// An identifier as people write it, such as `1.2.840.113549.1.7.1`.
#[must_use]
pub fn dotted(oid: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut number: u128 = 0;
    for octet in oid {
        number = (number << 7) | u128::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first.to_string());
                number -= first * 40;
            }
            numbers.push(number.to_string());
            number = 0;
        }
    }
    numbers.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_written_as_numbers() {
        assert_eq!(dotted(SIGNED_DATA), "1.2.840.113549.1.7.2");
        assert_eq!(dotted(SHA256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(dotted(&[0x88, 0x37, 3]), "2.999.3");
        assert_eq!(dotted(&[]), "");
    }
}
