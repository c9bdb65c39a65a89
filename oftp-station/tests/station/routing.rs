//! A clearing centre: groups, next stations that do not take a file, and files that would go in a
//! circle (RFC 5024 1.4, 3.3.5; field notes 75).

use std::net::TcpListener;

use oftp_core::mailbox::Response;
use oftp_core::wire::{Cd, Command, CommandCode, Level, NerpReason, Sfid, Sfna, SfnaReason, Text};
use oftp_station::station::config::{Group, PartnerConfig};
use oftp_station::station::journal::file::FileState::{
    Closed, Delivered, Done, Failed, Queued, Rejected,
};
use oftp_station::station::journal::file::{FileKey, Way};
use oftp_station::station::journal::response;

use super::common::{Listening, Site, at_level, code, partner, plain, ring, sfid};
use super::peer::Peer;

fn hub_for(stations: &[&str]) -> Vec<PartnerConfig> {
    vec![PartnerConfig {
        stations: stations.iter().map(|station| code(station)).collect(),
        ..partner("hub", "OHUB")
    }]
}

fn hub(level_of_beta: Level) -> Site {
    let partners = vec![
        partner("alpha", "OALPHA"),
        at_level(partner("beta", "OBETA"), level_of_beta),
        partner("gamma", "OGAMMA"),
    ];
    Site::with("OHUB", partners, |config| {
        config.groups = vec![Group {
            name: "all".to_owned(),
            code: code("OALL"),
            members: vec![code("OBETA"), code("OGAMMA")],
        }];
    })
}

fn alpha() -> Site {
    Site::new("OALPHA", hub_for(&["OBETA", "OGAMMA", "OALL"]))
}

/// The reason of the NERP that came for a file.
fn reason(site: &Site, key: FileKey) -> NerpReason {
    let journal = site.shared.journal();
    let rows = journal.read(|connection| response::of_file(connection, key));
    let came = rows.expect("responses").pop().expect("a response");
    assert_eq!(came.way, Way::In);
    match came.response {
        Response::Nerp(nerp) => {
            assert_eq!(nerp.crea, code("OHUB"));
            nerp.reas
        }
        Response::Eerp(eerp) => panic!("{eerp:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_a_group_is_answered_when_all_have_answered() {
    let (alpha, hub) = (alpha(), hub(Level::V2_0));
    let (beta, gamma) = (
        Site::new("OBETA", hub_for(&["OALPHA"])),
        Site::new("OGAMMA", hub_for(&["OALPHA"])),
    );
    let key = alpha.queue_for("hub", code("OALL"), "NEWS", &[7; 3_000]);
    let at_hub = Listening::begin(&hub).await;
    let (at_beta, at_gamma) = (
        Listening::begin(&beta).await,
        Listening::begin(&gamma).await,
    );
    ring(&alpha, "hub", at_hub.address).await;
    ring(&hub, "beta", at_beta.address).await;
    assert_eq!(hub.owed("alpha"), 0, "gamma has not answered");
    ring(&hub, "gamma", at_gamma.address).await;
    assert_eq!(hub.owed("alpha"), 1, "{:?}", hub.said());
    ring(&alpha, "hub", at_hub.address).await;
    assert_eq!(alpha.file(key).state, Done);
    for site in [&beta, &gamma] {
        assert_eq!(site.came("hub"), [vec![7; 3_000]]);
    }
    // To the group and to one of its members besides: that one has it once.
    let sfid = alpha.file(key).sfid;
    for port in [at_hub, at_beta, at_gamma] {
        port.end().await;
    }
    assert_eq!(hub.states(), [Closed, Done, Done]);
    hub.has_clear_spool("answered");
    assert_eq!(sfid.dest, code("OALL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_has_the_file_already_does_not_get_it_twice() {
    let (alpha, hub) = (alpha(), hub(Level::V2_0));
    let single = alpha.queue_for("hub", code("OBETA"), "NEWS", b"news");
    let group = alpha.queue_for("hub", code("OALL"), "NEWS", b"news");
    let stamps = [single, group].map(|key| alpha.file(key).sfid.stamp);
    assert_eq!(stamps[0], stamps[1]);
    let port = Listening::begin(&hub).await;
    ring(&alpha, "hub", port.address).await;
    port.end().await;
    hub.deliver_rest();
    assert_eq!(
        hub.states(),
        [Delivered, Queued, Delivered, Queued],
        "{:?}",
        hub.said()
    );
    let files = hub.files();
    let copies = files.iter().filter(|row| row.way == Way::Out);
    let mut dests: Vec<_> = copies.map(|row| row.sfid.dest).collect();
    dests.sort_by_key(|dest| dest.to_string());
    assert_eq!(dests, [code("OBETA"), code("OGAMMA")]);
    hub.has_clear_spool("forwarded");
}

/// A next station that takes none of what is offered.
fn refuses(reason: SfnaReason) -> (std::net::SocketAddr, tokio::task::JoinHandle<Sfid>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let peer = tokio::task::spawn_blocking(move || {
        let mut peer = Peer::answer(&listener, "OBETA", Level::V2_0);
        let offer = peer.expect_sfid();
        peer.send(&Command::Sfna(Sfna {
            reas: reason,
            rrtr: false,
            reast: Text::default(),
        }));
        peer.expect(CommandCode::Cd);
        peer.send(&Command::Cd(Cd));
        peer.expect(CommandCode::Esid);
        offer
    });
    (address, peer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_station_that_refuses_gives_a_nerp_to_the_originator() {
    for (dest, wanted) in [
        ("OBETA", NerpReason::from_sfna(SfnaReason::new(7))),
        ("OALL", NerpReason::NOT_DELIVERED),
    ] {
        let (alpha, hub) = (alpha(), hub(Level::V2_0));
        let gamma = Site::new("OGAMMA", hub_for(&["OALPHA"]));
        let key = alpha.queue_for("hub", code(dest), "NEWS", b"news");
        let (at_hub, at_gamma) = (Listening::begin(&hub).await, Listening::begin(&gamma).await);
        ring(&alpha, "hub", at_hub.address).await;
        let (address, peer) = refuses(SfnaReason::new(7));
        ring(&hub, "beta", address).await;
        assert_eq!(peer.await.expect("a partner").dest, code("OBETA"));
        if dest == "OALL" {
            assert_eq!(hub.owed("alpha"), 0, "gamma has not answered");
            ring(&hub, "gamma", at_gamma.address).await;
        }
        ring(&alpha, "hub", at_hub.address).await;
        at_hub.end().await;
        at_gamma.end().await;
        assert_eq!(alpha.file(key).state, Rejected, "{:?}", hub.said());
        assert_eq!(reason(&alpha, key), wanted);
        assert_eq!(hub.states()[..2], [Closed, Failed]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_level_1_3_cannot_carry_gives_a_nerp() {
    let (alpha, hub) = (alpha(), hub(Level::V1_3));
    let beta = Site::new("OBETA", hub_for(&["OALPHA"]));
    // Only the SFID counts: what looks like an envelope is not opened on the way.
    let secured = Sfid {
        comp: 1,
        env: 1,
        ..sfid("SECURED", code("OALPHA"), code("OBETA"), 10)
    };
    let too_big = Sfid {
        fsiz: 10_000_000,
        osiz: 10_000_000,
        ..sfid("BIG", code("OALPHA"), code("OBETA"), 10)
    };
    let keys = [secured, too_big].map(|sfid| {
        let spool = sfid.dsn.to_string();
        let path = alpha.shared.folder().spool_out().join(&spool);
        std::fs::write(path, b"envelope?!").expect("a file");
        alpha.enqueue("hub", sfid, spool, plain())
    });
    let (at_hub, at_beta) = (Listening::begin(&hub).await, Listening::begin(&beta).await);
    ring(&alpha, "hub", at_hub.address).await;
    ring(&hub, "beta", at_beta.address).await;
    ring(&alpha, "hub", at_hub.address).await;
    at_hub.end().await;
    at_beta.end().await;
    for key in keys {
        let row = alpha.file(key);
        let words = (row.name, hub.said());
        assert_eq!(row.state, Rejected, "{words:?}");
        assert_eq!(reason(&alpha, key).code(), 90, "{words:?}");
    }
    assert!(beta.came("hub").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_does_not_go_in_a_circle() {
    // Each believes that OMEGA is behind the other one.
    let behind = |name: &str, id: &str| PartnerConfig {
        stations: vec![code("OMEGA")],
        ..partner(name, id)
    };
    let alpha = Site::new("OALPHA", vec![behind("hub", "OHUB")]);
    let hub = Site::new("OHUB", vec![behind("alpha", "OALPHA")]);
    let lost = alpha.queue_for("hub", code("OMEGA"), "CIRCLE", b"round");
    let nowhere = alpha.queue_for("hub", code("ONOBODY"), "NOWHERE", b"?");
    let port = Listening::begin(&hub).await;
    ring(&alpha, "hub", port.address).await;
    port.end().await;
    for key in [lost, nowhere] {
        let row = alpha.file(key);
        let trouble = row.trouble.unwrap_or_default();
        assert_eq!(row.state, Failed, "{trouble}");
        assert!(trouble.starts_with("SFNA 02 "), "{trouble}");
    }
    assert!(hub.files().is_empty());
    hub.has_clear_spool("refused");
}
