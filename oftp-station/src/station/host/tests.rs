//! Hosts of stations, in this process.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::super::intake::{Content, Submission, Wishes};
use super::super::journal::event::{EventRow, Kind};
use super::super::journal::file::{FileKey, FileState, Filter};
use super::*;

/// How long something is waited for: an answer to a hang, not a measure of speed.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with a station that listens and has one partner.
fn place(id: &str, partner: &str, partner_id: &str, address: Option<SocketAddr>) -> TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let address = address.map(|address| format!("address = [\"{address}\"]\n"));
    let text = format!(
        "[station]\nid = \"{id}\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
         [partner.{partner}]\nid = \"{partner_id}\"\ntls = \"off\"\n{}",
        address.unwrap_or_default()
    );
    fs::write(folder.path().join("oftp.toml"), text).expect("oftp.toml");
    folder
}

fn beta() -> TempDir {
    place("OBETA", "alpha", "OALPHA", None)
}

fn alpha(beta: Option<&Host>) -> TempDir {
    let address = beta.map(|beta| beta.addresses().expect("ours")[0]);
    place("OALPHA", "beta", "OBETA", address)
}

fn open(folder: &TempDir) -> Host {
    Host::open(folder.path()).expect("a station")
}

fn started(folder: &TempDir) -> Host {
    let host = open(folder);
    host.start().expect("it starts");
    host
}

fn octets(name: &str, octets: &'static [u8]) -> Submission {
    Submission {
        content: Content::Reader(Box::new(octets)),
        name: name.to_owned(),
        wishes: Wishes::default(),
    }
}

fn all(host: &Host) -> Vec<EventRow> {
    let rows = host.events(0, 10_000, Some(Duration::ZERO));
    rows.expect("the history")
}

fn fault<T: std::fmt::Debug>(result: Result<T, HostError>) -> (Fault, String) {
    let error = result.expect_err("refused");
    (error.fault(), error.to_string())
}

#[test]
fn two_stations_exchange_a_file_and_its_response() {
    let (beta_folder, at_beta) = {
        let folder = beta();
        let host = started(&folder);
        (folder, host)
    };
    let alpha_folder = alpha(Some(&at_beta));
    let at_alpha = started(&alpha_folder);
    let file = at_alpha.submit("beta", octets("invoice.edi", b"goods"));
    let key = file.expect("queued").key;
    let row = at_alpha.settled(key, Some(LIMIT)).expect("settled");
    assert_eq!(row.state, FileState::Done);
    let came = at_beta.files(&Filter::default()).expect("files");
    let came = at_beta.settled(came[0].key, Some(LIMIT)).expect("settled");
    assert_eq!(came.state, FileState::Closed);
    let path = came.path.expect("delivered");
    assert!(path.starts_with(beta_folder.path().join("inbox/alpha")));
    assert_eq!(fs::read(path).expect("file"), b"goods");
    let details = at_alpha.details(key).expect("details");
    assert_eq!(details.responses.len(), 1);
    assert!(at_alpha.stop(LIMIT).expect("well"));
    let kinds: Vec<Kind> = all(&at_alpha).iter().map(|row| row.kind).collect();
    assert_eq!(kinds.first(), Some(&Kind::StationStarted));
    assert_eq!(kinds.last(), Some(&Kind::StationStopped));
    let of_file: Vec<&str> = kinds
        .iter()
        .map(|kind| kind.name())
        .filter(|name| name.starts_with("file_"))
        .collect();
    let way = ["file_queued", "file_efid_sent", "file_sent", "file_done"];
    assert_eq!(of_file, way);
}

#[test]
fn a_reader_pulls_line_by_line_at_its_own_pace() {
    let folder = alpha(None);
    let host = open(&folder);
    for name in ["a", "b", "c"] {
        host.submit("beta", octets(name, b"x")).expect("queued");
    }
    let at_once = all(&host);
    assert_eq!(at_once.len(), 3);
    let mut one_by_one = Vec::new();
    let mut after = 0;
    // Nobody runs the station: where the history ends nothing is waited for.
    while let [row] = host.events(after, 1, None).expect("read").as_slice() {
        after = row.id;
        one_by_one.push(row.clone());
    }
    assert_eq!(one_by_one, at_once);
    assert_eq!(host.last_event().expect("read"), after);
}

#[test]
fn who_waits_for_lines_is_woken_by_them_and_by_the_end() {
    let folder = alpha(None);
    let host = started(&folder);
    let begun = host.last_event().expect("read");
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut kinds = Vec::new();
            let mut after = begun;
            loop {
                let rows = host.events(after, 100, None).expect("read");
                let Some(last) = rows.last() else {
                    return kinds;
                };
                after = last.id;
                kinds.extend(rows.iter().map(|row| row.kind));
            }
        });
        host.submit("beta", octets("a", b"x")).expect("queued");
        host.stop(LIMIT).expect("well");
        let kinds = reader.join().expect("no panic");
        assert_eq!(kinds, [Kind::FileQueued, Kind::StationStopped]);
    });
}

#[test]
fn a_station_runs_once_and_again() {
    let folder = alpha(None);
    let (host, other) = (open(&folder), open(&folder));
    host.start().expect("it starts");
    assert!(host.is_running().expect("ours"));
    assert_eq!(host.addresses().expect("ours").len(), 1);
    let (fault_, text) = fault(host.start());
    assert_eq!(fault_, Fault::State);
    assert!(text.contains("in this program"), "{text}");
    let (fault_, text) = fault(other.start());
    assert_eq!(fault_, Fault::State);
    assert!(text.contains("runs already"), "{text}");
    assert!(!other.is_running().expect("ours"));
    // Beside it all else works.
    other.submit("beta", octets("a", b"x")).expect("queued");
    assert!(other.status().expect("status").running);
    host.stop(LIMIT).expect("well");
    assert!(!host.is_running().expect("ours"));
    assert_eq!(host.addresses().expect("ours"), []);
    assert!(host.stop(LIMIT).expect("nothing is to be done"));
    other.start().expect("it is free");
    drop(other);
    host.start().expect("dropping stops it");
}

#[test]
fn what_was_queued_before_goes_after_the_next_start() {
    let beta_folder = beta();
    let at_beta = started(&beta_folder);
    let folder = alpha(Some(&at_beta));
    let host = open(&folder);
    let key = host.submit("beta", octets("a", b"x")).expect("queued").key;
    let (fault_, text) = fault(host.settled(key, None));
    assert_eq!(fault_, Fault::State);
    assert!(text.contains("no process runs the station"), "{text}");
    drop(host);
    let host = started(&folder);
    let row = host.settled(key, Some(LIMIT)).expect("settled");
    assert_eq!(row.state, FileState::Done);
}

#[test]
fn sessions_that_do_not_end_are_cut() {
    let folder = beta();
    let host = started(&folder);
    let address = host.addresses().expect("ours")[0];
    let mut partner = TcpStream::connect(address).expect("connected");
    partner.set_read_timeout(Some(LIMIT)).expect("set");
    // SSRM: the session is up, and goes no further.
    let mut ready = [0; 23];
    std::io::Read::read_exact(&mut partner, &mut ready).expect("SSRM");
    assert!(!host.stop(Duration::ZERO).expect("stopped all the same"));
    assert!(!host.is_running().expect("ours"));
    host.start().expect("all of it is free again");
    assert!(host.stop(LIMIT).expect("well"));
}

#[test]
fn files_and_partners_are_steered() {
    let folder = alpha(None);
    let host = started(&folder);
    let key = host.submit("beta", octets("a", b"x")).expect("queued").key;
    assert!(host.hold(key).expect("held").held);
    assert!(!host.release(key).expect("released").held);
    host.hold_partner("beta", true).expect("held");
    let partners = host.partners().expect("partners");
    assert!(partners[0].held);
    assert_eq!(partners[0].sessions, Some(0));
    assert_eq!(partners[0].waiting.to_send, 1);
    let row = host.file(key).expect("there");
    let views = host.views(&[row]).expect("shown");
    assert_eq!(views[0].waits_for.map(|it| it.text()), Some("a person"));
    let row = host.cancel(key, false).expect("cancelled");
    assert_eq!(row.state, FileState::Cancelled);
    assert_eq!(
        host.settled(key, None).expect("settled").state,
        FileState::Cancelled
    );
    assert_eq!(fault(host.hold(key)).0, Fault::State);
    let again = host.resend(key, false).expect("queued anew");
    assert_ne!(again.key, key);
}

#[test]
fn whose_fault_it_is() {
    let folder = alpha(None);
    let host = open(&folder);
    let (fault_, text) = fault(host.submit("gamma", octets("a", b"x")));
    assert_eq!(fault_, Fault::Missing);
    assert!(text.contains("beta"), "{text}");
    assert_eq!(fault(host.file(FileKey(77))).0, Fault::Missing);
    let (fault_, text) = fault(host.call("beta"));
    assert_eq!(fault_, Fault::Value);
    assert!(text.contains("it calls us"), "{text}");
    let nowhere = Submission::of_path(folder.path().join("nothing"));
    assert_eq!(fault(host.submit("beta", nowhere)).0, Fault::System);
    let long = Submission {
        wishes: Wishes {
            dsn: Some("A".repeat(27)),
            ..Wishes::default()
        },
        ..octets("a", b"x")
    };
    assert_eq!(fault(host.submit("beta", long)).0, Fault::Value);
    assert_eq!(host.files(&Filter::default()).expect("files"), []);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound");
    let folder = alpha(None);
    let config = folder.path().join("oftp.toml");
    let text = fs::read_to_string(&config).expect("read");
    let text = text.replace("127.0.0.1:0", &address.to_string());
    fs::write(&config, text).expect("written");
    let host = open(&folder);
    let (fault_, text) = fault(host.start());
    assert_eq!(fault_, Fault::System);
    assert!(text.contains(&address.to_string()), "{text}");
    assert!(!host.is_running().expect("ours"));
    drop(taken);
    host.start().expect("the port is free");
}

#[test]
fn a_configuration_with_faults_is_told_and_not_taken() {
    let folder = alpha(None);
    let config = folder.path().join("oftp.toml");
    let right = fs::read_to_string(&config).expect("read");
    let host = started(&folder);
    fs::write(&config, "[station]\nid = 7\n").expect("written");
    for error in [
        host.reload().expect_err("wrong"),
        Host::open(folder.path()).expect_err("wrong"),
    ] {
        let HostError::Config(errors) = &error else {
            panic!("{error}");
        };
        assert_eq!((errors.0[0].line, &*errors.0[0].key), (2, "station.id"));
        assert_eq!(error.fault(), Fault::Config);
    }
    let more = format!("{right}[partner.gamma]\nid = \"OGAMMA\"\ntls = \"off\"\n");
    fs::write(&config, more).expect("written");
    let seen = host.last_event().expect("read");
    host.reload().expect("right");
    let rows = host.events(seen, 1, Some(LIMIT)).expect("read");
    assert_eq!(rows[0].kind, Kind::ConfigReloaded);
    host.submit("gamma", octets("a", b"x")).expect("known now");
    host.stop(LIMIT).expect("well");
    fs::write(&config, right).expect("written");
    host.reload().expect("right");
    assert_eq!(
        fault(host.submit("gamma", octets("a", b"x"))).0,
        Fault::Missing
    );
}

#[test]
fn a_folder_without_a_station_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let (fault_, text) = fault(Host::open(folder.path()));
    assert_eq!(fault_, Fault::Config);
    assert!(text.contains("oftp.toml"), "{text}");
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
}

#[test]
fn another_process_stops_it_by_an_order() {
    let folder = alpha(None);
    let (host, other) = (started(&folder), open(&folder));
    let journal = other.inside().expect("ours").journal();
    let order = super::super::journal::order::Order::Stop;
    journal
        .write(move |connection| super::super::journal::order::leave(connection, &order))
        .expect("left");
    assert!(host.wait_stopped(Some(LIMIT)).expect("ours"));
    host.start().expect("it can run again");
}
