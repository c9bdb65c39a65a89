//! End responses within a session (RFC 5024 3.3.5, 4.3.6, 4.3.7): ours until RTR comes, and the
//! partner's, which are settled before RTR leaves.

use oftp_core::mailbox::{Mailbox, Response};
use oftp_core::session::UserError;
use serde_json::json;

use super::Visit;
use crate::driver::Jobs;
use crate::station::journal::file::{Change, FileState};
use crate::station::journal::{JournalError, event, file, response};
use crate::station::settle::{self, Settled};

/// So many are in the hands of one session at most.
const MOST: u32 = 256;

impl Visit {
    /// Takes what we owe to the partner and nobody else is about to send.
    pub(super) fn take_responses(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        let Some(partner) = self.partner.clone() else {
            return;
        };
        self.hold(mailbox);
        let shared = self.shared.clone();
        // Those in other hands are passed over: there must be others behind them.
        let sessions = shared.sessions(&partner.name);
        let others = u32::try_from(sessions.outgoing + sessions.incoming + 1).unwrap_or(u32::MAX);
        let unsendable = u32::try_from(self.unsendable.len()).unwrap_or(u32::MAX);
        jobs.spawn(
            move || {
                let most = MOST.saturating_mul(others).saturating_add(unsendable);
                let owed = || {
                    shared
                        .journal()
                        .read(|connection| response::owed(connection, &partner.name, most))
                };
                let claimed = owed()?.into_iter();
                let claimed = claimed.filter(|row| shared.claim_response(row.key));
                let claimed: Vec<_> = claimed.take(MOST as usize).collect();
                if claimed.is_empty() {
                    return Ok(claimed);
                }
                // Until it was in our hands one may have been confirmed to another session, or to
                // this one: who has it in hand writes that down before it gives it back.
                let still = owed().unwrap_or_default();
                let (owed, closed): (Vec<_>, Vec<_>) = claimed
                    .into_iter()
                    .partition(|row| still.iter().any(|other| other.key == row.key));
                for row in closed {
                    shared.release_response(row.key);
                }
                Ok(owed)
            },
            |visit, mailbox, _, taken: Result<Vec<_>, JournalError>| {
                match taken {
                    Ok(rows) => {
                        for row in rows {
                            if visit.ended {
                                visit.shared.release_response(row.key);
                                continue;
                            }
                            mailbox.queue_response(row.response.clone());
                            visit.unconfirmed.push_back(row);
                        }
                    }
                    Err(error) => visit.error(&error.to_string()),
                }
                visit.let_go(mailbox);
            },
        );
    }

    /// The partner has taken a response of ours (RTR).
    pub(super) fn response_sent(
        &mut self,
        mailbox: &mut Mailbox,
        sent: &Response,
        jobs: &mut Jobs<Self>,
    ) {
        // Most often the first: one that this session cannot send stays before it.
        let mut waiting = self.unconfirmed.iter();
        let Some(place) = waiting.position(|row| row.response == *sent) else {
            return;
        };
        let Some(row) = self.unconfirmed.remove(place) else {
            return;
        };
        let key = row.key;
        let detail = json!({ "command": "RTR", "for": kind(sent) });
        let shared = self.shared.clone();
        jobs.spawn(
            move || {
                let closed = shared.journal().write(move |connection| {
                    let file = response::close(connection, key)?;
                    let before = file::get(connection, file)?;
                    // A file that was refused stays that.
                    if before.state == FileState::Delivered {
                        let none = Change::default();
                        file::change(connection, file, FileState::Closed, none, &detail)?;
                    }
                    Ok(())
                });
                shared.release_response(key);
                closed
            },
            |visit, _, _, closed| {
                if let Err(error) = closed {
                    visit.error(&error.to_string());
                }
            },
        );
        if self.unconfirmed.is_empty() {
            self.take_responses(mailbox, jobs);
        }
    }

    /// A response cannot be sent in this session, such as a NERP below level 1.4: it stays, for a
    /// session of a higher level.
    pub(super) fn response_unsendable(
        &mut self,
        mailbox: &mut Mailbox,
        response: &Response,
        error: &UserError,
        jobs: &mut Jobs<Self>,
    ) {
        let mut waiting = self.unconfirmed.iter();
        if let Some(place) = waiting.position(|row| row.response == *response)
            && let Some(row) = self.unconfirmed.remove(place)
        {
            // Not given back before the end, so that those behind it are taken and not it again.
            self.unsendable.push(row.key);
            self.note(
                event::Kind::ResponseDoubtful,
                Some(row.file),
                json!({ "trouble": format!("it cannot be sent in this session: {error}") }),
            );
            if self.unconfirmed.is_empty() {
                self.take_responses(mailbox, jobs);
            }
        }
    }

    /// A response to a file of ours came.
    pub(super) fn response_came(
        &mut self,
        _: &mut Mailbox,
        response: Response,
        jobs: &mut Jobs<Self>,
    ) {
        let Some(partner) = self.partner.clone() else {
            return;
        };
        let shared = self.shared.clone();
        jobs.spawn(
            move || settle::settle(&shared, &partner, &response),
            |visit, mailbox, _, settled| match settled {
                Ok(Settled { matched, trouble }) => {
                    if let Some(trouble) = trouble {
                        visit.error(&trouble);
                    }
                    // One that cannot be confirmed any more comes again in another session.
                    let _ = mailbox.response_taken(matched);
                }
                Err(error) => {
                    // Not confirmed: it comes again.
                    visit.error(&error.to_string());
                    let reason = oftp_core::wire::EsidReason::RESOURCES_NOT_AVAILABLE;
                    mailbox.release(reason, "an end response cannot be stored now");
                }
            },
        );
    }
}

const fn kind(response: &Response) -> &'static str {
    match response {
        Response::Eerp(_) => "EERP",
        Response::Nerp(_) => "NERP",
    }
}
