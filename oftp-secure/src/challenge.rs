//! The challenges of secure authentication (RFC 5024 sections 4.2.3, 5.3.17 and 5.3.18): 20 random
//! octets in EnvelopedData, which only the owner of a private key can give back.
//!
//! Whoever answers challenges decrypts what others give to it. So nothing but exactly 20 octets
//! ever leaves, and why a challenge cannot be opened is for our log alone (threat model A5, A6,
//! A8, ST-34).

use oftp_core::session::SealedChallenge;
use zeroize::{Zeroize, Zeroizing};

use crate::certificate::Certificate;
use crate::cms::{OpenPlan, Opener, SealError, SealPlan, Sealer, Transform, check_ber, transform};
use crate::crypto::random;
use crate::key::Credential;
use crate::suite::Suite;
use crate::trust::Trust;

/// Octets of a challenge and of its answer.
const OCTETS: usize = 20;

/// The longest envelope that is looked at. One for a key of 4096 bits has less than 1 KiB.
pub const LONGEST: usize = 8 << 10;

/// A challenge for the owner of this certificate: new random octets, which the session compares
/// with the answer (AUCHCHAL, AURPRSP).
///
/// # Errors
/// [`SealError`] when nothing can be encrypted for the certificate.
pub fn seal_challenge(
    partner: &Certificate,
    suite: &'static Suite,
) -> Result<SealedChallenge, SealError> {
    let mut plain = [0; OCTETS];
    random(&mut plain)?;
    let mut plan = SealPlan::new(suite);
    plan.recipients.push(partner.clone());
    let sealed = transform(&mut Sealer::new(plan)?, &plain)?;
    Ok(SealedChallenge { plain, sealed })
}

/// A challenge cannot be answered.
///
/// The text is for our log, and only there: the partner gets ESID 11, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the challenge of the partner cannot be answered: {reason}")]
pub struct UnreadableChallenge {
    /// Why.
    pub reason: String,
}

/// The octets of a partner's challenge (AUCHCHAL), with any cipher that CMS partners use.
///
/// The recipient is found by its identifier among `keys`, old and new. Without an RSA key among
/// them, or without any, there is nothing to answer with.
///
/// # Errors
/// [`UnreadableChallenge`], after as much work as an answer would have taken.
pub fn open_challenge(
    sealed: &[u8],
    keys: &[Credential],
) -> Result<[u8; OCTETS], UnreadableChallenge> {
    let mut used = false;
    let answer = open(sealed, keys, &mut used);
    if !used {
        spend(keys);
    }
    answer.map_err(|reason| UnreadableChallenge { reason })
}

fn open(sealed: &[u8], keys: &[Credential], used: &mut bool) -> Result<[u8; OCTETS], String> {
    if sealed.len() > LONGEST {
        let octets = sealed.len();
        return Err(format!("it has {octets} octets; 8,192 are the limit"));
    }
    check_ber(sealed).map_err(|problem| problem.to_string())?;
    // Nobody's signature is needed, so it does not matter at which time it would count.
    let mut plan = OpenPlan::new(Trust::default(), std::time::SystemTime::UNIX_EPOCH);
    plan.encrypted = true;
    plan.keys = keys.to_vec();
    let mut opener = Opener::new(plan);
    let opened = read(&mut opener, sealed);
    *used = opener.has_used_key();
    let plain = opened.map_err(|error| error.to_string())?;
    <[u8; OCTETS]>::try_from(plain.as_slice())
        .map_err(|_| format!("it holds {} octets instead of 20", plain.len()))
}

fn read(opener: &mut Opener, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, crate::cms::OpenError> {
    let mut plain = Zeroizing::new(vec![0; LONGEST]);
    // Shorter than any buffer: taken at once.
    opener.push(sealed)?;
    opener.end()?;
    let octets = opener.pull(&mut plain)?;
    if let Some(rest) = plain.get_mut(octets..) {
        rest.zeroize();
    }
    plain.truncate(octets);
    Ok(plain)
}

/// Uses a private key as an answer would have done.
fn spend(keys: &[Credential]) {
    if let Some(rsa) = keys.iter().find_map(|own| own.key.rsa().ok()) {
        let mut block = vec![0; (rsa.bits() as usize).div_ceil(8)];
        if random(&mut block).is_ok() {
            // Below the modulus.
            if let Some(first) = block.first_mut() {
                *first = 0;
            }
            let _ = std::hint::black_box(rsa.unwrap_pkcs1(&block, 32));
        }
    }
}
