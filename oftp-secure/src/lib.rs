//! What makes ODETTE-FTP version 2 (RFC 5024 chapters 2.3, 4.2.3, 5.3.13 to 5.3.18, 6, 10 and 11):
//! files that are signed, compressed and encrypted, signed end responses, secure authentication,
//! TLS, and the keys and certificates for all of these.
//!
//! The crate knows files, commands and certificates, and no session: it opens no connection and
//! waits for nobody. What is large is streamed, octets in and octets out, in constant memory.
//!
//! ```text
//! suite          chapter 10.2  the cipher suites as one table
//! cms            chapter 6     files in their envelopes: sign, compress, encrypt, and back
//! record_lengths 6.5           the lengths of the records of V files
//! response       5.3.13-14     signed EERP and NERP
//! challenge      4.2.3-4       the challenges of secure authentication
//! certificate, key, keystore   X.509 certificates and private keys, from files of any kind
//! keygen, request              new keys, self-signed certificates, requests to an authority
//! trust          chapter 11    whose certificate counts for what
//! tls            chapter 2.3   configurations for rustls
//! ```

#![deny(unsafe_code)]

pub mod asn1;
pub mod certificate;
pub mod challenge;
pub mod cms;
pub mod crypto;
pub mod key;
pub mod keygen;
pub mod keystore;
pub mod record_lengths;
pub mod request;
pub mod response;
pub mod suite;
pub mod tls;
pub mod trust;

pub use certificate::Certificate;
pub use key::{Credential, PrivateKey};
pub use keystore::{Keystore, KeystoreError, Passphrase};
pub use suite::Suite;
pub use trust::{Distrust, DistrustKind, Purpose, Trust};
