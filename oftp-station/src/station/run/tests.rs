//! Running stations, in this process.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::super::config::{Config, PartnerConfig, PortConfig};
use super::super::fixture::{Place, partner};
use super::super::intake::{Content, Submission, Wishes, submit};
use super::super::journal::event::EventRow;
use super::super::journal::file::{Change, FileState};
use super::super::journal::order::{self, Order};
use super::super::journal::{Journal, file, now};
use super::super::{Folder, Shared};
use super::*;

/// How long something is waited for: an answer to a hang, not a measure of speed.
const LIMIT: Duration = Duration::from_secs(60);

/// A station that runs.
struct Running {
    shared: Shared,
    handle: Handle,
    addresses: Vec<SocketAddr>,
    task: JoinHandle<Result<(), StationError>>,
}

impl Running {
    async fn begin(station: Station) -> Self {
        let (shared, handle) = (station.shared().clone(), station.handle());
        let (told, listening) = tokio::sync::oneshot::channel();
        let ears = Ears {
            voice: Voice::kept(Arc::default()),
            log: None,
        };
        let run = station.run(ears, |addresses| drop(told.send(addresses.to_vec())));
        let task = tokio::spawn(run);
        Self {
            shared,
            handle,
            addresses: listening.await.expect("it listens"),
            task,
        }
    }

    async fn end(self) {
        self.handle.stop();
        tokio::time::timeout(LIMIT, self.task)
            .await
            .expect("it ends")
            .expect("no panic")
            .expect("in good order");
    }

    /// Waits until this holds for what the journal says.
    async fn until(&self, what: &str, holds: impl Fn(&Shared) -> bool) {
        let waiting = async {
            let mut seen = 0;
            while !holds(&self.shared) {
                tokio::select! {
                    number = self.shared.journal().changed(seen) => seen = number,
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
            }
        };
        let waited = tokio::time::timeout(LIMIT, waiting).await;
        waited.unwrap_or_else(|_| panic!("{what}: {:?}", events(self.shared.journal())));
    }
}

fn events(journal: &Journal) -> Vec<EventRow> {
    let rows = journal.read(|db| event::after(db, 0, 10_000));
    rows.expect("events")
}

fn has(shared: &Shared, kind: event::Kind) -> bool {
    events(shared.journal()).iter().any(|row| row.kind == kind)
}

/// A station with this code and partner, which listens.
fn place(own: &str, partner: PartnerConfig) -> Place {
    let mut place = Place::with(vec![partner]);
    let code = super::super::fixture::code(own);
    place.config.own.code = code;
    place.config.session.identity.code = code;
    place.config.outbox_settle = Duration::ZERO;
    place.config.ports = vec![PortConfig {
        address: "127.0.0.1:0".parse().expect("address"),
        tls: false,
    }];
    place
}

/// `beta` for `alpha`, or the other way round: everything between them is taken.
fn peer(name: &str) -> PartnerConfig {
    let mut peer = partner(name);
    peer.addresses = Vec::new();
    peer.mailbox.policy.destinations = None;
    peer
}

fn open(place: &Place) -> Station {
    let lock = place.folder().lock().expect("nobody else");
    Station::with_config(lock, place.config.clone()).expect("opened")
}

fn state_of(shared: &Shared, name: &str) -> Option<FileState> {
    let all = file::Filter::default();
    let rows = shared.journal().read(|db| file::history(db, &all));
    let mut rows = rows.expect("rows").into_iter();
    rows.find(|row| row.name == name).map(|row| row.state)
}

fn inbox(folder: &Folder, partner: &str) -> Vec<Vec<u8>> {
    let path = folder.inbox(partner);
    let files = Place::names(&path).into_iter().map(|name| path.join(name));
    let files = files.filter(|path| path.is_file());
    files.map(|path| fs::read(path).expect("file")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_an_outbox_is_delivered_and_answered() {
    let beta = place("OBETA", peer("alpha"));
    let at_beta = Running::begin(open(&beta)).await;
    let mut to_beta = peer("beta");
    to_beta.addresses = vec![at_beta.addresses[0].to_string().parse().expect("address")];
    let alpha = place("OALPHA", to_beta);
    fs::write(alpha.folder().outbox("beta").join("invoice.edi"), b"goods").expect("file");
    let at_alpha = Running::begin(open(&alpha)).await;
    at_alpha
        .until("EERP", |shared| {
            state_of(shared, "invoice.edi") == Some(FileState::Done)
        })
        .await;
    assert_eq!(inbox(beta.folder(), "alpha"), [b"goods"]);
    at_alpha.end().await;
    at_beta.end().await;
    // Put away after the journal knew of it, and before the session was over.
    let sent = Place::names(&alpha.folder().sent("beta"));
    assert_eq!(sent, ["1-invoice.edi"]);
    for place in [&alpha, &beta] {
        let clean = place.journal.read(|db| fact::get(db, CLEAN));
        assert_eq!(clean.expect("read").as_deref(), Some("1"));
        let events = events(&place.journal);
        let kinds: Vec<_> = events.iter().map(|row| row.kind).collect();
        assert_eq!(
            kinds.last(),
            Some(&event::Kind::StationStopped),
            "{kinds:?}"
        );
        assert!(kinds.contains(&event::Kind::StationStarted), "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_runs_a_station() {
    let alpha = place("OALPHA", peer("beta"));
    let running = Running::begin(open(&alpha)).await;
    let error = alpha.folder().lock().expect_err("it runs");
    assert!(error.to_string().contains("runs already"), "{error}");
    running.end().await;
    alpha.folder().lock().expect("it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_orders_a_call_and_the_end() {
    let beta = place("OBETA", peer("alpha"));
    let at_beta = Running::begin(open(&beta)).await;
    let mut to_beta = peer("beta");
    to_beta.addresses = vec![at_beta.addresses[0].to_string().parse().expect("address")];
    let alpha = place("OALPHA", to_beta);
    let at_alpha = Running::begin(open(&alpha)).await;
    let other = Journal::open(&alpha.folder().journal()).expect("another process");
    let leave = |order: Order| {
        other
            .write(move |db| order::leave(db, &order))
            .expect("left")
    };
    leave(Order::Call("beta".to_owned()));
    at_alpha
        .until("session", |shared| has(shared, event::Kind::SessionEnded))
        .await;
    assert!(has(&at_beta.shared, event::Kind::SessionStarted));
    leave(Order::Stop);
    let ended = tokio::time::timeout(LIMIT, at_alpha.task).await;
    ended.expect("it ends").expect("no panic").expect("good");
    at_beta.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_queued_by_another_process_is_sent() {
    let beta = place("OBETA", peer("alpha"));
    let at_beta = Running::begin(open(&beta)).await;
    let mut to_beta = peer("beta");
    to_beta.addresses = vec![at_beta.addresses[0].to_string().parse().expect("address")];
    let alpha = place("OALPHA", to_beta);
    let at_alpha = Running::begin(open(&alpha)).await;
    let other = Journal::open(&alpha.folder().journal()).expect("another process");
    let file = Submission {
        content: Content::Reader(Box::new(&b"from beside"[..])),
        name: "beside".to_owned(),
        wishes: Wishes::default(),
    };
    submit(&other, &alpha.config, alpha.partner(), file).expect("queued");
    at_alpha
        .until("EERP", |shared| {
            state_of(shared, "beside") == Some(FileState::Done)
        })
        .await;
    assert_eq!(inbox(beta.folder(), "alpha"), [b"from beside"]);
    at_alpha.end().await;
    at_beta.end().await;
}

fn write_config(folder: &Path, text: &str) {
    fs::write(folder.join("oftp.toml"), text).expect("configuration");
}

const ONE: &str = "[station]\nid = \"OALPHA\"\n";
const TWO: &str = "[station]\nid = \"OALPHA\"\n[partner.gamma]\nid = \"OGAMMA\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_is_taken_and_a_wrong_one_is_not() {
    let place = tempfile::tempdir().expect("folder");
    let folder = Folder::new(place.path());
    write_config(place.path(), ONE);
    Config::load(&folder).expect("right");
    let running = Running::begin(Station::open(&folder).expect("opened")).await;
    let reloads = |shared: &Shared| -> Vec<bool> {
        let events = events(shared.journal()).into_iter();
        let reloads = events.filter(|row| row.kind == event::Kind::ConfigReloaded);
        reloads.map(|row| row.detail["ok"] == true).collect()
    };
    write_config(place.path(), TWO);
    running.handle.reload();
    running
        .until("the new one", |shared| reloads(shared) == [true])
        .await;
    assert!(running.shared.config().partner("gamma").is_some());
    assert!(folder.outbox("gamma").is_dir());
    write_config(place.path(), "[station]\nid = 7\n");
    running.handle.reload();
    running
        .until("the wrong one", |shared| reloads(shared) == [true, false])
        .await;
    assert!(running.shared.config().partner("gamma").is_some());
    running.end().await;
}

#[test]
fn an_overdue_response_is_told_once() {
    let place = Place::new();
    let file = Submission {
        content: Content::Reader(Box::new(&b"x"[..])),
        name: "a".to_owned(),
        wishes: Wishes::default(),
    };
    let key = submit(&place.journal, &place.config, place.partner(), file)
        .expect("queued")
        .key;
    let sent = place.journal.write(move |db| {
        let none = serde_json::json!({});
        let due = Change {
            due: Some(Some(now() - 1000)),
            ..Change::default()
        };
        file::change(db, key, FileState::EfidSent, Change::default(), &none)?;
        file::change(db, key, FileState::Sent, due, &none)
    });
    sent.expect("sent");
    let shared = place.shared();
    for _ in 0..2 {
        upkeep::tell_overdue(&shared).expect("told");
        let events = events(&place.journal).into_iter();
        let overdue = events.filter(|row| row.kind == event::Kind::ResponseOverdue);
        assert_eq!(overdue.count(), 1);
    }
}
