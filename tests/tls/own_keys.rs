//! Our own keys: those that do not serve are told before anybody calls.

use oftp_secure::tls::{
    ClientCertificates, ClientTls, ServerTls, TlsError, client_config, server_config,
};
use oftp_secure::{Certificate, Credential, PrivateKey};
use oftp_tests::pki::{Authority, params, self_signed};
use rcgen::{CertificateParams, SanType};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, SignatureScheme};
use webpki::aws_lc_rs::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use crate::common::{pinned, server};
use crate::hands::{shake, shake_configs};

#[track_caller]
fn says(error: &TlsError, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "{text:?} does not say {words:?}");
}

#[test]
fn a_key_of_another_certificate_does_not_serve() {
    let (alpha, beta) = (self_signed("alpha"), self_signed("beta"));
    let mixed = Credential {
        key: beta.key,
        ..alpha
    };
    let tls = ClientTls {
        credential: Some(mixed.clone()),
        ..ClientTls::default()
    };
    let error = client_config(tls).expect_err("not its key");
    says(&error, "our certificate CN=alpha");
    says(&error, "does not belong to this certificate");
    let tls = server(&mixed, Vec::new(), ClientCertificates::Ignored);
    let error = server_config(tls).expect_err("not its key");
    says(&error, "our certificate CN=alpha");
}

#[test]
fn who_is_called_must_have_a_certificate() {
    let error = server_config(ServerTls::default()).expect_err("no certificate");
    says(&error, "there is none");
}

#[test]
fn octets_that_are_no_key_do_not_serve() {
    let beta = self_signed("beta");
    let broken = Credential {
        key: PrivateKey::from_pkcs8(vec![0x30, 0].into()),
        ..beta
    };
    let error = server_config(server(&broken, Vec::new(), ClientCertificates::Ignored));
    says(&error.expect_err("no key"), "cannot be used for TLS");
}

fn named() -> CertificateParams {
    let mut named = params("beta");
    let host = "beta.example".try_into().expect("a host name");
    named.subject_alt_names = vec![SanType::DnsName(host)];
    named
}

/// A certificate that is signed by its own key on P-256.
fn elliptic() -> Credential {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
    let certificate = named().self_signed(&key).expect("a certificate");
    Credential {
        key: PrivateKey::from_pkcs8(key.serialize_der().into()),
        certificate: Certificate::from_der(certificate.der()).expect("a certificate"),
        chain: Vec::new(),
    }
}

#[test]
fn the_first_certificate_that_suits_the_caller_is_shown() {
    let authority = Authority::new("authority");
    let (curve, rsa) = (elliptic(), authority.issue("beta", &named()));
    let mut tls = server(&curve, Vec::new(), ClientCertificates::Ignored);
    tls.credentials.push(rsa.clone());
    for (trust, good) in [(pinned(&curve), true), (pinned(&rsa), false)] {
        let client = ClientTls {
            trust,
            credential: None,
        };
        assert_eq!(shake("beta.example", client, tls.clone()).is_good(), good);
    }
    // A caller that verifies RSA alone gets the second.
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.signature_verification_algorithms = RSA_ONLY;
    let mut roots = rustls::RootCertStore::empty();
    let root = CertificateDer::from(authority.certificate.der().to_vec());
    roots.add(root).expect("an authority");
    let client = ClientConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let called = server_config(tls).expect("a configuration");
    assert!(shake_configs("beta.example", client.into(), called).is_good());
}

/// RSA-PSS with SHA-256, and nothing else; PKCS#1 for the certificate.
static RSA_ONLY: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        RSA_PKCS1_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    ],
    mapping: &[(
        SignatureScheme::RSA_PSS_SHA256,
        &[RSA_PSS_2048_8192_SHA256_LEGACY_KEY],
    )],
};

#[test]
fn a_certificate_that_is_over_is_shown_only_for_want_of_a_better_one() {
    let mut old = params("beta");
    old.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let key = oftp_tests::pki::key("beta");
    let expired = old.self_signed(&key).expect("a certificate");
    let new = self_signed("beta");
    let expired = Credential {
        certificate: Certificate::from_der(expired.der()).expect("a certificate"),
        ..new.clone()
    };
    let mut tls = server(&expired, Vec::new(), ClientCertificates::Ignored);
    tls.credentials.push(new.clone());
    let client = ClientTls {
        trust: pinned(&new),
        credential: None,
    };
    assert!(shake("beta.example", client, tls).is_good());
}
