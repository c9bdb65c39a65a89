//! Whose certificate counts for what (RFC 5024 chapter 11; threat model S15, C3 to C5), and keys
//! and certificates in files of all kinds.

mod keystores;
mod new_keys;
mod path;
mod pinned;
mod revocation;

use std::time::SystemTime;

use oftp_secure::{Certificate, Distrust, DistrustKind, Purpose, Trust};
use oftp_tests::pki::day;

/// All fixed certificates are valid then.
fn now() -> SystemTime {
    day(2030, 1, 31)
}

const PURPOSES: [Purpose; 6] = [
    Purpose::SignFile,
    Purpose::EncryptFile,
    Purpose::SignResponse,
    Purpose::Authenticate,
    Purpose::TlsServer,
    Purpose::TlsClient,
];

fn pins(certificates: &[&Certificate]) -> Trust {
    Trust {
        pinned: certificates.iter().map(|pin| (*pin).clone()).collect(),
        ..Trust::default()
    }
}

#[track_caller]
fn refused(trust: &Trust, certificate: &Certificate) -> DistrustKind {
    refused_for(trust, certificate, Purpose::SignFile).kind
}

#[track_caller]
fn refused_for(trust: &Trust, certificate: &Certificate, purpose: Purpose) -> Distrust {
    let distrust = trust
        .check(certificate, &[], purpose, now())
        .expect_err("it should be refused");
    let text = distrust.to_string();
    assert!(!text.contains('\n') && text.contains("; "), "{text}");
    distrust
}

#[track_caller]
fn taken(trust: &Trust, certificate: &Certificate) {
    let result = trust.check(certificate, &[], Purpose::SignFile, now());
    result.expect("it should be taken");
}
