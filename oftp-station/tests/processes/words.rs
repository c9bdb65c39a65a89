//! What the user reads: nothing that a partner forged, no password, and what the README promises.

use std::net::TcpListener;

use oftp_core::wire::{
    Cd, Command, CommandCode, Efna, EfnaReason, Esid, EsidReason, Level, Nerp, NerpReason, Sfid,
    Sfna, SfnaReason, Sfpa, Text, UserData,
};

use crate::common::{Peer, Place, Process, Run, code_of, data, sfid};

/// A line end, a terminal sequence, and a character that turns the reading direction.
const FORGED: &str = "no\r\nerror: \x1b[31mforged\u{202e}\u{85}";

fn is_clean(run: &Run) {
    let text = format!("{run}");
    assert!(text.contains("forged"), "it should be shown: {text}");
    for bad in ['\x1b', '\r', '\u{202e}', '\u{85}'] {
        assert!(!text.contains(bad), "{}", text.escape_debug());
    }
    assert!(
        !text.lines().any(|line| line.starts_with("error: forged")),
        "{text}"
    );
    // Nor by escapes of JSON that a reader would undo.
    for event in &run.events {
        let plain = |text: &str| !text.contains(['\x1b', '\r', '\n', '\u{202e}', '\u{85}']);
        assert!(every_text(event, &plain), "{event}");
    }
}

fn every_text(value: &serde_json::Value, check: &impl Fn(&str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => check(text),
        serde_json::Value::Array(all) => all.iter().all(|value| every_text(value, check)),
        serde_json::Value::Object(all) => all.values().all(|value| every_text(value, check)),
        _ => true,
    }
}

/// Sends a file to a partner that takes the SFID and then does as `script` says; the same with
/// lines for people.
fn with_partner(script: fn(&mut Peer, Sfid)) -> [Run; 2] {
    ["--json", "--no-progress"].map(|style| {
        let place = Place::new();
        place.write("file", "content");
        let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = partner.local_addr().expect("an address").to_string();
        let partner = std::thread::spawn(move || {
            let mut peer = Peer::answer(&partner, "OBETA", Level::V2_0);
            let sfid = peer.expect_sfid();
            script(&mut peer, sfid);
            // Whatever the sender says before it leaves.
            while peer
                .receive()
                .is_some_and(|said| said.code() != CommandCode::Esid)
            {}
        });
        let options = [
            "--id",
            "OALPHA",
            "--partner",
            "OBETA",
            "--state",
            "state",
            "--trace",
        ];
        let arguments = [&["send", &address, "file", style][..], &options].concat();
        let run = Process::spawn(&mut place.oftp(&arguments)).finish();
        partner.join().expect("the partner");
        run
    })
}

#[test]
fn words_of_a_partner_cannot_forge_lines() {
    let esid = with_partner(|peer, _| {
        let (reas, reast) = (EsidReason::UNSPECIFIED, Text::new(FORGED));
        peer.send(&Command::Esid(Esid { reas, reast }));
        let _ = peer.stream.shutdown(std::net::Shutdown::Write);
    });
    let sfna = with_partner(|peer, _| {
        let (reas, reast) = (SfnaReason::UNSPECIFIED, Text::new(FORGED));
        peer.send(&Command::Sfna(Sfna {
            reas,
            rrtr: false,
            reast,
        }));
        peer.expect(CommandCode::Cd);
        peer.send(&Command::Cd(Cd));
    });
    let efna = with_partner(|peer, _| {
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.expect(CommandCode::Data);
        peer.expect(CommandCode::Efid);
        let (reas, reast) = (EfnaReason::UNSPECIFIED, Text::new(FORGED));
        peer.send(&Command::Efna(Efna { reas, reast }));
        peer.expect(CommandCode::Cd);
        peer.send(&Command::Cd(Cd));
    });
    let nerp = with_partner(|peer, sfid| {
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.expect(CommandCode::Data);
        peer.expect(CommandCode::Efid);
        peer.send(&Command::Efpa(oftp_core::wire::Efpa { cd: false }));
        peer.expect(CommandCode::Cd);
        peer.send(&Command::Nerp(Nerp {
            dsn: sfid.dsn,
            stamp: sfid.stamp,
            dest: sfid.orig,
            orig: sfid.dest,
            crea: code_of("OBETA"),
            reas: NerpReason::UNSPECIFIED,
            reast: Text::new(FORGED),
            hsh: Vec::new(),
            sig: Vec::new(),
        }));
        peer.expect(CommandCode::Rtr);
        peer.send(&Command::Cd(Cd));
    });
    for (runs, code) in [(esid, 10), (sfna, 5), (efna, 6), (nerp, 6)] {
        for run in &runs {
            run.exits(code);
            is_clean(run);
        }
    }
}

#[test]
fn names_and_descriptions_cannot_forge_lines() {
    for style in ["--json", "--no-progress"] {
        let place = Place::new();
        let mut command = place.oftp(&["listen", "127.0.0.1:0", "--id", "OBETA", "--trace"]);
        command.args([
            "--any-partner",
            "--sessions",
            "2",
            "--directory",
            "inbox",
            style,
        ]);
        let mut listener = Process::spawn(&mut command);
        let is_first = |line: &serde_json::Value| line["event"] == "listening" || line.is_string();
        let line = listener.wait_until("its address", is_first);
        let line = line["address"].as_str().or_else(|| line.as_str());
        let address = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
        let address = address.expect("an address");
        // At level 1.3 a field may hold any octet.
        let mut peer = Peer::call(address, "OALPHA", Level::V1_3);
        let user = UserData::from_octets(b"\x1b[31m\r\n");
        peer.send(&Command::Sfid(Sfid {
            user,
            ..sfid(b"forged\x9b31m\xe2\x80\xae")
        }));
        peer.expect_sfpa();
        peer.send(&Command::Data(&data(b"x")));
        drop(peer);
        let mut peer = Peer::call(address, "OALPHA", Level::V2_0);
        let desc = Text::new(FORGED);
        peer.send(&Command::Sfid(Sfid {
            desc,
            ..sfid(b"NAME")
        }));
        peer.expect_sfpa();
        drop(peer);
        is_clean(&listener.finish());
    }
}

#[test]
fn a_code_of_a_caller_cannot_forge_lines() {
    let place = Place::new();
    let listener = place.listen(&["--once"]);
    let mut peer = Peer::dial(listener.address, Level::V2_0);
    peer.expect(CommandCode::Ssrm);
    let ssid = crate::common::ssid("OALPHA", Level::V2_0);
    let code = oftp_core::wire::IdentificationCode::from_octets(b"Oforged\r\n\x1b[2J");
    peer.send(&Command::Ssid(oftp_core::wire::Ssid { code, ..ssid }));
    peer.expect_esid();
    drop(peer);
    is_clean(listener.finish().exits(4));
}

#[test]
fn no_password_is_ever_shown() {
    let place = Place::new();
    place.write("file", "content");
    let passwords = ["--password", "MINE-123", "--partner-password", "YOURS-45"];
    let reversed = ["--password", "YOURS-45", "--partner-password", "MINE-123"];
    for style in ["--json", "--no-progress"] {
        let mut command = place.oftp(&["listen", "127.0.0.1:0", "--id", "OBETA", "--trace"]);
        command.args([
            "--json",
            "--partner",
            "OALPHA",
            "--once",
            "--directory",
            "inbox",
        ]);
        let listener = crate::common::Listener::spawn(command.args(reversed));
        let address = listener.address.to_string();
        let options = [
            "send",
            &address,
            "file",
            "--id",
            "OALPHA",
            "--partner",
            "OBETA",
        ];
        let mut command = place.oftp(&options);
        command
            .args(["--state", "state", "--trace", style])
            .args(passwords);
        let run = Process::spawn(&mut command).finish();
        let shown = format!("{}{}", run.exits(0), listener.finish().exits(0));
        assert!(
            shown.contains("9.8") && shown.contains("SSID"),
            "a trace: {shown}"
        );
        assert!(
            shown.contains("use --password-file or --password-env"),
            "{shown}"
        );
        for password in ["MINE-123", "YOURS-45"] {
            assert!(!shown.contains(password), "{shown}");
        }
        for folder in ["state", "inbox"] {
            let found = std::process::Command::new("grep")
                .args(["-r", "-e", "MINE-123", "-e", "YOURS-45"])
                .arg(place.path(folder))
                .output()
                .expect("grep");
            assert!(found.stdout.is_empty(), "a password is stored in {folder}");
        }
    }
}

#[test]
fn quiet_says_errors_only() {
    let place = Place::new();
    place.write("file", "content");
    let listener = place.listen(&["--once"]);
    let run = place.send(listener.address, &["file", "--quiet"]);
    run.exits(0);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    listener.finish();
    let run = place.send(([127, 0, 0, 1], 1).into(), &["file", "--again", "--quiet"]);
    assert_eq!(run.exits(3).events.len(), 1, "{run}");
}
