//! Very many sessions at once, with partners among them that are slow, or mean it badly: all others
//! finish.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use oftp_core::wire::{Cd, Command, CommandCode, Efid, Level, Rtr, Sfid};
use oftp_station::serve::ServeLimits;

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

/// Rubbish of all kinds, again and again, until all others are done.
fn hostile(address: SocketAddr, over: &AtomicBool, mut chance: Chance) {
    while !over.load(Ordering::SeqCst) {
        let Ok(mut stream) = TcpStream::connect(address) else {
            continue;
        };
        let words = chance.below(2_000);
        let rubbish: Vec<u8> = (0..words)
            .flat_map(|_| chance.next().to_le_bytes())
            .collect();
        let _ = stream.write_all(&rubbish);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_finish() {
    let many = if is_full() { 1_000 } else { 200 };
    let chance = Chance::new("many");
    let mut partners: Vec<_> = (0..many)
        .map(|number| partner(&format!("p{number:04}"), &name_of(number)))
        .collect();
    partners.push(partner("slow", "OSLOW"));
    let beta = Site::new("OBETA", partners);
    let limits = ServeLimits {
        sessions: many + 10,
        connections: many + 200,
        ..ServeLimits::default()
    };
    let port = Listening::with(&beta, limits).await;
    let address = port.address;
    let run = move || {
        let over = Arc::new(AtomicBool::new(false));
        let together = Arc::new(Barrier::new(many));
        std::thread::scope(|scope| {
            scope.spawn(|| slow(address, &over));
            scope.spawn(|| hostile(address, &over, chance));
            let all: Vec<_> = (0..many)
                .map(|number| {
                    let together = together.clone();
                    scope.spawn(move || {
                        let mut peer = Peer::call(address, &name_of(number), Level::V2_0);
                        // All sessions are up before the first file is offered.
                        together.wait();
                        well(&mut peer, number);
                    })
                })
                .collect();
            let failed = all.into_iter().filter_map(|one| one.join().err()).count();
            over.store(true, Ordering::SeqCst);
            assert_eq!(failed, 0);
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
