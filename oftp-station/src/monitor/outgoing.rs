//! Files that are sent: offered one after the other, kept until they are delivered.

use oftp_core::mailbox::{Event, Supply};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EsidReason, SfnaReason};

use super::post::Phase;
use super::{Answer, Monitor, Tell};

impl Monitor {
    /// Offers the next file for this partner, unless one is on its way.
    pub(super) fn next_file(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        let Some(partner) = run.mailbox.partner().filter(|_| run.up) else {
            return;
        };
        if run.current.is_some() {
            return;
        }
        let mut posts = self.posts.iter_mut();
        let next = posts.find(|post| {
            post.phase != Phase::Sent
                && !post.tried
                && post.partner.trimmed() == partner.code.trimmed()
        });
        if let Some(post) = next {
            post.tried = true;
            run.current = Some(post.id);
            let mut sfid = post.sfid.clone();
            sfid.rest = post.sent;
            run.queued = Some(run.mailbox.queue_file(sfid));
        }
    }

    pub(super) fn outgoing(&mut self, event: Event) {
        let Some(id) = self.run.as_ref().and_then(|run| run.current) else {
            return;
        };
        match event {
            Event::FileWanted { position, .. } => self.open(id, position),
            Event::DataWanted { .. } => self.supply(id),
            Event::FileSent { .. } => self.file_sent(id),
            Event::FileRefused {
                reason,
                retry,
                text,
                ..
            } => {
                let finished = self.post(id).is_some_and(|p| p.phase == Phase::Finished);
                // EFID was sent and EFPA got lost: the partner has all of it. With retry, another
                // session is still receiving it.
                if reason == SfnaReason::DUPLICATE_FILE && !retry && finished {
                    return self.file_sent(id);
                }
                let text = String::from_utf8_lossy(text.as_octets()).into_owned();
                self.refused(id, Some(Answer::Sfna(reason)), retry, text);
            }
            Event::FileNotAccepted { reason, text, .. } => {
                let text = String::from_utf8_lossy(text.as_octets()).into_owned();
                self.refused(id, Some(Answer::Efna(reason)), false, text);
            }
            Event::FileUnsendable { error, .. } => {
                self.refused(id, None, false, error.to_string());
            }
            _ => {}
        }
    }

    fn open(&mut self, id: u64, position: u64) {
        let Some(post) = self.posts.iter_mut().find(|post| post.id == id) else {
            return;
        };
        let (Some(feed), Some(run)) = (&mut post.feed, &mut self.run) else {
            return;
        };
        if let Err(error) = feed.seek(position) {
            return self.unreadable(id, &error.to_string());
        }
        let structure = Structure::of(&post.sfid);
        // The position lies in the file, so that it fits into 64 bits.
        let start = RestartPosition::new(structure, position, feed.octets());
        let start = start.unwrap_or(RestartPosition::START);
        let _ = run.mailbox.source_ready(start);
    }

    fn supply(&mut self, id: u64) {
        let Some(post) = self.posts.iter_mut().find(|post| post.id == id) else {
            return;
        };
        let (Some(feed), Some(run)) = (&mut post.feed, &mut self.run) else {
            return;
        };
        let (mut fault, mut at_end) = (None, false);
        let _ = run.mailbox.supply(|buffer| match feed.fill(buffer) {
            Ok(supply) => {
                at_end = supply == Supply::End;
                supply
            }
            Err(error) => {
                fault = Some(error);
                Supply::More
            }
        });
        if at_end {
            post.phase = Phase::Finished;
        }
        if let Some(error) = fault {
            self.unreadable(id, &error.to_string());
        }
    }

    /// A file of ours cannot be read: it is never sent, and the session cannot go on without it.
    fn unreadable(&mut self, id: u64, why: &str) {
        self.refused(id, None, false, why.to_owned());
        if let Some(run) = &mut self.run {
            run.mailbox
                .release(EsidReason::UNSPECIFIED, "the file cannot be read");
        }
    }

    fn file_sent(&mut self, id: u64) {
        self.arrived(id);
        self.file_done();
    }

    fn arrived(&mut self, id: u64) {
        if let Some(post) = self.post(id) {
            post.phase = Phase::Sent;
            post.feed = None;
        }
        self.score.sent += 1;
        self.tell(Tell::Sent(id));
    }

    /// A response has come for a file whose EFPA got lost: the partner has it, and it is not
    /// offered again.
    pub(super) fn arrived_before(&mut self, id: u64) {
        self.arrived(id);
        if let Some(run) = self.run.as_mut().filter(|run| run.current == Some(id)) {
            // While the partner speaks no file of ours is further than in the queue.
            if run
                .queued
                .is_some_and(|queued| run.mailbox.withdraw_file(queued))
            {
                self.file_done();
            }
        }
    }

    fn refused(&mut self, id: u64, answer: Option<Answer>, retry: bool, text: String) {
        if !retry {
            self.posts.retain(|post| post.id != id);
        }
        self.score.refused += 1;
        self.tell(Tell::Refused {
            id,
            answer,
            retry,
            text,
        });
        self.file_done();
    }

    fn file_done(&mut self) {
        if let Some(run) = &mut self.run {
            (run.current, run.queued) = (None, None);
        }
        self.next_file();
    }

    /// The session is at its end: what was sent of an open file is noted.
    pub(super) fn interrupted(&mut self) {
        let id = self.run.as_mut().and_then(|run| run.current.take());
        if let Some(post) = id.and_then(|id| self.post(id))
            && let Some(feed) = &mut post.feed
        {
            // Nothing was sent where the partner has not answered SFID: what was offered holds.
            if feed.octets() > 0 {
                post.sent = feed.position();
            }
            feed.rest();
        }
    }
}
