//! `oftp init` and `oftp check`.

use std::os::unix::fs::PermissionsExt;

use super::common::*;

const CODE: &str = "O0177ALPHA";

/// The mode of a file or a folder.
fn mode(place: &Place, name: &str) -> u32 {
    let metadata = place.path(name).metadata().expect(name);
    metadata.permissions().mode() & 0o777
}

fn run(place: &Place, arguments: &[&str]) -> Run {
    Process::spawn(&mut place.oftp(arguments)).finish()
}

/// (threat model N4)
#[test]
fn a_new_station_is_right_from_the_beginning() {
    let place = Place::new();
    let made = run(&place, &["init", "station", "--id", CODE, "--json"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(made.events[0]["event"], "station_made");
    for folder in ["station", "station/keys", "station/spool/in"] {
        assert_eq!(mode(&place, folder), 0o700, "{folder}");
    }
    assert_eq!(mode(&place, "station/oftp.toml"), 0o600);
    let checked = run(&place, &["check", "--station", "station", "--json"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert_eq!(checked.events[0]["id"], CODE);
    let last = checked.events.last().expect("an end");
    assert_eq!(
        (&last["faults"], &last["warnings"]),
        (&0.into(), &0.into()),
        "{checked:?}"
    );
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    std::fs::create_dir(place.path("station")).expect("a folder");
    place.write("station/oftp.toml", "mine");
    let again = run(&place, &["init", "station"]);
    assert_eq!(again.code, Some(11), "{again:?}");
    assert!(
        again.err.contains("nothing of it is overwritten"),
        "{}",
        again.err
    );
    let kept = std::fs::read(place.path("station/oftp.toml")).expect("the file");
    assert_eq!(kept, b"mine");
    assert!(!place.path("station/keys").exists());
}

#[test]
fn a_code_that_nobody_could_send_is_refused() {
    let place = Place::new();
    let made = run(&place, &["init", "station", "--id", "OALPHA_1"]);
    assert_eq!(made.code, Some(2), "{made:?}");
    assert!(!place.path("station").exists());
}

#[test]
fn faults_are_told_with_their_lines_and_end_with_2() {
    let place = Place::new();
    run(&place, &["init", "station", "--id", CODE]);
    place.write(
        "station/oftp.toml",
        "[station]\nid = \"OALPHA\"\npassword = \"GEHEIM42\"\n[limit]\n",
    );
    let checked = run(&place, &["check", "--station", "station"]);
    assert_eq!(checked.code, Some(2), "{checked:?}");
    for line in [
        "error: station/oftp.toml:3: station.password: a secret does not stand in this file",
        "error: station/oftp.toml:4: limit: is not known; did you mean `limits`?",
        "2 faults, ",
    ] {
        assert!(checked.out.contains(line), "{}", checked.out);
    }
    assert!(!checked.out.contains("GEHEIM42") && !checked.err.contains("GEHEIM42"));
    let json = run(&place, &["check", "--station", "station", "--json"]);
    let fault = &json.events[0];
    assert_eq!(
        (&fault["event"], &fault["line"]),
        (&"config_fault".into(), &3.into())
    );
    assert_eq!(fault["key"], "station.password");
}

#[test]
fn a_folder_without_a_station_is_told() {
    let place = Place::new();
    let checked = run(&place, &["check"]);
    assert_eq!(checked.code, Some(2), "{checked:?}");
    assert!(checked.err.contains("oftp init"), "{}", checked.err);
}

#[test]
fn what_the_station_would_do_is_told_line_by_line() {
    let place = Place::with_keys();
    run(&place, &["init", "station", "--id", CODE]);
    for file in ["alpha.key", "alpha.pem", "beta.pem", "beta-expired.pem"] {
        std::fs::rename(
            place.path(file),
            place.path(&format!("station/keys/{file}")),
        )
        .expect("a key");
    }
    place.write(
        "station/oftp.toml",
        "[station]\nid = \"OALPHA\"\n\
         [keys]\nall = [\"keys/alpha.key\", \"keys/alpha.pem\"]\n\
         [[listen]]\n\
         [partner.beta]\nid = \"OBETA\"\naddress = \"beta.example\"\n\
         certificates = [\"keys/beta.pem\", \"keys/beta-expired.pem\"]\n\
         protect = { sign = true, compress = true }\naccept = { signed = \"required\" }\n",
    );
    let checked = run(&place, &["check", "--station", "station"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    for line in [
        "listens on [::]:6619, TLS\n",
        "partner beta: OBETA; called at beta.example; level 2.0, TLS; our files signed, \
         compressed; its files must be signed\n",
        "expired; replace it",
        "warning: station/oftp.toml:6: partner.beta.their_password: any password",
        // The test has written it anew, as anybody would.
        "no faults, ",
    ] {
        assert!(checked.out.contains(line), "{line}\n{}", checked.out);
    }
    let set = |name: &str, mode| {
        std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(mode))
            .expect("a mode");
    };
    set("station/keys/alpha.key", 0o644);
    set("station/oftp.toml", 0o666);
    set("station", 0o755);
    let open = run(&place, &["check", "--station", "station"]);
    for line in [
        "keys/alpha.key (mode 644); chmod 600",
        "warning: station/oftp.toml: other users of this machine can change it (mode 666)",
        "warning: station: other users of this machine can read it (mode 755); chmod go-rwx",
    ] {
        assert!(open.out.contains(line), "{line}\n{}", open.out);
    }
}

#[test]
fn profiles_are_listed() {
    let place = Place::new();
    let listed = run(&place, &["check", "--profiles"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.out.contains("transfer-cft: ") && listed.out.contains("\n    credit = 4"));
}

#[test]
fn an_inbox_that_no_file_can_be_moved_to_is_told() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let place = Place::new();
    let made = run(&place, &["init", "station", "--id", CODE]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let device = |path: &std::path::Path| path.metadata().map(|data| data.dev()).ok();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        return eprintln!("SKIPPED: there is no second file system");
    };
    if device(other.path()) == device(&place.path("station")) {
        return eprintln!("SKIPPED: there is no second file system");
    }
    let mut config = std::fs::read_to_string(place.path("station/oftp.toml")).expect("a file");
    config += "\n[partner.beta]\nid = \"OBETA\"\ntls = \"off\"\naddress = \"localhost:1\"\n";
    place.write("station/oftp.toml", &config);
    std::fs::create_dir_all(place.path("station/inbox")).expect("a folder");
    let inbox = other.path().join("inbox");
    std::fs::create_dir(&inbox).expect("a folder");
    symlink(inbox, place.path("station/inbox/beta")).expect("a link");

    let check = ["check", "--station", "station"];
    for (arguments, code) in [(&check[..], 2), (&["run", "--station", "station"], 11)] {
        let told = run(&place, arguments);
        told.exits(code);
        let words = "station/inbox/beta lies on another file system than";
        assert!(format!("{told:?}").contains(words), "{told:?}");
    }
    // What is advised helps.
    let spool = other.path().join("spool");
    std::fs::rename(place.path("station/spool/in"), &spool)
        .or_else(|_| std::fs::create_dir(&spool))
        .expect("a folder");
    let _ = std::fs::remove_dir_all(place.path("station/spool/in"));
    symlink(spool, place.path("station/spool/in")).expect("a link");
    std::fs::remove_dir(place.path("station/refused")).expect("an empty folder");
    std::fs::create_dir(other.path().join("refused")).expect("a folder");
    symlink(other.path().join("refused"), place.path("station/refused")).expect("a link");
    run(&place, &check).exits(0);
}
