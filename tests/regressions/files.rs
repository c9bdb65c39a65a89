//! Files: what moves the session on, and what leaves it as it was.

use oftp_core::mailbox::{Ended, Event, FilePolicy, Reply, Response, Rule, Supply, eerp_for};
use oftp_core::session::{Event as In, UserProblem};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Capability, Command, CommandCode, Efid, EfnaReason, EsidReason, Level, RecordFormat, Secd,
    Sfid, SfnaReason, Sfpa,
};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::stations::{self, settings};

use crate::ending::send_octet;
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

/// No code says that compression is missing: 18 would say the opposite.
#[test]
fn a_plain_file_is_not_refused_as_compressed() {
    let policy = FilePolicy {
        compression: Rule::Required,
        ..FilePolicy::default()
    };
    let (own, partner) = (code(BETA), code(ALPHA));
    let refusal = policy
        .check(&file(ALPHA, BETA), &own, &partner)
        .expect_err("it is not compressed");
    assert_eq!(refusal.reason, SfnaReason::UNSPECIFIED);
    assert_eq!(refusal.text, "files must be compressed");
    let compressed = Sfid {
        comp: 1,
        env: 1,
        ..file(ALPHA, BETA)
    };
    assert_eq!(policy.check(&compressed, &own, &partner), Ok(()));
}

/// Restart was agreed: it is the direction that is not.
#[test]
fn a_restart_in_the_wrong_direction_is_called_by_its_name() {
    let mut setup = Setup::new(Side::Initiator);
    setup.config.capabilities.mode = Capability::ReceiverOnly;
    setup.sr = Capability::SenderOnly;
    let mut lone = Lone::in_state(setup, State::IdleSp).expect("both sides come there");
    let sfid = Sfid {
        rest: 1,
        ..lone.setup.own_file()
    };
    let refused = lone
        .session
        .start_file_rq(sfid)
        .expect_err("it only receives");
    assert_eq!(
        refused.problem,
        UserProblem::Capability("this side only receives files in this session (9.10 P1)")
    );

    let mut setup = Setup::new(Side::Initiator);
    setup.config.capabilities.mode = Capability::SenderOnly;
    setup.sr = Capability::ReceiverOnly;
    let mut lone = Lone::in_state(setup, State::IdleLi).expect("both sides come there");
    let sfid = Sfid {
        rest: 1,
        ..lone.setup.peer_file()
    };
    lone.peer(&Command::Sfid(sfid));
    let Some(In::AbortInd(abort)) = lone.events.last() else {
        panic!("{:?}", lone.events);
    };
    assert!(
        abort
            .cause
            .to_string()
            .ends_with("this side only sends files"),
        "{}",
        abort.cause
    );
}

/// What was given before the connection ended is still read as what it is.
#[test]
fn records_are_records_after_the_end_too() {
    let mut setup = Setup::new(Side::Responder);
    (setup.format, setup.lrecl) = (RecordFormat::V, 10);
    let mut lone = Lone::in_state(setup, State::Opi).expect("both sides come there");
    let data = framed(&Command::Data(&[0x82, b'A', b'B']), lone.setup.level);
    lone.session.n_data_ind(&data);
    assert!(lone.session.has_output());
    lone.session.n_disc_ind();
    assert!(lone.session.is_over());
    lone.drain();
    assert_eq!(lone.data, (b"AB".to_vec(), vec![2]));
}

/// Addresses in the old order count only where none fits in the new one (CF-30).
#[test]
fn an_ambiguous_response_is_for_no_file() {
    let ours = file(ALPHA, BETA);
    let theirs = file(BETA, ALPHA);
    let response = Response::Eerp(Box::new(eerp_for(&ours)));
    let found = |files: &[Sfid]| response.find(files.iter()).cloned();
    assert_eq!(found(&[theirs.clone(), ours.clone()]), Some(ours.clone()));
    assert_eq!(found(std::slice::from_ref(&theirs)), Some(theirs.clone()));
    assert_eq!(found(&[ours.clone(), ours, theirs]), None);
}

/// A partner cannot fill the memory while a challenge is being sealed.
#[test]
fn no_octets_are_wanted_ahead_of_an_owed_challenge() {
    let setup = Setup::new(Side::Initiator);
    let mut lone = Lone::in_state(setup, State::WfSecd).expect("both sides come there");
    assert!(lone.session.wants_octets());
    lone.peer(&Command::Secd(Secd));
    assert!(lone.session.wants_octets(), "the end of the connection");
    lone.session.n_data_ind(&[0x10]);
    assert!(!lone.session.wants_octets());
    lone.session
        .seal_challenge_rs(None)
        .expect("a challenge is wanted");
    lone.drain();
    assert!(lone.session.wants_octets());
}

/// The longest Exchange Buffer fits into what is read ahead; after the end nothing is kept.
#[test]
fn octets_are_wanted_until_a_whole_buffer_must_be_there() {
    let setup = Setup::new(Side::Initiator);
    let mut lone = Lone::in_state(setup, State::Opo).expect("both sides come there");
    send_octet(&mut lone);
    let longest = CommandCode::all().map(|code| code.max_octets(Level::V2_0));
    let longest = 4 + longest.max().expect("there are commands");
    lone.session.n_data_ind(&vec![0; longest]);
    assert!(lone.session.wants_octets());
    while lone.session.wants_octets() {
        lone.session.n_data_ind(&[0; 4096]);
    }
    assert!(lone.session.receive_pending() < 300_000);
    lone.session.n_disc_ind();
    assert!(!lone.session.wants_octets());
    let before = lone.session.receive_pending();
    lone.session.n_data_ind(b"late");
    lone.session.receive_space()[0] = 0x10;
    lone.session.received(1);
    assert_eq!(lone.session.receive_pending(), before);
}
