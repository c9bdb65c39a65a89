//! The callbacks of a mailbox: what is told, and what is done where nobody listens.
//!
//! They are called while the library has no reference to the mailbox. What they are given lives
//! on this stack, or in buffers that only a step of the session touches.

use std::ffi::{CString, c_void};

use oftp_core::mailbox::Response;
use oftp_core::session::Trace;
use oftp_core::wire::Level;
use oftp_station::monitor::{Answer, Proof, Tell};

use super::events::oftp_mailbox_events;
use super::object::Instance;
use super::oftp_mailbox;
use crate::session::{oftp_agreed, oftp_data, oftp_end_response, oftp_trace, oftp_virtual_file};
use crate::status::{Outcome, oftp_code};
use crate::text::{for_c, without_options};
use crate::values::{oftp_proof, oftp_trace_kind};

/// What is to be done when a callback has been called.
pub(super) enum After {
    Nothing,
    Offer,
    Complete,
    /// Nobody has stored the octets.
    NotStored,
    Response,
}

/// Whom to call back.
pub(super) struct Host {
    pub(super) mailbox: *mut oftp_mailbox,
    pub(super) events: oftp_mailbox_events,
    pub(super) user_data: *mut c_void,
}

/// Calls a member: whether it has dealt with what it was told.
macro_rules! call {
    ($host:expr, $member:ident $(, $argument:expr)*) => {
        match $host.events.$member {
            None => false,
            Some(function) => {
                // SAFETY: by the contract of the header the member is a function of this type; the
                // arguments live until it returns.
                let result = unsafe { function($host.mailbox $(, $argument)*, $host.user_data) };
                if result < 0 {
                    let text = format!("{} returned {result}", stringify!($member));
                    return Err(oftp_code::OFTP_E_CALLBACK.because(text));
                }
                result != oftp_code::OFTP_PASSTHROUGH as i32
            }
        }
    };
}

fn response_of(response: &Response, kept: &mut Vec<CString>) -> (oftp_end_response, i32) {
    match response {
        Response::Eerp(eerp) => (oftp_end_response::of_eerp(eerp, kept), 0),
        Response::Nerp(nerp) => (oftp_end_response::of_nerp(nerp, kept), 1),
    }
}

/// The command by which a file was refused, and the reason in it.
fn of_answer(answer: Option<Answer>) -> (&'static str, i32) {
    answer.map_or(("", -1), |answer| (answer.name(), answer.code().into()))
}

impl Host {
    /// Tells it.
    ///
    /// # Errors
    /// The callback returned less than 0.
    pub(super) fn tell(
        &self,
        tell: Tell,
        result: impl FnOnce() -> Outcome<super::oftp_result>,
    ) -> Outcome<After> {
        let mut kept = Vec::new();
        match tell {
            Tell::Up { partner, agreed } => {
                let partner = for_c(String::from_utf8_lossy(partner.trimmed()));
                let agreed = oftp_agreed {
                    struct_size: size_of::<oftp_agreed>(),
                    level: agreed.level.digit().into(),
                    buffer_size: agreed.buffer_size,
                    window: agreed.window.into(),
                    mode: agreed.mode.letter().into(),
                    compression: agreed.compression.into(),
                    restart: agreed.restart.into(),
                    authentication: agreed.authentication.into(),
                };
                call!(self, up, partner.as_ptr(), &raw const agreed);
            }
            Tell::Offered(sfid) => {
                let file = oftp_virtual_file::of(&sfid, &mut kept);
                if !call!(self, file_offered, &raw const file) {
                    return Ok(After::Offer);
                }
            }
            Tell::Complete(sfid) => {
                let file = oftp_virtual_file::of(&sfid, &mut kept);
                if !call!(self, file_complete, &raw const file) {
                    return Ok(After::Complete);
                }
            }
            Tell::Received { sfid, path } => {
                use std::os::unix::ffi::OsStrExt;
                let file = oftp_virtual_file::of(&sfid, &mut kept);
                // A name that has been a file's holds no 0.
                let path = CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
                call!(self, file_received, &raw const file, path.as_ptr());
            }
            Tell::TurnedAway { sfid, answer, text } => {
                let file = oftp_virtual_file::of(&sfid, &mut kept);
                let (answer, reason) = of_answer(answer);
                let (answer, text) = (for_c(answer), for_c(text));
                let (answer, text) = (answer.as_ptr(), text.as_ptr());
                call!(
                    self,
                    file_turned_away,
                    &raw const file,
                    answer,
                    reason,
                    text
                );
            }
            Tell::Sent(id) => {
                call!(self, file_sent, id);
            }
            Tell::Refused {
                id,
                answer,
                retry,
                text,
            } => {
                let (answer, reason) = of_answer(answer);
                let (answer, text) = (for_c(answer), for_c(text));
                let (answer, text, retry) = (answer.as_ptr(), text.as_ptr(), retry.into());
                call!(self, file_refused, id, answer, reason, retry, text);
            }
            Tell::Response {
                id,
                response,
                proof,
                text,
            } => {
                let (shown, negative) = response_of(&response, &mut kept);
                let (shown, text) = (&raw const shown, for_c(without_options(&text)));
                let (id, text) = (id.unwrap_or(0), text.as_ptr());
                let proof = match proof {
                    Proof::Unsigned => oftp_proof::OFTP_PROOF_UNSIGNED,
                    Proof::Signed => oftp_proof::OFTP_PROOF_SIGNED,
                    Proof::NotChecked => oftp_proof::OFTP_PROOF_NOT_CHECKED,
                    Proof::Worthless => oftp_proof::OFTP_PROOF_WORTHLESS,
                    Proof::NoFile => oftp_proof::OFTP_PROOF_NO_FILE,
                } as i32;
                call!(self, response_received, id, shown, negative, proof, text);
                return Ok(After::Response);
            }
            Tell::ResponseSent(response) => {
                let (shown, negative) = response_of(&response, &mut kept);
                call!(self, response_sent, &raw const shown, negative);
            }
            Tell::Ended => {
                let result = result()?;
                call!(self, ended, &raw const result);
            }
            Tell::Warning(text) => {
                let text = for_c(without_options(&text));
                call!(self, warning, text.as_ptr());
            }
            Tell::Quirk { quirk, command } => {
                let (quirk, command) = (for_c(quirk), for_c(command));
                call!(self, quirk, quirk.as_ptr(), command.as_ptr());
            }
            Tell::Trace(trace) => self.trace(&trace)?,
            // All there are; a new one would be passed over until there is a callback for it.
            _ => {}
        }
        Ok(After::Nothing)
    }

    /// Gives it octets of a file.
    ///
    /// # Errors
    /// The callback returned less than 0.
    pub(super) fn data(&self, data: &oftp_data) -> Outcome<After> {
        if call!(self, data, std::ptr::from_ref(data)) {
            Ok(After::Nothing)
        } else {
            Ok(After::NotStored)
        }
    }

    fn trace(&self, trace: &Trace) -> Outcome {
        use oftp_trace_kind as K;
        let text = for_c(trace.to_string());
        let (kind, octets, level) = match trace {
            Trace::Received { level, octets, .. } => (K::OFTP_TRACE_RECEIVED, &octets[..], *level),
            Trace::Sent { level, octets, .. } => (K::OFTP_TRACE_SENT, &octets[..], *level),
            Trace::Step(_) => (K::OFTP_TRACE_STEP, &[][..], Level::V2_0),
        };
        let trace = oftp_trace {
            struct_size: size_of::<oftp_trace>(),
            kind: kind as i32,
            text: text.as_ptr(),
            octets: octets.as_ptr(),
            len: octets.len(),
            level: level.digit().into(),
        };
        call!(self, trace, &raw const trace);
        Ok(())
    }
}

impl Instance {
    /// Goes on behind a callback.
    pub(super) fn after(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Offer => self.monitor.offer_passed(),
            // The host may have answered, and passed it on all the same.
            After::Complete => self.monitor.complete_passed(),
            After::NotStored => self
                .monitor
                .cannot_store("nobody stores the data: data returned OFTP_PASSTHROUGH"),
            After::Response => self.monitor.response_told(),
        }
        // The callback took its time.
        self.tick();
    }
}
