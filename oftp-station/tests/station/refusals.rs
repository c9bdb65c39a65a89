//! Files that are not taken, for a time or for ever, and partners that end in the middle of things.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use oftp_core::wire::{
    Cd, Command, CommandCode, DatasetName, Efid, Efna, EfnaReason, Efpa, Esid, EsidReason, Level,
    Sfid, Sfna, SfnaReason, Sfpa, Text,
};
use oftp_station::security::Protection;
use oftp_station::station::config::PartnerConfig;
use oftp_station::station::journal::file::{FileKey, FileState};

use super::chance::Chance;
use super::common::{self, Listening, Site, code, contents, partner, plain, ring};
use super::peer::{Peer, data, sfid};

/// What a scripted partner does once the file is offered.
type Script = fn(&mut Peer);

/// Calls a scripted partner as often as there are scripts.
async fn through(site: &Site, scripts: Vec<Script>) -> Vec<Sfid> {
    let mut offers = Vec::new();
    for script in scripts {
        site.all_is_due();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let peer = tokio::task::spawn_blocking(move || {
            let mut peer = Peer::answer(&listener, "OBETA", Level::V2_0);
            let offer = peer.expect_sfid();
            script(&mut peer);
            offer
        });
        ring(site, "beta", address).await;
        offers.push(peer.await.expect("a partner"));
    }
    offers
}

fn refuse(peer: &mut Peer, reason: SfnaReason, retry: bool) {
    peer.send(&Command::Sfna(Sfna {
        reas: reason,
        rrtr: retry,
        reast: Text::default(),
    }));
    bye(peer);
}

/// Until the caller has nothing more to say.
fn bye(peer: &mut Peer) {
    match peer.receive() {
        Some(Command::Cd(_)) => peer.send(&Command::Esid(Esid {
            reas: EsidReason::NORMAL,
            reast: Text::default(),
        })),
        None | Some(Command::Esid(_)) => {}
        other => panic!("{other:?}"),
    }
}

fn take(peer: &mut Peer) {
    peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
    peer.receive_file();
}

fn efpa_is_lost(peer: &mut Peer) {
    take(peer);
}

fn is_taken(peer: &mut Peer) {
    take(peer);
    peer.send(&Command::Efpa(Efpa { cd: false }));
    bye(peer);
}

fn has_it(peer: &mut Peer) {
    refuse(peer, SfnaReason::DUPLICATE_FILE, false);
}

fn is_busy_with_it(peer: &mut Peer) {
    refuse(peer, SfnaReason::DUPLICATE_FILE, true);
}

fn has_no_room(peer: &mut Peer) {
    refuse(peer, SfnaReason::FILE_SIZE_TOO_BIG, true);
}

fn never(peer: &mut Peer) {
    refuse(peer, SfnaReason::INVALID_DESTINATION, false);
}

fn has_counted_otherwise(peer: &mut Peer) {
    take(peer);
    peer.send(&Command::Efna(Efna {
        reas: EfnaReason::new(11),
        reast: Text::default(),
    }));
    bye(peer);
}

fn site() -> (Site, FileKey) {
    let site = Site::new("OALPHA", vec![partner("beta", "OBETA")]);
    let key = site.queue("beta", "FILE", &[7; 3_000]);
    (site, key)
}

/// (threat model N18)
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_file_that_is_not_taken() {
    use FileState::{EfidSent, Failed, Queued, Sent};
    let cases: [(&[Script], FileState); 9] = [
        (&[has_no_room], Queued),
        (&[has_no_room, has_no_room, has_no_room], Failed),
        (&[has_no_room, is_taken], Sent),
        (&[never], Failed),
        (&[has_counted_otherwise], Queued),
        (&[has_counted_otherwise, is_taken], Sent),
        (&[efpa_is_lost, has_it], Sent),
        // The partner stores it in a session that it still believes in.
        (&[efpa_is_lost, is_busy_with_it], EfidSent),
        (&[efpa_is_lost, is_busy_with_it, has_it], Sent),
    ];
    for (number, (scripts, state)) in cases.into_iter().enumerate() {
        let (site, key) = site();
        through(&site, scripts.to_vec()).await;
        let row = site.file(key);
        assert_eq!(row.state, state, "case {number}: {:?}", row.trouble);
        assert!(!row.held && !site.shared.is_claimed(key), "case {number}");
        let failed = site.history().contains(&"file_failed");
        assert_eq!(failed, state == Failed, "case {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_was_never_sent_to_its_end_waits_for_a_person() {
    let (site, key) = site();
    through(&site, vec![has_it]).await;
    let row = site.file(key);
    assert!(row.held && row.state == FileState::Queued);
    assert!(site.history().contains(&"alarm"));
    // And after EFNA it is not there, whatever was sent.
    let (site, key) = self::site();
    through(&site, vec![has_counted_otherwise, has_it]).await;
    assert!(site.file(key).held);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_is_put_off_goes_on_where_it_stopped() {
    let (site, key) = site();
    let cut: Script = |peer| {
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.expect(CommandCode::Data);
    };
    // Nothing is known of how far it came but that it was sent.
    let offers = through(&site, vec![cut, is_busy_with_it, has_no_room]).await;
    assert!(offers[1].rest > 0, "{:?}", offers[1]);
    assert_eq!(offers[1].rest, offers[2].rest);
    assert!(site.file(key).position > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_goes_on_only_with_partners_that_can() {
    let cut: Script = |peer| {
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.expect(CommandCode::Data);
    };
    for restarts in [true, false] {
        let beta = PartnerConfig {
            restart_records: restarts,
            ..partner("beta", "OBETA")
        };
        let site = Site::new("OALPHA", vec![beta]);
        let mut chance = Chance::new("envelope");
        let octets: Vec<u8> = (0..40_000)
            .flat_map(|_| chance.next().to_le_bytes())
            .collect();
        let spool = site.shared.folder().spool_out().join("file");
        std::fs::write(spool, &octets).expect("spool");
        let compressed = Protection {
            compress: Some(1),
            ..plain()
        };
        let sfid = common::sfid("FILE", code("OALPHA"), code("OBETA"), octets.len());
        site.enqueue("beta", sfid, "file".to_owned(), compressed);
        let offers = through(&site, vec![cut, has_no_room]).await;
        assert_eq!(offers[0].env, 1);
        assert_eq!(offers[1].rest > 0, restarts, "{:?}", offers[1]);
    }
}

/// A partner that calls and sends one file; gives what the station says of it.
fn send(peer: &mut Peer, sfid: &Sfid, octets: &[u8]) -> Option<(u8, bool)> {
    peer.send(&Command::Sfid(sfid.clone()));
    match peer.receive() {
        Some(Command::Sfpa(sfpa)) => assert_eq!(sfpa.acnt, 0),
        Some(Command::Sfna(sfna)) => return Some((sfna.reas.code(), sfna.rrtr)),
        other => panic!("{other:?}"),
    }
    finish(peer, octets);
    None
}

fn finish(peer: &mut Peer, octets: &[u8]) {
    peer.send(&Command::Data(&data(octets)));
    peer.send(&Command::Efid(Efid {
        rcnt: 0,
        ucnt: octets.len() as u64,
    }));
    peer.expect(CommandCode::Efpa);
}

fn beta() -> Site {
    Site::new("OBETA", vec![partner("alpha", "OALPHA")])
}

async fn scripted<T: Send + 'static>(
    address: SocketAddr,
    script: impl FnOnce(&mut Peer) -> T + Send + 'static,
) -> T {
    let peer = tokio::task::spawn_blocking(move || {
        let mut peer = Peer::call(address, "OALPHA", Level::V2_0);
        script(&mut peer)
    });
    peer.await.expect("a partner")
}

/// (threat model N10)
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_received_once() {
    let beta = beta();
    let port = Listening::begin(&beta).await;
    let address = port.address;
    scripted(address, move |peer| {
        peer.send(&Command::Sfid(sfid(b"FILE")));
        assert_eq!(peer.expect_sfpa(), 0);
        // Another session offers it meanwhile.
        let mut other = Peer::call(address, "OALPHA", Level::V2_0);
        assert_eq!(send(&mut other, &sfid(b"FILE"), b"x"), Some((13, true)));
        finish(peer, b"once");
        assert_eq!(send(&mut other, &sfid(b"FILE"), b"x"), Some((13, false)));
    })
    .await;
    port.end().await;
    assert_eq!(beta.came("alpha"), [b"once".to_vec()]);
}

/// (threat model N10)
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_refused_may_come_again() {
    let beta = beta();
    let port = Listening::begin(&beta).await;
    let secured = Sfid {
        comp: 1,
        env: 1,
        ciph: 1,
        ..sfid(b"FILE")
    };
    for round in 1..=2 {
        let secured = secured.clone();
        scripted(port.address, move |peer| {
            assert_eq!(send(peer, &secured, b"no envelope"), None);
            peer.send(&Command::Cd(Cd));
            peer.expect(CommandCode::Nerp);
            peer.send(&Command::Rtr(oftp_core::wire::Rtr));
            // Only then it has heard that, and does not answer for this file again.
            peer.expect(CommandCode::Cd);
        })
        .await;
        assert_eq!(contents(&beta.shared.folder().refused()).len(), round);
    }
    port.end().await;
    assert_eq!(beta.states(), [FileState::Refused; 2]);
    assert!(beta.came("alpha").is_empty());
    beta.has_clear_spool("refused");
}

fn all_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all_files(&path, found);
        } else {
            found.push(path.to_string_lossy().into_owned());
        }
    }
}

/// (threat model N1, N2, N5)
#[tokio::test(flavor = "multi_thread")]
async fn dataset_names_from_hell_select_nothing() {
    let beta = beta();
    let port = Listening::begin(&beta).await;
    let names: Vec<Vec<u8>> = [
        &b"../../etc/passwd"[..],
        b"/etc/passwd",
        b"..",
        b"CON",
        b"-rf",
        b"&",
        b"; rm -rf /",
        b"$(reboot)",
        b"{file}",
        b"FILE.json",
        b"\xff\xfe\x80 \xe4",
        b"a' OR '1'='1",
    ]
    .into_iter()
    .map(<[u8]>::to_vec)
    .chain(
        (0x20..=0xff_u8)
            .filter(|octet| !matches!(octet, 0x20 | 0x7f))
            .map(|o| vec![o, b'X']),
    )
    .collect();
    let count = names.len();
    scripted(port.address, move |peer| {
        for name in &names {
            let offer = Sfid {
                dsn: DatasetName::from_octets(name),
                ..sfid(b"")
            };
            assert_eq!(send(peer, &offer, name), None, "{name:?}");
        }
        // Control characters are none of any name.
        for name in [&b"A\nB"[..], b"A\0B", b"\x1b[2J"] {
            let offer = Sfid {
                dsn: DatasetName::from_octets(name),
                ..sfid(b"")
            };
            assert_eq!(send(peer, &offer, name), Some((1, false)), "{name:?}");
        }
    })
    .await;
    port.end().await;
    let inbox = beta.inbox("alpha");
    assert_eq!(inbox.len(), count);
    for (name, octets) in inbox {
        let safe = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
        assert!(
            name.bytes().all(safe) && !name.starts_with(['.', '-']),
            "{name}"
        );
        let identity = oftp_station::names::identity_of(&name).expect("a stored name");
        assert_eq!(identity.dsn.as_octets(), octets, "{name}");
    }
    let mut found = Vec::new();
    all_files(beta.shared.folder().path(), &mut found);
    let inside = beta.shared.folder().inbox("alpha");
    let inside = found
        .iter()
        .filter(|path| Path::new(path).starts_with(&inside));
    assert_eq!(inside.count(), count, "{found:?}");
    assert_eq!(code("OALPHA"), beta.files()[0].sfid.orig);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_never_answers_keeps_nothing() {
    let (site, key) = {
        let site = Site::with("OALPHA", vec![partner("beta", "OBETA")], |config| {
            config.session.config.timers = oftp_core::session::Timers {
                inactivity: std::time::Duration::from_millis(300),
                ..config.session.config.timers
            };
        });
        let key = site.queue("beta", "FILE", &[7; 3_000]);
        (site, key)
    };
    let silent: Script = |peer| {
        peer.expect_esid();
    };
    through(&site, vec![silent]).await;
    assert_eq!(site.file(key).state, FileState::Queued);
    assert!(!site.shared.is_claimed(key));
    through(&site, vec![is_taken]).await;
    assert_eq!(site.file(key).state, FileState::Sent);
}

/// (threat model S2)
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_is_not_known_learns_no_more_than_it_may() {
    for (hide, reason) in [
        (false, EsidReason::USER_CODE_NOT_KNOWN),
        (true, EsidReason::INVALID_PASSWORD),
    ] {
        let site = Site::with("OBETA", vec![partner("alpha", "OALPHA")], |config| {
            config.hide_unknown = hide;
        });
        let port = Listening::begin(&site).await;
        let address = port.address;
        let stranger = tokio::task::spawn_blocking(move || {
            let mut peer = Peer::dial(address, Level::V2_0);
            peer.expect(CommandCode::Ssrm);
            peer.send(&Command::Ssid(super::peer::ssid("OGAMMA", Level::V2_0)));
            peer.expect_esid().0
        });
        assert_eq!(stranger.await.expect("an answer"), reason.code());
        port.end().await;
    }
}

/// SFIDFSIZ is an estimate: what passes it is told, and what passes the quota is stopped, dropped,
/// and refused when it is offered again (threat model D10).
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_outgrows_what_it_announced_is_stopped_at_the_quota() {
    let alpha = PartnerConfig {
        quota: Some(1_200_000),
        ..partner("alpha", "OALPHA")
    };
    let beta = Site::new("OBETA", vec![alpha]);
    let port = Listening::begin(&beta).await;
    // With an allowance of a tenth and 1 MiB it may have 1,049,702 octets.
    let send = |buffers: usize| {
        move |peer: &mut Peer| {
            peer.send(&Command::Sfid(sfid(b"FILE")));
            assert_eq!(peer.expect_sfpa(), 0);
            for number in 1..=buffers {
                peer.send(&Command::Data(&data(&[7; 90_000])));
                if number == 10 {
                    peer.expect(CommandCode::Cdt);
                }
            }
        }
    };
    scripted(port.address, move |peer| {
        send(14)(peer);
        assert_eq!(peer.expect_esid().0, 8);
    })
    .await;
    let told = |text: &str| {
        beta.said()
            .iter()
            .filter(|line| line.contains(text))
            .count()
    };
    assert_eq!(told("larger than it announced"), 1, "{:?}", beta.said());
    // As long as the session of the other side is not noticed to be over it is in use.
    while !beta.files().is_empty() {
        tokio::task::yield_now().await;
    }
    beta.has_clear_spool("stopped");
    scripted(port.address, move |peer| {
        peer.send(&Command::Sfid(sfid(b"FILE")));
        assert_eq!(peer.expect_sfna(), (6, false));
        // And a person may have made room for it since.
        send(11)(peer);
        peer.send(&Command::Efid(Efid {
            rcnt: 0,
            ucnt: 990_000,
        }));
        peer.expect(CommandCode::Efpa);
    })
    .await;
    port.end().await;
    assert_eq!(told("larger than it announced"), 1, "{:?}", beta.said());
    assert_eq!(beta.came("alpha"), [vec![7; 990_000]]);
}

/// Originator, destination, name and stamp make a file, and not who brings it (threat model N10).
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_the_same_whoever_brings_it() {
    let partners = vec![partner("alpha", "OALPHA"), partner("gamma", "OGAMMA")];
    let beta = Site::new("OBETA", partners);
    let port = Listening::begin(&beta).await;
    scripted(port.address, |peer| {
        assert_eq!(send(peer, &sfid(b"FILE"), b"once"), None);
    })
    .await;
    let address = port.address;
    let other = tokio::task::spawn_blocking(move || {
        let mut peer = Peer::call(address, "OGAMMA", Level::V2_0);
        let again = send(&mut peer, &sfid(b"FILE"), b"twice");
        let own = Sfid {
            orig: code("OGAMMA"),
            ..sfid(b"FILE")
        };
        (again, send(&mut peer, &own, b"another file"))
    });
    let answers = other.await.expect("a partner");
    assert_eq!(answers, (Some((13, false)), None));
    port.end().await;
    assert_eq!(beta.came("alpha"), [b"once".to_vec()]);
    assert_eq!(beta.came("gamma"), [b"another file".to_vec()]);
}
