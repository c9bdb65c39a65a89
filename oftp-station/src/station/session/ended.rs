//! How a session went: for the journal, and for who decides when to call again.

use oftp_core::mailbox::{Ended, Mailbox};
use oftp_core::session::{AbortCause, AbortInd};
use oftp_core::wire::EsidReason;
use serde_json::json;

use super::Visit;
use crate::exchange::words_of;
use crate::report::PeerText;
use crate::station::caller::CallResult;
use crate::station::journal::{event, partner};

impl Visit {
    /// Notes how the session ended.
    pub(super) fn tell_end(&mut self, mailbox: &Mailbox, ended: &Ended) {
        let (result, reason, why) = self.judge(ended);
        let name = self.partner.as_ref().map(|partner| partner.name.clone());
        if self.is_called()
            && self.up
            && let Some(name) = &name
        {
            self.shared.count_session(name, |count| {
                count.incoming = count.incoming.saturating_sub(1)
            });
        }
        let caller = mailbox.partner().map(|one| one.code);
        let detail = json!({
            "result": word(&result),
            "reason": reason.map(EsidReason::code),
            "meaning": reason.map(EsidReason::meaning),
            "why": why,
            "files": self.moved,
            "by": if self.is_called() { "partner" } else { "us" },
            "code": caller.map(|code| PeerText::new(code.trimmed()).to_string()),
        });
        // Whoever is no partner may call a thousand times a second: that is the log's matter.
        if let Some(name) = name {
            let failed = !matches!(result, CallResult::Done { .. }) && !self.is_called();
            self.shared.journal().post(move |connection| {
                if failed {
                    partner::session_failed(connection, &name, &why)?;
                }
                let kind = event::Kind::SessionEnded;
                event::note(connection, kind, Some(&name), None, &detail)
            });
        }
        self.result = Some(result);
    }

    fn judge(&self, ended: &Ended) -> (CallResult, Option<EsidReason>, String) {
        let done = CallResult::Done { files: self.moved };
        match ended {
            Ended::Normally => (done, Some(EsidReason::NORMAL), String::new()),
            Ended::Irregularly(abort) => {
                let why = words(abort);
                self.warn(&format!(
                    "the session ended out of turn, but nothing was in progress: {why}"
                ));
                (done, abort.reason, why)
            }
            Ended::ByUs { reason, why } => {
                self.error(&format!("{why} (ESID {:02})", reason.code()));
                let result = match reason.code() {
                    0 => done,
                    3 | 4 | 10 | 11 | 12 => CallResult::Refused(why.clone()),
                    9 => CallResult::TimedOut,
                    _ => CallResult::Lost(why.clone()),
                };
                (result, Some(*reason), why.clone())
            }
            Ended::Failed(abort) => {
                let why = words(abort);
                self.error(&why);
                (self.failed(abort, &why), abort.reason, why)
            }
        }
    }

    fn failed(&self, abort: &AbortInd, why: &str) -> CallResult {
        let why = self.network_fault.clone().unwrap_or_else(|| why.to_owned());
        if matches!(abort.cause, AbortCause::TimeOut { .. }) {
            return CallResult::TimedOut;
        }
        match (&abort.cause, abort.reason.map(EsidReason::code)) {
            (AbortCause::Incompatible(_) | AbortCause::Authentication(_), _) => {
                CallResult::Refused(why)
            }
            (_, Some(8)) => CallResult::Busy,
            (_, Some(3 | 4 | 10 | 11 | 12)) => CallResult::Refused(why),
            (_, Some(9)) => CallResult::TimedOut,
            _ => CallResult::Lost(why),
        }
    }
}

/// What happened, with the reason that the partner gave.
fn words(abort: &AbortInd) -> String {
    let words = words_of(&abort.cause);
    match (&abort.cause, abort.reason) {
        (AbortCause::EsidReceived { .. }, Some(reason)) => format!("{words} (ESID {reason})"),
        _ => words,
    }
}

const fn word(result: &CallResult) -> &'static str {
    match result {
        CallResult::NoConnection(_) => "no_connection",
        CallResult::Tls(_) => "tls",
        CallResult::Busy => "busy",
        CallResult::Refused(_) => "refused",
        CallResult::Lost(_) => "lost",
        CallResult::TimedOut => "timed_out",
        CallResult::Done { .. } => "done",
    }
}
