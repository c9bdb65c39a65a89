//! SSIDSR: who only sends and who only receives; responses go in both directions regardless.

use oftp_core::mailbox::{Ended, Event};
use oftp_core::wire::{Capability, RecordFormat};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

use Capability::{Both, ReceiverOnly, SenderOnly};

fn unsendable(station: &Station) -> bool {
    let mut events = station.events.iter();
    events.any(|event| matches!(event, Event::FileUnsendable { .. }))
}

fn failed_with_10(station: &Station) -> bool {
    match station.ended() {
        Some(Ended::Failed(ind)) => ind.reason.map(|reason| reason.code()) == Some(10),
        _ => false,
    }
}

/// Two that only send, or only receive, are told 10 in both roles (threat model S7).
#[test]
fn every_mode_with_every_other() {
    for ours in [Both, SenderOnly, ReceiverOnly] {
        for theirs in [Both, SenderOnly, ReceiverOnly] {
            let what = format!("{ours:?} with {theirs:?}");
            let mut link = Link::with(
                |side| side.capabilities().mode = ours,
                |side| side.capabilities().mode = theirs,
            );
            for (station, from, to) in [
                (&mut link.caller, ALPHA, BETA),
                (&mut link.called, BETA, ALPHA),
            ] {
                station.send(SendFile {
                    sfid: sfid("FILE", from, to, RecordFormat::U, 0),
                    records: vec![b"data".to_vec()],
                });
            }
            link.run();
            if ours == theirs && ours != Both {
                assert!(failed_with_10(&link.caller), "{what}");
                // Nobody was announced to the User Monitor that is called (9.8 E).
                assert!(link.called.mailbox.session().is_over(), "{what}");
                continue;
            }
            let forth = ours != ReceiverOnly && theirs != SenderOnly;
            let back = ours != SenderOnly && theirs != ReceiverOnly;
            for (sender, receiver, allowed) in [
                (&link.caller, &link.called, forth),
                (&link.called, &link.caller, back),
            ] {
                assert_eq!(receiver.inbox.contains_key("FILE"), allowed, "{what}");
                assert_eq!(sender.responses.len(), usize::from(allowed), "{what}");
                assert_eq!(unsendable(sender), !allowed, "{what}");
                assert_eq!(sender.ended(), Some(&Ended::Normally), "{what}");
            }
        }
    }
}
