//! Secure authentication (RFC 5024 4.2.3): both sides prove that they have their keys, and whoever
//! does not learns nothing from it.

use oftp_core::session::SealedChallenge;
use oftp_core::wire::{Auch, Aurp, Command, CommandCode, Level, Secd, Ssid};
use oftp_secure::challenge::{open_challenge, seal_challenge};
use oftp_secure::cms::{SealPlan, Sealer, transform};
use oftp_secure::{Credential, Suite};

use crate::common::{
    ALPHA, BETA, Listener, Peer, Place, Process, Run, certificate, credential, sfid, ssid,
};

/// Sends a file with authentication on both sides, and these options.
fn authenticated(of_sender: &[&str], of_listener: &[&str]) -> (Run, Run) {
    let place = Place::with_keys();
    place.write("file", "x");
    let listener = place.listen(&[&["--once", "--auth"][..], of_listener].concat());
    let run = place.send(
        listener.address,
        &[&["file", "--auth"][..], of_sender].concat(),
    );
    let received = listener.finish();
    assert_eq!(
        place.received().len(),
        usize::from(run.code == Some(0)),
        "{run}"
    );
    (run, received)
}

#[test]
fn both_sides_prove_themselves() {
    let (run, received) = authenticated(&ALPHA, &BETA);
    for end in [run, received] {
        end.exits(0);
        assert_eq!(end.one("session_started")["authentication"], true, "{end}");
    }
}

/// A station that has other keys than its partner thinks.
#[track_caller]
fn fails(of_sender: &[&str], of_listener: &[&str], whose: &str) {
    let (run, received) = authenticated(of_sender, of_listener);
    for end in [&run, &received] {
        end.exits(4).says("(ESID 11)").says("oftp cert show");
        assert_eq!(end.all("session_started").len(), 0, "{end}");
        assert_eq!(end.one("session_ended")["reason"]["code"], 11, "{end}");
    }
    // Whoever could not open the challenge knows why, and only there.
    let (knows, other) = match whose {
        "sender" => (&run, &received),
        _ => (&received, &run),
    };
    let why = "the challenge of the partner cannot be answered";
    knows.says(why).says("encrypted for");
    assert!(!other.errors().contains(why), "{other}");
}

const OTHER_PARTNER: [&str; 6] = [
    "--own-key",
    "alpha.key",
    "--own-cert",
    "alpha.pem",
    "--partner-cert",
    "gamma.pem",
];

#[test]
fn a_listener_that_is_not_the_one_we_know_cannot_prove_itself() {
    fails(&OTHER_PARTNER, &BETA, "listener");
}

#[test]
fn a_caller_that_is_not_the_one_that_is_known_cannot_prove_itself() {
    let other = ["--own-key", "beta.key", "--own-cert", "beta.pem"];
    let gamma = ["--partner-cert", "gamma.pem"];
    fails(&ALPHA, &[&other[..], &gamma].concat(), "sender");
}

#[test]
fn without_keys_there_is_no_call() {
    let place = Place::with_keys();
    place.write("file", "x");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let send = |keys: &[&str]| place.send(nowhere, &[&["file", "--auth"][..], keys].concat());
    send(&["--partner-cert", "beta.pem"])
        .exits(2)
        .says("--auth: there is no own key to authenticate with; --own-key names one");
    send(&ALPHA[..4])
        .exits(2)
        .says("--auth: there is no certificate of the partner to authenticate with");
    let mut command = place.listener(&[&["--auth"][..], &BETA[..4]].concat());
    Process::spawn(&mut command)
        .finish()
        .exits(2)
        .says("--auth: ");
}

#[test]
fn one_side_alone_does_not_authenticate() {
    for (of_sender, of_listener) in [(&["--auth"][..], &[][..]), (&[], &["--auth"])] {
        let place = Place::with_keys();
        place.write("file", "x");
        let listener = place.listen(&[&["--once"][..], of_listener, &BETA].concat());
        let run = place.send(
            listener.address,
            &[&["file"][..], of_sender, &ALPHA].concat(),
        );
        for end in [run, listener.finish()] {
            end.exits(4)
                .says("secure authentication is on at both sides or at none: --auth");
            assert_eq!(end.one("session_ended")["reason"]["code"], 12, "{end}");
        }
        assert_eq!(place.received(), []);
    }
}

/// A caller that has come as far as the first step of authentication.
fn caller(listener: &Listener) -> Peer {
    let mut peer = Peer::dial(listener.address, Level::V2_0);
    peer.expect(CommandCode::Ssrm);
    peer.send(&Command::Ssid(Ssid {
        auth: true,
        ..ssid("OALPHA", Level::V2_0)
    }));
    peer.expect(CommandCode::Ssid);
    peer
}

impl Peer {
    /// The octets in the challenge that comes next, which must be for this key.
    fn challenged(&mut self, own: &Credential) -> [u8; 20] {
        let Command::Auch(auch) = self.expect(CommandCode::Auch) else {
            unreachable!("it was looked at")
        };
        open_challenge(&auch.chal, std::slice::from_ref(own)).expect("a challenge for us")
    }

    /// Proves that it has this key, and sends a challenge.
    fn prove_and_challenge(&mut self, own: &Credential, challenge: Vec<u8>) {
        self.send(&Command::Secd(Secd));
        let rsp = self.challenged(own);
        self.send(&Command::Aurp(Aurp { rsp }));
        self.expect(CommandCode::Secd);
        self.send(&Command::Auch(Auch { chal: challenge }));
    }
}

fn challenge_for(name: &str) -> SealedChallenge {
    let suite = Suite::of(4).expect("a suite");
    seal_challenge(&certificate(name), suite).expect("a challenge")
}

fn envelope_for_beta(octets: &[u8]) -> Vec<u8> {
    let mut plan = SealPlan::new(Suite::of(4).expect("a suite"));
    plan.recipients.push(certificate("beta"));
    transform(&mut Sealer::new(plan).expect("a plan"), octets).expect("an envelope")
}

/// One code, without a text, and new octets in each challenge (threat model A3, A4, A5, A6).
#[test]
fn whatever_fails_is_answered_alike() {
    let place = Place::with_keys();
    let alpha = credential("alpha");
    let listener = place.listen(&[&["--auth"][..], &BETA].concat());
    let mut answers = Vec::new();

    // Answers to challenges: any, and that to an earlier one.
    let mut peer = caller(&listener);
    peer.send(&Command::Secd(Secd));
    let earlier = peer.challenged(&alpha);
    for rsp in [[0; 20], earlier] {
        let mut peer = caller(&listener);
        peer.send(&Command::Secd(Secd));
        assert_ne!(peer.challenged(&alpha), rsp, "each challenge is new");
        peer.send(&Command::Aurp(Aurp { rsp }));
        answers.push(peer.expect_esid());
    }
    // Challenges: for somebody else, none at all, and a file in place of one (A6).
    let mut damaged = challenge_for("beta").sealed;
    if let Some(last) = damaged.last_mut() {
        *last ^= 1;
    }
    for challenge in [
        challenge_for("gamma").sealed,
        b"no challenge".to_vec(),
        damaged,
        envelope_for_beta(b"a file that was stolen, and of which the thief wants to learn"),
        envelope_for_beta(b""),
    ] {
        let mut peer = caller(&listener);
        peer.prove_and_challenge(&alpha, challenge);
        answers.push(peer.expect_esid());
    }
    let first = &answers[0];
    assert_eq!(first.0, 11);
    assert!(answers.iter().all(|answer| answer == first), "{answers:?}");
    drop(peer);
    listener.terminate();
}

/// A file before the end of authentication (threat model A1).
#[test]
fn a_caller_that_skips_authentication_is_stopped() {
    let place = Place::with_keys();
    let listener = place.listen(&[&["--auth"][..], &BETA].concat());
    // In the place of SECD, of AURP, and of what follows.
    for steps in 0..3 {
        let mut peer = caller(&listener);
        if steps > 0 {
            peer.send(&Command::Secd(Secd));
            let rsp = peer.challenged(&credential("alpha"));
            if steps > 1 {
                peer.send(&Command::Aurp(Aurp { rsp }));
                peer.expect(CommandCode::Secd);
            }
        }
        peer.send(&Command::Sfid(sfid(b"FILE")));
        assert_eq!(peer.expect_esid().0, 2, "{steps}");
    }
    let run = listener.terminate();
    assert_eq!(run.all("session_started").len(), 0, "{run}");
    assert_eq!(run.all("file_offered").len(), 0, "{run}");
}

/// Whom a station calls can pass on the challenge of somebody else and log in there in its name: the
/// protocol has nothing against it but TLS with certificates of both sides (threat model A7).
#[test]
fn a_relayed_challenge_is_answered_and_tls_is_what_helps() {
    let place = Place::with_keys();
    place.write("file", "x");
    let beta = place.listen(&[&["--auth"][..], &BETA].concat());
    // OALPHA calls gamma, its partner, and gamma calls OBETA as OALPHA.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let to_gamma = ["file", "--auth", "--partner", "OGAMMA"];
    let arguments = [&to_gamma[..], &OTHER_PARTNER].concat();
    let to = port.local_addr().expect("an address");
    let calling = Process::spawn(&mut place.sender(to, &arguments));
    let mut alpha = Peer::accept(&port, Level::V2_0);
    alpha.send(&Command::Ssrm(oftp_core::wire::Ssrm));
    alpha.expect(CommandCode::Ssid);
    alpha.send(&Command::Ssid(Ssid {
        auth: true,
        ..ssid("OGAMMA", Level::V2_0)
    }));
    alpha.expect(CommandCode::Secd);
    let mut called = caller(&beta);
    called.send(&Command::Secd(Secd));
    let challenge = called.expect(CommandCode::Auch);
    alpha.send(&challenge);
    let answer = alpha.expect(CommandCode::Aurp);
    called.send(&answer);
    called.expect(CommandCode::Secd);
    let own = challenge_for("beta");
    called.send(&Command::Auch(Auch { chal: own.sealed }));
    called.expect(CommandCode::Aurp);
    called.send(&Command::Sfid(sfid(b"FILE")));
    called.expect_sfpa();
    drop((alpha, called));
    calling.finish();
    beta.terminate();

    // It has no certificate of OALPHA to show: it does not come as far as a challenge.
    let require = ["--auth", "--tls", "--tls-client-cert", "require"];
    let listener = place.listen(&[&["--once"][..], &require, &BETA].concat());
    let gamma = ["--own-key", "gamma.key", "--own-cert", "gamma.pem"];
    let as_alpha = ["file", "--auth", "--tls", "--partner-cert", "beta.pem"];
    let run = place.send(listener.address, &[&as_alpha[..], &gamma].concat());
    assert_ne!(run.code, Some(0), "{run}");
    run.says("the partner refused our certificate");
    let received = listener.finish();
    assert_eq!(received.all("session_started").len(), 0, "{received}");
}

/// The key answers ten wrong dances in an hour and no more (threat model A5).
#[test]
fn after_ten_failures_no_challenge_is_opened_and_the_caller_sees_no_difference() {
    let place = Place::with_keys();
    place.write("file", "x");
    let alpha = credential("alpha");
    let mut listener = place.listen(&[&["--auth"][..], &BETA].concat());
    let mut answers = Vec::new();
    for _ in 0..10 {
        let mut peer = caller(&listener);
        peer.prove_and_challenge(&alpha, challenge_for("gamma").sealed);
        answers.push(peer.expect_esid());
        listener.wait_for("session_ended");
    }
    // Now even a right one.
    let mut peer = caller(&listener);
    peer.prove_and_challenge(&alpha, challenge_for("beta").sealed);
    answers.push(peer.expect_esid());
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    let run = place.send(
        listener.address,
        &[&["file", "--auth"][..], &ALPHA].concat(),
    );
    run.exits(4).says("(ESID 11)");
    listener
        .terminate()
        .says("failed to authenticate ten times within the last hour");
}

#[test]
fn old_and_new_key_both_serve_at_a_change_over() {
    let both = [
        "--own-key",
        "gamma.key",
        "--own-key",
        "beta.key",
        "--own-cert",
        "gamma.pem",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "alpha.pem",
    ];
    // One partner has heard of the change, the other not yet.
    for known in [&ALPHA, &OTHER_PARTNER] {
        let (run, received) = authenticated(known, &both);
        run.exits(0);
        received.exits(0);
    }
}

/// A key that answers challenges opens no files (threat model A6).
#[test]
fn a_key_for_authentication_alone() {
    let own = [
        "--own-key",
        "auth=gamma.key",
        "--own-cert",
        "auth=gamma.pem",
    ];
    let of_listener = [&own[..], &BETA].concat();
    let known = ["--partner-cert", "auth=gamma.pem"];
    let of_sender = [&known[..], &ALPHA, &["--encrypt"]].concat();
    let (run, received) = authenticated(&of_sender, &of_listener);
    run.exits(0);
    received.exits(0);
    assert_eq!(received.one("file_opened")["encrypted"], true, "{received}");
    // The other key does not serve for it.
    let (run, _) = authenticated(&ALPHA, &of_listener);
    run.exits(4).says("(ESID 11)");
    // And it serves for nothing else.
    let place = Place::with_keys();
    place.write("file", "x");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let sign = ["file", "--auth", "--sign", "--partner-cert", "beta.pem"];
    place
        .send(nowhere, &[&sign[..], &own].concat())
        .exits(2)
        .says("to sign files");
}
