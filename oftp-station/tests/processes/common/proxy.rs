//! A line between two stations that breaks where a test wants it to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use oftp_core::wire::{CommandCode, sth};

use super::process::LIMIT;

/// Where the line breaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// After so many octets of the caller.
    Octets(u64),
    /// Instead of the first command of this kind, whoever says it.
    Before(CommandCode),
    /// After so many octets of the first command of this kind.
    Within(CommandCode, usize),
    /// After the first command of this kind, whoever says it.
    After(CommandCode),
    /// After so many octets of the caller nothing more goes through, but the line stands.
    Hold(u64),
    Never,
}

/// A line for one connection.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    carried: Arc<AtomicU64>,
    held: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Proxy {
    pub(crate) fn to(target: SocketAddr, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let carried = Arc::new(AtomicU64::new(0));
        let counter = carried.clone();
        let (holding, held) = channel();
        let thread = std::thread::spawn(move || {
            let (caller, _) = listener.accept().expect("a caller");
            let called = TcpStream::connect(target).expect("a listener");
            for stream in [&caller, &called] {
                stream.set_nodelay(true).expect("an option");
            }
            let back = match cut {
                Cut::Octets(_) | Cut::Hold(_) => Cut::Never,
                cut => cut,
            };
            std::thread::scope(|scope| {
                scope.spawn(|| carry(&caller, &called, cut, Some((&counter, &holding))));
                scope.spawn(|| carry(&called, &caller, back, None));
            });
        });
        Self {
            address,
            carried,
            held,
            thread,
        }
    }

    /// Waits until the line holds back what comes.
    pub(crate) fn wait_until_held(&self) {
        self.held.recv_timeout(LIMIT).expect("octets enough");
    }

    /// Waits for both connections to be closed; the octets that went from the caller.
    pub(crate) fn finish(self) -> u64 {
        self.thread.join().expect("a thread that copies");
        self.carried.load(Ordering::SeqCst)
    }
}

/// Copies Exchange Buffers until the line breaks, or one side closes.
fn carry(
    mut from: &TcpStream,
    mut to: &TcpStream,
    cut: Cut,
    of_caller: Option<(&AtomicU64, &Sender<()>)>,
) {
    let mut carried = 0_u64;
    while let Some(frame) = frame(&mut from) {
        let kind = CommandCode::from_octet(frame[sth::OCTETS]);
        let (kept, broken) = match cut {
            Cut::Octets(limit) => {
                let left = usize::try_from(limit - carried).unwrap_or(usize::MAX);
                (left.min(frame.len()), left <= frame.len())
            }
            Cut::Before(code) if kind == Some(code) => (0, true),
            Cut::Within(code, octets) if kind == Some(code) => (octets, true),
            Cut::After(code) if kind == Some(code) => (frame.len(), true),
            _ => (frame.len(), false),
        };
        let written = to.write_all(&frame[..kept]);
        carried += kept as u64;
        if let Some((count, holding)) = of_caller {
            count.store(carried, Ordering::SeqCst);
            if matches!(cut, Cut::Hold(limit) if carried >= limit) {
                let _ = holding.send(());
                let _ = std::io::copy(&mut from, &mut std::io::sink());
                break;
            }
        }
        if broken || written.is_err() {
            // First the end of what was said, so that the octets before it still arrive.
            let _ = to.shutdown(Shutdown::Write);
            let _ = from.shutdown(Shutdown::Both);
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn frame(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut frame = vec![0; sth::OCTETS];
    from.read_exact(&mut frame).ok()?;
    let header = *frame.first_chunk().expect("four octets");
    let octets = sth::exchange_buffer_octets(header).ok()?;
    frame.resize(sth::OCTETS + octets, 0);
    from.read_exact(&mut frame[sth::OCTETS..]).ok()?;
    Some(frame)
}
