//! Whole sessions over TLS, between two stations on loopback.

use oftp_core::mailbox::Ended;
use oftp_core::wire::EsidReason;
use oftp_secure::Credential;
use oftp_secure::tls::{ClientCertificates, ClientTls, ServerTls};
use oftp_station::serve::{Needs, ServeLimits};
use oftp_tests::pair::{ALPHA, code};
use oftp_tests::pki::self_signed;

use crate::common::{Bed, STUCK, Side, call, call_as, content, gamma, pinned, server};

/// More than fits into the buffers of both sides.
const LARGE: usize = 8 << 20;

struct People {
    alpha: Credential,
    beta: Credential,
}

impl People {
    fn new() -> Self {
        Self {
            alpha: self_signed("alpha"),
            beta: self_signed("beta"),
        }
    }

    /// `BETA`, where `ALPHA` and `gamma` may call with their certificates.
    fn called(&self, wanted: ClientCertificates) -> ServerTls {
        let partners = vec![
            (code(ALPHA), pinned(&self.alpha)),
            (gamma(), pinned(&self_signed("gamma"))),
        ];
        server(&self.beta, partners, wanted)
    }

    fn calling(&self, own: Option<&Credential>) -> ClientTls {
        ClientTls {
            trust: pinned(&self.beta),
            credential: own.cloned(),
        }
    }
}

#[track_caller]
fn went_well(side: &Side) {
    assert_eq!(side.ended, Some(Ended::Normally));
    assert_eq!(side.faults, [""; 0]);
}

fn reason(side: &Side) -> Option<u8> {
    match side.ended.as_ref()? {
        Ended::Failed(ind) => ind.reason.map(EsidReason::code),
        other => panic!("{other:?}"),
    }
}

fn why(side: &Side) -> &str {
    match &side.ended {
        Some(Ended::ByUs { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_and_its_response_cross_over_tls() {
    let people = People::new();
    let bed = Bed::listen(Some(people.called(ClientCertificates::Required))).await;
    let file = content(LARGE);
    let tls = people.calling(Some(&people.alpha));
    let caller = call(bed.address, Some(tls), Some(file.clone())).await;
    let caller = caller.expect("a session");
    went_well(&caller);
    assert_eq!(caller.responses.len(), 1);
    let (done, failed) = bed.finish().await;
    assert_eq!(failed, [""; 0]);
    let [(peer, called)] = &done[..] else {
        panic!("{} sessions", done.len());
    };
    went_well(called);
    assert!(called.stored && called.received == file);
    let tls = peer.tls.as_ref().expect("TLS");
    assert_eq!(tls.certificates, [people.alpha.certificate]);
    assert!(
        tls.protocol.starts_with("TLSv1_3 TLS13_"),
        "{}",
        tls.protocol
    );
}

#[tokio::test]
async fn many_sessions_go_on_at_a_time() {
    let people = People::new();
    let bed = Bed::listen(Some(people.called(ClientCertificates::Required))).await;
    let tls = people.calling(Some(&people.alpha));
    let calls = (0..8).map(|n| {
        let (address, tls) = (bed.address, tls.clone());
        tokio::spawn(async move { call(address, Some(tls), Some(content(n * 70_000))).await })
    });
    let calls: Vec<_> = calls.collect();
    for caller in calls {
        went_well(&caller.await.expect("no panic").expect("a session"));
    }
    let (done, _) = bed.finish().await;
    assert_eq!(done.len(), 8);
    done.iter().for_each(|(_, called)| went_well(called));
}

/// A certificate is bound to the code that it is for (threat model S15).
#[tokio::test]
async fn the_certificate_of_another_partner_does_not_open_the_door() {
    let people = People::new();
    let bed = Bed::with(
        Some(people.called(ClientCertificates::Required)),
        None,
        vec![gamma()],
        ServeLimits::default(),
    )
    .await;
    // The certificate is good and the password right, but they are not of one partner.
    let gamma_s = self_signed("gamma");
    let tls = people.calling(Some(&gamma_s));
    let caller = call(bed.address, Some(tls.clone()), None).await;
    assert_eq!(reason(&caller.expect("a session")), Some(3));
    let own = call_as("O0177GAMMA            001", bed.address, Some(tls), None).await;
    went_well(&own.expect("a session"));
    let (done, _) = bed.finish().await;
    let said = why(&done[0].1);
    assert!(said.contains("is not this partner's: CN=gamma"), "{said}");
}

#[tokio::test]
async fn who_must_show_a_certificate_is_told_so() {
    let people = People::new();
    let tls = Some(people.called(ClientCertificates::Asked));
    let needs = Some(Needs::Certificate);
    let bed = Bed::with(tls, needs, Vec::new(), ServeLimits::default()).await;
    let caller = call(bed.address, Some(people.calling(None)), None).await;
    assert_eq!(reason(&caller.expect("a session")), Some(10));
    let tls = people.calling(Some(&people.alpha));
    went_well(&call(bed.address, Some(tls), None).await.expect("a session"));
    let (done, _) = bed.finish().await;
    assert!(why(&done[0].1).contains("must show a certificate"));
}

/// On the port without TLS (threat model S11).
#[tokio::test]
async fn a_partner_that_must_use_tls_is_turned_away_without() {
    for (needs, expected) in [(Needs::Tls, Some(10)), (Needs::Certificate, Some(10))] {
        let bed = Bed::with(None, Some(needs), Vec::new(), ServeLimits::default()).await;
        let caller = call(bed.address, None, None).await.expect("a session");
        assert_eq!(reason(&caller), expected);
        let (done, _) = bed.finish().await;
        assert!(why(&done[0].1).contains("must use TLS"));
    }
    let bed = Bed::with(
        None,
        Some(Needs::Nothing),
        Vec::new(),
        ServeLimits::default(),
    )
    .await;
    went_well(&call(bed.address, None, None).await.expect("a session"));
}

/// Our password travels in SSID: the certificate is looked at first (threat model S16).
#[tokio::test]
async fn an_impostor_hears_nothing_of_us() {
    let people = People::new();
    let impostor = server(
        &self_signed("impostor"),
        Vec::new(),
        ClientCertificates::Ignored,
    );
    let bed = Bed::listen(Some(impostor)).await;
    // It is the handshake that fails: there is no mailbox yet.
    let error = call(bed.address, Some(people.calling(None)), None).await;
    let error = error.expect_err("not the partner").to_string();
    assert!(error.contains("CN=impostor"), "{error}");
    let (done, failed) = bed.finish().await;
    assert!(done.is_empty(), "a session with an impostor");
    assert!(failed[0].contains("refused our certificate"), "{failed:?}");
}

/// Where all connections are sessions of partners, nobody else gets a word (threat model S17).
#[tokio::test]
async fn above_the_cap_a_connection_is_closed_at_once() {
    use oftp_core::wire::{Command, Level};
    use oftp_tests::lone::{Setup, Side as Role};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    let limits = ServeLimits {
        sessions: 1,
        connections: 1,
        ..ServeLimits::default()
    };
    let bed = Bed::with(None, None, Vec::new(), limits).await;
    let mut partner = TcpStream::connect(bed.address).await.expect("a connection");
    let mut ssid = Vec::new();
    Command::Ssid(Setup::new(Role::Responder).ssid())
        .encode(Level::V2_0, &mut ssid)
        .expect("an SSID");
    let framed = [&oftp_core::wire::sth::header(ssid.len())[..], &ssid].concat();
    partner.write_all(&framed).await.expect("octets");
    let mut answer = [0; 23 + 4 + 61];
    partner.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer[23 + 4], b'X');
    let mut other = TcpStream::connect(bed.address).await.expect("a connection");
    let mut octets = Vec::new();
    let read = tokio::time::timeout(STUCK, other.read_to_end(&mut octets)).await;
    read.expect("it is still open").expect("no error");
    assert_eq!(octets, b"");
    drop(partner);
    let (done, _) = bed.finish().await;
    assert_eq!(done.len(), 1);
}
