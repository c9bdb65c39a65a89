//! Whose certificate is taken, and what is said of the others.

use std::sync::Arc;

use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, TlsError, certificates, client_config,
    server_config,
};
use oftp_secure::{Credential, Trust};
use oftp_tests::pair::{ALPHA, code};
use oftp_tests::pki::{Authority, params, self_signed};
use rcgen::{CertificateParams, SanType, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ProtocolVersion, RootCertStore, ServerConfig};

use crate::common::{gamma, pinned, server};
use crate::hands::{shake, shake_configs};

pub(crate) const HOST: &str = "beta.example";

/// A certificate for this host.
pub(crate) fn for_host(name: &str, host: &str) -> CertificateParams {
    let mut params = params(name);
    let host = host.try_into().expect("a host name");
    params.subject_alt_names = vec![SanType::DnsName(host)];
    params
}

pub(crate) fn by(anchor: &Authority) -> Trust {
    Trust {
        anchors: vec![anchor.certificate.clone()],
        ..Trust::default()
    }
}

pub(crate) fn trusting(trust: Trust) -> ClientTls {
    ClientTls {
        trust,
        credential: None,
    }
}

pub(crate) fn shown(own: &Credential) -> ServerTls {
    server(own, Vec::new(), ClientCertificates::Ignored)
}

#[test]
fn a_pinned_certificate_is_good_for_any_host() {
    let beta = self_signed("beta");
    for host in [HOST, "another.example", "192.0.2.1"] {
        let shaken = shake(host, trusting(pinned(&beta)), shown(&beta));
        assert!(shaken.is_good());
        assert_eq!(shaken.version(), Some(ProtocolVersion::TLSv1_3));
    }
}

/// Who answers must be the partner that was called, and not another one (threat model S15).
#[test]
fn another_certificate_than_the_pinned_one_is_refused() {
    let (beta, other) = (self_signed("beta"), self_signed("other"));
    let shaken = shake(HOST, trusting(pinned(&beta)), shown(&other));
    shaken.client_says("the partner is not trusted: certificate CN=other");
    shaken.client_says("someone else's");
    shaken.server_says("the partner refused our certificate");
}

#[test]
fn nobody_is_trusted_by_default() {
    let beta = self_signed("beta");
    let shaken = shake(HOST, ClientTls::default(), shown(&beta));
    shaken.client_says("if the partner confirms its SHA-256");
}

#[test]
fn an_authority_vouches_for_the_host_that_is_called() {
    let authority = Authority::new("authority");
    let beta = authority.issue("beta", &for_host("beta", HOST));
    let shaken = shake(HOST, trusting(by(&authority)), shown(&beta));
    assert!(shaken.is_good());
    let shaken = shake("gamma.example", trusting(by(&authority)), shown(&beta));
    shaken.client_says("is for \"beta.example\" instead of \"gamma.example\"");
    // A name of the partner that is set says more than the address under which it is reached.
    let named = Trust {
        names: vec![HOST.to_owned()],
        ..by(&authority)
    };
    assert!(shake("10.0.0.1", trusting(named.clone()), shown(&beta)).is_good());
    let gamma = authority.issue("gamma", &for_host("gamma", "gamma.example"));
    let shaken = shake("gamma.example", trusting(named), shown(&gamma));
    shaken.client_says("instead of \"beta.example\"");
}

#[test]
fn the_certificates_between_come_with_the_handshake() {
    let root = Authority::new("root");
    let below = root.under("below");
    let mut beta = below.issue("beta", &for_host("beta", HOST));
    let shaken = shake(HOST, trusting(by(&root)), shown(&beta));
    shaken.client_says("who is unknown");
    beta.chain = vec![below.certificate.clone()];
    assert!(shake(HOST, trusting(by(&root)), shown(&beta)).is_good());
}

#[test]
fn what_has_expired_or_is_not_yet_valid_is_refused() {
    let mut old = for_host("beta", HOST);
    old.not_before = date_time_ymd(2019, 1, 1);
    old.not_after = date_time_ymd(2020, 1, 1);
    let mut early = for_host("beta", HOST);
    early.not_before = date_time_ymd(2900, 1, 1);
    early.not_after = date_time_ymd(2901, 1, 1);
    let authority = Authority::new("authority");
    for (params, words) in [
        (old, "expired on 2020-01-01"),
        (early, "is not valid before 2900-01-01"),
    ] {
        let beta = authority.issue("beta", &params);
        let shaken = shake(HOST, trusting(by(&authority)), shown(&beta));
        shaken.client_says(words);
        // A pin does not make it valid.
        let shaken = shake(HOST, trusting(pinned(&beta)), shown(&beta));
        shaken.client_says(words);
    }
}

/// A caller with this certificate, to a port that knows the partners.
pub(crate) fn calling(
    own: Option<&Credential>,
    partners: Vec<(IdentificationCode, Trust)>,
    wanted: ClientCertificates,
) -> crate::hands::Shaken {
    let beta = self_signed("beta");
    let client = ClientTls {
        trust: pinned(&beta),
        credential: own.cloned(),
    };
    shake(HOST, client, server(&beta, partners, wanted))
}

#[test]
fn callers_show_a_certificate_where_one_is_required() {
    let alpha = self_signed("alpha");
    let partners = || vec![(code(ALPHA), pinned(&alpha))];
    let shaken = calling(Some(&alpha), partners(), ClientCertificates::Required);
    assert!(shaken.is_good());

    let shaken = calling(None, partners(), ClientCertificates::Required);
    shaken.server_says("the partner showed no certificate, and this side requires one");
    assert!(calling(None, partners(), ClientCertificates::Asked).is_good());
    let shaken = calling(None, partners(), ClientCertificates::Ignored);
    assert!(shaken.is_good());

    // Who is asked must not show anybody's.
    let stranger = self_signed("stranger");
    for wanted in [ClientCertificates::Required, ClientCertificates::Asked] {
        let shaken = calling(Some(&stranger), partners(), wanted);
        shaken.server_says("certificate CN=stranger");
        shaken.server_says("someone else's");
    }
}

#[test]
fn the_partner_that_comes_nearest_explains_a_refusal() {
    let mut old = params("alpha");
    old.not_after = date_time_ymd(2020, 1, 1);
    let authority = Authority::new("authority");
    let alpha = authority.issue("alpha", &old);
    let others = (0..3).map(|n| (gamma(), pinned(&self_signed(&format!("other {n}")))));
    let mut partners: Vec<_> = others.collect();
    partners.insert(1, (code(ALPHA), pinned(&alpha)));
    let shaken = calling(Some(&alpha), partners, ClientCertificates::Required);
    shaken.server_says("expired on 2020-01-01");
}

#[test]
fn a_certificate_belongs_to_codes() {
    let (alpha, other) = (self_signed("alpha"), self_signed("other"));
    let partners = Partners::new(vec![
        (gamma(), pinned(&other)),
        (code(ALPHA), pinned(&alpha)),
    ]);
    let now = std::time::SystemTime::now();
    let owners = |shown: &[&Credential]| {
        let shown: Vec<_> = shown.iter().map(|c| c.certificate.clone()).collect();
        partners.owners(&shown, now)
    };
    assert_eq!(owners(&[&alpha]), [code(ALPHA)]);
    assert_eq!(owners(&[&other]), [gamma()]);
    assert_eq!(owners(&[]), []);
    assert_eq!(owners(&[&self_signed("beta")]), []);
    // The one that was proved counts, not what comes with it.
    assert_eq!(owners(&[&other, &alpha]), [gamma()]);
}

#[test]
fn the_certificates_of_a_handshake_are_at_hand() {
    let alpha = self_signed("alpha");
    let partners = vec![(code(ALPHA), pinned(&alpha))];
    let shaken = calling(Some(&alpha), partners, ClientCertificates::Required);
    let server = shaken.server.expect("a good handshake");
    let shown = certificates(server.peer_certificates().expect("certificates"));
    assert_eq!(shown, [alpha.certificate]);
}

#[test]
fn version_1_2_is_spoken_in_both_roles() {
    let authority = Authority::new("authority");
    let (beta, alpha) = (
        authority.issue("beta", &for_host("beta", HOST)),
        self_signed("alpha"),
    );
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from(authority.certificate.der().to_vec());
    roots.add(root).expect("an authority");
    let own = || {
        let key = PrivatePkcs8KeyDer::from(alpha.key.pkcs8().to_vec());
        let chain = vec![CertificateDer::from(alpha.certificate.der().to_vec())];
        (chain, key.into())
    };
    let client = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("a version")
        .with_root_certificates(roots)
        .with_client_auth_cert(own().0, own().1)
        .expect("a client");
    let partners = vec![(code(ALPHA), pinned(&alpha))];
    let called = server_config(server(&beta, partners, ClientCertificates::Required));
    let shaken = shake_configs(HOST, Arc::new(client), called.expect("a configuration"));
    assert!(shaken.is_good());
    assert_eq!(shaken.version(), Some(ProtocolVersion::TLSv1_2));

    let old_server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("a version")
        .with_no_client_auth()
        .with_single_cert(own().0, own().1)
        .expect("a server");
    let client = client_config(trusting(pinned(&alpha))).expect("a configuration");
    let shaken = shake_configs(HOST, client, Arc::new(old_server));
    assert!(shaken.is_good());
    assert_eq!(shaken.version(), Some(ProtocolVersion::TLSv1_2));
}

#[test]
fn no_session_is_resumed() {
    let alpha = self_signed("alpha");
    let beta = self_signed("beta");
    let client = client_config(ClientTls {
        trust: pinned(&beta),
        credential: Some(alpha.clone()),
    });
    let client = client.expect("a configuration");
    let partners = vec![(code(ALPHA), pinned(&alpha))];
    let called = server_config(server(&beta, partners, ClientCertificates::Required));
    let called = called.expect("a configuration");
    for _ in 0..3 {
        let shaken = shake_configs(HOST, client.clone(), called.clone());
        let server = shaken.server.expect("a good handshake");
        assert_eq!(server.handshake_kind(), Some(rustls::HandshakeKind::Full));
    }
}

#[test]
fn a_host_that_is_none_is_told() {
    let error = oftp_secure::tls::server_name("beta example").expect_err("a space");
    assert!(matches!(error, TlsError::HostName(_)));
    assert!(error.to_string().contains("\"beta example\" is neither"));
}
