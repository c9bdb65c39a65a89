//! End responses: made for files that came, checked for files that were sent, and secure
//! authentication, which takes the same keys.

use std::time::{Duration, Instant};

use oftp_core::mailbox::{Ended, Event, Reply, Response, eerp_for, nerp_for};
use oftp_core::session::AbortCause;
use oftp_core::wire::{EsidReason, IdentificationCode, NerpReason, Text};
use oftp_secure::crypto::Digest;
use oftp_station::security::{self, Checked, Evidence, Keys, Opened};

use super::incoming::no_run;
use super::object::{Instance, Phase};
use super::tell::{Tell, Told};
use crate::status::Outcome;
use crate::values::oftp_proof;

/// How long the turn is kept for responses in the making: less than partners wait.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

impl Instance {
    fn keys_of(&self, station: &IdentificationCode, partner: &IdentificationCode) -> Keys {
        self.security.ring.of_station(station, partner)
    }

    /// The partner of the session that runs.
    pub(super) fn partner(&self) -> IdentificationCode {
        let partner = self.run.as_ref().and_then(|run| run.mailbox.partner());
        partner.map(|partner| partner.code).unwrap_or_default()
    }

    /// Queues a response for this session or the next with its partner.
    pub(super) fn owe(&mut self, partner: IdentificationCode, response: Response) {
        let here = self.partner().trimmed() == partner.trimmed();
        match &mut self.run {
            Some(run) if run.up && here => {
                if !run.unconfirmed.contains(&response) {
                    run.unconfirmed.push(response.clone());
                    run.mailbox.queue_response(response);
                    run.kick = true;
                }
            }
            _ => self.owed.leave(partner, [response]),
        }
    }

    /// Opens and answers one file that came.
    pub(super) fn work(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        let Some(work) = run.todo.pop_front() else {
            return;
        };
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
                self.turned_away(sfid, "NERP", reason.code().into(), why);
            }
            None => {}
        }
        if let Some(response) = done.response {
            self.owe(partner, response);
        }
        if let Some(run) = &mut self.run {
            let more = !run.todo.is_empty();
            run.mailbox.hold_turn(Some(PATIENCE).filter(|_| more));
            // The work took its time.
            run.mailbox.tick(run.begun.elapsed());
        }
    }

    /// The host has the file.
    pub(super) fn stored(&mut self, reply: Option<Response>, later: bool) -> Outcome {
        let Some(run) = &mut self.run else {
            return Err(no_run());
        };
        run.mailbox.file_stored(Reply::Later)?;
        run.complete = false;
        run.kick = true;
        self.score.received += 1;
        let Some(incoming) = run.incoming.take() else {
            return Ok(());
        };
        if later {
            return Ok(());
        }
        let sfid = incoming.sfid;
        let mut response = reply.unwrap_or_else(|| Response::Eerp(Box::new(eerp_for(&sfid))));
        let partner = self.partner();
        if let Some(suite) = incoming.suite {
            let keys = self.keys_of(&sfid.orig, &partner);
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

    /// The NERP for the file that is complete.
    pub(super) fn nerp(&self, reason: NerpReason, text: Text) -> Option<Response> {
        let run = self.run.as_ref()?;
        let incoming = run.incoming.as_ref()?;
        let own = run.mailbox.identity().code;
        let nerp = nerp_for(&incoming.sfid, own, reason, text);
        Some(Response::Nerp(Box::new(nerp)))
    }

    /// A response came.
    pub(super) fn response(&mut self, response: Response) {
        let partner = self.partner();
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
                id: 0,
                response,
                proof: oftp_proof::OFTP_PROOF_NO_FILE,
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
        let keys = self.keys_of(&signer, &partner);
        use oftp_proof as P;
        let (proof, text) = match security::check(&response, &evidence, &keys) {
            Checked::Signed { signer, .. } => (P::OFTP_PROOF_SIGNED, signer),
            Checked::Unsigned => (P::OFTP_PROOF_UNSIGNED, String::new()),
            Checked::NotChecked => (
                P::OFTP_PROOF_NOT_CHECKED,
                "there is no certificate of the partner to check the signature by".to_owned(),
            ),
            Checked::Worthless { why } => (P::OFTP_PROOF_WORTHLESS, why),
        };
        let closes = !matches!(proof, P::OFTP_PROOF_WORTHLESS);
        if closes && finished {
            self.arrived_before(id);
        }
        self.tell(Tell::Response {
            id,
            response,
            proof,
            text,
        });
    }

    /// The host has heard of a response, and only now its file is closed: it is confirmed (RTR),
    /// whatever it is worth, as it would come again and again (threat model R1 to R5).
    pub(super) fn response_told(&mut self, told: Told) {
        let Told {
            id,
            negative,
            closes,
        } = told;
        match (closes, negative) {
            (false, _) => self.score.worthless += 1,
            (true, false) => self.score.delivered += 1,
            (true, true) => self.score.failed += 1,
        }
        if closes {
            self.posts.retain(|post| post.id != id);
        }
        if let Some(run) = &mut self.run {
            let _ = run.mailbox.response_taken(id != 0);
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

    /// Secure authentication (RFC 5024 4.2.3, 4.2.4). Whatever goes wrong, the partner hears
    /// ESID 11 and nothing more.
    pub(super) fn challenge(&mut self, event: Event) {
        let partner = self.partner();
        let Some(run) = &mut self.run else {
            return;
        };
        let failed = match event {
            Event::SealChallenge { partner } => {
                let made = security::challenge(&self.security.ring.with(&partner));
                let (answer, why) = apart(made);
                let _ = run.mailbox.seal_challenge_rs(answer);
                why
            }
            Event::OpenChallenge { sealed } => {
                let (answer, why) = if self.security.attempts.are_used_up(&partner, Instant::now())
                {
                    let why = "this partner failed to authenticate ten times within the last \
                               hour: its challenges are not opened for now";
                    (None, Some(why.to_owned()))
                } else {
                    // Counted now and taken back on success.
                    self.security.attempts.failed(&partner, Instant::now());
                    run.attempt_counted = true;
                    apart(security::answer(
                        &sealed,
                        &self.security.ring.with(&partner),
                    ))
                };
                let _ = run.mailbox.open_challenge_rs(answer);
                why
            }
            _ => None,
        };
        if let Some(why) = failed {
            self.warn(why);
        }
    }

    /// An authentication that failed is counted, on either side.
    pub(super) fn count_attempt(&self, ended: &Ended) {
        let failed = match ended {
            Ended::Failed(abort) => {
                matches!(abort.cause, AbortCause::Authentication(_))
                    || abort.reason == Some(EsidReason::INVALID_CHALLENGE_RESPONSE)
            }
            _ => false,
        };
        let counted = self.run.as_ref().is_none_or(|run| run.attempt_counted);
        if failed && !counted {
            let partner = self.partner();
            self.security.attempts.failed(&partner, Instant::now());
        }
    }

    /// Opens and signs what an earlier process left in the folder.
    pub(super) fn open_what_was_left(&mut self) {
        let Some(inbox) = self.inbox.clone().filter(|_| self.has_left) else {
            return;
        };
        self.has_left = false;
        let lines = std::sync::Arc::default();
        oftp_station::exchange::open_what_was_left(
            &inbox,
            self.settings.identity.code,
            &Reply::Eerp,
            &self.security,
            &self.owed,
            &oftp_station::exchange::Voice::kept(std::sync::Arc::clone(&lines)),
        );
        if let Ok(mut lines) = lines.lock() {
            for line in lines.drain(..) {
                self.tells.push_back(Tell::Warning(line));
            }
        }
    }
}

fn apart<T>(result: Result<T, String>) -> (Option<T>, Option<String>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(why) => (None, Some(why)),
    }
}
