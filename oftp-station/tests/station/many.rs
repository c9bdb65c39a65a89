//! Very many sessions at once, with partners among them that are slow, or mean it badly: all others
//! finish.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use oftp_core::wire::{Cd, Command, CommandCode, Efid, Level, Rtr, Sfid};
use oftp_station::serve::ServeLimits;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpSocket;
use tokio::runtime::Handle;

use super::chance::{Chance, is_full};
use super::common::{Listening, Site, code, partner};
use super::peer::{Peer, data, sfid};

/// Sends one file, and takes its end response.
fn well(peer: &mut Peer, number: usize) {
    let octets = format!("from {number:04}").into_bytes();
    peer.send(&Command::Sfid(Sfid {
        orig: code(&name_of(number)),
        ..sfid(b"FILE")
    }));
    assert_eq!(peer.expect_sfpa(), 0);
    peer.send(&Command::Data(&data(&octets)));
    peer.send(&Command::Efid(Efid {
        rcnt: 0,
        ucnt: octets.len() as u64,
    }));
    peer.expect(CommandCode::Efpa);
    peer.send(&Command::Cd(Cd));
    peer.expect(CommandCode::Eerp);
    peer.send(&Command::Rtr(Rtr));
}

fn name_of(number: usize) -> String {
    format!("OP{number:04}")
}

/// One octet now and then, until all others are done.
fn slow(address: SocketAddr, over: &AtomicBool) {
    let mut peer = Peer::call(address, "OSLOW", Level::V2_0);
    let mut octets = Vec::new();
    let offer = Command::Sfid(sfid(b"SLOW"));
    offer.encode(Level::V2_0, &mut octets).expect("a command");
    let framed = [&oftp_core::wire::sth::header(octets.len())[..], &octets].concat();
    for octet in framed.iter().take(framed.len() - 1) {
        if over.load(Ordering::SeqCst) {
            return;
        }
        peer.raw(&[*octet]);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Connections from elsewhere, as many as may be and more, each with rubbish of its own or silent,
/// until all others are done. Tells when there are so many.
fn hostile(
    (address, most): (SocketAddr, usize),
    full: &Sender<()>,
    over: &AtomicBool,
    mut chance: Chance,
    runtime: &Handle,
) {
    let mut streams = std::collections::VecDeque::new();
    while !over.load(Ordering::SeqCst) {
        let connecting = async {
            let socket = TcpSocket::new_v4()?;
            socket.bind(([127, 0, 0, 2], 0).into())?;
            socket.connect(address).await?.into_std()
        };
        let mut stream = match runtime.block_on(connecting) {
            Ok(stream) => stream,
            Err(error) => {
                eprintln!("SKIPPED: nobody can call from elsewhere: {error}");
                return full.send(()).expect("somebody who waits");
            }
        };
        let words = chance.below(2_000);
        let rubbish: Vec<u8> = (0..words)
            .flat_map(|_| chance.next().to_le_bytes())
            .collect();
        // Once in a while only silence.
        if chance.below(4) > 0 {
            let _ = stream.write_all(&rubbish);
        }
        streams.push_back(stream);
        if streams.len() > most {
            streams.pop_front();
            let _ = full.send(());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_finish() {
    let many = if is_full() { 1_000 } else { 200 };
    // Both ends of all connections are in this process.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).expect("as many files as are allowed");
    let chance = Chance::new("many");
    let mut partners: Vec<_> = (0..many)
        .map(|number| partner(&format!("p{number:04}"), &name_of(number)))
        .collect();
    partners.push(partner("slow", "OSLOW"));
    let beta = Site::new("OBETA", partners);
    // Of those that have not said who they are most are always the hostile one's.
    let connections = 2 * many + 64;
    let limits = ServeLimits {
        sessions: many + 1,
        connections,
        ..ServeLimits::default()
    };
    let port = Listening::with(&beta, limits).await;
    let address = port.address;
    let runtime = Handle::current();
    let run = move || {
        let over = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| slow(address, &over));
            let target = (address, connections);
            let (tell, full) = std::sync::mpsc::channel();
            let over = &over;
            scope.spawn(move || hostile(target, &tell, over, chance, &runtime));
            full.recv().expect("a hostile partner");
            let calls: Vec<_> = (0..many)
                .map(|number| {
                    scope.spawn(move || Peer::call(address, &name_of(number), Level::V2_0))
                })
                .collect();
            // All sessions are up before the first file is offered.
            let calls: Vec<_> = calls.into_iter().map(|call| call.join()).collect();
            let all: Vec<_> = calls
                .into_iter()
                .enumerate()
                .filter_map(|(number, call)| Some((number, call.ok()?)))
                .map(|(number, mut peer)| scope.spawn(move || well(&mut peer, number)))
                .collect();
            let done = all.into_iter().filter_map(|one| one.join().ok()).count();
            over.store(true, Ordering::SeqCst);
            assert_eq!(done, many);
        });
    };
    tokio::task::spawn_blocking(run)
        .await
        .expect("all partners");
    port.end().await;
    for number in 0..many {
        let came = beta.came(&format!("p{number:04}"));
        assert_eq!(came, [format!("from {number:04}").into_bytes()]);
    }
    beta.is_settled("all others");
}
