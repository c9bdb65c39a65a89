//! A file that was stored and cannot be processed: NERP where the level has it, else nothing.

use oftp_core::mailbox::{Ended, Event, Reply, Response};
use oftp_core::wire::{Level, NerpReason, RecordFormat, Text};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::stations::{Link, SendFile, sfid};

fn link(level: Level, reason: u8) -> Link {
    let mut link = Link::with(|_| {}, |side| side.capabilities().level = level);
    link.called.reply = Reply::Nerp {
        reason: NerpReason::new(reason),
        text: Text::new("nobody here"),
    };
    link.caller.send(SendFile {
        sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![b"data".to_vec()],
    });
    link.run();
    assert_eq!(link.caller.sent.len(), 1);
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    link
}

#[test]
fn nerp_reaches_the_originator() {
    for (level, reason, told, text) in [
        (Level::V2_0, 34, 34, "nobody here"),
        (Level::V1_4, 12, 12, ""),
        (Level::V1_4, 34, 99, ""),
    ] {
        let link = link(level, reason);
        let [Response::Nerp(nerp)] = &link.caller.responses[..] else {
            panic!("{:?}", link.caller.responses);
        };
        assert_eq!(nerp.reas.code(), told);
        assert_eq!(nerp.reast, Text::new(text));
        assert_eq!((nerp.dest, nerp.orig), (code(ALPHA), code(BETA)));
        assert_eq!(nerp.crea, code(BETA));
    }
}

#[test]
fn below_1_4_it_is_kept_and_reported() {
    for level in [Level::V1_2, Level::V1_3] {
        let link = link(level, 12);
        assert!(link.caller.responses.is_empty());
        let unsendable = link.called.events.iter();
        let unsendable = unsendable.filter_map(|event| match event {
            Event::ResponseUnsendable { response, error } => Some((response, error.to_string())),
            _ => None,
        });
        let [(Response::Nerp(_), error)] = &unsendable.collect::<Vec<_>>()[..] else {
            panic!("{:?}", link.called.events);
        };
        assert!(error.contains("NERP"), "{error}");
    }
}
