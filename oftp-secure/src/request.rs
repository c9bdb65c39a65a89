//! Requests for a certificate (PKCS#10, RFC 2986), as the authorities of the field take them: RSA
//! and SHA-256, the host as common name and alternative name, the identification code as serial
//! number of the subject, digitalSignature and keyEncipherment, serverAuth and clientAuth.

use crate::key::PrivateKey;
use crate::keygen::{KeygenError, Owner, Signer, failed, params, to_pem};

/// A request that this owner's key be certified, as PEM.
///
/// # Errors
/// The key is not RSA, or a name cannot stand in a certificate.
pub fn request(key: &PrivateKey, owner: &Owner) -> Result<String, KeygenError> {
    let signer = Signer::of(key)?;
    let request = params(owner)?.serialize_request(&signer).map_err(failed)?;
    to_pem("CERTIFICATE REQUEST", request.der())
}
