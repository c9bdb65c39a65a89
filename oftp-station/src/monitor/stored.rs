//! What becomes of a file that has come: stored and answered, refused, or kept for a restart.

use oftp_core::mailbox::{Reply, Response, eerp_for};
use oftp_core::session::FileFault;
use oftp_core::virtual_file::Structure;
use oftp_core::wire::{EfnaReason, Sfid};
use oftp_secure::crypto::Digest;

use super::incoming::{Incoming, Sink};
use super::responses::{Job, PATIENCE};
use super::{Answer, Monitor, Tell};
use crate::exchange::{Unsigned, Work};
use crate::inbox::InboxError;

impl Monitor {
    /// All of a file is here and its counts agree. What makes it durable waits for the disk: it is a step of its own.
    pub(super) fn file_complete(&mut self) {
        if let Some(run) = &mut self.run
            && let Some(incoming) = &run.incoming
            && matches!(incoming.sink, Sink::Folder(_))
        {
            run.urgent.push_back(Job::Store);
        } else {
            self.complete();
        }
    }

    pub(super) fn complete(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        match run.incoming.take() {
            None => {
                let reason = EfnaReason::ACCESS_METHOD_FAILURE;
                let _ = run.mailbox.file_failed(reason, "no file is open");
            }
            Some(incoming) if matches!(incoming.sink, Sink::Host) => {
                let sfid = incoming.sfid.clone();
                run.incoming = Some(incoming);
                run.complete = true;
                self.tell(Tell::Complete(sfid));
            }
            Some(incoming) => self.store(incoming),
        }
    }

    fn store(&mut self, incoming: Incoming) {
        let Some(run) = &mut self.run else {
            return;
        };
        let Incoming {
            sfid,
            sink: Sink::Folder(slot),
            suite,
            digest,
            limit,
            ..
        } = incoming
        else {
            return;
        };
        let is_enveloped = Structure::of(&sfid).is_enveloped();
        let partner = run.mailbox.partner().map(|p| p.code).unwrap_or_default();
        let hash = digest.map(Digest::finish);
        // The hash of an envelope can be computed again, that of other files is known now only.
        let unsigned = match (&hash, suite) {
            (Some(hash), Some(suite)) if !is_enveloped => {
                let mut eerp = eerp_for(&sfid);
                hash.clone_into(&mut eerp.hsh);
                Some(Unsigned {
                    partner,
                    response: Response::Eerp(Box::new(eerp)),
                    suite: suite.code,
                })
            }
            _ => None,
        };
        let mut not_kept = None;
        let stored = if is_enveloped {
            slot.keep_sealed().map(|sealed| (Some(sealed), None))
        } else {
            if let Some(Err(error)) = unsigned.as_ref().map(|one| self.owed.keep_unsigned(one)) {
                not_kept = Some(format!(
                    "a response would be lost if this process were killed: {error}"
                ));
            }
            slot.publish().map(|path| (None, Some(path)))
        };
        match stored {
            Ok((sealed, path)) => {
                self.score.received += 1;
                if sfid.sign || is_enveloped {
                    let keys = self.security.ring.of_station(&sfid.orig, &partner);
                    run.todo.push_back(Work {
                        sealed,
                        sfid: (*sfid).clone(),
                        partner,
                        own: run.mailbox.identity().code,
                        hash,
                        suite,
                        keys,
                        reply: Reply::Eerp,
                        settings: self.security.clone(),
                        limit: (limit < u64::MAX).then_some(limit),
                        owed: self.owed.clone(),
                    });
                    let _ = run.mailbox.file_stored(Reply::Later);
                    run.mailbox.hold_turn(Some(PATIENCE));
                } else {
                    let response = Response::Eerp(Box::new(eerp_for(&sfid)));
                    // Behind the file, as it must not be answered before it is there, and before
                    // EFPA: a sender that has that does not offer the file again.
                    if let Err(error) = self.owed.keep(partner, &response) {
                        not_kept = Some(format!(
                            "a response would be lost if this process were killed: {error}"
                        ));
                    }
                    run.unconfirmed.push(response);
                    let _ = run.mailbox.file_stored(Reply::Eerp);
                }
                if let Some(path) = path {
                    self.tell(Tell::Received { sfid, path });
                }
            }
            Err(error) => {
                if let Some(unsigned) = unsigned {
                    self.owed.confirmed(&unsigned.response);
                }
                let (reason, words) = match error {
                    InboxError::AlreadyThere { .. } => {
                        (EfnaReason::DUPLICATE_FILE, "the file is there already")
                    }
                    InboxError::TooBig { .. } => (EfnaReason::FILE_SIZE_TOO_BIG, "file too big"),
                    _ => (EfnaReason::ACCESS_METHOD_FAILURE, "file cannot be stored"),
                };
                let _ = run.mailbox.file_failed(reason, words);
                self.turned_away(sfid, Answer::Efna(reason), error.to_string());
            }
        }
        if let Some(text) = not_kept {
            self.warn(text);
        }
    }

    /// What came is not what its sender says; it was refused (EFNA) and starts afresh.
    pub(super) fn broken(&mut self, fault: &FileFault) {
        let Some(incoming) = self.run.as_mut().and_then(|run| run.incoming.take()) else {
            return;
        };
        if let Sink::Folder(slot) = incoming.sink
            && let Err(error) = slot.discard()
        {
            self.warn(error.to_string());
        }
        let answer = Answer::Efna(fault.reason);
        self.turned_away(incoming.sfid, answer, fault.text.clone());
    }

    pub(super) fn turned_away(&mut self, sfid: Box<Sfid>, answer: Answer, text: String) {
        self.score.turned_away += 1;
        self.tell(Tell::TurnedAway {
            sfid,
            answer: Some(answer),
            text,
        });
    }

    /// Keeps what has come of a file, for a restart.
    pub(super) fn suspend_incoming(&mut self) {
        let Some(incoming) = self.run.as_mut().and_then(|run| run.incoming.take()) else {
            return;
        };
        let mut text = "the session ended before all of it was here".to_owned();
        if let Sink::Folder(slot) = incoming.sink {
            let kept = if incoming.worthless {
                slot.discard_outgrown()
            } else {
                slot.suspend().map(drop)
            };
            if let Err(error) = kept {
                text = format!("it cannot be kept whole for a restart: {error}");
            }
        }
        self.tell(Tell::TurnedAway {
            sfid: incoming.sfid,
            answer: None,
            text,
        });
    }
}
