//! Certificates that are the partner's and none the less not taken (threat model C5): revoked, of
//! unknown status, with a short key, meant for something else.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oftp_secure::tls::{ClientCertificates, client_config};
use oftp_secure::trust::{Revocation, Unknown};
use oftp_secure::{Certificate, Credential, Trust};
use oftp_tests::pair::{ALPHA, code};
use oftp_tests::pki::{Authority, fixed, self_signed};
use rcgen::ExtendedKeyUsagePurpose as Extended;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::certificates::{HOST, by, calling, for_host, shown, trusting};
use crate::common::pinned;
use crate::hands::{Shaken, shake, shake_configs};

const DAY: Duration = Duration::from_secs(86_400);

/// The authority's list, made so many days before now, for so many days: handshakes look at the
/// clock.
fn list(authority: &Authority, made: u32, days: u32, revoked: &[&Certificate]) -> Vec<u8> {
    let made = SystemTime::now() - DAY * made;
    authority.list(made, made + DAY * days, revoked)
}

/// `certificate` is the partner's in both ways: by its authority, and as it is.
fn both_ways(
    authority: &Authority,
    certificate: &Certificate,
    list: Option<Vec<u8>>,
    revocation: Revocation,
) -> [Trust; 2] {
    let by_path = Trust {
        revoked: list.into_iter().collect(),
        revocation,
        ..by(authority)
    };
    let mut as_it_is = by_path.clone();
    as_it_is.pinned.push(certificate.clone());
    [by_path, as_it_is]
}

/// Both roles take this certificate, or refuse it in these words.
#[track_caller]
fn in_both_roles(own: &Credential, trust: &Trust, words: Option<&[&str]>) {
    let as_server = shake(HOST, trusting(trust.clone()), shown(own));
    let partners = vec![(code(ALPHA), trust.clone())];
    let as_client = calling(Some(own), partners, ClientCertificates::Required);
    let Some(words) = words else {
        assert!(as_server.is_good() && as_client.is_good());
        return;
    };
    for word in words {
        as_server.client_says(word);
        as_client.server_says(word);
    }
    as_server.server_says("the partner refused our certificate");
}

#[test]
fn revoked_certificates_are_refused_in_both_roles() {
    let authority = Authority::new("authority");
    let own = authority.issue("beta", &for_host("beta", HOST));
    let other = authority.issue("other", &for_host("other", HOST));
    let words = ["CN=beta", "was revoked on", "ask its owner for a new one"];
    for (revoked, words) in [(&own, Some(&words[..])), (&other, None)] {
        let list = list(&authority, 1, 30, &[&revoked.certificate]);
        let policy = Revocation::default();
        for trust in both_ways(&authority, &own.certificate, Some(list), policy) {
            in_both_roles(&own, &trust, words);
        }
    }
}

#[test]
fn lists_that_are_too_old_or_missing_are_told_where_the_policy_needs_them() {
    let authority = Authority::new("authority");
    let own = authority.issue("beta", &for_host("beta", HOST));
    let list = |made, days| Some(list(&authority, made, days, &[]));
    let refuse = |max_age| Revocation {
        unknown: Unknown::Refuse,
        max_age,
    };
    let newest = "fetch the issuer's newest list";
    let late = ["may be revoked", "the next was due on", newest];
    let aged = ["may be revoked", "list of CN=authority is of", newest];
    let none = [
        "there is no revocation list of CN=authority",
        "fetch",
        "issuer's list",
    ];
    for (list, policy, words) in [
        (list(1, 30), refuse(None), None),
        (list(40, 30), refuse(None), Some(&late[..])),
        (list(3, 30), refuse(Some(DAY * 2)), Some(&aged[..])),
        (None, refuse(None), Some(&none[..])),
        (list(40, 30), Revocation::default(), None),
    ] {
        for trust in both_ways(&authority, &own.certificate, list, policy) {
            in_both_roles(&own, &trust, words);
        }
    }
}

#[test]
fn what_is_meant_for_something_else_is_refused() {
    let authority = Authority::new("authority");
    let meant_for = |usage: Extended| {
        let mut params = for_host("beta", HOST);
        params.extended_key_usages = vec![usage];
        authority.issue("beta", &params)
    };
    let mail = meant_for(Extended::EmailProtection);
    for trust in [by(&authority), pinned(&mail)] {
        let words = ["CN=beta", "only for: emailProtection", "for this use"];
        in_both_roles(&mail, &trust, Some(&words));
    }
    let (server, client) = (
        meant_for(Extended::ServerAuth),
        meant_for(Extended::ClientAuth),
    );
    assert!(shake(HOST, trusting(by(&authority)), shown(&server)).is_good());
    let shaken = shake(HOST, trusting(by(&authority)), shown(&client));
    shaken.client_says("is not meant to be a TLS server, only for: clientAuth");
    let partners = || vec![(code(ALPHA), by(&authority))];
    assert!(calling(Some(&client), partners(), ClientCertificates::Required).is_good());
    let shaken = calling(Some(&server), partners(), ClientCertificates::Required);
    shaken.server_says("is not meant to be a TLS client, only for: serverAuth");
}

/// Shows this certificate, whoever has its key: it is looked at before the signature is.
fn showing(certificate: &Certificate, trust: Trust) -> Shaken {
    let key = self_signed("beta").key;
    let key = any_supported_type(&PrivatePkcs8KeyDer::from(key.pkcs8()).into()).expect("a key");
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = CertifiedKey::new(chain, key);
    let server = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    let client = client_config(trusting(trust)).expect("a configuration");
    shake_configs(HOST, client, Arc::new(server))
}

#[test]
fn short_keys_are_refused() {
    let short = fixed("rsa1024");
    let mut trust = Trust {
        pinned: vec![short.clone()],
        ..Trust::default()
    };
    let shaken = showing(&short, trust.clone());
    shaken.client_says("CN=short key");
    shaken.client_says("has a key of 1024 bits, fewer than 2048");
    shaken.client_says("ask its owner for one with a longer key");
    trust.anchors = vec![fixed("short_authority")];
    let shaken = showing(&fixed("by_short"), trust);
    shaken.client_says("CN=short authority");
    shaken.client_says("has a key of 1024 bits, fewer than 2048");
}
