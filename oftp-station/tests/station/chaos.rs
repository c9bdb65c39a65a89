//! A line that delays, cuts and stalls as chance has it, and partners that say all of a session
//! again: sessions until everything is settled (design chapter "Delivery").

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::chance::{Chance, is_full};
use super::common::{Listening, Site, partner, ring};
use super::line::{Cut, Line, Way};
use super::settled::until_quiet;

fn stubborn(name: &str, id: &str) -> Vec<oftp_station::station::config::PartnerConfig> {
    let mut row = partner(name, id);
    row.mailbox.capabilities = Some(oftp_core::session::Capabilities {
        buffer_size: 2_000,
        window: 4,
        ..oftp_core::session::Capabilities::default()
    });
    row.retry.attempts = None;
    vec![row]
}

fn noise(chance: &mut Chance, octets: u64) -> Vec<u8> {
    let words = octets.div_ceil(8);
    let mut noise: Vec<u8> = (0..words)
        .flat_map(|_| chance.next().to_le_bytes())
        .collect();
    noise.truncate(usize::try_from(octets).expect("few"));
    noise
}

/// Queues so many files, and gives what they hold, sorted.
fn queue(site: &Site, to: &str, files: usize, chance: &mut Chance) -> Vec<Vec<u8>> {
    let mut all: Vec<_> = (0..files)
        .map(|number| {
            let large = chance.one_in(5);
            let octets = chance.below(if large { 40_000 } else { 500 });
            let octets = noise(chance, octets);
            site.queue(to, &format!("FILE{number}"), &octets);
            octets
        })
        .collect();
    all.sort();
    all
}

async fn over_a_bad_line(site: &Site, name: &str, address: SocketAddr, mut chance: Chance) {
    let line = Line::by_chance(address, &mut chance).await;
    ring(site, name, line.address).await;
    line.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stations_over_a_bad_line_settle_everything() {
    let mut chance = Chance::new("chaos");
    for round in 0..if is_full() { 20 } else { 1 } {
        let of = format!("round {round}");
        let alpha = Site::new("OALPHA", stubborn("beta", "OBETA"));
        let beta = Site::new("OBETA", stubborn("alpha", "OALPHA"));
        let from_alpha = queue(&alpha, "beta", 60, &mut chance);
        let from_beta = queue(&beta, "alpha", 60, &mut chance);
        let (at_alpha, at_beta) = (
            Listening::begin(&alpha).await,
            Listening::begin(&beta).await,
        );
        for _ in 0..12 {
            let mut next = || Chance::from(chance.next());
            // Two at a time, and calls that cross.
            tokio::join!(
                over_a_bad_line(&alpha, "beta", at_beta.address, next()),
                over_a_bad_line(&alpha, "beta", at_beta.address, next()),
                over_a_bad_line(&beta, "alpha", at_alpha.address, next()),
            );
            for site in [&alpha, &beta] {
                site.all_is_due();
                site.deliver_rest();
            }
        }
        let addresses = (Some(at_alpha.address), at_beta.address);
        until_quiet((&alpha, "alpha"), (&beta, "beta"), addresses, &of).await;
        at_alpha.end().await;
        at_beta.end().await;
        for (site, from, sent) in [(&beta, "alpha", from_alpha), (&alpha, "beta", from_beta)] {
            site.is_settled(&of);
            assert_eq!(site.came(from), sent, "{of}");
            assert_eq!(site.lines("file_delivered"), [1; 60], "{of}");
        }
    }
}

/// Says what a caller once said, without listening to what comes back.
async fn say_again(address: SocketAddr, octets: &[u8]) {
    let mut stream = TcpStream::connect(address).await.expect("a listener");
    let (mut from, mut to) = stream.split();
    let said = async {
        let _ = to.write_all(octets).await;
        let _ = to.shutdown().await;
    };
    let heard = async {
        let _ = from.read_to_end(&mut Vec::new()).await;
    };
    tokio::join!(said, heard);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_said_again_changes_nothing() {
    let alpha = Site::new("OALPHA", stubborn("beta", "OBETA"));
    let beta = Site::new("OBETA", stubborn("alpha", "OALPHA"));
    for number in 0..5_u8 {
        alpha.queue("beta", &format!("FILE{number}"), &[number; 3_000]);
        beta.queue("alpha", &format!("BACK{number}"), &[number; 100]);
    }
    let port = Listening::begin(&beta).await;
    let line = Line::to(port.address, Way::default(), Way::default(), Cut::Close).await;
    ring(&alpha, "beta", line.address).await;
    let said = line.end().await.from_caller;
    let of = "said again";
    until_quiet((&alpha, "alpha"), (&beta, "beta"), (None, port.address), of).await;
    let before = (beta.came("alpha"), beta.states(), beta.files().len());
    assert_eq!(before.0.len(), 5);
    // All of it, and its beginnings.
    for octets in [said.len(), said.len() / 2, said.len() / 4, 200] {
        say_again(port.address, &said[..octets]).await;
    }
    // And two of them at a time.
    tokio::join!(
        say_again(port.address, &said),
        say_again(port.address, &said)
    );
    port.end().await;
    assert_eq!(
        (beta.came("alpha"), beta.states(), beta.files().len()),
        before
    );
    alpha.is_settled(of);
    beta.is_settled(of);
}
