//! A journal or a disk on which nothing more can be written: files are put off, none is confirmed
//! without a record, and all goes on when there is room again (threat model D11).

use oftp_core::wire::{Command, CommandCode, Efid, Level, Sfid};
use oftp_station::station::journal::event;
use oftp_station::station::journal::file::FileState;
use serde_json::json;

use super::common::{Listening, Site, partner};
use super::peer::{Peer, data, sfid};

fn beta() -> Site {
    Site::new("OBETA", vec![partner("alpha", "OALPHA")])
}

/// No page more than there are now, and all of them full.
fn fill(site: &Site) {
    let limit = |pages: &'static str| {
        let set = site.shared.journal().write(move |connection| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?)
        });
        set.expect("a limit");
    };
    limit("1");
    let detail = json!({ "text": "x".repeat(3_000) });
    for detail in [detail, json!({})] {
        loop {
            let detail = detail.clone();
            let noted = site.shared.journal().write(move |connection| {
                event::note(
                    connection,
                    event::Kind::Alarm,
                    Some("filler"),
                    None,
                    &detail,
                )
            });
            if noted.is_err() {
                break;
            }
        }
    }
}

fn offer(peer: &mut Peer) {
    peer.send(&Command::Sfid(Sfid {
        desc: oftp_core::wire::Text::new(&"long ".repeat(150)),
        ..sfid(b"FILE")
    }));
}

fn finish(peer: &mut Peer) {
    peer.send(&Command::Data(&data(b"octets")));
    peer.send(&Command::Efid(Efid { rcnt: 0, ucnt: 6 }));
}

/// A partner with this to say calls.
async fn hear(site: &Site, script: impl FnOnce(&mut Peer)) {
    let port = Listening::begin(site).await;
    let address = port.address;
    tokio::task::block_in_place(move || {
        let mut peer = Peer::call(address, "OALPHA", Level::V2_0);
        script(&mut peer);
    });
    port.end().await;
}

/// (threat model D11)
#[tokio::test(flavor = "multi_thread")]
async fn without_a_record_there_is_no_confirmation() {
    let beta = beta();
    let site = &beta;
    hear(site, |peer| {
        fill(site);
        offer(peer);
        assert_eq!(peer.expect_sfna(), (6, true), "put off");
    })
    .await;
    beta.has_clear_spool("put off");
    // A process that begins anew finds room.
    let beta = beta.restarted();
    let site = &beta;
    hear(site, |peer| {
        offer(peer);
        assert_eq!(peer.expect_sfpa(), 0);
        fill(site);
        finish(peer);
        let Command::Efna(efna) = peer.expect(CommandCode::Efna) else {
            unreachable!("it was looked at");
        };
        assert_eq!(efna.reas.code(), 12);
    })
    .await;
    assert_eq!(beta.states(), [FileState::Receiving]);
    let beta = beta.restarted();
    hear(&beta, |peer| {
        offer(peer);
        assert_eq!(peer.expect_sfpa(), 0);
        finish(peer);
        peer.expect(CommandCode::Efpa);
    })
    .await;
    beta.deliver_rest();
    assert_eq!(beta.came("alpha"), [b"octets".to_vec()]);
    beta.has_clear_spool("delivered");
}

/// (threat model N8)
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_would_take_the_last_room_is_put_off() {
    let beta = Site::with("OBETA", vec![partner("alpha", "OALPHA")], |config| {
        config.limits.free_space = u64::MAX / 2;
    });
    hear(&beta, |peer| {
        offer(peer);
        assert_eq!(peer.expect_sfna(), (6, true));
    })
    .await;
    assert!(beta.files().is_empty(), "nothing is known of it");
    beta.has_clear_spool("put off");
}
