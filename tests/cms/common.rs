//! Plans, and ways to run them.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use oftp_secure::cms::{
    OpenError, OpenPlan, Opened, Opener, SealPlan, Sealer, Transform, transform,
};
use oftp_secure::{Certificate, Credential, Suite, Trust};
use oftp_tests::pki;

/// 2026-11-25.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_600_000)
}

pub(crate) fn trust(certificates: &[&Credential]) -> Trust {
    Trust {
        pinned: certificates
            .iter()
            .map(|credential| credential.certificate.clone())
            .collect(),
        ..Trust::default()
    }
}

/// Which services a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layers {
    pub(crate) sign: bool,
    pub(crate) compress: bool,
    pub(crate) encrypt: bool,
}

impl Layers {
    pub(crate) const ALL: Self = Self {
        sign: true,
        compress: true,
        encrypt: true,
    };

    pub(crate) const SIGNED: Self = Self {
        sign: true,
        compress: false,
        encrypt: false,
    };

    pub(crate) const COMPRESSED: Self = Self {
        sign: false,
        compress: true,
        encrypt: false,
    };

    pub(crate) const ENCRYPTED: Self = Self {
        sign: false,
        compress: false,
        encrypt: true,
    };

    /// All but none.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        (1..8).map(|bits| Self {
            sign: bits & 1 != 0,
            compress: bits & 2 != 0,
            encrypt: bits & 4 != 0,
        })
    }
}

/// Alpha signs.
pub(crate) fn alpha() -> Credential {
    static ALPHA: LazyLock<Credential> = LazyLock::new(|| with_key_identifier("alpha"));
    ALPHA.clone()
}

/// Beta reads.
pub(crate) fn beta() -> Credential {
    static BETA: LazyLock<Credential> = LazyLock::new(|| with_key_identifier("beta"));
    BETA.clone()
}

fn with_key_identifier(name: &str) -> Credential {
    pki::self_signed_as(name, pki::params_with_key_identifier(name))
}

pub(crate) fn suite(code: u8) -> &'static Suite {
    Suite::of(code).expect("suite")
}

pub(crate) fn seal_plan(code: u8, layers: Layers) -> SealPlan {
    let mut plan = SealPlan::new(suite(code));
    plan.signing_time = Some(now());
    if layers.sign {
        plan.signers.push(alpha());
    }
    if layers.compress {
        plan.compression = Some(6);
    }
    if layers.encrypt {
        plan.recipients.push(beta().certificate);
    }
    plan
}

pub(crate) fn open_plan(layers: Layers) -> OpenPlan {
    let mut plan = OpenPlan::new(trust(&[&alpha()]), now());
    plan.signed = layers.sign;
    plan.compressed = layers.compress;
    plan.encrypted = layers.encrypt;
    plan.keys.push(beta());
    plan
}

pub(crate) fn seal(plan: SealPlan, content: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new(plan).expect("plan");
    let sealed = transform(&mut sealer, content).expect("seals");
    assert!(sealer.is_done());
    sealed
}

pub(crate) fn open(plan: OpenPlan, sealed: &[u8]) -> Result<(Vec<u8>, Opened), OpenError> {
    let mut opener = Opener::new(plan);
    let content = transform(&mut opener, sealed)?;
    Ok((content, opener.opened().expect("opened")))
}

/// Pushes in pieces of one size, pulls in pieces of another.
pub(crate) fn in_pieces<T: Transform>(
    transform: &mut T,
    input: &[u8],
    push: usize,
    pull: usize,
) -> Result<Vec<u8>, T::Error> {
    let mut out = Vec::new();
    let mut piece = vec![0; pull];
    let mut drain = |transform: &mut T, out: &mut Vec<u8>| {
        while let pulled @ 1.. = transform.pull(&mut piece)? {
            out.extend_from_slice(&piece[..pulled]);
        }
        Ok(())
    };
    for mut rest in input.chunks(push) {
        while !rest.is_empty() {
            let taken = transform.push(rest)?;
            rest = &rest[taken..];
            if !rest.is_empty() {
                drain(transform, &mut out)?;
            }
        }
    }
    transform.end()?;
    drain(transform, &mut out)?;
    assert!(transform.is_done());
    Ok(out)
}

/// Octets that shrink, but not to nothing.
pub(crate) fn edifact(octets: usize) -> Vec<u8> {
    let mut content = Vec::with_capacity(octets + 40);
    let mut line = 0u64;
    while content.len() < octets {
        line = line.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        content.extend_from_slice(
            format!("LIN+{}++{:07}:IN'\r\n", line % 9973, line >> 40).as_bytes(),
        );
    }
    content.truncate(octets);
    content
}

pub(crate) fn names(certificates: &[Certificate]) -> Vec<String> {
    certificates.iter().map(Certificate::subject).collect()
}
