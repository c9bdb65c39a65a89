//! Files in envelopes and their signed end responses between two stations, and responses that
//! prove nothing (RFC 5024 chapter 6, 3.3.5; threat model R1 to R5).

use std::path::Path;

use oftp_core::mailbox::{Response, eerp_for, nerp_for};
use oftp_core::session::Capabilities;
use oftp_core::wire::{Command, CommandCode, IdentificationCode, Level, NerpReason, Sfid, Text};
use oftp_secure::Keystore;
use oftp_station::security::{ForUse, KeyRing, OwnKeys, PartnerFiles, Protection};
use oftp_station::station::config::Config;
use oftp_station::station::journal::file::FileKey;
use oftp_station::station::journal::file::FileState::{
    self, Closed, Done, EfidSent, Queued, Receiving, Refused, Rejected, Sent,
};
use oftp_station::station::journal::response;
use std::sync::Arc;

use super::chance::Chance;
use super::common::{Listening, Site, code, contents, partner, plain, ring, sfid};
use super::line::{Cut, Line, Way};
use super::peer::Peer;

fn keystore(file: &str) -> Keystore {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
    Keystore::load(&folder.join(file), None).expect("a key")
}

/// The key of `own`, and the certificates of these stations.
fn ring_of(own: &str, others: &[(&str, &str)]) -> KeyRing {
    let mut store = keystore(&format!("{own}.key"));
    store.add(keystore(&format!("{own}.pem")));
    let credential = store.credentials().expect("a key").remove(0);
    let partners = others.iter().map(|(id, name)| {
        let files = PartnerFiles {
            certificates: vec![ForUse {
                purpose: None,
                content: keystore(&format!("{name}.pem")).certificates,
            }],
            ..PartnerFiles::default()
        };
        (code(id), files.keys())
    });
    KeyRing::new(OwnKeys::new(&[(None, credential)]), partners.collect())
}

fn with_keys(own: &'static str, other: (&'static str, &'static str)) -> impl FnOnce(&mut Config) {
    move |config| config.security.ring = Arc::new(ring_of(own, &[other]))
}

fn small(name: &str, id: &str) -> Vec<oftp_station::station::config::PartnerConfig> {
    let mut row = partner(name, id);
    row.mailbox.capabilities = Some(Capabilities {
        buffer_size: 1_500,
        window: 3,
        ..Capabilities::default()
    });
    vec![row]
}

fn two(key_of_beta: &'static str) -> (Site, Site) {
    (
        Site::with(
            "OALPHA",
            small("beta", "OBETA"),
            with_keys("alpha", ("OBETA", "beta")),
        ),
        Site::with(
            "OBETA",
            small("alpha", "OALPHA"),
            with_keys(key_of_beta, ("OALPHA", "alpha")),
        ),
    )
}

fn all() -> Protection {
    Protection {
        sign: true,
        encrypt: true,
        compress: Some(6),
        signed_response: true,
        ..plain()
    }
}

/// Queues a file to beta with this protection.
fn queue(alpha: &Site, dsn: &str, octets: &[u8], protection: Protection) -> FileKey {
    let path = alpha.shared.folder().spool_out().join(dsn);
    std::fs::write(path, octets).expect("a file");
    let sfid = Sfid {
        sign: protection.signed_response,
        ciph: if protection.signed_response {
            protection.suite.code
        } else {
            0
        },
        ..sfid(dsn, code("OALPHA"), code("OBETA"), octets.len())
    };
    alpha.enqueue("beta", sfid, dsn.to_owned(), protection)
}

fn noise() -> Vec<u8> {
    let mut chance = Chance::from(7);
    (0..4_000)
        .flat_map(|_| chance.next().to_le_bytes())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_file_and_its_signed_response() {
    let (alpha, beta) = two("beta");
    let keys = [
        queue(&alpha, "ALL", &noise(), all()),
        queue(
            &alpha,
            "SIGNED",
            b"signed",
            Protection {
                encrypt: false,
                compress: None,
                ..all()
            },
        ),
        queue(
            &alpha,
            "PLAIN",
            b"plain",
            Protection {
                sign: false,
                encrypt: false,
                compress: None,
                ..all()
            },
        ),
    ];
    let port = Listening::begin(&beta).await;
    for _ in 0..2 {
        ring(&alpha, "beta", port.address).await;
    }
    port.end().await;
    for key in keys {
        let row = alpha.file(key);
        assert_eq!(
            row.state,
            Done,
            "{:?} {:?} {:?}",
            row.trouble,
            alpha.said(),
            beta.said()
        );
        let journal = alpha.shared.journal();
        let came = journal.read(|connection| response::of_file(connection, key));
        let came = came.expect("responses").remove(0).response;
        assert!(matches!(came, Response::Eerp(eerp) if !eerp.sig.is_empty()));
    }
    let mut sent = vec![noise(), b"signed".to_vec(), b"plain".to_vec()];
    sent.sort();
    assert_eq!(beta.came("alpha"), sent);
    assert_eq!(beta.states(), [Closed; 3]);
    beta.has_clear_spool("delivered");
}

/// What shrinks a thousandfold is taken, being within what SFIDOSIZ says, and people are told
/// (threat model C1).
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_a_thousandfold_when_it_is_opened_raises_an_alarm() {
    let (alpha, beta) = two("beta");
    let compressed = || Protection {
        compress: Some(6),
        ..plain()
    };
    queue(&alpha, "NOISE", &noise(), compressed());
    queue(&alpha, "ZEROS", &vec![0; 16 << 20], compressed());
    let port = Listening::begin(&beta).await;
    ring(&alpha, "beta", port.address).await;
    port.end().await;
    assert_eq!(beta.came("alpha").len(), 2, "{:?}", beta.said());
    let history = beta.history();
    let alarms = history.iter().filter(|kind| **kind == "alarm").count();
    assert_eq!(alarms, 1, "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_file_that_is_cut_goes_on_with_the_same_octets() {
    let (alpha, beta) = two("beta");
    let key = queue(&alpha, "ALL", &noise(), all());
    let port = Listening::begin(&beta).await;
    let cut = Way {
        cut: Some(20_000),
        ..Way::default()
    };
    let line = Line::to(port.address, cut, Way::default(), Cut::Close).await;
    ring(&alpha, "beta", line.address).await;
    line.end().await;
    port.end().await;
    assert_eq!(beta.states(), [Receiving]);
    // Both are killed, too.
    let (alpha, beta) = (alpha.restarted(), beta.restarted());
    let port = Listening::begin(&beta).await;
    let line = Line::to(port.address, Way::default(), Way::default(), Cut::Close).await;
    ring(&alpha, "beta", line.address).await;
    let said = line.end().await.from_caller.len();
    assert!(
        (10_000..25_000).contains(&said),
        "{said} octets are not the rest"
    );
    ring(&alpha, "beta", port.address).await;
    port.end().await;
    assert_eq!(
        alpha.file(key).state,
        Done,
        "{:?} {:?}",
        alpha.said(),
        beta.said()
    );
    assert_eq!(beta.came("alpha"), [noise()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_for_another_key_is_put_aside() {
    let (alpha, beta) = two("gamma");
    let key = queue(
        &alpha,
        "ALL",
        b"secret",
        Protection {
            signed_response: false,
            ..all()
        },
    );
    let port = Listening::begin(&beta).await;
    for _ in 0..2 {
        ring(&alpha, "beta", port.address).await;
    }
    port.end().await;
    assert_eq!(
        alpha.file(key).state,
        Rejected,
        "{:?} {:?}",
        alpha.said(),
        beta.said()
    );
    assert_eq!(beta.states(), [Refused]);
    assert_eq!(contents(&beta.shared.folder().refused()).len(), 1);
    assert!(beta.came("alpha").is_empty());
    beta.has_clear_spool("refused");
}

/// A file of ours in this state, for which responses come.
fn waiting(state: FileState, signed: bool) -> (Site, FileKey) {
    let partners = vec![partner("beta", "OBETA"), partner("gamma", "OGAMMA")];
    let site = Site::with("OALPHA", partners, with_keys("alpha", ("OBETA", "beta")));
    let protection = Protection {
        signed_response: signed,
        ..plain()
    };
    let key = queue(&site, "FILE", b"file", protection);
    let (id, name) = (key.0, state.name());
    let set = site.shared.journal().write(move |connection| {
        connection.execute(
            "UPDATE file SET state = ?2, hash = '00', octets = 4 WHERE id = ?1",
            (id, name),
        )?;
        Ok(())
    });
    set.expect("set");
    (site, key)
}

/// Calls as this partner and brings these responses: all are confirmed.
async fn bring(site: &Site, who: &'static str, responses: Vec<Response>) {
    let port = Listening::begin(site).await;
    let address = port.address;
    let peer = tokio::task::spawn_blocking(move || {
        let mut peer = Peer::call(address, who, Level::V2_0);
        for response in responses {
            peer.send(&match response {
                Response::Eerp(eerp) => Command::Eerp(*eerp),
                Response::Nerp(nerp) => Command::Nerp(*nerp),
            });
            peer.expect(CommandCode::Rtr);
        }
    });
    peer.await.expect("a partner");
    port.end().await;
}

fn eerp(sfid: &Sfid) -> Response {
    Response::Eerp(Box::new(eerp_for(sfid)))
}

fn nerp(sfid: &Sfid, creator: IdentificationCode) -> Response {
    let reason = NerpReason::UNSPECIFIED;
    Response::Nerp(Box::new(nerp_for(sfid, creator, reason, Text::default())))
}

/// How often people were told of a response that is worth nothing.
fn doubts(site: &Site) -> usize {
    let history = site.history();
    history
        .iter()
        .filter(|line| **line == "response_doubtful")
        .count()
}

/// It is confirmed, people are told, and what was sent is still here (threat model R2).
#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_not_signed_as_was_asked_leaves_the_file_open() {
    let (site, key) = waiting(Sent, true);
    let sfid = site.file(key).sfid;
    let mut bad = eerp_for(&sfid);
    (bad.hsh, bad.sig) = (vec![0], vec![0x30, 0x80, 0, 0]);
    let bad = Response::Eerp(Box::new(bad));
    bring(
        &site,
        "OBETA",
        vec![eerp(&sfid), bad, nerp(&sfid, code("OBETA"))],
    )
    .await;
    assert_eq!(site.file(key).state, Sent);
    assert_eq!(doubts(&site), 3);
    let copy = site.shared.folder().spool_out().join("FILE");
    assert_eq!(std::fs::read(copy).expect("the sent copy"), b"file");
}

/// It is confirmed all the same, and people are told; nothing is kept of one that is for no file
/// (threat model R1, R3).
#[tokio::test(flavor = "multi_thread")]
async fn a_response_counts_only_from_who_has_the_file() {
    let (site, key) = waiting(Sent, false);
    let sfid = site.file(key).sfid;
    bring(
        &site,
        "OGAMMA",
        vec![eerp(&sfid), nerp(&sfid, code("OGAMMA"))],
    )
    .await;
    assert_eq!(site.file(key).state, Sent);
    assert_eq!(doubts(&site), 2);
    let unknown = Sfid {
        dsn: oftp_core::wire::DatasetName::new("OTHER").expect("a name"),
        ..sfid
    };
    bring(&site, "OBETA", vec![eerp(&unknown)]).await;
    assert_eq!((site.file(key).state, doubts(&site)), (Sent, 3));
    let kept = site.shared.journal().read(|db| response::of_file(db, key));
    assert!(kept.expect("responses").is_empty());
    assert!(contents(&site.shared.folder().evidence()).is_empty());
}

/// A reason that nobody has heard of is one (threat model R5).
#[tokio::test(flavor = "multi_thread")]
async fn a_negative_response_with_an_unknown_reason_counts_as_unspecified() {
    let (site, key) = waiting(Sent, false);
    let mut unknown = nerp_for(
        &site.file(key).sfid,
        code("OBETA"),
        NerpReason::new(77),
        Text::default(),
    );
    unknown.reast = Text::new("?");
    bring(&site, "OBETA", vec![Response::Nerp(Box::new(unknown))]).await;
    let row = site.file(key);
    assert_eq!((row.state, doubts(&site)), (Rejected, 0));
    let trouble = row.trouble.expect("why");
    assert_eq!(trouble, "NERP 77 not listed, taken as unspecified");
}

/// A response that comes again changes nothing, EERP closes a file whose EFPA was lost, and NERP
/// after EERP is for people only (threat model R3, R4, R5).
#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_stays_done() {
    for state in [Queued, EfidSent, Sent] {
        let (site, key) = waiting(state, false);
        let sfid = site.file(key).sfid;
        // Twice, and the contrary after it.
        let responses = vec![eerp(&sfid), eerp(&sfid), nerp(&sfid, code("OBETA"))];
        bring(&site, "OBETA", responses).await;
        assert_eq!(site.file(key).state, Done, "EFPA was lost: {state}");
        assert_eq!((site.lines("file_done"), doubts(&site)), (vec![1], 1));
    }
    let (site, key) = waiting(Sent, false);
    let sfid = site.file(key).sfid;
    bring(
        &site,
        "OBETA",
        vec![nerp(&sfid, code("OBETA")), eerp(&sfid)],
    )
    .await;
    assert_eq!((site.file(key).state, doubts(&site)), (Rejected, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_with_its_addresses_as_the_file_had_them_counts() {
    let (site, key) = waiting(Sent, false);
    let sfid = site.file(key).sfid;
    let mut straight = eerp_for(&sfid);
    (straight.dest, straight.orig) = (sfid.dest, sfid.orig);
    bring(&site, "OBETA", vec![Response::Eerp(Box::new(straight))]).await;
    assert_eq!((site.file(key).state, doubts(&site)), (Done, 0));
}
