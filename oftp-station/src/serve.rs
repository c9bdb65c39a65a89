//! Accepts connections and runs one task per session (RFC 5024 2.2.1: the Responder listens).

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Addresses;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::driver::{self, Clock, Handler};

/// Bounds for what anyone who reaches the port can take (threat model S1, S17).
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// Sessions at a time; further callers are told to come back (ESID 08).
    pub sessions: usize,
    /// Connections at a time, those that are told to come back among them; further ones are
    /// closed without a word.
    pub connections: usize,
    /// Stop listening after this many sessions; `None`: never.
    pub total: Option<usize>,
}

/// How long accepting pauses after the system refused it, mostly for lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// How long running sessions may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Makes the two halves of a session for each caller.
pub trait Station: Send + Sync + 'static {
    /// What the station does with files.
    type Handler: Handler + Send;

    /// A mailbox and its handler for a caller; `busy`: the caller is to be told to come back.
    fn session(&self, caller: SocketAddr, busy: bool) -> (Mailbox, Self::Handler);

    /// A connection is over; the handler knows how it went.
    fn finished(&self, caller: SocketAddr, handler: Self::Handler);

    /// The system refused a connection.
    fn accept_failed(&self, error: &io::Error);
}

/// Serves callers until `stop` is done or the last of the allowed sessions has ended; true when it
/// was `stop`.
pub async fn serve<S: Station>(
    listener: TcpListener,
    station: std::sync::Arc<S>,
    limits: ServeLimits,
    stop: impl Future<Output = ()>,
) -> bool {
    let clock = Clock::default();
    let mut tasks = JoinSet::new();
    let mut accepted = 0;
    tokio::pin!(stop);
    while limits.total.is_none_or(|total| accepted < total) {
        let connection = tokio::select! {
            () = &mut stop => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            connection = listener.accept() => connection,
        };
        match connection {
            Ok((stream, caller)) => {
                if tasks.len() >= limits.connections {
                    continue;
                }
                let busy = tasks.len() >= limits.sessions;
                accepted += usize::from(!busy);
                tasks.spawn(session(station.clone(), stream, caller, busy, clock));
            }
            Err(error) => {
                station.accept_failed(&error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let all = async { while tasks.join_next().await.is_some() {} };
    let stopped = limits.total.is_none_or(|total| accepted < total);
    if stopped {
        let _ = tokio::time::timeout(GRACE, all).await;
    } else {
        all.await;
    }
    stopped
}

async fn session<S: Station>(
    station: std::sync::Arc<S>,
    stream: TcpStream,
    caller: SocketAddr,
    busy: bool,
    clock: Clock,
) {
    let called = stream
        .local_addr()
        .map_or_else(|_| String::new(), |a| a.to_string());
    let (mut mailbox, mut handler) = station.session(caller, busy);
    mailbox.tick(clock.now());
    mailbox.n_con_ind(Addresses {
        called,
        calling: caller.to_string(),
    });
    // A connection whose options cannot be set is gone already.
    let _ = driver::run(stream, &mut mailbox, &mut handler, clock).await;
    station.finished(caller, handler);
}
