//! The only function of a session that calls back, and what is done where a callback is not set.
//!
//! Callbacks are called while the library has no reference to the session: a call inside them is
//! like any other. What they are given lives on this stack, or in buffers that only this module
//! and [`supply`](super::supply) touch.

use std::ffi::{CString, c_void};
use std::ptr;

use oftp_core::session::{
    AbortInd, CloseFileCf, CloseFileInd, CloseFileRs, Event, Origin, Output, Session, StartFileCf,
    StartFileRs, Trace, UserError,
};
use oftp_core::state::State;
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EfnaReason, EsidReason, Level, Sfid, SfnaReason, Ssid, Text};

use super::fields::{Kept, oftp_agreed, oftp_end_response, oftp_ssid, oftp_virtual_file};
use super::monitor::*;
use super::object::{Instance, Outgoing, Received};
use super::oftp_session;
use super::supply::Next;
use crate::handle::{CallingBack, with};
use crate::status::{Outcome, clear_last_error, last_error_text, oftp_code, oftp_status};
use crate::text::for_c;
use crate::values::{oftp_origin, oftp_trace_kind};

/// A buffer that expanded further than this gives its memory back.
const KEPT: usize = 256 * 1024;

/// One thing to do outside of the session.
enum Step {
    /// Nothing more; what is wanted.
    Wait(i32),
    /// The session went on by itself.
    Go,
    Event(Box<Event>),
    Trace(Box<Trace>),
    /// Received data stand in the session's buffer.
    Data(oftp_data),
    Ask(oftp_space),
    /// Octets for the network service.
    Send(*const u8, usize),
    Connect,
    Close,
}

type Handle = *mut oftp_session;

/// Runs a session until it waits.
pub(super) fn dispatch(handle: Handle) -> Outcome<oftp_status> {
    let calling = CallingBack::begin::<Instance>(handle)?;
    let (monitor, network, user_data) = with::<Instance, _>(handle, |session| {
        let network = session.network.as_deref().copied();
        Ok((*session.monitor, network, session.user_data.0))
    })?;
    let host = Host {
        handle,
        monitor,
        network,
        user_data,
    };
    loop {
        let step = with::<Instance, _>(handle, |session| session.step(network.is_some()))?;
        match step {
            Step::Wait(wants) => {
                drop(calling);
                return Ok(wants);
            }
            Step::Go => {}
            Step::Event(event) => host.event(*event)?,
            Step::Trace(trace) => host.trace(&trace)?,
            Step::Data(data) => host.data(&data)?,
            Step::Ask(space) => host.ask(space)?,
            Step::Send(octets, len) => {
                if !host.send(octets, len)? {
                    return with::<Instance, _>(handle, |session| Ok(session.wants()));
                }
            }
            Step::Connect | Step::Close => host.network(matches!(step, Step::Connect))?,
        }
    }
}

impl Instance {
    fn step(&mut self, pushes: bool) -> Outcome<Step> {
        if let Some((reason, text)) = self.refused.pop_front() {
            return Ok(Step::Event(Box::new(Event::AbortInd(AbortInd {
                reason: Some(EsidReason::new(reason)),
                origin: Origin::Local,
                cause: oftp_core::session::AbortCause::Incompatible(text),
            }))));
        }
        if pushes && let Some((octets, _)) = self.octets_to_send() {
            return Ok(Step::Send(octets.as_ptr(), octets.len()));
        }
        match self.session.poll_output() {
            Output::NDataRq(_) => self.supply_or_wait(),
            Output::Wait(_) => self.supply_or_wait(),
            Output::NConRq => {
                // The host may have opened it already, or given it up.
                self.to_connect = self.session.state() == State::IWfNc;
                Ok(if self.to_connect {
                    Step::Connect
                } else {
                    Step::Go
                })
            }
            // The host has accepted the connection before it told of it.
            Output::NConRs => Ok(Step::Go),
            Output::NDiscRq => {
                self.to_close = true;
                Ok(Step::Close)
            }
            Output::Trace(trace) => Ok(Step::Trace(Box::new(trace))),
            Output::Event(event) => Ok(Step::Event(Box::new(event))),
            Output::DataInd(mut data) => {
                let received = self.received.get_or_insert_default();
                let expanded = usize::try_from(data.octets()).unwrap_or(usize::MAX);
                if received.fits(expanded).is_err() {
                    let text = format!("no memory for a buffer of {expanded} octets");
                    self.turn_away(EsidReason::RESOURCES_NOT_AVAILABLE, text);
                    return Ok(Step::Go);
                }
                received.len = 0;
                received.ends.clear();
                while let Some(chunk) = data.read(&mut received.octets[received.len..]) {
                    received.len += chunk.octets;
                    if chunk.end_of_record {
                        received.ends.push(received.len);
                    }
                }
                Ok(Step::Data(received.shown()))
            }
        }
    }

    fn supply_or_wait(&mut self) -> Outcome<Step> {
        Ok(match self.supply()? {
            Next::Nothing => Step::Wait(self.wants()),
            Next::Ask(space) => Step::Ask(space),
            Next::Done => Step::Go,
        })
    }

    /// Turns a partner away, and tells it as F_ABORT_IND: RFC 5024 tells nobody. Nothing is to be
    /// done where the session is over.
    fn turn_away(&mut self, reason: EsidReason, text: String) {
        if self.session.release_rq(reason, Text::default()).is_ok() {
            self.refused.push_back((reason.code(), text));
        }
    }

    /// The partner that was called has named itself (ST-48).
    fn check_partner(&mut self, ssid: &Ssid) -> bool {
        let Some(expected) = self.expected.as_deref() else {
            return true;
        };
        if expected.code.trimmed() != ssid.code.trimmed() {
            let text = format!("{} answered instead of {}", ssid.code, expected.code);
            self.turn_away(EsidReason::USER_CODE_NOT_KNOWN, text);
        } else if expected.password.is_some_and(|p| !p.matches(&ssid.pswd)) {
            let text = format!("wrong password from {}", ssid.code);
            self.turn_away(EsidReason::INVALID_PASSWORD, text);
        } else {
            return true;
        }
        false
    }
}

impl Received {
    fn fits(&mut self, octets: usize) -> Result<(), std::collections::TryReserveError> {
        if self.octets.len() > KEPT && octets <= KEPT {
            self.octets = Vec::new();
        }
        // At least one: an empty piece would not show the end of a record.
        let octets = octets.max(1);
        if self.octets.len() < octets {
            self.octets.try_reserve_exact(octets - self.octets.len())?;
            self.octets.resize(octets, 0);
        }
        Ok(())
    }

    fn shown(&self) -> oftp_data {
        oftp_data {
            struct_size: size_of::<oftp_data>(),
            octets: self.octets.as_ptr(),
            len: self.len,
            record_ends: self.ends.as_ptr(),
            record_count: self.ends.len(),
        }
    }
}

/// Whom to call back.
struct Host {
    handle: Handle,
    monitor: oftp_user_monitor,
    network: Option<oftp_network_service>,
    user_data: *mut c_void,
}

/// Calls a member of the User Monitor: whether it has dealt with the event.
macro_rules! call {
    ($host:expr, $member:ident $(, $argument:expr)*) => {
        match $host.monitor.$member {
            None => false,
            Some(function) => {
                // What an earlier call left is not the cause of what this one returns.
                clear_last_error();
                // SAFETY: by the contract of the header the member is a function of this type; the
                // arguments live until it returns.
                let result = unsafe { function($host.handle $(, $argument)*, $host.user_data) };
                answered(stringify!($member), result)?
            }
        }
    };
}

/// Whether a callback has dealt with what it was told.
fn answered(member: &str, result: i32) -> Outcome<bool> {
    if result < 0 {
        // Mostly the status of a call in it, which has left its text.
        let why = last_error_text();
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        return Err(oftp_code::OFTP_E_CALLBACK.because(format!("{member} returned {result}{why}")));
    }
    Ok(result != oftp_code::OFTP_PASSTHROUGH as i32)
}

impl Host {
    fn with<R>(&self, body: impl FnOnce(&mut Instance) -> Outcome<R>) -> Outcome<R> {
        with::<Instance, _>(self.handle, body)
    }

    /// What is done where nobody answers. An answer that is not due any more, because the session
    /// is over or the callback has ended it, is none.
    fn default_answer(
        &self,
        answer: impl FnOnce(&mut Session) -> Result<(), UserError>,
    ) -> Outcome {
        self.with(|session| {
            let _ = answer(&mut session.session);
            Ok(())
        })
    }

    fn event(&self, event: Event) -> Outcome {
        match event {
            Event::ConnectInd(ind) => {
                let mut kept = Kept::new();
                let ssid = oftp_ssid::of(&ind.ssid, &ind.addresses, &mut kept);
                if has_control(ind.ssid.code.trimmed()) {
                    self.with(|session| {
                        let text = "the caller's code holds control characters";
                        let reason = EsidReason::USER_CODE_NOT_KNOWN;
                        session.turn_away(reason, text.to_owned());
                        Ok(())
                    })?;
                } else if !call!(self, connect_ind, &raw const ssid) {
                    self.default_answer(|session| {
                        session.release_rq(EsidReason::USER_CODE_NOT_KNOWN, Text::default())
                    })?;
                }
            }
            Event::PartnerInd(cf) => self.partner(&cf.ssid, &cf.agreed, true)?,
            Event::ConnectCf(cf) => self.partner(&cf.ssid, &cf.agreed, false)?,
            Event::StartFileInd(sfid) => self.start_file_ind(&sfid)?,
            Event::StartFileCf(answer) => self.start_file_cf(&answer)?,
            Event::DataCf => {
                call!(self, data_cf);
            }
            Event::CloseFileInd(ind) => self.close_file_ind(&ind)?,
            Event::CloseFileCf(answer) => self.close_file_cf(answer)?,
            Event::CdInd => {
                if !call!(self, cd_ind) {
                    self.default_answer(|session| {
                        session.release_rq(EsidReason::NORMAL, Text::default())
                    })?;
                }
            }
            Event::EerpInd(eerp) => {
                let mut kept = Kept::new();
                let response = oftp_end_response::of_eerp(&eerp, &mut kept);
                if !call!(self, eerp_ind, &raw const response) {
                    self.refuse_response()?;
                }
            }
            Event::NerpInd(nerp) => {
                let mut kept = Kept::new();
                let response = oftp_end_response::of_nerp(&nerp, &mut kept);
                if !call!(self, nerp_ind, &raw const response) {
                    self.refuse_response()?;
                }
            }
            Event::RtrCf => {
                call!(self, rtr_cf);
            }
            Event::ReleaseInd { text } => {
                let text = words(&text);
                call!(self, release_ind, text.as_ptr());
            }
            Event::AbortInd(ind) => {
                let text = for_c(ind.cause.to_string());
                let abort = oftp_abort {
                    struct_size: size_of::<oftp_abort>(),
                    reason: ind.reason.map_or(-1, |reason| reason.code().into()),
                    origin: match ind.origin {
                        Origin::Local => oftp_origin::OFTP_ORIGIN_LOCAL as i32,
                        Origin::Distant => oftp_origin::OFTP_ORIGIN_DISTANT as i32,
                    },
                    text: text.as_ptr(),
                };
                call!(self, abort_ind, &raw const abort);
            }
            Event::SealChallengeInd { partner } => {
                let code = for_c(String::from_utf8_lossy(partner.trimmed()));
                if !call!(self, seal_challenge_ind, code.as_ptr()) {
                    self.default_answer(|session| session.seal_challenge_rs(None))?;
                }
            }
            Event::OpenChallengeInd { sealed } => {
                if !call!(self, open_challenge_ind, sealed.as_ptr(), sealed.len()) {
                    self.default_answer(|session| session.open_challenge_rs(None))?;
                }
            }
            Event::AuthenticationInd => {
                call!(self, authentication_ind);
            }
            Event::QuirkInd { quirk, command } => {
                let (quirk, command) = (for_c(quirk), for_c(command.name()));
                call!(self, quirk_ind, quirk.as_ptr(), command.as_ptr());
            }
        }
        Ok(())
    }

    fn partner(
        &self,
        ssid: &Ssid,
        agreed: &oftp_core::session::Agreed,
        before_authentication: bool,
    ) -> Outcome {
        if !self.with(|session| Ok(session.check_partner(ssid)))? {
            return Ok(());
        }
        let mut kept = Kept::new();
        let ssid = oftp_ssid::of(ssid, &oftp_core::session::Addresses::default(), &mut kept);
        let agreed = oftp_agreed::of(agreed);
        if before_authentication {
            call!(self, partner_ind, &raw const ssid, &raw const agreed);
        } else {
            call!(self, connect_cf, &raw const ssid, &raw const agreed);
        }
        Ok(())
    }

    fn start_file_ind(&self, sfid: &Sfid) -> Outcome {
        self.with(|session| {
            session.incoming = Some(Structure::of(sfid));
            Ok(())
        })?;
        let unfit = [
            (sfid.dsn.trimmed(), SfnaReason::INVALID_FILENAME),
            (sfid.dest.trimmed(), SfnaReason::INVALID_DESTINATION),
            (sfid.orig.trimmed(), SfnaReason::INVALID_ORIGIN),
        ];
        let unfit = unfit.iter().find(|(octets, _)| has_control(octets));
        let mut kept = Kept::new();
        let file = oftp_virtual_file::of(sfid, &mut kept);
        if unfit.is_none() && call!(self, start_file_ind, &raw const file) {
            return Ok(());
        }
        let (reason, text) = match unfit {
            Some((_, reason)) => (*reason, "holds control characters"),
            None => (
                SfnaReason::FILE_DIRECTION_REFUSED,
                "no files are taken here",
            ),
        };
        self.default_answer(|session| {
            session.start_file_rs(StartFileRs::Negative {
                reason,
                retry: false,
                text: Text::new(text),
            })
        })
    }

    fn start_file_cf(&self, answer: &StartFileCf) -> Outcome {
        let (position, reason, retry, text) = match answer {
            StartFileCf::Positive { position } => (Some(*position), 0, false, CString::default()),
            StartFileCf::Negative {
                reason,
                retry,
                text,
            } => (None, reason.code(), *retry, words(text)),
        };
        self.with(|session| match position {
            Some(position) => session.open_source(position),
            None => {
                session.outgoing = None;
                Ok(())
            }
        })?;
        let answer = oftp_start_file_answer {
            struct_size: size_of::<oftp_start_file_answer>(),
            positive: position.is_some().into(),
            restart_position: position.unwrap_or(0),
            reason: reason.into(),
            retry_later: retry.into(),
            text: text.as_ptr(),
        };
        call!(self, start_file_cf, &raw const answer);
        Ok(())
    }

    fn close_file_ind(&self, ind: &CloseFileInd) -> Outcome {
        let (reason, text) = match &ind.verdict {
            Ok(()) => (None, ""),
            Err(fault) => (Some(fault.reason), fault.text.as_str()),
        };
        let words = for_c(text);
        let end = oftp_file_end {
            struct_size: size_of::<oftp_file_end>(),
            records: ind.records,
            octets: ind.octets,
            reason: reason.map_or(0, |reason| reason.code().into()),
            text: words.as_ptr(),
        };
        if call!(self, close_file_ind, &raw const end) {
            return Ok(());
        }
        let reason = reason.unwrap_or(EfnaReason::UNSPECIFIED);
        let text = Text::new(text);
        self.default_answer(|session| session.close_file_rs(CloseFileRs::Negative { reason, text }))
    }

    fn close_file_cf(&self, answer: CloseFileCf) -> Outcome {
        self.with(|session| {
            session.outgoing = None;
            Ok(())
        })?;
        let (speaker, reason, text) = match answer {
            CloseFileCf::Positive { speaker } => (Some(speaker), 0, CString::default()),
            CloseFileCf::Negative { reason, text } => (None, reason.code(), words(&text)),
        };
        let answer = oftp_close_file_answer {
            struct_size: size_of::<oftp_close_file_answer>(),
            positive: speaker.is_some().into(),
            speaker: speaker.unwrap_or(true).into(),
            reason: reason.into(),
            text: text.as_ptr(),
        };
        call!(self, close_file_cf, &raw const answer);
        Ok(())
    }

    fn refuse_response(&self) -> Outcome {
        self.with(|session| {
            let text = "end responses are not taken here";
            session.turn_away(EsidReason::UNSPECIFIED, text.to_owned());
            Ok(())
        })
    }

    fn data(&self, data: &oftp_data) -> Outcome {
        // That it is set was asked when the file was taken; it may still pass the data on.
        if call!(self, data_ind, ptr::from_ref(data)) {
            return Ok(());
        }
        self.with(|session| {
            let text = "nobody stores the data: data_ind returned OFTP_PASSTHROUGH";
            session.turn_away(EsidReason::RESOURCES_NOT_AVAILABLE, text.to_owned());
            Ok(())
        })
    }

    fn ask(&self, mut space: oftp_space) -> Outcome {
        if !call!(self, data_space, &raw mut space) {
            space.len = 0;
            space.record_count = 0;
            space.end_of_file = 0;
        }
        self.with(|session| session.supplied(&space))
    }

    fn trace(&self, trace: &Trace) -> Outcome {
        let text = for_c(trace.to_string());
        let (kind, octets, level) = match trace {
            Trace::Received { level, octets, .. } => {
                (oftp_trace_kind::OFTP_TRACE_RECEIVED, &octets[..], *level)
            }
            Trace::Sent { level, octets, .. } => {
                (oftp_trace_kind::OFTP_TRACE_SENT, &octets[..], *level)
            }
            Trace::Step(_) => (oftp_trace_kind::OFTP_TRACE_STEP, &[][..], Level::V2_0),
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

    /// Whether the network took something.
    fn send(&self, octets: *const u8, len: usize) -> Outcome<bool> {
        let Some(function) = self.network.and_then(|network| network.n_data_rq) else {
            return Ok(false);
        };
        self.with(|session| {
            session.pushing = true;
            Ok(())
        })?;
        // SAFETY: the octets stay where they are until they are sent, which `pushing` forbids, or
        // the queue is polled again (Session::octets_to_send).
        let taken = unsafe { function(self.handle, octets, len, self.user_data) };
        self.with(|session| {
            session.pushing = false;
            let taken = usize::try_from(taken).map_err(|_| {
                oftp_code::OFTP_E_CALLBACK.because(format!("n_data_rq returned {taken}"))
            })?;
            // The callback may have given the connection up, and the octets with it.
            let now = session.octets_to_send().map(|(now, _)| now.as_ptr());
            if now.is_some_and(|now| ptr::eq(now, octets)) {
                session.sent(taken)?;
            }
            Ok(taken > 0)
        })
    }

    fn network(&self, connect: bool) -> Outcome {
        let Some(network) = self.network else {
            return Ok(());
        };
        let (name, function) = if connect {
            ("n_con_rq", network.n_con_rq)
        } else {
            ("n_disc_rq", network.n_disc_rq)
        };
        let Some(function) = function else {
            return Ok(());
        };
        // SAFETY: by the contract of the header.
        answered(name, unsafe { function(self.handle, self.user_data) })?;
        Ok(())
    }
}

impl Instance {
    /// The file that was offered is open: its data are due from this position on.
    fn open_source(&mut self, position: u64) -> Outcome {
        let Some(file) = self.outgoing.as_deref_mut() else {
            return Ok(());
        };
        // The octets before the position of a V file are the host's to tell: `oftp_data_from`.
        let position = RestartPosition::new(file.structure, position, 0)
            .map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?;
        Outgoing::open(file, position);
        Ok(())
    }
}

fn has_control(octets: &[u8]) -> bool {
    octets.iter().any(u8::is_ascii_control)
}

fn words(text: &Text) -> CString {
    for_c(String::from_utf8_lossy(text.as_octets()))
}
