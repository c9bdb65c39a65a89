//! A dataset name never selects a path (threat model N1 to N3), and no file replaces another.

use oftp_core::wire::{
    Cd, Command, CommandCode, Efid, Esid, EsidReason, IdentificationCode, Level, Rtr, Sfid, Stamp,
    Text,
};

use crate::common::{Peer, Place, data, sfid};

/// Offers a file with one line of text; the reason where it is refused.
fn offer(peer: &mut Peer, sfid: &Sfid) -> Result<(), (u8, bool)> {
    peer.send(&Command::Sfid(sfid.clone()));
    match peer.receive().expect("an answer") {
        Command::Sfpa(_) => {
            peer.send(&Command::Data(&data(b"content")));
            peer.send(&Command::Efid(Efid { rcnt: 0, ucnt: 7 }));
            peer.expect(CommandCode::Efpa);
            Ok(())
        }
        Command::Sfna(sfna) => Err((sfna.reas.code(), sfna.rrtr)),
        other => panic!("{other:?} came"),
    }
}

/// Takes the EERPs that are due, and ends the session.
fn end(peer: &mut Peer) -> usize {
    peer.send(&Command::Cd(Cd));
    let mut responses = 0;
    loop {
        match peer.receive().expect("the turn or a response") {
            Command::Eerp(_) => {
                responses += 1;
                peer.send(&Command::Rtr(Rtr));
            }
            Command::Cd(_) => {
                let (reas, reast) = (EsidReason::NORMAL, Text::default());
                peer.send(&Command::Esid(Esid { reas, reast }));
                return responses;
            }
            // Nothing was due: the turn may end the session.
            Command::Esid(_) => return responses,
            other => panic!("{other:?} came"),
        }
    }
}

/// (threat model N1, N3, N5)
#[test]
fn nasty_names_stay_in_the_inbox_and_apart() {
    let names: [&[u8]; 14] = [
        b"../../../../ETC/CRON.D/X",
        b"/ETC/PASSWD",
        b".",
        b"..",
        b".PARTIAL/X",
        b"A",
        b"a",
        b"A A",
        b" A",
        b"`&(;|$HOME",
        b"-RF",
        b"CON",
        b"A.JSON",
        b"\xe9\xff",
    ];
    for level in [Level::V1_3, Level::V2_0] {
        let place = Place::new();
        let before = outside(&place);
        let listener = place.listen(&["--once"]);
        let mut peer = Peer::call(listener.address, "OALPHA", level);
        for name in names {
            let answer = offer(&mut peer, &sfid(name));
            assert_eq!(answer, Ok(()), "{}", name.escape_ascii());
        }
        assert_eq!(end(&mut peer), names.len(), "each has its EERP");
        listener.finish().exits(0);
        let received = place.received();
        assert_eq!(received.len(), names.len(), "{received:?}");
        let lower = |name: &str| name.to_lowercase();
        let mut folded: Vec<String> = received.iter().map(|(name, _)| lower(name)).collect();
        folded.dedup();
        assert_eq!(
            folded.len(),
            names.len(),
            "apart where case is ignored: {received:?}"
        );
        for (name, octets) in &received {
            let plain = |o: u8| o.is_ascii_alphanumeric() || b"._-".contains(&o);
            assert!(
                name.bytes().all(plain) && name.starts_with(['2', '_']),
                "{name}"
            );
            assert_eq!(octets, b"content");
        }
        assert_eq!(outside(&place), before);
    }
}

/// What lies beside the inbox.
fn outside(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path(".")).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// (threat model N2)
#[test]
fn names_with_control_characters_are_refused() {
    let place = Place::new();
    let listener = place.listen(&["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    for name in [&b"A\0B"[..], b"A\nB", b"\x1b[2J", b"\x7f", b""] {
        let answer = offer(&mut peer, &sfid(name));
        assert_eq!(answer, Err((1, false)), "{}", name.escape_ascii());
    }
    assert_eq!(offer(&mut peer, &sfid(b"GOOD")), Ok(()));
    end(&mut peer);
    let run = listener.finish();
    run.exits(0);
    assert_eq!(run.all("file_refused").len(), 5, "{run}");
    assert!(!run.out.contains('\x1b'), "{run}");
    assert_eq!(place.contents().len(), 1);
}

/// (threat model N4)
#[test]
fn nothing_is_overwritten_not_even_what_someone_else_put_there() {
    let place = Place::new();
    let name = "20260131.1204550001.MINE.OALPHA.OBETA";
    std::fs::write(place.inbox().join(name), "precious").expect("a file");
    let link = place.inbox().join("20260131.1204550001.LINK.OALPHA.OBETA");
    std::os::unix::fs::symlink(place.path("target"), link).expect("a link");
    let listener = place.listen(&["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    assert_eq!(offer(&mut peer, &sfid(b"MINE")), Err((13, false)));
    assert_eq!(offer(&mut peer, &sfid(b"LINK")), Err((13, false)));
    end(&mut peer);
    listener.finish().exits(0);
    let kept = std::fs::read(place.inbox().join(name)).expect("a file");
    assert_eq!(kept, b"precious");
    assert!(!place.path("target").exists());
}

/// (threat model N6)
#[test]
fn files_of_others_and_for_others_are_refused() {
    let place = Place::new();
    let listener = place.listen(&["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    let other = IdentificationCode::new("OGAMMA").expect("a code");
    let to_other = Sfid {
        dest: other,
        ..sfid(b"A")
    };
    let from_other = Sfid {
        orig: other,
        ..sfid(b"A")
    };
    assert_eq!(offer(&mut peer, &to_other), Err((2, false)));
    assert_eq!(offer(&mut peer, &from_other), Err((3, false)));
    end(&mut peer);
    listener.finish().exits(0);
    assert_eq!(place.received(), []);
}

/// A stamp is taken as it is: it leads nowhere and puts nothing in order (threat model N11).
#[test]
fn dates_that_are_none_name_a_file_like_others() {
    let digits = Stamp::new("99999999", "9999999999").expect("digits");
    let octets = Stamp::Short {
        date: *b"../../",
        time: *b"/etc/x",
    };
    for (level, stamp) in [
        (Level::V2_0, digits),
        (Level::V1_4, digits),
        (Level::V1_3, octets),
    ] {
        let place = Place::new();
        let before = outside(&place);
        let listener = place.listen(&["--once"]);
        let mut peer = Peer::call(listener.address, "OALPHA", level);
        let nonsense = Sfid {
            stamp,
            ..sfid(b"FILE")
        };
        assert_eq!(offer(&mut peer, &nonsense), Ok(()), "{level}");
        assert_eq!(offer(&mut peer, &nonsense), Err((13, false)), "{level}");
        assert_eq!(offer(&mut peer, &sfid(b"FILE")), Ok(()), "{level}");
        end(&mut peer);
        listener.finish().exits(0);
        assert_eq!(place.contents(), [b"content", b"content"]);
        assert_eq!(outside(&place), before);
    }
}
