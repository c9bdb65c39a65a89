//! The start phase: who the other end is, before anything is done for it.

use oftp_core::mailbox::{Ended, Event, Partner};
use oftp_core::session::Event as In;
use oftp_core::state::State;
use oftp_core::wire::{Command, EsidReason, Password, Ssid, Text};
use oftp_tests::lone::{Did, Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA, code, password};
use oftp_tests::stations::{self, settings};

use crate::post::{Post, ssid};

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
    let stream = crate::post::framed(&Command::Ssid(ssid), lone.setup.level);
    lone.session.n_data_ind(&stream);
    while !matches!(
        lone.session.poll_output(),
        oftp_core::session::Output::Event(In::PartnerInd(_))
    ) {}
    lone.session
        .release_rq(EsidReason::USER_CODE_NOT_KNOWN, Text::default())
        .expect("always allowed");
    lone.drain();
    assert_eq!(lone.outputs(), ["ESID(R=03)"]);
    assert_eq!(lone.session.state(), State::WfNdisc);
}
