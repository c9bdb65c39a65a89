//! Timers: what the own side takes is not the partner's time.

use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Reply};
use oftp_core::session::{AbortCause, AbortInd, Timers};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{Command, Efid};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::settings;

use crate::post::{Post, file};

/// A listener that has a whole, empty file to store.
fn with_complete_file() -> Post {
    let mut post = Post::listener(settings(BETA));
    post.receive(&Command::Sfid(file(ALPHA, BETA)));
    post.mailbox
        .accept_file(RestartPosition::START)
        .expect("a file is offered");
    post.drain();
    post.receive(&Command::Efid(Efid { rcnt: 0, ucnt: 0 }));
    assert!(matches!(post.events.last(), Some(Event::FileComplete)));
    post.sent.clear();
    post
}

/// The time is not told while a file is made durable: the tick after that comes late.
#[test]
fn a_slow_store_does_not_end_the_session() {
    let mut post = with_complete_file();
    post.mailbox
        .file_stored(Reply::Later)
        .expect("a file is complete");
    post.drain();
    post.tick(200);
    assert_eq!(post.sent, [b"4N"]);
    assert_eq!(post.ended(), None);
    // The partner's time counts from there.
    assert_eq!(post.wait, Some(Duration::from_secs(380)));
    post.tick(379);
    assert_eq!(post.ended(), None);
    post.tick(380);
    assert!(post.ended().is_some());
}

/// The driver is asked to tell the time as soon as a timer was started.
#[test]
fn a_timer_that_was_started_wants_the_time_at_once() {
    let mut post = with_complete_file();
    post.tick(7);
    post.mailbox
        .file_stored(Reply::Later)
        .expect("a file is complete");
    post.drain();
    assert_eq!(post.wait, Some(Duration::from_secs(7)));
}

/// ST-17: a User Monitor that does not answer at all still ends the session.
#[test]
fn an_answer_that_never_comes_ends_the_session() {
    let mut post = with_complete_file();
    post.tick(1);
    post.tick(181);
    assert!(matches!(
        post.ended(),
        Some(Ended::Failed(AbortInd {
            cause: AbortCause::TimeOut { state: State::Clip },
            ..
        }))
    ));
}

#[test]
fn a_limit_beyond_all_time_is_none() {
    let mut setup = Setup::new(Side::Initiator);
    setup.config.timers = Timers {
        inactivity: Duration::MAX,
        start: Duration::MAX,
        authentication: Duration::MAX,
        disconnect: Duration::MAX,
    };
    for state in [State::WfAuch, State::Opop, State::WfNdisc] {
        let mut lone = Lone::in_state(setup.clone(), state).expect("the side comes there");
        lone.wait(5);
        lone.session.n_data_ind(&[]);
        lone.wait(u64::from(u32::MAX));
        assert_eq!(lone.session.state(), state);
    }
    let mut lone = Lone::new(setup);
    lone.wait(5);
    lone.session
        .connect_rq(lone.setup.connect_rq())
        .expect("idle");
    lone.drain();
    assert_eq!(lone.session.next_deadline(), None);
}
