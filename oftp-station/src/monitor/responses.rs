//! End responses: made for files that came, checked for files that were sent (RFC 5024 3.3.5,
//! 5.3.13 to 5.3.15; threat model R1 to R5).

use std::time::Duration;

use oftp_core::mailbox::{Event, Reply, Response, eerp_for, nerp_for};
use oftp_core::wire::{EfnaReason, IdentificationCode};
use oftp_secure::crypto::Digest;

use super::post::Phase;
use super::{Answer, Monitor, MonitorError, Proof, Tell};
use crate::exchange::Work;
use crate::security::{self, Checked, Evidence, Opened};

/// How long the turn is kept for responses in the making: less than partners wait.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// What takes keys, or waits for the disk, before the session can go on.
#[derive(Debug)]
pub(super) enum Job {
    /// All of a file is here and goes into the folder, durably.
    Store,
    /// Secure authentication.
    Challenge(Event),
    /// A signed response that came.
    Check(Response),
}

/// A response that the host was told of.
#[derive(Debug)]
pub(super) struct Told {
    /// Its file; `None`: none of ours.
    id: Option<u64>,
    negative: bool,
    /// It closes its file.
    closes: bool,
}

impl Monitor {
    /// Does what [`Step::Work`](super::Step::Work) asks for, one piece of it: opens a secured file,
    /// makes or checks a signature, seals or opens a challenge. Some milliseconds, or for a file
    /// as long as its octets take. Then [`tick`](Self::tick). Nothing where no work waits.
    pub fn work(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        match run.urgent.pop_front() {
            Some(Job::Store) => return self.complete(),
            Some(Job::Challenge(event)) => return self.challenge(event),
            Some(Job::Check(response)) => return self.check(response),
            None => {}
        }
        let Some(work) = run.todo.pop_front() else {
            return;
        };
        self.open_file(work);
        if let Some(run) = &mut self.run {
            let more = !run.todo.is_empty();
            run.mailbox.hold_turn(Some(PATIENCE).filter(|_| more));
        }
    }

    /// Opens a file that came, or signs the response to it.
    pub(super) fn open_file(&mut self, work: Work) {
        let partner = work.partner;
        let done = work.run();
        let sfid = Box::new(done.sfid);
        // It lies where it was: before the next session it is tried again.
        self.has_left |= !done.faults.is_empty();
        for text in done.warnings.into_iter().chain(done.faults) {
            self.warn(text);
        }
        match done.opened {
            Some(Opened::Published { path, .. }) => self.tell(Tell::Received { sfid, path }),
            Some(Opened::Refused { reason, why }) => {
                self.score.received = self.score.received.saturating_sub(1);
                self.turned_away(sfid, Answer::Nerp(reason), why);
            }
            None => {}
        }
        if let Some(response) = done.response {
            self.owe(partner, response);
        }
    }

    /// Whether a file of the host waits for [`stored`](Self::stored) or
    /// [`not_stored`](Self::not_stored).
    #[must_use]
    pub fn waits_to_be_stored(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.complete)
    }

    /// The file that [`Tell::Complete`] told is safe: EFPA is sent, and its end response in its
    /// turn. That is signed here where SFIDSIGN asks for it and a key of ours can, which takes a
    /// millisecond. It is kept in memory only: until [`Tell::ResponseSent`] has told of it the host
    /// must know that it is owed.
    ///
    /// # Errors
    /// [`MonitorError::NotComplete`], [`MonitorError::User`].
    pub fn stored(&mut self, reply: Reply) -> Result<(), MonitorError> {
        let run = self.run.as_mut().filter(|run| run.complete);
        let run = run.ok_or(MonitorError::NotComplete)?;
        let own = run.mailbox.identity().code;
        run.mailbox.file_stored(Reply::Later)?;
        run.complete = false;
        self.kick = true;
        self.score.received += 1;
        let Some(incoming) = run.incoming.take() else {
            return Ok(());
        };
        let sfid = incoming.sfid;
        let mut response = match reply {
            Reply::Later => return Ok(()),
            Reply::Eerp => Response::Eerp(Box::new(eerp_for(&sfid))),
            Reply::Nerp { reason, text } => {
                Response::Nerp(Box::new(nerp_for(&sfid, own, reason, text)))
            }
        };
        let partner = self.session_partner();
        if let Some(suite) = incoming.suite {
            let keys = self.security.ring.of_station(&sfid.orig, &partner);
            let signed = match incoming.digest.map(Digest::finish) {
                Some(hash) => security::sign(&mut response, &hash, suite, &keys)
                    .map_err(|error| error.to_string()),
                None => Err("only a part of the file came in this session".to_owned()),
            };
            if let Err(error) = signed {
                self.warn(format!(
                    "the end response is not signed, though that was asked for: {error}"
                ));
            }
        }
        self.owe(partner, response);
        Ok(())
    }

    /// The file that [`Tell::Complete`] told could not be stored: EFNA is sent, with at most 999
    /// octets of these words at level 2.0.
    ///
    /// # Errors
    /// [`MonitorError::NotComplete`], [`MonitorError::User`].
    pub fn not_stored(&mut self, reason: EfnaReason, text: &str) -> Result<(), MonitorError> {
        let run = self.run.as_mut().filter(|run| run.complete);
        let run = run.ok_or(MonitorError::NotComplete)?;
        run.mailbox.file_failed(reason, text)?;
        run.complete = false;
        self.kick = true;
        if let Some(incoming) = run.incoming.take() {
            self.turned_away(incoming.sfid, Answer::Efna(reason), text.to_owned());
        }
        Ok(())
    }

    /// Queues a response that was left for later ([`Reply::Later`]), as [`eerp_for`] and
    /// [`nerp_for`] make it: for the session that runs, or the next one with this partner. It is
    /// kept in memory only, until the partner has taken it ([`Tell::ResponseSent`]).
    ///
    /// # Errors
    /// [`MonitorError::UnknownPartner`].
    pub fn send_response(
        &mut self,
        partner: IdentificationCode,
        response: Response,
    ) -> Result<(), MonitorError> {
        if self.partner(&partner).is_none() {
            return Err(MonitorError::UnknownPartner(partner));
        }
        self.owe(partner, response);
        Ok(())
    }

    /// Queues a response for this session or the next with its partner.
    pub(super) fn owe(&mut self, partner: IdentificationCode, response: Response) {
        let here = self.session_partner().trimmed() == partner.trimmed();
        match &mut self.run {
            Some(run) if run.up && here => {
                if !run.unconfirmed.contains(&response) {
                    run.unconfirmed.push(response.clone());
                    run.mailbox.queue_response(response);
                    self.kick = true;
                }
            }
            _ => self.owed.leave(partner, [response]),
        }
    }

    /// A response came.
    pub(super) fn response(&mut self, response: Response) {
        let signature = match &response {
            Response::Eerp(eerp) => &eerp.sig,
            Response::Nerp(nerp) => &nerp.sig,
        };
        if signature.is_empty() {
            self.check(response);
        } else {
            self.urgent(Job::Check(response));
        }
    }

    fn check(&mut self, response: Response) {
        let partner = self.session_partner();
        // Nobody else may say that a file has arrived (threat model R1).
        let files = self.posts.iter().filter(|post| {
            post.phase != Phase::Waiting
                && (post.partner.trimmed() == partner.trimmed()
                    || post.sfid.dest.trimmed() == partner.trimmed())
        });
        let found = response.find(files.map(|post| &post.sfid));
        let mut all = self.posts.iter();
        let post = found.and_then(|sfid| all.find(|post| std::ptr::eq(&raw const post.sfid, sfid)));
        let Some(post) = post else {
            return self.tell(Tell::Response {
                id: None,
                response,
                proof: Proof::NoFile,
                text: "it belongs to no file that this mailbox has sent".to_owned(),
            });
        };
        let (id, finished) = (post.id, post.phase == Phase::Finished);
        let evidence = Evidence {
            hash: post.hash.clone(),
            wanted: post.sfid.sign,
            receipts: None,
            name: String::new(),
            no_legacy: self.security.no_legacy,
        };
        // An EERP is signed by who has the file, a NERP by who made it.
        let signer = match &response {
            Response::Eerp(_) => post.sfid.dest,
            Response::Nerp(nerp) => nerp.crea,
        };
        let keys = self.security.ring.of_station(&signer, &partner);
        let (proof, text) = match security::check(&response, &evidence, &keys) {
            Checked::Signed { signer, .. } => (Proof::Signed, signer),
            Checked::Unsigned => (Proof::Unsigned, String::new()),
            Checked::NotChecked => (
                Proof::NotChecked,
                "there is no certificate of the partner to check the signature by".to_owned(),
            ),
            Checked::Worthless { why } => (Proof::Worthless, why),
        };
        if proof != Proof::Worthless && finished {
            self.arrived_before(id);
        }
        self.tell(Tell::Response {
            id: Some(id),
            response,
            proof,
            text,
        });
    }

    /// The host is told of a response: it is the one that is confirmed next.
    pub(super) fn note_told(&mut self, tell: &Tell) {
        if let Tell::Response {
            id,
            response,
            proof,
            ..
        } = tell
        {
            self.told = Some(Told {
                id: *id,
                negative: matches!(response, Response::Nerp(_)),
                closes: id.is_some() && *proof != Proof::Worthless,
            });
        }
    }

    /// The host has made the response safe that [`Tell::Response`] told last, and only now its
    /// file is closed: it is confirmed (RTR), whatever it is worth, as it would come again and
    /// again (threat model R1 to R5). Nothing where none waits for this.
    pub fn response_told(&mut self) {
        let Some(told) = self.told.take() else {
            return;
        };
        match (told.closes, told.negative) {
            (false, _) => self.score.worthless += 1,
            (true, false) => self.score.delivered += 1,
            (true, true) => self.score.failed += 1,
        }
        if told.closes {
            self.posts.retain(|post| Some(post.id) != told.id);
        }
        self.kick = true;
        if let Some(run) = &mut self.run {
            let _ = run.mailbox.response_taken(told.id.is_some());
        }
    }

    /// The partner has taken a response of ours.
    pub(super) fn response_sent(&mut self, response: Response) {
        if let Some(run) = &mut self.run
            && let Some(place) = run.unconfirmed.iter().position(|one| *one == response)
        {
            run.unconfirmed.remove(place);
        }
        self.owed.confirmed(&response);
        self.score.responses += 1;
        self.tell(Tell::ResponseSent(response));
    }
}
