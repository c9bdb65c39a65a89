//! Accepts connections and runs one task per session (RFC 5024 2.2.1: the Responder listens).

mod guesses;
mod peer;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Addresses;
use oftp_secure::tls::TlsError;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::driver::{self, Clock, HANDSHAKE, Handler, Link, Tls};
use crate::room::{Place, Room};
use guesses::Guesses;
pub use peer::{Needs, Peer, PeerTls};

/// Bounds for what anyone who reaches the ports can take (threat model S1, S17).
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// Sessions with partners at a time; further ones are told to come back (ESID 08). A caller
    /// that has not said who it is has no session yet.
    pub sessions: usize,
    /// Connections at a time, those of such strangers among them. For one more a stranger is sent
    /// out, of the address that has the most; without strangers it is closed without a word.
    pub connections: usize,
    /// Stop listening after this many sessions; `None`: never.
    pub total: Option<usize>,
    /// The longest time for a handshake of TLS.
    pub handshake: Duration,
}

impl Default for ServeLimits {
    /// 64 sessions, 128 connections, for ever; 10 s for a handshake.
    fn default() -> Self {
        Self {
            sessions: 64,
            connections: 128,
            total: None,
            handshake: HANDSHAKE,
        }
    }
}

/// A port that is listened on.
#[derive(Debug)]
pub struct Port {
    /// Where callers come in.
    pub listener: TcpListener,
    /// TLS, from the first octet on (6619); `None`: plain TCP (3305). A port never speaks both.
    pub tls: Option<Arc<ServerConfig>>,
}

/// How long accepting pauses after the system refused it, mostly for lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// How long running sessions may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Makes the two halves of a session for each caller.
pub trait Station: Send + Sync + 'static {
    /// What the station does with files.
    type Handler: Handler;

    /// A mailbox and its handler for a caller, whose handshake of TLS is done; `busy`: as many
    /// partners as may have a session have one, so that this caller will be told to come back if
    /// none of them is gone when it says who it is.
    fn session(&self, caller: &Peer, busy: bool) -> (Mailbox, Self::Handler);

    /// A connection is over; the handler knows how it went.
    fn finished(&self, caller: &Peer, handler: Self::Handler);

    /// A caller and this station did not come to terms over TLS; there was no session.
    fn handshake_failed(&self, caller: SocketAddr, error: &TlsError);

    /// TLS for the next caller of a port that was opened with `configured`: a station that reads its
    /// keys again has other ones by now.
    fn tls(&self, configured: Arc<ServerConfig>) -> Arc<ServerConfig> {
        configured
    }

    /// The system refused a connection.
    fn accept_failed(&self, error: &io::Error);
}

/// Serves callers of these ports until `stop` is done or the last of the allowed sessions has
/// ended; true when it was `stop`. A handshake that fails counts as a session.
pub async fn serve<S: Station>(
    ports: Vec<Port>,
    station: Arc<S>,
    limits: ServeLimits,
    stop: impl Future<Output = ()>,
) -> bool {
    let clock = Clock::default();
    let room = Room::new(limits.sessions, limits.connections);
    let guesses = Guesses::new();
    let mut tasks = JoinSet::new();
    let mut accepted = 0;
    tokio::pin!(stop);
    while limits.total.is_none_or(|total| accepted < total) {
        let connection = tokio::select! {
            () = &mut stop => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            connection = accept(&ports, accepted) => connection,
        };
        match connection {
            Ok((stream, address, tls)) => {
                let Some(place) = room.enter(address.ip()) else {
                    continue;
                };
                accepted += usize::from(!place.is_full());
                let caller = Caller {
                    stream,
                    address,
                    tls: tls.map(|configured| station.tls(configured)),
                    place,
                    guesses: guesses.clone(),
                };
                tasks.spawn(caller.session(station.clone(), limits.handshake, clock));
            }
            Err(error) => {
                station.accept_failed(&error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(ports);
    let all = async { while tasks.join_next().await.is_some() {} };
    let stopped = limits.total.is_none_or(|total| accepted < total);
    if stopped {
        let _ = tokio::time::timeout(GRACE, all).await;
    } else {
        all.await;
    }
    stopped
}

/// The next caller of any port. May be dropped.
async fn accept(
    ports: &[Port],
    turn: usize,
) -> io::Result<(TcpStream, SocketAddr, Option<Arc<ServerConfig>>)> {
    poll_fn(|context| {
        // Another port comes first each time: a flood of one does not shut out the others.
        for offset in 0..ports.len() {
            let port = &ports[(turn + offset) % ports.len()];
            if let Poll::Ready(accepted) = port.listener.poll_accept(context) {
                return Poll::Ready(
                    accepted.map(|(stream, address)| (stream, address, port.tls.clone())),
                );
            }
        }
        Poll::Pending
    })
    .await
}

/// A connection that has come in.
struct Caller {
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    place: Place,
    guesses: Guesses,
}

impl Caller {
    async fn session<S: Station>(self, station: Arc<S>, handshake: Duration, clock: Clock) {
        let called = self.stream.local_addr();
        let called = called.map_or_else(|_| String::new(), |address| address.to_string());
        let (link, tls) = match self.tls {
            None => (Link::from(self.stream), None),
            Some(config) => {
                // In a place of its own, so that plain sessions do not carry it.
                let accepting = Box::pin(Tls::accept(self.stream, config, handshake));
                let accepted = tokio::select! {
                    () = self.place.sent_out() => return,
                    accepted = accepting => accepted,
                };
                match accepted {
                    Ok(tls) => {
                        let said = PeerTls {
                            certificates: tls.certificates(),
                            protocol: tls.protocol(),
                        };
                        (Link::from(tls), Some(said))
                    }
                    Err(error) => return station.handshake_failed(self.address, &error),
                }
            }
        };
        let peer = Peer {
            address: self.address,
            tls,
        };
        let (mut mailbox, mut handler) = station.session(&peer, self.place.is_full());
        self.guesses.deny(&mut mailbox, self.address.ip());
        mailbox.tick(clock.now());
        mailbox.n_con_ind(Addresses {
            called,
            calling: self.address.to_string(),
        });
        // A connection whose options cannot be set is gone already.
        let _ = driver::run_in(self.place, link, &mut mailbox, &mut handler, clock).await;
        self.guesses.count(&mailbox, self.address.ip());
        station.finished(&peer, handler);
    }
}
