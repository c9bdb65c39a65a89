//! How a session went: an exit code, and the last words to the user.

use oftp_core::mailbox::Ended;
use oftp_core::session::{AbortCause, AbortInd, Origin};
use oftp_core::wire::{EsidReason, Problem, WireError};

use super::{Voice, reason};
use crate::exit_code::ExitCode;
use crate::report::{Event, PeerText, Reason, Side};

/// How a session went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// The first trouble.
    pub exit_code: ExitCode,
    /// The session came up.
    pub up: bool,
}

impl Outcome {
    /// Notes trouble; the first one counts.
    pub fn note(&mut self, code: ExitCode) {
        self.exit_code = self.exit_code.or(code);
    }

    pub(super) fn local_fault(&mut self) {
        self.note(ExitCode::LocalFile);
    }

    /// What to do about a caller that we turn away, or a station called that is not the right one.
    const fn advice(&self, reason: EsidReason) -> &'static str {
        match (self.up, reason.code()) {
            (false, 3) => " (ESID 03); --partner says who is known here",
            (false, 4) => " (ESID 04); ask the partner, and check --partner-password-file",
            (false, 8) => " (ESID 08); --max-sessions says how many are served at a time",
            _ => "",
        }
    }

    /// Notes how the session ended, and tells it.
    pub(super) fn ended(&mut self, ended: &Ended, by_us: bool, voice: &Voice) {
        self.note(exit_code_of(ended));
        let (by, esid) = match ended {
            Ended::Normally if by_us => (Side::Local, Some(EsidReason::NORMAL)),
            Ended::Normally => (Side::Remote, Some(EsidReason::NORMAL)),
            Ended::Irregularly(abort) => {
                voice.warn(&format!(
                    "the session ended out of turn, but nothing was in progress: {}",
                    words_of(&abort.cause)
                ));
                (side(abort), abort.reason)
            }
            Ended::ByUs { reason, why } => {
                voice.error(&format!("{why}{}", self.advice(*reason)));
                (Side::Local, Some(*reason))
            }
            Ended::Failed(abort) => {
                let advice = advice(abort, self.up);
                voice.error(&format!("{}{advice}", words_of(&abort.cause)));
                (side(abort), abort.reason)
            }
        };
        voice.tell(&Event::SessionEnded {
            by,
            reason: esid.map(plain),
        });
    }
}

/// What happened; the partner's own words as they may be shown.
pub(crate) fn words_of(cause: &AbortCause) -> String {
    match cause {
        AbortCause::EsidReceived { text, state } if !text.is_empty() => format!(
            "partner ended the session in state {} and says: {}",
            state.name(),
            PeerText::new(text.as_octets())
        ),
        cause => cause.to_string(),
    }
}

fn plain(esid: EsidReason) -> Reason {
    reason(esid.code(), esid.meaning(), "")
}

const fn side(abort: &AbortInd) -> Side {
    match abort.origin {
        Origin::Local => Side::Local,
        Origin::Distant => Side::Remote,
    }
}

/// The exit code for the end of a session, all files aside.
pub(crate) fn exit_code_of(ended: &Ended) -> ExitCode {
    let abort = match ended {
        Ended::Normally | Ended::Irregularly(_) => return ExitCode::Done,
        Ended::ByUs { reason, .. } => return ExitCode::for_esid_reason(reason.code()),
        Ended::Failed(abort) => abort,
    };
    match &abort.cause {
        AbortCause::TimeOut { .. } => ExitCode::TimeOut,
        AbortCause::Violation { .. } | AbortCause::Invalid(_) | AbortCause::InvalidData(_) => {
            ExitCode::Protocol
        }
        AbortCause::Incompatible(_) | AbortCause::Authentication(_) | AbortCause::NotCapable => {
            ExitCode::SessionRefused
        }
        AbortCause::EsidReceived { .. } if abort.reason != Some(EsidReason::NORMAL) => {
            abort.reason.map_or(ExitCode::SessionLost, |reason| {
                ExitCode::for_esid_reason(reason.code())
            })
        }
        _ => ExitCode::SessionLost,
    }
}

/// A stream that no station would send, and of no protocol that is named in the fault.
const fn is_strange(error: &WireError) -> bool {
    matches!(
        error.problem,
        Problem::StreamVersion { .. } | Problem::StreamLength { .. }
    )
}

/// What to do about it, where that is known. `up`: the start phase was over.
fn advice(abort: &AbortInd, up: bool) -> &'static str {
    match (&abort.cause, abort.reason.map(EsidReason::code)) {
        (AbortCause::EsidReceived { .. }, Some(3)) => {
            " (ESID 03); it does not know our --id, or not at this address: ask the partner"
        }
        (AbortCause::EsidReceived { .. }, Some(4)) => {
            " (ESID 04); it does not take our password: check --password-file with the partner"
        }
        (AbortCause::EsidReceived { .. }, Some(8)) => {
            " (ESID 08); it is busy or out of room: try again later"
        }
        (AbortCause::EsidReceived { .. }, Some(10)) => {
            " (ESID 10); it wants another level, direction or authentication: compare --level"
        }
        (AbortCause::EsidReceived { .. }, Some(11)) => {
            " (ESID 11); our proof or our challenge did not satisfy it: compare the certificates \
             that both sides have of each other, by their SHA-256 (oftp cert show)"
        }
        (AbortCause::Authentication(_), _) => {
            " (ESID 11); compare the certificates that both sides have of each other, by their \
             SHA-256 (oftp cert show)"
        }
        (_, Some(12)) => " (ESID 12); secure authentication is on at both sides or at none: --auth",
        (AbortCause::Invalid(error), _) if is_strange(error) => {
            "; is it an OFTP station? check host and port"
        }
        (AbortCause::TimeOut { .. }, _) if up => " (ESID 09); --timeout says how long to wait",
        (AbortCause::TimeOut { .. }, _) => {
            " (ESID 09); is it an OFTP station, or a port with TLS (--tls)? --timeout says how \
             long to wait"
        }
        (AbortCause::Disconnected { .. } | AbortCause::Reset { .. }, _) if up => {
            "; what has been transferred is kept: run the command again to go on"
        }
        _ => "",
    }
}
