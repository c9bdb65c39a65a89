//! Files and responses between two stations, and over a third one.

use oftp_core::wire::Level;
use oftp_station::station::caller::CallResult;
use oftp_station::station::config::PartnerConfig;
use oftp_station::station::journal::file::FileState::{Closed, Done, Queued};

use super::common::{Listening, Site, at_level, code, partner, ring};

fn done(result: &CallResult) -> u32 {
    match result {
        CallResult::Done { files } => *files,
        other => panic!("{other:?}"),
    }
}

fn two(level: Level) -> (Site, Site) {
    let with = |name: &str, id: &str| vec![at_level(partner(name, id), level)];
    (
        Site::new("OALPHA", with("beta", "OBETA")),
        Site::new("OBETA", with("alpha", "OALPHA")),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_delivered_and_answered_in_one_session_at_every_level() {
    for level in [Level::V1_2, Level::V1_3, Level::V1_4, Level::V2_0] {
        let (alpha, beta) = two(level);
        let big: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        let mut keys = vec![
            alpha.queue("beta", "BIG", &big),
            alpha.queue("beta", "EMPTY", b""),
        ];
        for number in 0..40 {
            keys.push(alpha.queue("beta", &format!("SMALL{number}"), &[number; 100]));
        }
        let back = beta.queue("alpha", "BACK", b"one the other way");
        let port = Listening::begin(&beta).await;
        let result = ring(&alpha, "beta", port.address).await;
        port.end().await;
        assert_eq!(
            done(&result),
            43,
            "{level}: {:?} {:?}",
            alpha.said(),
            beta.said()
        );
        for key in keys {
            assert_eq!(alpha.file(key).state, Done, "{level}");
        }
        assert_eq!(beta.file(back).state, Done, "{level}");
        assert_eq!(beta.inbox("alpha").len(), 42, "{level}");
        assert!(beta.inbox("alpha").iter().any(|(_, octets)| *octets == big));
        assert_eq!(alpha.inbox("beta").len(), 1, "{level}");
        let closed = beta
            .states()
            .iter()
            .filter(|state| **state == Closed)
            .count();
        assert_eq!(closed, 42, "{level}: {:?}", beta.states());
        assert_eq!((alpha.owed("beta"), beta.owed("alpha")), (0, 0), "{level}");
        assert!(alpha.said().is_empty(), "{:?}", alpha.said());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_delivered_twice() {
    let (alpha, beta) = two(Level::V2_0);
    let key = alpha.queue("beta", "INVOICE", b"once");
    let port = Listening::begin(&beta).await;
    assert_eq!(done(&ring(&alpha, "beta", port.address).await), 1);
    assert_eq!(alpha.file(key).state, Done);
    // As if the sender had been killed before its journal knew of EFPA.
    let spool = alpha.file(key).spool;
    let put_back = || {
        let path = alpha.shared.folder().spool_out().join(&spool);
        std::fs::write(path, b"once").expect("a file");
    };
    put_back();
    set_state(&alpha, key, "efid_sent");
    done(&ring(&alpha, "beta", port.address).await);
    assert_eq!(beta.inbox("alpha").len(), 1);
    let state = alpha.file(key).state;
    assert_eq!(state.name(), "sent", "SFNA 13 after EFID was sent");
    // And as if it had never been sent at all.
    put_back();
    set_state(&alpha, key, "queued");
    done(&ring(&alpha, "beta", port.address).await);
    let row = alpha.file(key);
    assert_eq!((row.state, row.held), (Queued, true), "a person decides");
    assert_eq!(beta.inbox("alpha").len(), 1);
    port.end().await;
}

fn set_state(site: &Site, key: oftp_station::station::journal::file::FileKey, state: &'static str) {
    let set = site.shared.journal().write(move |connection| {
        connection.execute(
            "UPDATE file SET state = ?2, open = 1 WHERE id = ?1",
            (key.0, state),
        )?;
        Ok(())
    });
    set.expect("set");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_another_station_is_forwarded_and_its_response_comes_back() {
    let hub_at_alpha = PartnerConfig {
        stations: vec![code("OBETA")],
        ..partner("hub", "OHUB")
    };
    let hub_at_beta = PartnerConfig {
        stations: vec![code("OALPHA")],
        ..partner("hub", "OHUB")
    };
    for level in [Level::V1_3, Level::V2_0] {
        let alpha = Site::new("OALPHA", vec![hub_at_alpha.clone()]);
        let beta = Site::new("OBETA", vec![hub_at_beta.clone()]);
        let hub = Site::new(
            "OHUB",
            vec![
                partner("alpha", "OALPHA"),
                at_level(partner("beta", "OBETA"), level),
            ],
        );
        let key = alpha.queue_for("hub", code("OBETA"), "DRAWING", &[7; 5000]);
        let (at_hub, at_beta) = (Listening::begin(&hub).await, Listening::begin(&beta).await);
        done(&ring(&alpha, "hub", at_hub.address).await);
        assert_eq!(alpha.file(key).state.name(), "sent");
        done(&ring(&hub, "beta", at_beta.address).await);
        let [(_, octets)] = &beta.inbox("hub")[..] else {
            panic!("{:?} {:?}", beta.said(), hub.said());
        };
        assert_eq!(*octets, [7; 5000]);
        assert_eq!(hub.owed("alpha"), 1);
        done(&ring(&alpha, "hub", at_hub.address).await);
        assert_eq!(
            alpha.file(key).state,
            Done,
            "{:?} {:?}",
            alpha.said(),
            hub.said()
        );
        let came = beta.files().pop().expect("it came").sfid;
        let sent = alpha.file(key).sfid;
        assert_eq!((came.orig, came.dest), (sent.orig, sent.dest));
        if level == Level::V2_0 {
            assert_eq!(came, sent, "its fields are untouched");
        }
        at_hub.end().await;
        at_beta.end().await;
        assert_eq!(hub.states(), [Closed, Done]);
    }
}
