//! `oftp call`, `reload` and `stop`: what the running process is told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use oftp_station::station::journal::event::{self, Kind};
use oftp_station::station::journal::order::{self, Order};
use serde_json::json;

use crate::common::{Said, Station};

impl Station {
    fn orders(&self) -> Vec<Order> {
        self.write(order::take)
    }

    fn await_order(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while self.orders().is_empty() {
            assert!(Instant::now() < end, "no order came");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_call_without_a_station_waits_for_it() {
    let station = Station::new();
    let said = station.oftp(&["call", "beta"]).exits(0);
    said.says("no process runs the station");
    assert_eq!(station.orders(), [Order::Call("beta".to_owned())]);
    station
        .oftp(&["call", "beta", "--wait"])
        .exits(3)
        .says("nobody can call");
    station
        .oftp(&["call", "gamma"])
        .exits(2)
        .says("it calls us");
    station
        .oftp(&["call", "delta"])
        .exits(2)
        .says("it has: beta, gamma");
    assert_eq!(station.orders(), []);
}

#[test]
fn reload_and_stop_need_a_station_that_runs() {
    let station = Station::new();
    for command in ["reload", "stop"] {
        station.oftp(&[command]).exits(3).says("oftp run");
    }
    assert_eq!(station.orders(), []);
    let _lock = station.folder.lock().expect("lock");
    station.oftp(&["reload"]).exits(0);
    station.oftp(&["stop"]).exits(0);
    assert_eq!(station.orders(), [Order::Reload, Order::Stop]);
    std::fs::write(station.folder.config(), "[station]\nid = 7\n").expect("oftp.toml");
    station.oftp(&["reload"]).exits(2).says("id");
    assert_eq!(station.orders(), [], "what is wrong is not read");
}

#[test]
fn a_call_is_waited_for() {
    for (result, code) in [
        ("done", 0),
        ("no_connection", 3),
        ("refused", 4),
        ("lost", 10),
    ] {
        let station = Station::new();
        let _lock = station.folder.lock().expect("lock");
        let child = station
            .command(&["call", "beta", "--wait", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("oftp");
        // The station takes the order, and holds the session.
        station.await_order();
        station.write(move |connection| {
            for (partner, by) in [("gamma", "us"), ("beta", "partner")] {
                let other = json!({ "result": "busy", "by": by });
                event::note(connection, Kind::SessionEnded, Some(partner), None, &other)?;
            }
            let detail = json!({ "result": result, "by": "us" });
            event::note(connection, Kind::SessionEnded, Some("beta"), None, &detail)
        });
        let said = Said::of(child.wait_with_output().expect("a child")).exits(code);
        assert_eq!(said.json()[0]["detail"]["result"], result);
    }
}

#[test]
fn waiting_has_its_end() {
    let station = Station::new();
    let lock = station.folder.lock().expect("lock");
    station
        .oftp(&["call", "beta", "--wait=1"])
        .exits(9)
        .says("not over yet");
    station.oftp(&["stop", "--wait=1"]).exits(9);
    station.orders();
    let stopping = station.command(&["stop", "--wait"]).spawn().expect("oftp");
    station.await_order();
    drop(lock);
    let code = stopping.wait_with_output().expect("a child").status.code();
    assert_eq!(code, Some(0));
}
