//! What the engine tells: done, answered, or passed on to the host.

use oftp_core::mailbox::{Ended, Event};

use super::responses::Job;
use super::{Answer, Monitor, Tell};

impl Monitor {
    pub(super) fn event(&mut self, event: Event) {
        match event {
            Event::Up { partner, agreed } => {
                if let Some(run) = &mut self.run {
                    run.up = true;
                    if std::mem::take(&mut run.attempt_counted) {
                        self.security.attempts.succeeded(partner.trimmed());
                    }
                }
                self.score.partner = partner;
                for response in self.owed.take(&partner) {
                    self.owe(partner, response);
                }
                self.tell(Tell::Up { partner, agreed });
                self.next_file();
            }
            Event::FileOffered { sfid } => {
                if let Some(run) = &mut self.run {
                    run.offered = Some(sfid.clone());
                    self.tell(Tell::Offered(sfid));
                }
            }
            Event::FileTurnedAway { sfid, reason, text } => {
                self.turned_away(sfid, Answer::Sfna(reason), text);
            }
            Event::FileComplete => self.file_complete(),
            Event::FileBroken { fault } => self.broken(&fault),
            Event::ResponseReceived(response) => self.response(response),
            Event::ResponseSent(response) => self.response_sent(response),
            Event::ResponseUnsendable { error, .. } => self.warn(format!(
                "a response cannot be sent in this session: {error}"
            )),
            event @ (Event::SealChallenge { .. } | Event::OpenChallenge { .. }) => {
                self.urgent(Job::Challenge(event));
            }
            Event::Quirk { quirk, command } => self.tell(Tell::Quirk {
                quirk,
                command: command.name(),
            }),
            Event::Ended(ended) => self.ended(&ended),
            event => self.outgoing(event),
        }
    }

    pub(super) fn urgent(&mut self, job: Job) {
        if let Some(run) = &mut self.run {
            run.urgent.push_back(job);
        }
    }

    fn ended(&mut self, ended: &Ended) {
        self.count_attempt(ended);
        self.score.end(ended);
        // A partner's TLS 1.3 refuses our certificate only after our side of the handshake.
        let fault = self.run.as_mut().and_then(|run| run.fault.take());
        if let Some(fault) = fault {
            self.score.text = format!("{}: {fault}", self.score.text);
        }
        if let Some(run) = &mut self.run {
            run.up = false;
            run.close_questions();
        }
        self.leave_responses();
        self.suspend_incoming();
        self.interrupted();
    }
}
