//! Work that takes a while: the session waits for it where it must, and nobody else does. All on
//! one thread: work that blocked it would get these tests stuck.

use oftp_core::mailbox::Ended;

use crate::common::{Gate, Work, calls, connection, is_called};

#[tokio::test]
async fn other_sessions_go_on_beside_work() {
    let (gate, begun, word) = Gate::new();
    let (caller, called) = connection().await;
    let waiting = tokio::spawn(is_called(called, Work::BeforeEfpa(gate)));
    let calling = tokio::spawn(calls(caller));
    begun.await.expect("work");
    for _ in 0..3 {
        let (caller, called) = connection().await;
        let (caller, called) = tokio::join!(calls(caller), is_called(called, Work::None));
        assert_eq!(caller.ended, Some(Ended::Normally));
        assert_eq!(called.ended, Some(Ended::Normally));
    }
    assert!(!waiting.is_finished() && !calling.is_finished());
    word.send(()).expect("somebody waits");
    let (called, caller) = (
        waiting.await.expect("called"),
        calling.await.expect("caller"),
    );
    assert_eq!(caller.ended, Some(Ended::Normally));
    assert_eq!(caller.responses, 1);
    assert_eq!(called.log, ["complete", "done", "ended"]);
}

#[tokio::test]
async fn a_response_in_the_making_leaves_in_the_same_session() {
    let (gate, begun, word) = Gate::new();
    let (caller, called) = connection().await;
    let called = tokio::spawn(is_called(called, Work::Response(gate)));
    let caller = tokio::spawn(calls(caller));
    begun.await.expect("work");
    word.send(()).expect("somebody waits");
    let (called, caller) = (called.await.expect("called"), caller.await.expect("caller"));
    assert_eq!(caller.responses, 1);
    assert_eq!(called.log, ["complete", "done", "ended"]);
    assert_eq!(called.ended, Some(Ended::Normally));
}

#[tokio::test]
async fn work_is_finished_after_the_end_of_its_session() {
    let (gate, begun, word) = Gate::new();
    let (caller, called) = connection().await;
    let called = tokio::spawn(is_called(called, Work::BeforeEfpa(gate)));
    let caller = tokio::spawn(calls(caller));
    begun.await.expect("work");
    // Its task and its connection are dropped.
    caller.abort();
    assert!(caller.await.is_err());
    let (other, its_called) = connection().await;
    tokio::join!(calls(other), is_called(its_called, Work::None));
    assert!(!called.is_finished(), "the work is waited for");
    word.send(()).expect("somebody waits");
    let called = called.await.expect("called");
    assert_eq!(called.log.first(), Some(&"complete"));
    assert!(
        matches!(called.ended, Some(Ended::Failed(_))),
        "{:?}",
        called.ended
    );
}

#[tokio::test]
async fn one_piece_of_work_can_begin_another() {
    let (caller, called) = connection().await;
    let (caller, called) = tokio::join!(calls(caller), is_called(called, Work::Two));
    assert_eq!(called.log, ["complete", "done", "done", "ended"]);
    assert_eq!(caller.ended, Some(Ended::Normally));
}

#[tokio::test]
async fn a_bug_in_work_is_one_of_the_session() {
    let (caller, called) = connection().await;
    let called = tokio::spawn(is_called(called, Work::Bug));
    let caller = calls(caller).await;
    assert!(called.await.expect_err("a panic").is_panic());
    assert!(
        matches!(caller.ended, Some(Ended::Failed(_))),
        "{:?}",
        caller.ended
    );
}
