//! The session of a mailbox, one step at a time: octets between the socket and the engine, and
//! what the engine tells. Nothing in here waits.

use std::io;
use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Mail, Mailbox};
use oftp_core::session::{AbortCause, AbortInd, Addresses};
use oftp_core::wire::EsidReason;

use super::link::Link;
use super::object::{Instance, Role, Run, Stage};
use super::tell::Tell;
use crate::status::{Outcome, oftp_code};
use crate::values::oftp_ending;

/// How long the end of a connection may take after the last octet.
const LINGER: Duration = Duration::from_secs(2);

/// As much is swallowed of a partner that has not heard the end.
const SWALLOWED: usize = 1 << 20;

/// As much is heard of a partner that has closed while we were writing.
const LAST_WORDS: usize = 64 * 1024;

/// What to do after one step.
pub(super) enum Step {
    Go,
    /// The host is to be told something.
    Tell(Tell),
    /// Nothing to do until the socket, the time or the host says so.
    Wait,
    /// The session is over, and all of it told.
    Over,
}

impl Instance {
    pub(super) fn step(&mut self) -> Outcome<Step> {
        if let Some(tell) = self.tells.pop_front() {
            return Ok(Step::Tell(tell));
        }
        let Some(run) = &mut self.run else {
            return Ok(Step::Over);
        };
        let now = run.begun.elapsed();
        Ok(match run.stage {
            Stage::Handshake { until } => self.shake_hands(now, until),
            Stage::Session => self.session(),
            Stage::Closing { until } => run.close(now, until),
            Stage::Swallowing { until, octets } => run.swallow(now, until, octets),
            Stage::Draining => self.drain(),
        })
    }

    fn shake_hands(&mut self, now: Duration, until: Duration) -> Step {
        let Some(run) = &mut self.run else {
            return Step::Over;
        };
        let Link::Tls(tls) = &mut run.link else {
            run.stage = Stage::Session;
            return Step::Go;
        };
        let done = match tls.shake_hands() {
            Ok(false) if now >= until => Err(tls.too_late(until)),
            done => done,
        };
        match done {
            Ok(false) => return Step::Wait,
            Ok(true) => self.begin(),
            Err(error) => {
                let text = error.to_string();
                self.score
                    .end(oftp_ending::OFTP_ENDING_TLS, -1, text.clone());
                self.failed = Some(oftp_code::OFTP_E_TLS.because(text));
                run.tls_failed = true;
                run.stage = Stage::Closing {
                    until: now + LINGER,
                };
            }
        }
        Step::Go
    }

    /// The connection is there: the session begins.
    pub(super) fn begin(&mut self) {
        let Some(run) = self.run.as_deref() else {
            return;
        };
        let answering = matches!(run.role, Role::Answer).then(|| {
            // Only now it is known whose certificate was shown.
            let directory = self.callers(&run.link, run.callers.as_ref());
            Mailbox::answer(self.settings.clone(), directory)
        });
        let Some(run) = &mut self.run else {
            return;
        };
        run.stage = Stage::Session;
        if let Some(mailbox) = answering {
            run.mailbox = mailbox;
            run.mailbox.tick(run.begun.elapsed());
            run.mailbox.n_con_ind(Addresses::default());
        } else {
            run.mailbox.tick(run.begun.elapsed());
        }
    }

    fn session(&mut self) -> Step {
        let Some(run) = &mut self.run else {
            return Step::Over;
        };
        match run.mailbox.poll() {
            Mail::NDataRq(pending) => match run.link.write(pending.slices()) {
                Ok(octets) => {
                    run.stuck = false;
                    run.mailbox.sent(octets);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // Nobody reads what is left of a session that is over.
                    if run.mailbox.session().is_over() {
                        run.end();
                    } else {
                        run.stuck = true;
                        return Step::Wait;
                    }
                }
                Err(_) => run.hear_last_words(),
            },
            Mail::Data(data) => {
                let (incoming, scratch, ends) =
                    (run.incoming.as_mut(), &mut run.scratch, &mut run.ends);
                match Self::receive(incoming, scratch, ends, data) {
                    Ok(None) => {}
                    Ok(Some(data)) => return Step::Tell(Tell::Data(data)),
                    Err(why) => {
                        run.mailbox.cannot_store(&why);
                        self.warn(why);
                    }
                }
            }
            Mail::NConRq => run.mailbox.n_con_cf(),
            Mail::NConRs => {}
            Mail::NDiscRq => run.end(),
            Mail::Event(event) => self.event(event),
            Mail::Trace(trace) => return Step::Tell(Tell::Trace(Box::new(trace))),
            Mail::Wait(_) => {
                if run.mailbox.session().is_over() {
                    run.end();
                } else if !run.todo.is_empty() {
                    // EFPA is sent: now there is time.
                    self.work();
                } else if !run.mailbox.session().wants_octets() || !run.read() {
                    return Step::Wait;
                }
            }
        }
        Step::Go
    }

    /// Tells what a session without a connection still says, and does what is left to do.
    fn drain(&mut self) -> Step {
        let Some(run) = &mut self.run else {
            return Step::Over;
        };
        if !run.tls_failed {
            match run.mailbox.poll() {
                Mail::NDataRq(pending) => {
                    let octets = pending.len();
                    run.mailbox.sent(octets);
                    return Step::Go;
                }
                Mail::Data(data) => {
                    let (incoming, scratch, ends) =
                        (run.incoming.as_mut(), &mut run.scratch, &mut run.ends);
                    match Self::receive(incoming, scratch, ends, data) {
                        Ok(None) => {}
                        Ok(Some(data)) => return Step::Tell(Tell::Data(data)),
                        Err(why) => run.mailbox.cannot_store(&why),
                    }
                    return Step::Go;
                }
                // No data can be sent any more.
                Mail::Event(Event::DataWanted { .. }) => return Step::Go,
                Mail::Event(event) => {
                    self.event(event);
                    return Step::Go;
                }
                Mail::Trace(trace) => return Step::Tell(Tell::Trace(Box::new(trace))),
                Mail::NConRq | Mail::NConRs | Mail::NDiscRq => return Step::Go,
                Mail::Wait(_) => {}
            }
            // After a reset, F_ABORT_IND comes behind N_DISC_RQ (9.9 D).
            if std::mem::take(&mut run.reset) {
                run.mailbox.n_rst_ind();
                return Step::Go;
            }
            if !run.todo.is_empty() {
                self.work();
                return Step::Go;
            }
        }
        self.suspend_incoming();
        self.run = None;
        self.role = None;
        self.tell(Tell::Ended);
        Step::Go
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Up { partner, agreed } => {
                if let Some(run) = &mut self.run {
                    run.up = true;
                    if std::mem::take(&mut run.attempt_counted) {
                        self.security.attempts.succeeded(&partner);
                    }
                }
                self.score.partner = partner;
                for response in self.owed.take(&partner) {
                    self.owe(partner, response);
                }
                self.tell(Tell::Up { partner, agreed });
                self.next_file();
            }
            Event::FileOffered { sfid } => self.offered(sfid),
            Event::FileTurnedAway { sfid, reason, text } => {
                self.turned_away(sfid, "SFNA", reason.code().into(), text);
            }
            Event::FileComplete => self.complete(),
            Event::FileBroken { fault } => self.broken(&fault),
            Event::ResponseReceived(response) => self.response(response),
            Event::ResponseSent(response) => self.response_sent(response),
            Event::ResponseUnsendable { error, .. } => self.warn(format!(
                "a response cannot be sent in this session: {error}"
            )),
            event @ (Event::SealChallenge { .. } | Event::OpenChallenge { .. }) => {
                self.challenge(event);
            }
            Event::Quirk { quirk, command } => self.tell(Tell::Quirk {
                quirk,
                command: command.name(),
            }),
            Event::Ended(ended) => self.ended(ended),
            event => self.outgoing(event),
        }
    }

    fn ended(&mut self, ended: Ended) {
        self.count_attempt(&ended);
        let code = |ind: &AbortInd| ind.reason.map_or(-1, |reason| reason.code().into());
        let (ending, reason, text) = match &ended {
            Ended::Normally => (
                oftp_ending::OFTP_ENDING_NORMAL,
                EsidReason::NORMAL.code().into(),
                "the session ended normally".to_owned(),
            ),
            Ended::Irregularly(ind) => (oftp_ending::OFTP_ENDING_IRREGULAR, code(ind), words(ind)),
            Ended::ByUs { reason, why } => (
                oftp_ending::OFTP_ENDING_BY_US,
                reason.code().into(),
                why.clone(),
            ),
            Ended::Failed(ind) => (oftp_ending::OFTP_ENDING_FAILED, code(ind), words(ind)),
        };
        // A partner's TLS 1.3 refuses our certificate only after our side of the handshake.
        let fault = self.run.as_mut().and_then(|run| run.tls_fault.take());
        let text = match fault {
            Some(fault) => format!("{text}: {fault}"),
            None => text,
        };
        self.score.end(ending, reason, text);
        let partner = self.partner();
        if let Some(run) = &mut self.run {
            run.up = false;
            run.close_questions();
            let left = std::mem::take(&mut run.unconfirmed);
            self.owed.leave(partner, left);
        }
        self.suspend_incoming();
        self.interrupted();
    }
}

/// What ended a session. What a partner's ESID means is not in its own words, nor in ours.
fn words(ind: &AbortInd) -> String {
    match (&ind.cause, ind.reason) {
        (AbortCause::EsidReceived { .. }, Some(reason)) => format!("{} (ESID {reason})", ind.cause),
        _ => ind.cause.to_string(),
    }
}

impl Run {
    /// The partner hears no answer any more: the session has ended, or is given up.
    pub(super) fn close_questions(&mut self) {
        self.offered = None;
        self.complete = false;
    }

    /// Reads once, straight into the session. False when nothing was there; why TLS failed is
    /// kept to be told.
    pub(super) fn read(&mut self) -> bool {
        match self.link.read(self.mailbox.receive_space()) {
            Ok(0) => self.mailbox.n_disc_ind(),
            Ok(octets) => {
                self.mailbox.tick(self.begun.elapsed());
                self.mailbox.received(octets);
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return false,
                // The end of TCP without that of TLS: whether it is early, the session knows (L1).
                io::ErrorKind::UnexpectedEof => self.mailbox.n_disc_ind(),
                io::ErrorKind::InvalidData => {
                    self.tls_fault = Some(error.to_string());
                    self.mailbox.n_rst_ind();
                }
                _ => self.mailbox.n_rst_ind(),
            },
        }
        true
    }

    /// The session wants the connection closed (2.2.3).
    fn end(&mut self) {
        self.stage = Stage::Closing {
            until: self.begun.elapsed() + LINGER,
        };
    }

    fn close(&mut self, now: Duration, until: Duration) -> Step {
        let told = self.tls_failed || self.mailbox.session().has_sent_esid();
        self.stage = match self.link.shutdown() {
            // A close with unread octets would reset the connection, and the partner could lose
            // our ESID: they are swallowed for a moment first.
            Ok(true) if told => Stage::Swallowing { until, octets: 0 },
            Ok(false) if now < until => return Step::Wait,
            _ => Stage::Draining,
        };
        Step::Go
    }

    fn swallow(&mut self, now: Duration, until: Duration, octets: usize) -> Step {
        self.stage = match self.link.swallow() {
            Ok(n @ 1..) if octets < SWALLOWED => Stage::Swallowing {
                until,
                octets: octets + n,
            },
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && now < until => {
                return Step::Wait;
            }
            _ => Stage::Draining,
        };
        Step::Go
    }

    /// The partner has closed while we were writing. What it said before says why.
    fn hear_last_words(&mut self) {
        let mut last = vec![0; LAST_WORDS];
        let mut heard = 0;
        while let Ok(octets @ 1..) = self.link.read(&mut last[heard..]) {
            heard += octets;
        }
        self.mailbox.n_data_ind(&last[..heard]);
        self.stage = Stage::Draining;
        self.reset = true;
    }
}
