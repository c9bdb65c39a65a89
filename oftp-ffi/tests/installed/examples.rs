//! The examples, built by CMake against what is installed, and run against each other.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::run::{
    Running, compilers, crate_folder, has, lines, outcome, prefix, run, scratch, tool,
};
use crate::{cpp, keys};

/// The examples, built by CMake, with the shared library or the static one.
fn examples(kind: &'static str) -> Option<PathBuf> {
    static BUILT: [OnceLock<()>; 2] = [OnceLock::new(), OnceLock::new()];
    if !has("cmake") {
        return None;
    }
    let folder = scratch(&format!("cmake-{kind}"));
    BUILT[usize::from(kind == "static")].get_or_init(|| {
        run(tool("cmake")
            .arg("-S")
            .arg(crate_folder().join("../examples/c"))
            .arg("-B")
            .arg(&folder)
            .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()))
            .arg(format!(
                "-DSTATIC={}",
                if kind == "static" { "ON" } else { "OFF" }
            ))
            .args(["-DCMAKE_C_FLAGS=-Wall -Wextra -Wno-unused-parameter -Werror"])
            .args(["-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"]));
        run(tool("cmake").arg("--build").arg(&folder));
    });
    Some(folder)
}

const EXAMPLES: [&str; 8] = [
    "event_loop",
    "bridge",
    "send",
    "receive",
    "seal",
    "station",
    "cpp/send",
    "cpp/receive",
];

#[test]
fn a_program_builds_by_find_package() {
    for kind in ["shared", "static"] {
        let Some(folder) = examples(kind) else { return };
        for example in EXAMPLES {
            let needed = run(tool("readelf").arg("-d").arg(folder.join(example)));
            let is_shared = !lines(&needed, "[liboftp.so.0]").is_empty();
            assert_eq!(is_shared, kind == "shared", "{example}: {needed}");
        }
    }
}

#[test]
fn send_and_receive_in_cpp_exchange_files() {
    for kind in ["shared", "static"] {
        let Some(programs) = examples(kind) else {
            return;
        };
        let folder = scratch(&format!("files-{kind}"));
        let inbox = folder.join("in");
        std::fs::create_dir_all(&inbox).expect("a folder");
        let contents = [vec![7; 300_000], Vec::new(), b"short".to_vec()];
        let names: Vec<_> = (1..=3).map(|n| folder.join(format!("out{n}"))).collect();
        for (name, content) in names.iter().zip(&contents) {
            std::fs::write(name, content).expect("written");
        }
        let mut receiver = Running::new(tool(programs.join("cpp/receive")).arg("0").arg(&inbox));
        let port = receiver.port();
        let mut sender = tool(programs.join("cpp/send"));
        let said = run(sender.args(["127.0.0.1", &port]).args(&names));
        assert_eq!(lines(&said, "has arrived").len(), 3, "{said}");
        receiver.finish();
        for (n, content) in (1..=3).zip(&contents) {
            let got = std::fs::read(inbox.join(n.to_string())).expect("a file");
            assert!(got == *content, "file {n} differs");
        }
    }
}

/// Files of a folder that have no dot before their names: those belong to the library.
fn stored(inbox: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(inbox).expect("a folder").flatten();
    let files = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut contents: Vec<_> = files
        .map(|file| std::fs::read(file.path()).expect("a file"))
        .collect();
    contents.sort();
    contents
}

/// One of the examples with a mailbox; with the name of a key of its own it uses TLS.
fn mailbox(program: &Path, own: Option<&str>, partner: &str) -> Command {
    let mut command = tool(program);
    if let Some(own) = own {
        let read = |kind| std::fs::read(keys().join(format!("{own}.{kind}"))).expect("a key");
        let both = scratch("mailbox-keys").join(own);
        std::fs::write(&both, [read("key"), read("pem")].concat()).expect("written");
        let certificates = keys().join(format!("{partner}.pem"));
        command.env("OFTP_OWN_KEYS", both);
        command.env("OFTP_CERTIFICATES", certificates);
    }
    command
}

#[test]
fn send_and_receive_exchange_files_with_and_without_tls() {
    let Some(programs) = examples("shared") else {
        return;
    };
    // Without TLS; with it; and with a key that is not the partner's.
    for (own, caller) in [
        (None, None),
        (Some("beta"), Some("alpha")),
        (Some("beta"), Some("gamma")),
    ] {
        let folder = scratch(&format!("mailbox-{}", caller.unwrap_or("plain")));
        let inbox = folder.join("in");
        std::fs::create_dir_all(&inbox).expect("a folder");
        let contents = [b"short".to_vec(), vec![7; 300_000]];
        let names = ["short", "long"].map(|name| folder.join(name));
        for (name, content) in names.iter().zip(&contents) {
            std::fs::write(name, content).expect("written");
        }
        let mut receiver = mailbox(&programs.join("receive"), own, "alpha");
        receiver.args(["0", "OBETA", "BPSW", "OALPHA", "APSW"]);
        let mut receiver = Running::new(receiver.arg(&inbox));
        let port = receiver.port();
        let mut sender = mailbox(&programs.join("send"), caller, "beta");
        sender.args(["127.0.0.1", &port, "OALPHA", "APSW", "OBETA", "BPSW"]);
        sender.args(&names);
        if caller == Some("gamma") {
            let sent = sender.output().expect("it starts");
            assert_eq!(sent.status.code(), Some(1), "{sent:?}");
            assert!(stored(&inbox).is_empty());
            continue;
        }
        let said = run(&mut sender);
        assert_eq!(lines(&said, "has its EERP").len(), 2, "{said}");
        let said = receiver.finish();
        assert_eq!(lines(&said, "from OALPHA lies in").len(), 2, "{said}");
        assert!(stored(&inbox) == [&contents[1][..], &contents[0]], "{said}");
    }
}

#[test]
fn seal_seals_and_opens_again() {
    let Some(programs) = examples("shared") else {
        return;
    };
    let folder = scratch("seal");
    let [file, sealed, opened] = ["file", "sealed", "opened"].map(|name| folder.join(name));
    let content = b"what a partner may read ".repeat(10_000);
    std::fs::write(&file, &content).expect("written");
    let said = run(tool(programs.join("seal"))
        .args(["alpha.key", "alpha.pem", "beta.key", "beta.pem"].map(|name| keys().join(name)))
        .args([&file, &sealed, &opened]));
    let last = format!("{} octets, signed by ", content.len());
    assert!(said.contains(&last), "{said}");
    assert!(std::fs::read(&opened).expect("a file") == content);
    let sealed = std::fs::read(&sealed).expect("a file");
    assert!(!sealed.is_empty() && sealed.len() < content.len());
}

/// The folder of a station that has one partner.
fn station_folder(name: &str, id: &str, partner: &str, more: &str) -> PathBuf {
    let folder = scratch(name);
    let text = format!(
        "[station]\nid = \"{id}\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
         [partner.{partner}]\nid = \"O{}\"\ntls = \"off\"\n{more}",
        partner.to_uppercase()
    );
    std::fs::write(folder.join("oftp.toml"), text).expect("written");
    folder
}

#[test]
fn station_sends_a_file_and_tells_what_happens() {
    let Some(programs) = examples("shared") else {
        return;
    };
    let beta = station_folder("station-beta", "OBETA", "alpha", "");
    let path = std::ffi::CString::new(beta.display().to_string()).expect("a path");
    let (mut station, mut port) = (std::ptr::null_mut(), 0);
    // SAFETY: the places are there; a handle is a token.
    let statuses = unsafe {
        [
            oftp::oftp_station_open(&raw mut station, path.as_ptr()),
            oftp::oftp_station_start(station),
            oftp::oftp_station_port(station, 0, &raw mut port),
        ]
    };
    assert_eq!(statuses, [0; 3]);
    let address = format!("address = [\"127.0.0.1:{port}\"]\n");
    let alpha = station_folder("station-alpha", "OALPHA", "beta", &address);
    let file = alpha.join("invoice.edi");
    std::fs::write(&file, "goods").expect("written");
    let said = run(tool(programs.join("station"))
        .arg(&alpha)
        .arg("beta")
        .arg(&file));
    for event in ["file_queued", "file_sent", "file_done", "station_stopped"] {
        assert_eq!(lines(&said, event).len(), 1, "{event}: {said}");
    }
    // SAFETY: a handle is a token.
    assert_eq!(unsafe { oftp::oftp_station_free(station) }, 0);
    let inbox = std::fs::read_dir(beta.join("inbox/alpha")).expect("an inbox");
    let came: Vec<_> = inbox.flatten().map(|entry| entry.path()).collect();
    assert_eq!(came.len(), 1);
    assert_eq!(std::fs::read(&came[0]).expect("a file"), b"goods");
}

#[test]
fn the_event_loop_serves_a_hundred_sessions_at_once() {
    let Some(programs) = examples("shared") else {
        return;
    };
    let mut server = Running::new(tool(programs.join("event_loop")).args(["0", "100"]));
    let port = server.port();
    let (_, compilers) = compilers();
    let said = run(tool(cpp(&compilers[0], "hundred", &["hundred.cpp"])).args([&port, "100"]));
    assert_eq!(said, "100 of 100 arrived\n");
    let said = server.finish();
    let last = "100 files, 0 sessions failed, at most 100 at once";
    assert_eq!(said.lines().last(), Some(last));
    for file in 0..100_usize {
        let octet = b'a' + (file % 26) as u8;
        let sum = (0..1000 * file).fold(2_166_136_261_u32, |sum, _| {
            (sum ^ u32::from(octet)).wrapping_mul(16_777_619)
        });
        let line = format!("FILE.{file} {sum:08x} {}", 1000 * file);
        assert!(said.lines().any(|said| said == line), "no {line}");
    }
}

#[test]
fn the_bridge_keeps_the_boundaries_of_records() {
    let Some(programs) = examples("shared") else {
        return;
    };
    // Empty ones, many in a buffer, and some longer than several.
    let records = (0..3000_usize).map(|n| match n % 500 {
        499 => "long ".repeat(4000),
        n => n.to_string().repeat(n % 9),
    });
    let lines: String = records.map(|record| record + "\n").collect();
    let file = scratch("bridge").join("records");
    std::fs::write(&file, &lines).expect("written");
    let (out, err) = outcome(tool(programs.join("bridge")).arg(&file));
    assert_eq!(err, "3000 records\n");
    assert!(out == lines, "the records differ");
}
