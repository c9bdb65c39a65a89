//! Certificates of authorities: the path must be whole, and the name the partner's.

use oftp_secure::{Certificate, DistrustKind, Purpose, Trust};
use oftp_tests::pki::{Authority, day, fixed, key, params, self_signed};
use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};

use crate::{now, refused, refused_for, taken};

fn of_authority(anchors: &[&Certificate]) -> Trust {
    Trust {
        anchors: anchors.iter().map(|anchor| (*anchor).clone()).collect(),
        ..Trust::default()
    }
}

#[test]
fn what_an_authority_certifies_is_the_partners() {
    let root = Authority::new("root");
    let partner = root.issue("partner", &params("partner")).certificate;
    let trust = of_authority(&[&root.certificate]);
    taken(&trust, &partner);
    // Another authority of the same name has another key.
    let impostor = Authority::with_key("root", "impostor");
    let forged = impostor.issue("partner", &params("partner")).certificate;
    let issuer = "CN=root".to_owned();
    assert_eq!(refused(&trust, &forged), DistrustKind::Forged { issuer });
    let elsewhere = Authority::new("elsewhere").issue("partner", &params("partner"));
    let issuer = "CN=elsewhere".to_owned();
    assert_eq!(
        refused(&trust, &elsewhere.certificate),
        DistrustKind::UnknownIssuer { issuer }
    );
    let stranger = self_signed("stranger").certificate;
    assert!(matches!(
        refused(&trust, &stranger),
        DistrustKind::SomeoneElses { .. }
    ));
}

#[test]
fn the_path_may_have_steps_but_no_gaps() {
    let root = Authority::new("root");
    let middle = root.under("middle");
    let low = middle.under("low");
    let partner = low.issue("partner", &params("partner")).certificate;
    let mut trust = of_authority(&[&root.certificate]);

    let check =
        |trust: &Trust, with: &[Certificate]| trust.check(&partner, with, Purpose::SignFile, now());
    let both = [low.certificate.clone(), middle.certificate.clone()];
    check(&trust, &both).expect("sent with it");
    trust.intermediates.push(middle.certificate.clone());
    check(&trust, &both[..1]).expect("one sent, one held");
    let gap = check(&trust, &[]).expect_err("one is missing");
    let issuer = "CN=low".to_owned();
    assert_eq!(gap.kind, DistrustKind::UnknownIssuer { issuer });
    trust.intermediates.clear();
    // The certificate that is at fault is the one below the gap.
    let gap = check(&trust, &both[..1]).expect_err("one is missing");
    let issuer = "CN=middle".to_owned();
    assert_eq!(gap.kind, DistrustKind::UnknownIssuer { issuer });
    assert_eq!(gap.certificate, low.certificate.to_string());
    // What comes with a certificate is never an authority by itself.
    let stranger = Authority::new("stranger");
    let other = stranger.issue("other", &params("other")).certificate;
    let with = std::slice::from_ref(&stranger.certificate);
    let result = trust.check(&other, with, Purpose::SignFile, now());
    let kind = result.expect_err("nobody trusts it").kind;
    let issuer = "CN=stranger".to_owned();
    assert_eq!(kind, DistrustKind::UnknownIssuer { issuer });
}

#[test]
fn a_client_certifies_nobody() {
    let root = Authority::new("root");
    let client = root.issue("client", &params("client"));
    let issuer = rcgen::Issuer::new(params("client"), key("client"));
    let minted = params("minted").signed_by(&key("minted"), &issuer);
    let minted = Certificate::from_der(minted.expect("it").der()).expect("it");
    let trust = of_authority(&[&root.certificate]);
    let with = [client.certificate];
    let result = trust.check(&minted, &with, Purpose::SignFile, now());
    let kind = result.expect_err("a client is no authority").kind;
    assert!(
        matches!(&kind, DistrustKind::Unusable { why } if why.contains("no authority")),
        "{kind:?}"
    );
}

#[test]
fn the_name_must_be_the_partners() {
    let root = Authority::new("root");
    let mut asked = params("host.example");
    let code = DnType::CustomDnType(vec![2, 5, 4, 5]);
    asked.distinguished_name.push(code, "O0013000001PARTNER");
    let names = ["sub.example".to_owned(), "*.wild.example".to_owned()];
    asked.subject_alt_names = CertificateNames::of(&names);
    let partner = root.issue("partner", &asked).certificate;
    let mut trust = of_authority(&[&root.certificate]);
    for name in [
        "host.example",
        "HOST.example",
        "O0013000001PARTNER",
        "sub.example",
        "any.wild.example",
    ] {
        trust.names = vec!["first.example".to_owned(), name.to_owned()];
        taken(&trust, &partner);
    }
    for name in [
        "other.example",
        "O0013000001",
        "a.b.wild.example",
        "wild.example",
        "",
    ] {
        trust.names = vec![name.to_owned()];
        let kind = refused(&trust, &partner);
        let DistrustKind::WrongName { found, wanted } = kind else {
            panic!("{name}: {kind:?}");
        };
        assert_eq!(wanted, [name]);
        assert!(found.contains(&"host.example".to_owned()), "{found:?}");
        assert!(found.contains(&"sub.example".to_owned()), "{found:?}");
    }
}

#[test]
fn names_that_it_bears_cannot_forge_a_line() {
    let root = Authority::new("root");
    let forged = params("x\nerror: \u{1b}[31mforged");
    let partner = root.issue("partner", &forged).certificate;
    let mut trust = of_authority(&[&root.certificate]);
    trust.names = vec!["partner".to_owned()];
    let text = refused_for(&trust, &partner, Purpose::SignFile).to_string();
    assert!(text.contains("forged"), "{text}");
    assert!(!text.contains(['\n', '\u{1b}']), "{text:?}");
}

struct CertificateNames;

impl CertificateNames {
    fn of(names: &[String]) -> Vec<rcgen::SanType> {
        let dns = |name: &String| rcgen::SanType::DnsName(name.as_str().try_into().expect("name"));
        names.iter().map(dns).collect()
    }
}

#[test]
fn expiry_counts_on_every_step() {
    let root = Authority::new("root");
    let mut old = params("partner");
    old.not_after = date_time_ymd(2029, 12, 31);
    let old = root.issue("partner", &old).certificate;
    let at = day(2029, 12, 31);
    let trust = of_authority(&[&root.certificate]);
    assert_eq!(refused(&trust, &old), DistrustKind::Expired { at });

    let mut params_of_root = params("old root");
    params_of_root.not_after = date_time_ymd(2029, 12, 31);
    params_of_root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params_of_root.self_signed(&key("old root")).expect("it");
    let root = Certificate::from_der(root.der()).expect("it");
    let issuer = rcgen::Issuer::new(params_of_root, key("old root"));
    let partner = params("partner").signed_by(&key("partner"), &issuer);
    let partner = Certificate::from_der(partner.expect("it").der()).expect("it");
    let trust = of_authority(&[&root]);
    let distrust = refused_for(&trust, &partner, Purpose::SignFile);
    assert_eq!(distrust.kind, DistrustKind::Expired { at });
    assert_eq!(distrust.certificate, root.to_string());
}

#[test]
fn sha1_is_taken_where_it_is_allowed() {
    let partner = fixed("sha1");
    let mut trust = of_authority(&[&fixed("sha1_authority")]);
    assert_eq!(refused(&trust, &partner), DistrustKind::Sha1);
    trust.rules.sha1 = true;
    taken(&trust, &partner);
    // The signature is still checked: another authority of this name and algorithm is none.
    let mut der = partner.der().to_vec();
    *der.last_mut().expect("octets") ^= 1;
    let forged = Certificate::from_der(&der).expect("it");
    assert!(matches!(
        refused(&trust, &forged),
        DistrustKind::Forged { .. }
    ));
}

#[test]
fn keys_of_authorities_must_be_long_enough_too() {
    let trust = of_authority(&[&fixed("short_authority")]);
    let distrust = refused_for(&trust, &fixed("by_short"), Purpose::SignFile);
    let (bits, least) = (1024, 2048);
    assert_eq!(distrust.kind, DistrustKind::WeakKey { bits, least });
    assert_eq!(distrust.certificate, fixed("short_authority").to_string());
    let root = Authority::new("root");
    let partner = root.issue("partner", &params("partner")).certificate;
    let mut trust = of_authority(&[&root.certificate]);
    trust.rules.min_rsa_bits = 3072;
    assert!(matches!(
        refused(&trust, &partner),
        DistrustKind::WeakKey { bits: 2048, .. }
    ));
}

#[test]
fn the_weakest_key_of_a_path_decides() {
    let long = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_3072).expect("a key");
    let authority = |name| {
        let mut params = params(name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params
    };
    let (root, middle) = (authority("long"), authority("weak middle"));
    let read = |made: rcgen::Certificate| Certificate::from_der(made.der()).expect("it");
    let anchor = read(root.self_signed(&long).expect("it"));
    let issuer = rcgen::Issuer::new(root, &long);
    let weak = key("weak middle");
    let between = read(middle.signed_by(&weak, &issuer).expect("it"));
    let issuer = rcgen::Issuer::new(middle, weak);
    let partner = read(params("partner").signed_by(&long, &issuer).expect("it"));
    let mut trust = of_authority(&[&anchor]);
    trust.intermediates.push(between.clone());
    taken(&trust, &partner);
    trust.rules.min_rsa_bits = 3072;
    let distrust = refused_for(&trust, &partner, Purpose::SignFile);
    let (bits, least) = (2048, 3072);
    assert_eq!(distrust.kind, DistrustKind::WeakKey { bits, least });
    assert_eq!(distrust.certificate, between.to_string());
}

#[test]
fn an_authority_may_be_of_version_1_but_not_its_client() {
    let trust = of_authority(&[&fixed("v1")]);
    taken(&trust, &fixed("v1_client"));
    let kind = refused(&trust, &fixed("v1_by_v1"));
    assert!(
        matches!(&kind, DistrustKind::Unusable { why } if why.contains("version 3")),
        "{kind:?}"
    );
}

#[test]
fn an_authoritys_own_certificate_is_not_its_clients() {
    let root = Authority::new("root");
    let middle = root.under("middle").certificate;
    let trust = of_authority(&[&root.certificate]);
    assert_eq!(refused(&trust, &middle), DistrustKind::Authority);
}

#[test]
fn the_usages_of_an_authority_limit_its_clients() {
    let root = Authority::new("root");
    let mut only_tls = params("tls only");
    only_tls.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    only_tls.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let middle = root.issue("tls only", &only_tls).certificate;
    let issuer = rcgen::Issuer::new(only_tls, key("tls only"));
    let partner = params("partner").signed_by(&key("partner"), &issuer);
    let partner = Certificate::from_der(partner.expect("it").der()).expect("it");
    let mut trust = of_authority(&[&root.certificate]);
    trust.intermediates.push(middle);
    trust
        .check(&partner, &[], Purpose::TlsServer, now())
        .expect("a server");
    let kind = refused_for(&trust, &partner, Purpose::TlsClient).kind;
    assert!(matches!(kind, DistrustKind::Unusable { .. }), "{kind:?}");
}

#[test]
fn a_pin_needs_no_path() {
    let root = Authority::new("root");
    let elsewhere = Authority::new("elsewhere").issue("partner", &params("partner"));
    let mut trust = of_authority(&[&root.certificate]);
    refused(&trust, &elsewhere.certificate);
    trust.pinned.push(elsewhere.certificate.clone());
    taken(&trust, &elsewhere.certificate);
}
