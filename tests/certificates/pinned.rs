//! Certificates that the partner has given to us: of any kind, but valid.

use oftp_secure::certificate::KeyKind;
use oftp_secure::trust::Rules;
use oftp_secure::{Certificate, DistrustKind, Purpose, Trust};
use oftp_tests::pki::{day, fixed, key, params, self_signed};
use rcgen::{ExtendedKeyUsagePurpose as Extended, KeyUsagePurpose as Usage, date_time_ymd};

use crate::{PURPOSES, now, pins, refused, refused_for, taken};

#[test]
fn any_kind_is_taken() {
    for name in ["ca_true", "v1", "v1_by_v1", "sha1"] {
        let certificate = fixed(name);
        let trust = pins(&[&certificate]);
        for purpose in PURPOSES {
            let result = trust.check(&certificate, &[], purpose, now());
            result.unwrap_or_else(|distrust| panic!("{name}: {distrust}"));
        }
    }
}

#[test]
fn someone_elses_is_not() {
    let ours = self_signed("partner").certificate;
    let trust = pins(&[&ours]);
    let stranger = self_signed("stranger").certificate;
    let renewed = false;
    assert_eq!(
        refused(&trust, &stranger),
        DistrustKind::SomeoneElses { renewed }
    );
    // The same name on another key: perhaps the new one, perhaps an impostor.
    let same_name = params("partner").self_signed(&key("impostor")).expect("it");
    let same_name = Certificate::from_der(same_name.der()).expect("it");
    let kind = refused(&trust, &same_name);
    assert_eq!(kind, DistrustKind::SomeoneElses { renewed: true });
    assert!(kind.remedy().contains("SHA-256"), "{}", kind.remedy());
    let nobody = Trust::default();
    refused(&nobody, &ours);
}

#[test]
fn validity_holds_to_the_second() {
    let mut params = params("short-lived");
    (params.not_before, params.not_after) =
        (date_time_ymd(2029, 1, 1), date_time_ymd(2029, 12, 31));
    let certificate = params.self_signed(&key("short-lived")).expect("it");
    let certificate = Certificate::from_der(certificate.der()).expect("it");
    let trust = pins(&[&certificate]);
    let second = std::time::Duration::from_secs(1);
    let check = |at| trust.check(&certificate, &[], Purpose::SignFile, at);
    check(day(2029, 1, 1)).expect("its first second");
    check(day(2029, 12, 31)).expect("its last second");
    let early = check(day(2029, 1, 1) - second).expect_err("early");
    let from = day(2029, 1, 1);
    assert_eq!(early.kind, DistrustKind::NotYetValid { from });
    let late = check(day(2029, 12, 31) + second).expect_err("late");
    assert!(late.to_string().contains("CN=short-lived"), "{late}");
    assert!(
        late.to_string()
            .contains("expired on 2029-12-31 00:00:00 UTC; ask its owner for the new one"),
        "{late}"
    );
}

#[test]
fn short_keys_are_refused() {
    let short = fixed("rsa1024");
    let mut trust = pins(&[&short]);
    let (bits, least) = (1024, 2048);
    let weak = DistrustKind::WeakKey { bits, least };
    for purpose in PURPOSES {
        assert_eq!(refused_for(&trust, &short, purpose).kind, weak);
    }
    trust.rules.min_rsa_bits = 1024;
    taken(&trust, &short);
    let strict = Trust {
        rules: Rules {
            min_rsa_bits: 3072,
            ..Rules::default()
        },
        ..pins(&[&fixed("ca_true")])
    };
    let (bits, least) = (2048, 3072);
    let weak = DistrustKind::WeakKey { bits, least };
    assert_eq!(refused(&strict, &fixed("ca_true")), weak);
}

#[test]
fn an_elliptic_curve_is_for_tls_alone() {
    let curve = fixed("curve");
    let trust = pins(&[&curve]);
    for purpose in PURPOSES {
        let is_tls = matches!(purpose, Purpose::TlsServer | Purpose::TlsClient);
        let result = trust.check(&curve, &[], purpose, now());
        assert_eq!(result.is_ok(), is_tls, "{purpose:?}");
    }
    let kind = KeyKind::Curve("P-256");
    assert_eq!(refused(&trust, &curve), DistrustKind::NotRsa { kind });
}

/// Which purposes a certificate with these usages serves.
fn serves(usages: &[Usage], extended: &[Extended]) -> Vec<Purpose> {
    let mut params = params("usages");
    params.key_usages = usages.to_vec();
    params.extended_key_usages = extended.to_vec();
    let certificate = params.self_signed(&key("usages")).expect("it");
    let certificate = Certificate::from_der(certificate.der()).expect("it");
    let trust = pins(&[&certificate]);
    let serves = |purpose: &Purpose| match trust.check(&certificate, &[], *purpose, now()) {
        Ok(()) => true,
        Err(distrust) => {
            let expected = matches!(distrust.kind, DistrustKind::WrongUsage { .. });
            assert!(expected, "{distrust}");
            false
        }
    };
    PURPOSES.into_iter().filter(serves).collect()
}

#[test]
fn usage_must_fit() {
    use Purpose::{Authenticate, EncryptFile, SignFile, SignResponse, TlsClient, TlsServer};
    let signing = vec![SignFile, SignResponse, TlsServer, TlsClient];
    assert_eq!(serves(&[], &[]), PURPOSES);
    assert_eq!(serves(&[Usage::DigitalSignature], &[]), signing);
    assert_eq!(
        serves(&[Usage::ContentCommitment], &[]),
        [SignFile, SignResponse]
    );
    assert_eq!(
        serves(&[Usage::KeyEncipherment], &[]),
        [EncryptFile, Authenticate]
    );
    assert!(serves(&[Usage::KeyCertSign, Usage::CrlSign], &[]).is_empty());
    let files = [SignFile, EncryptFile, SignResponse, Authenticate];
    assert_eq!(serves(&[], &[Extended::EmailProtection]), files);
    assert_eq!(
        serves(&[], &[Extended::ServerAuth]),
        [&files[..], &[TlsServer]].concat()
    );
    assert_eq!(
        serves(&[], &[Extended::ClientAuth]),
        [&files[..], &[TlsClient]].concat()
    );
    assert_eq!(serves(&[], &[Extended::Any]), PURPOSES);
    assert!(serves(&[], &[Extended::CodeSigning, Extended::OcspSigning]).is_empty());
    // Both must fit.
    assert!(serves(&[Usage::KeyEncipherment], &[Extended::CodeSigning]).is_empty());
}

#[test]
fn the_newest_that_is_valid_is_encrypted_for() {
    let made_in = |year, usage: Usage| {
        let mut params = params("renewed");
        params.not_before = date_time_ymd(year, 1, 1);
        params.key_usages.push(usage);
        let certificate = params.self_signed(&key("renewed")).expect("it");
        Certificate::from_der(certificate.der()).expect("it")
    };
    let old = made_in(2028, Usage::KeyEncipherment);
    let new = made_in(2029, Usage::KeyEncipherment);
    let signs = made_in(2029, Usage::DigitalSignature);
    let future = made_in(2031, Usage::KeyEncipherment);
    let trust = pins(&[&old, &future, &new, &signs]);
    let newest = trust.newest(Purpose::EncryptFile, now());
    assert_eq!(newest.expect("one"), &new);
    let candidates = trust.candidates(Purpose::EncryptFile);
    assert_eq!(candidates, [&future, &new, &old]);
    assert_eq!(trust.candidates(Purpose::SignFile), [&signs]);

    let none = Trust::default();
    let error = none.newest(Purpose::EncryptFile, now());
    assert_eq!(error.expect_err("none").kind, DistrustKind::Missing);
    let too_early = pins(&[&future]);
    let error = too_early.newest(Purpose::EncryptFile, now());
    let kind = error.expect_err("none yet").kind;
    assert!(matches!(kind, DistrustKind::NotYetValid { .. }), "{kind:?}");
    let unfit = pins(&[&signs]);
    let error = unfit.newest(Purpose::EncryptFile, now());
    let kind = error.expect_err("unfit").kind;
    assert!(matches!(kind, DistrustKind::WrongUsage { .. }), "{kind:?}");
}

#[test]
fn names_cannot_forge_a_line() {
    let forged = "x\nerror: \u{1b}[31mforged\u{202e}";
    let stranger = params(forged).self_signed(&key("forged")).expect("it");
    let stranger = Certificate::from_der(stranger.der()).expect("it");
    let text = refused_for(&Trust::default(), &stranger, Purpose::SignFile).to_string();
    assert!(text.contains("forged"), "{text}");
    assert!(!text.contains(['\n', '\u{1b}', '\u{202e}']), "{text:?}");
}
