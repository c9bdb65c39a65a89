//! How sessions end: nothing waits for ever, and the cause is told.

use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Reply};
use oftp_core::session::{AbortCause, AbortInd, Output, Session};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{Auch, Capability, Command, Efid, EsidReason, Level, Secd, Text};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{self, settings};

use crate::post::{Post, esid, file, framed, ssid};

/// What a session whose connection takes nothing more gives out.
fn without_room(session: &mut Session) -> (Vec<String>, Option<AbortInd>) {
    let (mut outputs, mut abort) = (Vec::new(), None);
    loop {
        match session.poll_output() {
            Output::NDataRq(_) => outputs.push("N_DATA_RQ".to_owned()),
            Output::NDiscRq => outputs.push("N_DISC_RQ".to_owned()),
            Output::Event(oftp_core::session::Event::AbortInd(ind)) => abort = Some(ind),
            Output::Event(_) | Output::Trace(_) => {}
            _ => return (outputs, abort),
        }
        if outputs.last().is_some_and(|last| last == "N_DATA_RQ") {
            return (outputs, abort);
        }
    }
}

fn in_state(state: State) -> Lone {
    Lone::in_state(Setup::new(Side::Initiator), state).expect("the side comes there")
}

/// DATA waits to be sent.
pub(crate) fn send_octet(lone: &mut Lone) {
    let written = lone.session.data_rq(|buffer| buffer.write(b"X", false));
    assert_eq!(written.expect("a file is open").octets, 1);
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_stuck_esid_does_not_outlive_the_wait_for_the_disconnect() {
    let mut lone = in_state(State::Opo);
    send_octet(&mut lone);
    lone.session
        .release_rq(EsidReason::RESOURCES_NOT_AVAILABLE, Text::default())
        .expect("always allowed");
    assert_eq!(without_room(&mut lone.session).0, ["N_DATA_RQ"]);
    lone.session.tick(seconds(1));
    lone.session.tick(seconds(31));
    assert_eq!(without_room(&mut lone.session).0, ["N_DISC_RQ"]);
    assert!(lone.session.is_over());
}

#[test]
fn an_esid_09_without_room_is_dropped_in_the_end() {
    let mut lone = in_state(State::Opop);
    lone.session.tick(seconds(180));
    assert_eq!(without_room(&mut lone.session).0, ["N_DATA_RQ"]);
    assert!(lone.session.is_over());
    // Its time runs although the session is over, and the driver is told.
    lone.session.tick(seconds(181));
    assert_eq!(lone.session.next_deadline(), Some(seconds(191)));
    lone.session.tick(seconds(191));
    let (outputs, abort) = without_room(&mut lone.session);
    assert_eq!(outputs, ["N_DISC_RQ"]);
    assert_eq!(
        abort.expect("the end is told").reason,
        Some(EsidReason::TIME_OUT)
    );
    assert_eq!(lone.session.next_deadline(), None);
}

#[test]
fn an_esid_09_without_room_is_dropped_when_the_connection_goes() {
    for gone in [Session::n_disc_ind, Session::n_rst_ind] {
        let mut lone = in_state(State::Opop);
        lone.session.tick(seconds(180));
        assert_eq!(without_room(&mut lone.session).0, ["N_DATA_RQ"]);
        gone(&mut lone.session);
        assert_eq!(without_room(&mut lone.session).0, ["N_DISC_RQ"]);
    }
}

#[test]
fn an_own_release_for_lack_of_time_is_sent_behind_what_waits() {
    let mut lone = in_state(State::Opo);
    send_octet(&mut lone);
    lone.session
        .release_rq(EsidReason::TIME_OUT, Text::default())
        .expect("always allowed");
    lone.drain();
    assert!(lone.outputs().contains(&"ESID(R=09)"));
}

/// The partner has said why, and closed, while our octets were stuck before it.
#[test]
fn the_esid_behind_stuck_octets_explains_the_end() {
    for gone in [Session::n_disc_ind, Session::n_rst_ind] {
        let mut lone = in_state(State::Opo);
        send_octet(&mut lone);
        lone.session
            .n_data_ind(&framed(&esid(8, "disk full"), Level::V2_0));
        assert_eq!(without_room(&mut lone.session).0, ["N_DATA_RQ"]);
        gone(&mut lone.session);
        let (outputs, abort) = without_room(&mut lone.session);
        assert_eq!(outputs, ["N_DISC_RQ"]);
        let abort = abort.expect("the end is told");
        assert_eq!(abort.reason, Some(EsidReason::RESOURCES_NOT_AVAILABLE));
        assert!(matches!(abort.cause, AbortCause::EsidReceived { .. }));
    }
}

#[test]
fn the_esid_behind_an_owed_challenge_explains_the_end() {
    for (state, asks) in [
        (State::WfSecd, Command::Secd(Secd)),
        (State::WfAuch, Command::Auch(Auch { chal: vec![1] })),
    ] {
        let mut lone = in_state(state);
        lone.peer(&asks);
        lone.peer(&esid(5, "closing down"));
        lone.session.n_disc_ind();
        let abort = without_room(&mut lone.session).1.expect("the end is told");
        assert_eq!(abort.reason, Some(EsidReason::EMERGENCY_CLOSE_DOWN));
    }
}

/// Commands before it can only be answered on a connection; the ESID counts without an answer.
#[test]
fn the_esid_is_found_behind_other_commands() {
    let mut lone = in_state(State::Opo);
    send_octet(&mut lone);
    assert_eq!(without_room(&mut lone.session).0, ["N_DATA_RQ"]);
    lone.session
        .n_data_ind(&framed(&Command::Cdt(oftp_core::wire::Cdt), Level::V2_0));
    lone.session
        .n_data_ind(&framed(&esid(99, "bye"), Level::V2_0));
    lone.session.n_disc_ind();
    let abort = without_room(&mut lone.session).1.expect("the end is told");
    assert_eq!(abort.reason, Some(EsidReason::UNSPECIFIED));
}

#[test]
fn a_disconnect_without_esid_is_told_as_one() {
    let mut lone = in_state(State::Opo);
    send_octet(&mut lone);
    lone.session
        .n_data_ind(&framed(&Command::Cdt(oftp_core::wire::Cdt), Level::V2_0));
    lone.session.n_disc_ind();
    let abort = without_room(&mut lone.session).1.expect("the end is told");
    assert_eq!(abort.cause, AbortCause::Disconnected { state: State::Opo });
}

/// 9.8 E: ESID 10 goes out, and RFC 5024 tells nobody; the mailbox does.
#[test]
fn a_caller_whose_direction_does_not_fit_ends_the_mailbox_too() {
    let mut settings = settings(BETA);
    settings.config.capabilities.mode = Capability::SenderOnly;
    let directory = oftp_core::mailbox::Directory {
        partners: vec![stations::partner(ALPHA)],
        ..Default::default()
    };
    let mut post = Post::called(settings, directory);
    post.receive(&Command::Ssid(oftp_core::wire::Ssid {
        sr: Capability::SenderOnly,
        ..ssid(ALPHA)
    }));
    assert_eq!(&post.last()[..3], b"F10");
    assert_eq!(
        post.ended(),
        Some(&Ended::ByUs {
            reason: EsidReason::MODE_INCOMPATIBLE,
            why: "both sides only send files".to_owned(),
        })
    );
    post.mailbox.n_disc_ind();
    post.drain();
    assert_eq!(post.events.len(), 1, "{:?}", post.events);
}

/// 9.8 B: a side that only calls hangs up.
#[test]
fn a_caller_of_a_side_that_only_calls_ends_the_mailbox_too() {
    let mut settings = settings(BETA);
    settings.config.role = oftp_core::session::Role::Initiator;
    let post = Post::called(settings, oftp_core::mailbox::Directory::default());
    assert!(post.closed);
    assert!(matches!(
        post.events[..],
        [Event::Ended(Ended::ByUs { .. })]
    ));
}

/// Connected, then silent, or gone without a word: nothing was in progress (ST-04).
#[test]
fn a_partner_that_says_nothing_more_ends_irregularly() {
    let mut post = Post::listener(settings(BETA));
    post.tick(1);
    post.tick(181);
    assert!(
        matches!(post.ended(), Some(Ended::Irregularly(_))),
        "{:?}",
        post.events
    );
    assert_eq!(&post.last()[..3], b"F09");
}

/// The file is confirmed, and the turn that was asked for never comes.
#[test]
fn an_end_while_the_turn_is_awaited_is_irregular() {
    for leaves in [
        (|post: &mut Post| post.receive(&esid(0, ""))) as fn(&mut Post),
        |post| {
            post.mailbox.n_disc_ind();
            post.drain();
        },
        |post| {
            post.mailbox.n_rst_ind();
            post.drain();
        },
        |post| {
            post.tick(1);
            post.tick(181);
        },
    ] {
        let mut post = with_complete_file();
        post.mailbox
            .file_stored(Reply::Eerp)
            .expect("a file is complete");
        post.drain();
        assert_eq!(post.last(), b"4Y");
        assert_eq!(post.mailbox.session().state(), State::ErStWfCd);
        leaves(&mut post);
        assert!(
            matches!(post.ended(), Some(Ended::Irregularly(_))),
            "{:?}",
            post.events
        );
    }
}

#[test]
fn an_end_in_the_middle_of_something_is_a_failure() {
    let mut post = with_complete_file();
    post.mailbox.n_disc_ind();
    post.drain();
    assert!(matches!(post.ended(), Some(Ended::Failed(_))));
    let mut post = Post::listener(settings(BETA));
    post.receive(&esid(99, "no reason"));
    assert!(matches!(post.ended(), Some(Ended::Failed(_))));
}

/// A listener that asks for the turn, with a whole, empty file to store.
fn with_complete_file() -> Post {
    let mut settings = settings(BETA);
    settings.ask_for_turn = true;
    let mut post = Post::listener(settings);
    post.receive(&Command::Sfid(file(ALPHA, BETA)));
    post.mailbox
        .accept_file(RestartPosition::START)
        .expect("a file is offered");
    post.drain();
    post.receive(&Command::Efid(Efid { rcnt: 0, ucnt: 0 }));
    post
}
