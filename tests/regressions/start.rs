//! The start phase: who the other end is, before anything is done for it.

use oftp_core::mailbox::{Directory, Ended, Event, Identity, Partner};
use oftp_core::session::{
    Capabilities, ConnectRs, Event as In, Output, SealedChallenge, Session, Trace, UserProblem,
};
use oftp_core::state::State;
use oftp_core::wire::{
    Auch, Aurp, Command, EsidReason, Password, Secd, Ssid, Ssrm, Text, UserData,
};
use oftp_tests::lone::{Did, Lone, OWN_CHALLENGE, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA, code, password};
use oftp_tests::stations::{self, settings};

use crate::post::{Post, framed, ssid};

fn calls_with_authentication() -> Post {
    let partner = Partner {
        authentication: true,
        ..stations::partner(BETA)
    };
    Post::calling(settings(ALPHA), partner)
}

fn answers(who: &str, pswd: Password) -> Command<'static> {
    Command::Ssid(Ssid {
        pswd,
        auth: true,
        ..ssid(who)
    })
}

/// A challenge is neither asked for nor opened before code and password are right (ST-48).
#[test]
fn the_wrong_responder_gets_no_secd() {
    for (answer, reason) in [
        (
            answers("O0177NOBODY", password("SECRET")),
            EsidReason::USER_CODE_NOT_KNOWN,
        ),
        (
            answers(BETA, password("WRONG")),
            EsidReason::INVALID_PASSWORD,
        ),
    ] {
        let mut post = calls_with_authentication();
        post.sent.clear();
        post.receive(&answer);
        assert_eq!(post.sent.len(), 1, "{:?}", post.sent);
        assert_eq!(post.last()[0], b'F');
        let [Event::Ended(Ended::ByUs { reason: why, .. })] = &post.events[..] else {
            panic!("{:?}", post.events);
        };
        assert_eq!(*why, reason);
    }
}

#[test]
fn the_right_responder_gets_secd() {
    let mut post = calls_with_authentication();
    post.sent.clear();
    post.receive(&answers(BETA, password("SECRET")));
    assert_eq!(post.sent, [b"J"]);
    assert!(post.events.is_empty());
    assert_eq!(post.mailbox.session().state(), State::WfAuch);
}

/// The event comes first; the row is taken when the User Monitor has let it pass.
#[test]
fn the_partner_is_told_before_the_row_of_its_ssid() {
    let mut setup = Setup::new(Side::Initiator);
    setup.authentication = true;
    let mut lone = Lone::in_state(setup, State::IWfSsid).expect("the Initiator comes there");
    let ssid = lone.setup.ssid();
    lone.peer(&Command::Ssid(ssid));
    let told = lone.did.iter();
    let told: Vec<_> = told.filter(|did| !matches!(did, Did::Output(_))).collect();
    assert_eq!(
        told,
        [
            &Did::Local("partner".to_owned()),
            &Did::Row("9.8 D".to_owned(), State::WfAuch)
        ]
    );
    let In::PartnerInd(partner) = &lone.events[0] else {
        panic!("{:?}", lone.events);
    };
    assert_eq!(partner.ssid.code, code(BETA));
    assert!(partner.agreed.authentication);
}

/// Whatever ends the session in between, nothing of the row is left.
#[test]
fn a_partner_that_is_turned_away_takes_no_row() {
    let mut setup = Setup::new(Side::Initiator);
    setup.authentication = true;
    let mut lone = Lone::in_state(setup, State::IWfSsid).expect("the Initiator comes there");
    let ssid = lone.setup.ssid();
    let stream = framed(&Command::Ssid(ssid), lone.setup.level);
    lone.session.n_data_ind(&stream);
    while !matches!(lone.session.poll_output(), Output::Event(In::PartnerInd(_))) {}
    lone.session
        .release_rq(EsidReason::USER_CODE_NOT_KNOWN, Text::default())
        .expect("always allowed");
    lone.drain();
    assert_eq!(lone.outputs(), ["ESID(R=03)"]);
    assert_eq!(lone.session.state(), State::WfNdisc);
}

/// An answer that cannot be given changes nothing, and is still owed.
#[test]
fn an_answer_with_senseless_capabilities_is_refused() {
    let setup = Setup::new(Side::Responder);
    let mut lone = Lone::in_state(setup, State::AWfConrs).expect("the Responder comes there");
    for (buffer_size, window) in [(127, 1), (100_000, 1), (128, 0), (128, 1000)] {
        let rs = ConnectRs {
            capabilities: Some(Capabilities {
                buffer_size,
                window,
                ..Capabilities::default()
            }),
            ..lone.setup.connect_rs()
        };
        let refused = lone.session.connect_rs(rs).expect_err("out of range");
        assert!(
            matches!(refused.problem, UserProblem::Config(_)),
            "{refused}"
        );
    }
    assert!(lone.session.agreed().is_none());
    lone.session
        .connect_rs(lone.setup.connect_rs())
        .expect("the caller still waits");
    lone.drain();
    assert_eq!(lone.outputs(), ["SSID"]);
}

/// Settings that no session can have end the mailbox, and the caller gets an answer.
#[test]
fn a_partner_with_senseless_capabilities_is_turned_away() {
    let directory = Directory {
        partners: vec![Partner {
            capabilities: Some(Capabilities {
                window: 0,
                ..Capabilities::default()
            }),
            ..stations::partner(ALPHA)
        }],
        ..Directory::default()
    };
    let mut post = Post::called(settings(BETA), directory);
    post.receive(&Command::Ssid(ssid(ALPHA)));
    assert_eq!(&post.last()[..3], b"F99");
    assert!(matches!(post.ended(), Some(Ended::ByUs { .. })));
}

/// An own identity for one partner is as much ours as the one for all others (threat model S14).
#[test]
fn none_of_our_codes_may_call() {
    let other = Identity {
        code: code("O0177BETA ELSEWHERE"),
        password: password("SECRET"),
        user: UserData::default(),
    };
    let directory = Directory {
        partners: vec![Partner {
            identity: Some(other),
            ..stations::partner(ALPHA)
        }],
        strangers: Some(Partner::new(code(""))),
        ..Directory::default()
    };
    for (caller, welcome) in [
        (BETA, false),
        ("O0177BETA ELSEWHERE", false),
        ("O0177STRANGER", true),
        (ALPHA, true),
    ] {
        let mut post = Post::called(settings(BETA), directory.clone());
        post.receive(&Command::Ssid(ssid(caller)));
        let up = matches!(post.events[..], [Event::Up { .. }]);
        assert_eq!(up, welcome, "{caller}");
        assert_eq!(post.last().starts_with(b"F03"), !welcome, "{caller}");
    }
}

/// The wire keeps the secret of who is known; the log does not lie.
#[test]
fn hidden_codes_are_still_told_to_our_side() {
    let directory = Directory {
        partners: vec![stations::partner(ALPHA)],
        hide_unknown: true,
        ..Directory::default()
    };
    for (answer, words) in [
        (ssid("O0177STRANGER"), "caller O0177STRANGER is not known"),
        (
            Ssid {
                pswd: password("WRONG"),
                ..ssid(ALPHA)
            },
            "wrong password from O0177ALPHA-MOTORS  HUB001",
        ),
    ] {
        let mut post = Post::called(settings(BETA), directory.clone());
        post.receive(&Command::Ssid(answer));
        assert_eq!(post.last(), b"F04000\r");
        let Some(Ended::ByUs { why, .. }) = post.ended() else {
            panic!("{:?}", post.events);
        };
        assert_eq!(why, words);
    }
}

/// A caller that says 3 gets what level 1.3 can read (CF-01, CF-04).
#[test]
fn a_caller_of_level_3_can_read_its_esid() {
    let directory = Directory::default();
    let mut post = Post::called(settings(BETA), directory);
    post.receive(&Command::Ssid(Ssid {
        lev: 3,
        ..ssid(ALPHA)
    }));
    assert_eq!(post.last(), b"F03\r");
}

/// A challenge is held against one response, right or wrong (threat model A3).
#[test]
fn a_challenge_is_used_once() {
    for right in [true, false] {
        let setup = Setup::new(Side::Initiator);
        let mut lone = Lone::in_state(setup, State::WfAurp).expect("both sides come there");
        assert!(format!("{:?}", lone.session).contains("challenge: Some"));
        let rsp = if right { OWN_CHALLENGE } else { [0; 20] };
        lone.peer(&Command::Aurp(Aurp { rsp }));
        assert!(format!("{:?}", lone.session).contains("challenge: None"));
    }
}

/// Logs hold no passwords, challenges or answers to them (threat model T6).
#[test]
fn the_trace_hides_secrets() {
    let mut setup = Setup::new(Side::Initiator);
    setup.authentication = true;
    setup.config.trace = true;
    let mut session = Session::new(setup.config.clone());
    session.connect_rq(setup.connect_rq()).expect("idle");
    session.n_con_cf();
    let (mut seen, mut sealed, mut opened) = (Vec::new(), false, false);
    let partner = [
        Command::Ssrm(Ssrm),
        Command::Ssid(setup.ssid()),
        Command::Auch(Auch {
            chal: vec![0x5a; 9],
        }),
        Command::Secd(Secd),
        Command::Aurp(Aurp { rsp: OWN_CHALLENGE }),
    ];
    for command in partner {
        session.n_data_ind(&framed(&command, setup.level));
        loop {
            match session.poll_output() {
                Output::Trace(Trace::Received { octets, .. } | Trace::Sent { octets, .. }) => {
                    seen.push(octets);
                }
                Output::NDataRq(pending) => {
                    let octets = pending.len();
                    session.sent(octets);
                }
                Output::Event(In::OpenChallengeInd { sealed }) => {
                    assert_eq!(sealed, [0x5a; 9]);
                    session.open_challenge_rs(Some([9; 20])).expect("asked");
                    opened = true;
                }
                Output::Event(In::SealChallengeInd { .. }) => {
                    let answer = SealedChallenge {
                        plain: OWN_CHALLENGE,
                        sealed: vec![0x5b; 9],
                    };
                    session.seal_challenge_rs(Some(answer)).expect("asked");
                    sealed = true;
                }
                Output::Wait(_) => break,
                _ => {}
            }
        }
    }
    assert!(sealed && opened && session.state() == State::IdleSp);
    let codes: Vec<u8> = seen.iter().map(|octets| octets[0]).collect();
    assert_eq!(codes, *b"IXXJASJAS");
    for octets in &seen[1..3] {
        assert_eq!(octets[27..35], [b'*'; 8]);
        assert_eq!(octets.len(), 61);
        assert_ne!(octets[2..27], [b'*'; 25]);
        assert_ne!(octets[35..], [b'*'; 26]);
    }
    for position in [4, 7] {
        assert_eq!(seen[position], b"A\x00\x09*********");
        assert_eq!(seen[position + 1][1..], [b'*'; 20]);
    }
}

/// Cut off before its password ends, an SSID is still traced, and still hidden.
#[test]
fn the_trace_hides_what_there_is_of_a_short_ssid() {
    let mut setup = Setup::new(Side::Responder);
    setup.config.trace = true;
    let lone = Lone::in_state(setup, State::ANcOnly).expect("the Responder comes there");
    let mut session = lone.session;
    session.n_data_ind(&[0x10, 0, 0, 4 + 30]);
    session.n_data_ind(&[b"X5O0177ALPHA-MOTORS  HUB001".as_slice(), b"SEC"].concat());
    let mut seen = None;
    loop {
        match session.poll_output() {
            Output::Trace(Trace::Received { octets, .. }) => seen = Some(octets),
            Output::NDataRq(pending) => {
                let octets = pending.len();
                session.sent(octets);
            }
            Output::Wait(_) => break,
            _ => {}
        }
    }
    assert_eq!(seen.expect("it came").last_chunk(), Some(b"1***"));
}
