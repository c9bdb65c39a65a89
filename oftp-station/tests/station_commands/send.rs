//! `oftp send` to a partner by name: files are queued, and nobody is called.

use std::process::Stdio;
use std::time::{Duration, Instant};

use oftp_station::station::journal::file::{self, FileKey, FileRow, FileState, Filter};

use crate::common::{Said, Station};

impl Station {
    fn files(&self) -> Vec<FileRow> {
        let rows = self
            .journal
            .read(|connection| file::history(connection, &Filter::default()));
        rows.expect("read")
    }
}

#[test]
fn a_partner_by_name_is_queued_for() {
    let station = Station::new();
    let file = station.file("invoice.edi");
    let said = station.oftp(&["send", "beta", &file]).exits(0);
    assert!(
        said.out.starts_with("file 1 is queued for beta as INVOICE"),
        "{said}"
    );
    said.says("no process runs the station");
    let row = station.row(FileKey(1));
    assert_eq!(
        (row.state, row.octets, row.priority),
        (FileState::Queued, 7, 5)
    );
    assert_eq!(row.sfid.dest.to_string(), "OBETA");
    assert!(std::fs::exists(&file).expect("look"), "it is copied");
}

#[test]
fn what_is_said_of_the_files_is_kept() {
    let station = Station::new();
    let (one, two) = (station.file("one"), station.file("two"));
    let told = station
        .oftp(&[
            "send",
            "gamma",
            &one,
            &two,
            "--dsn",
            "FIRST",
            "--dsn",
            "SECOND",
            "--priority",
            "0",
            "--hold",
            "--destination",
            "OBETA",
            "--format",
            "F",
            "--record-length",
            "7",
            "--file-user-data",
            "USER",
            "--json",
        ])
        .exits(0)
        .json();
    let names: Vec<_> = told.iter().map(|row| row["dsn"].as_str()).collect();
    // The warning that nobody runs the station is a line of JSON as well.
    assert_eq!(names[..2], [Some("FIRST"), Some("SECOND")]);
    let row = station.row(FileKey(1));
    assert!(row.held && row.priority == 0);
    assert_eq!(
        (row.sfid.dest.to_string().as_str(), row.sfid.lrecl),
        ("OBETA", 7)
    );
    assert_eq!(row.sfid.user.to_string(), "USER");
}

#[test]
fn what_is_agreed_in_the_configuration_is_no_option() {
    let station = Station::new();
    let file = station.file("invoice");
    for option in ["--tls", "--level=1.3", "--auth", "--again", "--credit=1"] {
        let said = station.oftp(&["send", "beta", &file, option]).exits(2);
        let name = option.split('=').next().expect("a name");
        said.says(name).says("oftp.toml");
    }
    assert_eq!(station.files(), []);
}

#[test]
fn who_is_meant_must_be_clear() {
    let station = Station::new();
    let file = station.file("invoice");
    let with = ["--id", "OALPHA", "--partner", "OBETA", &file];
    let send = |target: &str, more: &[&str]| station.oftp(&[&["send", target], more].concat());
    send("beta", &with)
        .exits(2)
        .says("leave out --id")
        .says("beta:3305");
    send("delta", &[&file])
        .exits(2)
        .says("has no partner `delta`; it has: beta, gamma");
    send("127.0.0.1:1", &[&file])
        .exits(2)
        .says("--id and --partner are missing");
    // With a port, or where it is no partner, it is a host: nobody listens there.
    send("127.0.0.1:1", &with).exits(3);
    send("127.0.0.1:1", &[&with[..], &["--priority", "1"]].concat()).exits(2);
    let nowhere = station
        .command(&["send", "beta", &file, "--station", "nowhere"])
        .output();
    let said = Said::of(nowhere.expect("oftp")).exits(2);
    said.says("--id and --partner are missing")
        .says("no station in nowhere");
    assert_eq!(station.files(), []);
}

#[test]
fn a_file_that_is_not_there_stops_the_others_unless_told_otherwise() {
    let station = Station::new();
    let file = station.file("invoice");
    station
        .oftp(&["send", "beta", "missing", &file])
        .exits(11)
        .says("missing");
    assert_eq!(station.files().len(), 0);
    station
        .oftp(&["send", "beta", "missing", &file, "--keep-going"])
        .exits(11);
    assert_eq!(station.files().len(), 1);
    station
        .oftp(&["send", "beta", &file, "--dsn", "lower"])
        .exits(2)
        .says("dataset name");
}

#[test]
fn what_becomes_of_a_file_is_waited_for() {
    use FileState::{Done, EfidSent, Failed, Rejected, Sent};
    let runs: [(&[FileState], &[&str], i32); 4] = [
        (&[EfidSent, Sent, Done], &[], 0),
        (&[EfidSent, Sent], &["--no-wait-eerp"], 0),
        (&[EfidSent, Sent, Rejected], &[], 6),
        (&[Failed], &[], 5),
    ];
    for (states, options, code) in runs {
        let station = Station::new();
        let _lock = station.folder.lock().expect("lock");
        let file = station.file("invoice");
        let child = station
            .command(&[&["send", "beta", &file, "--wait"], options].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("oftp");
        let end = Instant::now() + Duration::from_secs(60);
        while station.files().is_empty() {
            assert!(Instant::now() < end, "nothing was queued");
            std::thread::yield_now();
        }
        station.lead(FileKey(1), states);
        Said::of(child.wait_with_output().expect("a child")).exits(code);
    }
    let station = Station::new();
    let file = station.file("invoice");
    station
        .oftp(&["send", "beta", &file, "--wait"])
        .exits(3)
        .says("nothing is queued");
    assert_eq!(station.files(), []);
    let _lock = station.folder.lock().expect("lock");
    station
        .oftp(&["send", "beta", &file, "--wait=1"])
        .exits(9)
        .says("is queued");
}
