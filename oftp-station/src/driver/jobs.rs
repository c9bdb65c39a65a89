//! Work that takes a while: keys, signatures, whole files. It runs on a thread of its own, and the
//! session moves octets and keeps its times meanwhile.

use oftp_core::mailbox::Mailbox;
use tokio::task::{JoinError, JoinSet};

/// What follows a piece of work, on the session's own task.
type Then<H> = Box<dyn FnOnce(&mut H, &mut Mailbox, &mut Jobs<H>) + Send>;

/// The work that the handler of one session has in progress.
///
/// Every job comes to its end: what follows it is called even when the session is over by then
/// ([`Session::is_over`](oftp_core::session::Session::is_over)), for a received file must be
/// opened and answered in another session. [`run`](super::run) waits for that, so work comes to
/// its end by itself: what asks another machine, such as a key in an HSM, gives up after a time.
#[derive(Debug)]
pub struct Jobs<H>(JoinSet<Then<H>>);

impl<H: 'static> Jobs<H> {
    /// No work.
    pub(super) fn new() -> Self {
        Self(JoinSet::new())
    }

    /// Runs `work` on a thread that may block, and then `then` with what it gave, between the
    /// movements of octets. Jobs end in any order. A panic of `work` is one of the session's task.
    pub fn spawn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(&mut H, &mut Mailbox, &mut Self, T) + Send + 'static,
    ) {
        self.0.spawn_blocking(move || {
            let result = work();
            let then: Then<H> =
                Box::new(move |handler, mailbox, jobs| then(handler, mailbox, jobs, result));
            then
        });
    }

    /// Jobs whose end has not been handled.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.len()
    }

    /// What follows a job that is done; `None`: none is.
    pub(super) fn done(&mut self) -> Option<Then<H>> {
        // The common case is to be cheap: this is asked after every movement of octets.
        if self.0.is_empty() {
            return None;
        }
        self.0.try_join_next().map(passed_on)
    }

    /// What follows the next job that gets done; `None`: there is none. May be dropped.
    pub(super) async fn next(&mut self) -> Option<Then<H>> {
        self.0.join_next().await.map(passed_on)
    }
}

fn passed_on<H>(joined: Result<Then<H>, JoinError>) -> Then<H> {
    match joined {
        Ok(then) => then,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Jobs are never aborted, but the runtime may refuse one while it shuts down.
            Err(_) => Box::new(|_, mailbox, _| {
                mailbox.release(
                    oftp_core::wire::EsidReason::UNSPECIFIED,
                    "this station shuts down",
                );
            }),
        },
    }
}

/// Runs work that has to be done before the session goes on, such as a durable write or the
/// signature of a handshake: the other sessions of this thread go on meanwhile on another one.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
