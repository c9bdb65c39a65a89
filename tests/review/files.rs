//! Files: what moves the session on, and what leaves it as it was.

use oftp_core::mailbox::{Ended, Event, Reply, Supply};
use oftp_core::session::UserProblem;
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Command, Efid, EfnaReason, EsidReason, Level, RecordFormat, SfnaReason, Sfpa,
};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{self, settings};

use crate::post::{Post, esid, file, framed};

/// A listener to which an unstructured file is being sent.
fn receiving(empty_buffers: u32) -> Post {
    let mut settings = settings(BETA);
    settings.limits.empty_buffers = empty_buffers;
    let mut post = Post::listener(settings);
    post.receive(&Command::Sfid(file(ALPHA, BETA)));
    post.mailbox
        .accept_file(RestartPosition::START)
        .expect("a file is offered");
    post.drain();
    post
}

/// A speaker whose file is open and whose source is asked for data.
fn sending() -> Post {
    let mut post = Post::speaker(settings(ALPHA), file(ALPHA, BETA));
    post.receive(&Command::Sfpa(Sfpa { acnt: 0 }));
    post.mailbox
        .source_ready(RestartPosition::START)
        .expect("a source is asked for");
    post.drain();
    assert!(matches!(post.events.last(), Some(Event::DataWanted { .. })));
    post.events.clear();
    post.sent.clear();
    post
}

/// In a stream a flag without octets is no record (D7).
#[test]
fn flags_without_octets_move_no_stream_on() {
    let mut post = receiving(3);
    for _ in 0..3 {
        post.receive(&Command::Data(&[0x80]));
        assert_eq!(post.ended(), None);
    }
    post.receive(&Command::Data(&[0x80]));
    let Some(Ended::ByUs { reason, .. }) = post.ended() else {
        panic!("{:?}", post.events);
    };
    assert_eq!(*reason, EsidReason::UNSPECIFIED);
    assert_eq!(&post.last()[..3], b"F99");
    assert_eq!(post.mailbox.session().state(), State::WfNdisc);
}

#[test]
fn octets_and_records_move_a_file_on() {
    let mut post = receiving(1);
    for _ in 0..5 {
        post.receive(&Command::Data(&[0x80]));
        post.receive(&Command::Data(&[1, b'A']));
    }
    assert_eq!(post.ended(), None);

    let mut settings = settings(BETA);
    settings.limits.empty_buffers = 1;
    let mut post = Post::listener(settings);
    let records = stations::sfid("FILE", ALPHA, BETA, RecordFormat::V, 10);
    post.receive(&Command::Sfid(records));
    post.mailbox
        .accept_file(RestartPosition::START)
        .expect("a file is offered");
    post.drain();
    for _ in 0..5 {
        post.receive(&Command::Data(&[0x80]));
    }
    assert_eq!(post.ended(), None);
}

/// The partner has given up: nothing more is read from the source for it.
#[test]
fn an_esid_is_heard_before_more_data_are_wanted() {
    let mut post = sending();
    post.mailbox
        .supply(|buffer| {
            let _ = buffer.write(&[7; 1000], false);
            Supply::More
        })
        .expect("data are wanted");
    post.mailbox
        .n_data_ind(&framed(&esid(8, "disk full"), Level::V2_0));
    post.drain();
    assert!(
        matches!(post.events[..], [Event::Ended(_)]),
        "{:?}",
        post.events
    );
}

/// The beginning of a command says nothing yet.
#[test]
fn half_a_command_does_not_stop_the_source() {
    let mut post = sending();
    post.mailbox
        .supply(|buffer| {
            let _ = buffer.write(&[7; 1000], false);
            Supply::More
        })
        .expect("data are wanted");
    post.mailbox
        .n_data_ind(&framed(&esid(8, "disk full"), Level::V2_0)[..6]);
    post.drain();
    assert!(matches!(post.events[..], [Event::DataWanted { .. }]));
}

#[test]
fn a_source_that_has_nothing_now_is_not_asked_again() {
    let mut post = sending();
    post.mailbox
        .supply(|_| Supply::More)
        .expect("data are wanted");
    post.drain();
    assert!(post.events.is_empty(), "{:?}", post.events);
    assert!(post.sent.is_empty());
    // Later there is something.
    post.mailbox
        .supply(|buffer| {
            let _ = buffer.write(b"LATE", false);
            Supply::More
        })
        .expect("the file is open");
    post.drain();
    assert_eq!(post.sent, [b"D\x04LATE"]);
    assert!(matches!(post.events[..], [Event::DataWanted { .. }]));
}

/// What the disk says is for our side.
#[test]
fn a_store_fault_stays_on_this_side() {
    let mut post = receiving(1);
    post.mailbox.cannot_store("/srv/in/x: no space left");
    post.drain();
    assert_eq!(post.last(), b"F08025the file cannot be stored\r");
    assert_eq!(
        post.ended(),
        Some(&Ended::ByUs {
            reason: EsidReason::RESOURCES_NOT_AVAILABLE,
            why: "/srv/in/x: no space left".to_owned(),
        })
    );
}

/// A refusal that is refused leaves the file where it is.
#[test]
fn answers_out_of_place_change_nothing() {
    let mut post = receiving(1);
    let refused = post
        .mailbox
        .refuse_file(SfnaReason::UNSPECIFIED, false, "too late");
    assert!(matches!(
        refused.expect_err("the file was accepted").problem,
        UserProblem::State { .. }
    ));
    post.mailbox
        .file_failed(EfnaReason::UNSPECIFIED, "too early")
        .expect_err("the file is not complete");
    post.receive(&Command::Efid(Efid { rcnt: 0, ucnt: 0 }));
    post.mailbox
        .file_stored(Reply::Eerp)
        .expect("a file is complete");
    assert_eq!(post.mailbox.to_send(), 1, "the EERP is queued");
}

#[test]
fn a_release_is_never_taken_for_the_normal_end() {
    let mut post = receiving(1);
    post.mailbox.release(EsidReason::NORMAL, "closing");
    post.drain();
    assert_eq!(&post.last()[..3], b"F99");
    assert!(matches!(post.ended(), Some(Ended::ByUs { .. })));
}
