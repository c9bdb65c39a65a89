//! Ends that only a network has.

use oftp_core::mailbox::Ended;
use oftp_core::session::AbortCause;
use tokio::io::AsyncReadExt;

use crate::common::{Work, connection, is_called};

#[tokio::test]
async fn a_connection_that_is_reset_ends_the_session_and_is_told() {
    let (mut caller, called) = connection().await;
    let called = tokio::spawn(is_called(called, Work::None));
    let mut ready = [0; 23];
    caller.read_exact(&mut ready).await.expect("SSRM");
    // With octets unread, or without linger, a close is a reset.
    caller.set_zero_linger().expect("an option");
    drop(caller);
    let called = called.await.expect("called");
    let Some(Ended::Failed(ind)) = &called.ended else {
        panic!("{:?}", called.ended);
    };
    assert!(
        matches!(ind.cause, AbortCause::Reset { .. }),
        "{:?}",
        ind.cause
    );
}
