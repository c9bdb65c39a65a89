//! Whose signature counts (RFC 5024 chapter 11; threat model C3, C5, E4): every way in which a
//! signer's certificate can be wrong is refused, in words for us and in one code for the partner.

use std::time::SystemTime;

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::cms::OpenProblem;
use oftp_secure::trust::Unknown;
use oftp_secure::{Certificate, Credential, Purpose, Trust};
use oftp_tests::pki::{Authority, day, fixed, fixed_message, params, self_signed_as};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose, date_time_ymd};

use crate::common::{Layers, beta, now, open, open_plan, seal, seal_plan};

const CONTENT: &[u8] = b"LIN+1++4711:IN'";

/// What the authority certifies is the partner's, if it bears the name `alpha`.
pub(crate) fn by(authority: &Authority) -> Trust {
    Trust {
        anchors: vec![authority.certificate.clone()],
        names: vec!["alpha".to_owned()],
        ..Trust::default()
    }
}

/// Signed by this one, whose certificate is inside.
fn signed_by(signer: &Credential, layers: Layers) -> Vec<u8> {
    let mut plan = seal_plan(4, layers);
    plan.signers = vec![signer.clone()];
    plan.with_certificates = true;
    seal(plan, CONTENT)
}

/// The certificates of all signatures that hold.
fn signers(
    trust: &Trust,
    sealed: &[u8],
    layers: Layers,
    at: SystemTime,
) -> Result<Vec<Certificate>, oftp_secure::cms::OpenError> {
    let mut plan = open_plan(layers);
    plan.trust = trust.clone();
    plan.now = at;
    let (content, opened) = open(plan, sealed)?;
    assert_eq!(content, CONTENT);
    Ok(opened.signers)
}

/// Refused for one reason: `words` are which certificate, what is wrong with it, and what would
/// mend that.
#[track_caller]
fn refused_at(trust: &Trust, sealed: &[u8], layers: Layers, at: SystemTime, words: [&str; 3]) {
    let error = signers(trust, sealed, layers, at).expect_err("it should be refused");
    assert!(
        matches!(error.problem, OpenProblem::NoSigner { .. }),
        "{error:?}"
    );
    let text = error.to_string();
    for part in words {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
    // The partner learns that the signature is not taken, and nothing of why.
    assert_eq!(error.nerp_reason(), NerpReason::INVALID_FILE_SIGNATURE);
    assert_eq!(error.efna_reason(), EfnaReason::INVALID_FILE_SIGNATURE);
}

/// The same of a file that is only signed, and of one that is compressed and encrypted too.
#[track_caller]
fn refused(trust: &Trust, signer: &Credential, words: [&str; 3]) {
    for layers in [Layers::SIGNED, Layers::ALL] {
        refused_at(trust, &signed_by(signer, layers), layers, now(), words);
    }
}

#[track_caller]
fn taken(trust: &Trust, signer: &Credential) {
    for layers in [Layers::SIGNED, Layers::ALL] {
        let found = signers(trust, &signed_by(signer, layers), layers, now()).expect("it is good");
        assert_eq!(found, std::slice::from_ref(&signer.certificate));
    }
}

/// A certificate of this authority for the signer, with one thing changed.
fn issued(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Credential {
    let mut params = params("alpha");
    change(&mut params);
    authority.issue("alpha", &params)
}

#[test]
fn the_way_to_an_authority_may_lie_inside_the_message() {
    let root = Authority::new("root");
    let middle = root.under("middle");
    let mut signer = issued(&middle, |_| ());
    let trust = by(&root);
    // The signer's certificate is inside, the one between is not.
    refused(
        &trust,
        &signer,
        [
            "CN=alpha",
            "issued by CN=middle, who is unknown",
            "add the issuer's certificate",
        ],
    );
    signer.chain = vec![middle.certificate.clone()];
    taken(&trust, &signer);
    // What comes with a message is a help, and vouches for nobody.
    let stranger = Authority::new("stranger");
    let mut forged = issued(&stranger, |_| ());
    forged.chain = vec![stranger.certificate];
    let words = [
        "certificate CN=stranger",
        "was issued by CN=stranger, who is unknown",
        "add the issuer's certificate",
    ];
    refused(&trust, &forged, words);
    // Without any certificate inside, nobody knows whose signature it is.
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signers = vec![signer];
    refused_at(
        &trust,
        &seal(plan, CONTENT),
        Layers::SIGNED,
        now(),
        [
            "CN=middle",
            "no certificate of the partner has this identifier",
            "ask the partner for it",
        ],
    );
}

/// (threat model C5)
#[test]
fn expired_and_not_yet_valid_ones_are_refused() {
    let root = Authority::new("root");
    let expired = issued(&root, |params| {
        params.not_after = date_time_ymd(2026, 11, 24)
    });
    let early = issued(&root, |params| {
        params.not_before = date_time_ymd(2026, 11, 26)
    });
    let words = [
        "certificate CN=alpha",
        "expired on 2026-11-24",
        "ask its owner for the new one",
    ];
    refused(&by(&root), &expired, words);
    let pinned = crate::common::trust(&[&expired]);
    refused(&pinned, &expired, words);
    let words = [
        "certificate CN=alpha",
        "is not valid before 2026-11-26",
        "use its predecessor until then",
    ];
    refused(&by(&root), &early, words);
    refused(&crate::common::trust(&[&early]), &early, words);
}

/// (threat model C5)
#[test]
fn revoked_ones_are_refused() {
    let root = Authority::new("root");
    let signer = issued(&root, |_| ());
    let mut trust = by(&root);
    taken(&trust, &signer);
    let list = |revoked: &[&Certificate]| root.list(day(2026, 11, 1), day(2026, 12, 1), revoked);
    trust.revoked = vec![list(&[&signer.certificate])];
    let words = [
        "certificate CN=alpha",
        "was revoked on 2026-11-01",
        "ask its owner for a new one, and use this one no more",
    ];
    refused(&trust, &signer, words);
    // A pin is no way round its issuer's list.
    trust.pinned.push(signer.certificate.clone());
    refused(&trust, &signer, words);
    trust.pinned.clear();
    trust.revoked = vec![list(&[&beta().certificate])];
    taken(&trust, &signer);
}

/// (threat model C5)
#[test]
fn an_unknown_status_is_refused_where_the_policy_says_so() {
    let root = Authority::new("root");
    let signer = issued(&root, |_| ());
    let mut trust = by(&root);
    trust.revocation.unknown = Unknown::Refuse;
    let words = [
        "certificate CN=alpha",
        "there is no revocation list of CN=root",
        "fetch the issuer's list",
    ];
    refused(&trust, &signer, words);
    trust.revoked = vec![root.list(day(2026, 10, 1), day(2026, 11, 1), &[])];
    let words = [
        "certificate CN=alpha",
        "the next was due on 2026-11-01",
        "fetch the issuer's newest list",
    ];
    refused(&trust, &signer, words);
    trust.revoked = vec![root.list(day(2026, 11, 1), day(2026, 12, 1), &[])];
    taken(&trust, &signer);
}

/// (threat model C5)
#[test]
fn the_wrong_usage_is_refused() {
    let root = Authority::new("root");
    let encrypts = issued(&root, |params| {
        params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    });
    let signs_code = issued(&root, |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
    });
    let remedy = "ask its owner for the certificate for this use";
    for (signer, allowed) in [
        (
            &encrypts,
            "is not meant to sign files, only for: keyEncipherment",
        ),
        (
            &signs_code,
            "is not meant to sign files, only for: 1.3.6.1.5.5.7.3.3",
        ),
    ] {
        let words = ["certificate CN=alpha", allowed, remedy];
        refused(&by(&root), signer, words);
        refused(&crate::common::trust(&[signer]), signer, words);
    }
}

/// Valid, and not this partner's (threat model C3).
#[test]
fn someone_elses_valid_certificate_is_refused() {
    let root = Authority::new("root");
    let gamma = root.issue("gamma", &params("gamma"));
    let words = [
        "certificate CN=gamma",
        "is for \"gamma\" instead of \"alpha\"",
        "ask the partner whether the name is right",
    ];
    refused(&by(&root), &gamma, words);
    // Nor beside a pin.
    let words = [
        "certificate CN=gamma",
        "it is someone else's",
        "if the partner confirms its SHA-256",
    ];
    refused(
        &crate::common::trust(&[&issued(&root, |_| ())]),
        &gamma,
        words,
    );
}

/// (threat model C5)
#[test]
fn short_keys_are_refused() {
    let (signer, message) = (fixed("rsa1024"), fixed_message("rsa1024"));
    let mut trust = Trust {
        pinned: vec![signer.clone()],
        ..Trust::default()
    };
    let at = day(2030, 1, 31);
    let words = [
        "certificate CN=short key",
        "has a key of 1024 bits, fewer than 2048",
        "ask its owner for one with a longer key",
    ];
    refused_at(&trust, &message, Layers::SIGNED, at, words);
    // Nothing else is wrong with it.
    trust.rules.min_rsa_bits = 1024;
    let found = signers(&trust, &message, Layers::SIGNED, at).expect("it is good");
    assert_eq!(found, [signer]);
}

/// (threat model C5)
#[test]
fn a_path_over_sha1_is_refused_unless_it_is_allowed() {
    let message = fixed_message("sha1");
    let mut trust = Trust {
        anchors: vec![fixed("sha1_authority")],
        ..Trust::default()
    };
    let at = day(2030, 1, 31);
    let words = [
        "certificate CN=signed with SHA-1",
        "was signed by its issuer with SHA-1",
        "ask its owner for a newer one",
    ];
    refused_at(&trust, &message, Layers::SIGNED, at, words);
    trust.rules.sha1 = true;
    let found = signers(&trust, &message, Layers::SIGNED, at).expect("it is good");
    assert_eq!(found, [fixed("sha1")]);
}

/// Whoever encrypts finds out before the first octet.
#[test]
fn nobody_encrypts_for_a_certificate_that_is_not_good() {
    #[track_caller]
    fn none(pinned: Vec<Certificate>, at: SystemTime, words: &str) {
        let mut trust = Trust {
            pinned,
            ..Trust::default()
        };
        let distrust = trust.newest(Purpose::EncryptFile, at).expect_err("bad");
        assert_eq!(distrust.to_string().replace(&of_all(&trust), "X"), words);
        // A good one beside it serves.
        let good = self_signed_as("good", params("good")).certificate;
        trust.pinned.push(good.clone());
        assert_eq!(trust.newest(Purpose::EncryptFile, at), Ok(&good));
    }
    fn of_all(trust: &Trust) -> String {
        trust.pinned[0].to_string()
    }
    let bad = |change: fn(&mut CertificateParams)| {
        let mut params = params("bad");
        change(&mut params);
        vec![self_signed_as("bad", params).certificate]
    };
    none(
        bad(|params| params.not_after = date_time_ymd(2026, 11, 24)),
        now(),
        "certificate X expired on 2026-11-24 00:00:00 UTC; ask its owner for the new one",
    );
    none(
        bad(|params| params.key_usages = vec![KeyUsagePurpose::DigitalSignature]),
        now(),
        "certificate X is not meant to encrypt files, only for: digitalSignature; ask its owner \
         for the certificate for this use",
    );
    none(
        vec![fixed("rsa1024")],
        day(2030, 1, 31),
        "certificate X has a key of 1024 bits, fewer than 2048; ask its owner for one with a \
         longer key",
    );
    none(
        vec![fixed("curve")],
        day(2030, 1, 31),
        "certificate X has no RSA key, which files need; its key is: elliptic curve P-256; ask its owner for one \
         with an RSA key",
    );
}
