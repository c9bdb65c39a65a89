//! A line between a caller and a station that a test cuts, delays and stalls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::chance::Chance;

/// What happens to the octets of one direction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Way {
    /// The line is cut when so many have passed.
    pub(crate) cut: Option<u64>,
    /// At most so many pass at a time, with a pause before each; `None`: all that are there, at
    /// once.
    pub(crate) pieces: Option<(usize, Duration)>,
}

/// How a line is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Both ends hear that the other one has closed.
    Close,
    /// Both ends hear a reset, which may overtake octets.
    Reset,
}

/// What passed in each direction.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) from_caller: Vec<u8>,
    pub(crate) from_called: Vec<u8>,
}

/// A line for one call.
pub(crate) struct Line {
    pub(crate) address: SocketAddr,
    task: JoinHandle<Passed>,
}

impl Line {
    pub(crate) async fn to(target: SocketAddr, caller: Way, called: Way, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            let (near, _) = listener.accept().await.expect("a caller");
            drop(listener);
            let Ok(far) = TcpStream::connect(target).await else {
                return Passed::default();
            };
            carry(near, far, caller, called, cut).await
        });
        Self { address, task }
    }

    /// A line that behaves as chance has it: it may delay, stall for a moment, and be cut.
    pub(crate) async fn by_chance(target: SocketAddr, chance: &mut Chance) -> Self {
        let mut way = || Way {
            cut: chance.one_in(3).then(|| chance.below(30_000)),
            pieces: chance.one_in(4).then(|| {
                let octets = 1 + chance.below(4_000);
                let pause = Duration::from_micros(chance.below(3_000));
                (usize::try_from(octets).expect("few"), pause)
            }),
        };
        let (caller, called) = (way(), way());
        let cut = if chance.one_in(2) {
            Cut::Close
        } else {
            Cut::Reset
        };
        Self::to(target, caller, called, cut).await
    }

    /// Waits until the line is no more.
    pub(crate) async fn end(self) -> Passed {
        self.task.await.expect("a line")
    }
}

async fn carry(near: TcpStream, far: TcpStream, caller: Way, called: Way, cut: Cut) -> Passed {
    for stream in [&near, &far] {
        stream.set_nodelay(true).expect("an option");
        if cut == Cut::Reset {
            stream.set_zero_linger().expect("an option");
        }
    }
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let is_cut = Arc::new(Notify::new());
    let (from_caller, from_called) = tokio::join!(
        one_way(near_in, far_out, caller, is_cut.clone()),
        one_way(far_in, near_out, called, is_cut),
    );
    Passed {
        from_caller,
        from_called,
    }
}

async fn one_way(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    way: Way,
    is_cut: Arc<Notify>,
) -> Vec<u8> {
    let mut passed = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let left = way.cut.map_or(usize::MAX, |cut| {
            usize::try_from(cut).expect("few") - passed.len()
        });
        if left == 0 {
            // The other direction is told, which may not have begun to listen.
            is_cut.notify_one();
            break;
        }
        let most = way.pieces.map_or(buffer.len(), |(most, _)| most);
        let most = most.min(left).min(buffer.len());
        let octets = tokio::select! {
            octets = from.read(&mut buffer[..most]) => octets,
            () = is_cut.notified() => break,
        };
        let Ok(octets @ 1..) = octets else { break };
        if let Some((_, pause)) = way.pieces {
            tokio::time::sleep(pause).await;
        }
        passed.extend_from_slice(&buffer[..octets]);
        if to.write_all(&buffer[..octets]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
    passed
}
