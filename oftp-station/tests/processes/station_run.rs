//! `oftp run`: one process on a folder, told by signals.

use std::path::Path;
use std::process::Command;

use super::common::Process;

fn station(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oftp"));
    command.args(["--json", "run", "--station"]).arg(folder);
    command
}

#[test]
fn a_station_runs_once_and_ends_when_it_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let config =
        format!("[station]\nid = \"OALPHA\"\n[[listen]]\naddress = \"{address}\"\ntls = false\n");
    std::fs::write(folder.path().join("oftp.toml"), config).expect("configuration");
    let mut running = Process::spawn(&mut station(folder.path()));
    running.wait_for("listening");
    let second = Process::spawn(&mut station(folder.path())).finish();
    assert_eq!(second.code, Some(11), "{second:?}");
    let said = second.errors() + &second.err;
    assert!(said.contains("runs already"), "{second:?}");
    running.terminate().exits(0);
    let mut again = Process::spawn(&mut station(folder.path()));
    again.wait_for("listening");
    again.terminate().exits(0);
}
