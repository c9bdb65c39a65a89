//! The file that is being sent: opened where the partner wants it, moved into exchange buffers.

use oftp_core::mailbox::{Mailbox, Supply};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::EsidReason;
use oftp_secure::certificate::hex;

use super::{Outgoing, save};
use crate::exchange::incoming::PROGRESS;
use crate::exchange::{Outcome, Voice, file_id, on_disk};
use crate::outbox::Phase;
use crate::report::{Direction, Event};

/// How far a transfer is noted while it runs, for the case that this process is killed.
const CHECKPOINT: u64 = 16 << 20;

impl Outgoing {
    pub(super) fn open(
        &mut self,
        mailbox: &mut Mailbox,
        position: u64,
        voice: &Voice,
        outcome: &mut Outcome,
    ) {
        let Some(current) = &mut self.current else {
            return;
        };
        if let Err(error) = on_disk(position > 0, || current.feed.seek(position)) {
            outcome.local_fault();
            voice.error(&error.to_string());
            return mailbox.release(EsidReason::UNSPECIFIED, "the file cannot be read");
        }
        let octets = current.feed.source.octets();
        current.told = octets;
        current.noted = octets;
        voice.tell(&Event::FileStarted {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            resumed_at: octets,
            total: current.feed.source.facts().octets,
        });
        // The position lies in the file, so that it fits into 64 bits.
        let start = RestartPosition::new(Structure::of(&current.sfid), position, octets)
            .unwrap_or(RestartPosition::START);
        let _ = mailbox.source_ready(start);
    }

    pub(super) fn supply(&mut self, mailbox: &mut Mailbox, voice: &Voice, outcome: &mut Outcome) {
        let Some(current) = &mut self.current else {
            return;
        };
        let mut fault = None;
        let (feed, transfer, notes) = (&mut current.feed, &mut current.transfer, &self.notes);
        let supplied = mailbox.supply(|buffer| match feed.fill(buffer) {
            Ok(Supply::End) => {
                // Before EFID can leave: only then SFNA 13 may count as delivered.
                transfer.phase = Phase::EfidSent;
                if let Some(hash) = feed.hash() {
                    transfer.protected.hash = hex(&hash);
                }
                transfer.sent = feed.source.position();
                save(notes, transfer, voice);
                Supply::End
            }
            Ok(Supply::More) => Supply::More,
            Err(error) => {
                fault = Some(error);
                Supply::More
            }
        });
        if let Some(error) = fault {
            outcome.local_fault();
            voice.error(&error.to_string());
            return mailbox.release(
                EsidReason::UNSPECIFIED,
                "the file cannot be read to its end",
            );
        }
        if supplied.is_err() {
            return;
        }
        let octets = current.feed.source.octets();
        if octets - current.told >= PROGRESS {
            current.told = octets;
            voice.tell(&Event::FileProgress {
                file: file_id(&current.sfid),
                direction: Direction::Out,
                octets,
                total: current.feed.source.facts().octets,
            });
        }
        if octets - current.noted >= CHECKPOINT && current.transfer.phase == Phase::Offered {
            current.noted = octets;
            current.transfer.sent = current.feed.source.position();
            save(&self.notes, &current.transfer, voice);
        }
    }
}
