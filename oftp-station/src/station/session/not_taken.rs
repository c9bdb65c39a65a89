//! Files that the partner does not take: refused (SFNA), not accepted (EFNA), or beyond what the
//! session can carry. SFNA 13 after `efid_sent` means that EFPA was lost.

use oftp_core::mailbox::Mailbox;
use oftp_core::session::UserError;
use oftp_core::wire::{EfnaReason, NerpReason, SfnaReason, Text};
use serde_json::{Value, json};

use super::Visit;
use crate::chance;
use crate::driver::Jobs;
use crate::report::PeerText;
use crate::station::config::Retry;
use crate::station::journal::file::{Change, FileRow, FileState};
use crate::station::journal::{JournalError, event, file, now};
use crate::station::route;

/// What the partner has not taken.
#[derive(Debug, Clone, Copy)]
enum NotTaken {
    /// The offer: nothing of what was sent earlier has changed. Where EFID was, the partner may be
    /// about to store the file in a session that it still believes in (SFNA 13 with retry).
    Offer,
    /// The offer, because another session still receives the file: this is no refusal.
    Elsewhere,
    /// All of the file.
    Whole,
}

impl Visit {
    /// The partner does not take the file (SFNA).
    pub(super) fn refused(
        &mut self,
        mailbox: &mut Mailbox,
        why: SfnaReason,
        retry: bool,
        text: &Text,
        jobs: &mut Jobs<Self>,
    ) {
        let finished = self.outgoing.has_finished();
        if let Some(row) = self.take_current() {
            let has_it = why == SfnaReason::DUPLICATE_FILE && !retry;
            let detail = no_words("SFNA", why.code(), why.meaning(), text, retry);
            if has_it && finished {
                // EFID was sent and EFPA got lost: the partner has all of it (field notes 71).
                self.is_sent(row, detail, jobs);
            } else if has_it {
                self.hold_file(&row, detail, jobs);
            } else {
                let reason = NerpReason::from_sfna(why);
                let what = match why {
                    SfnaReason::DUPLICATE_FILE => NotTaken::Elsewhere,
                    _ => NotTaken::Offer,
                };
                self.not_taken(row, what, retry, reason, detail, jobs);
            }
        }
        self.offer_next(mailbox, jobs);
    }

    /// The partner got the whole file and does not accept it (EFNA).
    pub(super) fn not_accepted(
        &mut self,
        mailbox: &mut Mailbox,
        why: EfnaReason,
        text: &Text,
        jobs: &mut Jobs<Self>,
    ) {
        if let Some(row) = self.take_current() {
            if why == EfnaReason::DUPLICATE_FILE {
                self.is_sent(row, no_words("EFNA", 13, why.meaning(), text, false), jobs);
            } else {
                // What is wrong with the transfer, or with the partner's disk, may pass.
                let may_pass = matches!(why.code(), 10 | 11 | 12 | 99);
                let detail = no_words("EFNA", why.code(), why.meaning(), text, may_pass);
                let reason = NerpReason::from_efna(why);
                self.not_taken(row, NotTaken::Whole, may_pass, reason, detail, jobs);
            }
        }
        self.offer_next(mailbox, jobs);
    }

    /// The file cannot be carried by this session: nothing of it was sent.
    pub(super) fn unsendable(
        &mut self,
        mailbox: &mut Mailbox,
        error: &UserError,
        jobs: &mut Jobs<Self>,
    ) {
        if let Some(row) = self.take_current() {
            let detail = json!({ "trouble": error.to_string() });
            let reason = route::reason_for(error);
            self.not_taken(row, NotTaken::Offer, false, reason, detail, jobs);
        }
        self.offer_next(mailbox, jobs);
    }

    /// The partner has a file of this identity, which may be another one: a person decides.
    fn hold_file(&self, row: &FileRow, detail: Value, jobs: &mut Jobs<Self>) {
        let key = row.key;
        let name = row.partner.clone();
        let shared = self.shared.clone();
        jobs.spawn(
            move || {
                let written = shared.journal().write(move |connection| {
                    let what = Change {
                        held: Some(true),
                        ..Change::default()
                    };
                    file::update(connection, key, what)?;
                    let trouble = "the partner says that it has a file of this name and time, and \
                        this one was never sent to its end: `oftp resend` sends it under a new \
                        time, `oftp cancel` drops it";
                    file::note_trouble(connection, key, trouble)?;
                    event::note(
                        connection,
                        event::Kind::Alarm,
                        Some(&name),
                        Some(key),
                        &detail,
                    )
                });
                // Not before it is held: another session would offer it once more.
                shared.release_file(key);
                written
            },
            |visit, mailbox, _, written| {
                if let Err(error) = written {
                    visit.cannot_note(mailbox, &error);
                }
            },
        );
    }

    fn not_taken(
        &mut self,
        row: FileRow,
        what: NotTaken,
        retry: bool,
        reason: NerpReason,
        detail: Value,
        jobs: &mut Jobs<Self>,
    ) {
        self.outgoing.refused.insert(row.key);
        let rule = self.partner.as_ref().map(|partner| partner.retry);
        let rule = rule.unwrap_or_default();
        let counts = !matches!(what, NotTaken::Elsewhere);
        let attempts = row.attempts.saturating_add(u32::from(counts));
        let again = retry && (!counts || rule.attempts.is_none_or(|most| attempts < most));
        let shared = self.shared.clone();
        jobs.spawn(
            move || {
                let key = row.key;
                let config = shared.config();
                let written = shared.journal().write(move |connection| {
                    let trouble = in_words(&detail);
                    let mut change = Change {
                        attempts: Some(attempts),
                        trouble: Some(Some(trouble)),
                        ..Change::default()
                    };
                    // What was not taken whole is dropped there; what was only offered goes on
                    // where it stopped.
                    let (state, position) = match what {
                        NotTaken::Offer | NotTaken::Elsewhere => (row.state, None),
                        NotTaken::Whole => (FileState::Queued, Some(0)),
                    };
                    if again {
                        let pause = pause(&rule, attempts.max(1));
                        change.position = position;
                        change.retry_at = Some(Some(now().saturating_add(pause)));
                        file::change(connection, key, state, change, &detail)?;
                    } else {
                        change.position = Some(0);
                        file::change(connection, key, FileState::Failed, change, &detail)?;
                        route::not_forwarded(connection, &config, &row, reason)?;
                    }
                    Ok(())
                });
                shared.release_file(key);
                written
            },
            |visit, mailbox, _, written| match written {
                // Its end response was faster.
                Ok(()) | Err(JournalError::State(_)) => {}
                Err(error) => visit.cannot_note(mailbox, &error),
            },
        );
    }
}

/// When a file that was refused is tried again, in milliseconds from now.
fn pause(rule: &Retry, attempts: u32) -> i64 {
    let pause = rule.pause(attempts, chance::fraction());
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

/// What the partner said, for people.
fn in_words(detail: &Value) -> String {
    let text = |name: &str| detail[name].as_str().unwrap_or_default();
    if let Some(reason) = detail["reason"].as_u64() {
        let words = match text("text") {
            "" => String::new(),
            words => format!(": {words}"),
        };
        return format!("{} {reason:02} {}{words}", text("command"), text("meaning"));
    }
    text("trouble").to_owned()
}

fn no_words(command: &str, code: u8, meaning: &str, text: &Text, retry: bool) -> Value {
    json!({
        "command": command,
        "reason": code,
        "meaning": meaning,
        "text": PeerText::new(text.as_octets()).to_string(),
        "retry": retry,
    })
}
