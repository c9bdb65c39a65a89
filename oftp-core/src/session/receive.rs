//! From received octets to events: one Exchange Buffer at a time, checked in the order of ST-15:
//! Stream Transmission Header 07, code 01, length 07, fields 06, then the state 02. For DATA:
//! size 07, state 02, credit 02, subrecords 07 or 06.

use std::ops::Range;

use super::Session;
use super::event::Event;
use super::input::{Input, ReceivedData};
use super::negotiation;
use super::trace::Trace;
use crate::state::{self, State};
use crate::virtual_file::DataBuffer;
use crate::wire::{Command, CommandCode, EsidReason, Limits, Quirks, Ssid, WireError, decode};

impl Session {
    /// Decodes and handles the next whole Exchange Buffer. False when there is none, or when it
    /// has to wait for a local primitive.
    pub(super) fn receive_next(&mut self) -> bool {
        if self.over || self.local.is_some() || self.state == State::Idle {
            return false;
        }
        match self.receive.next(&self.limits()) {
            Ok(None) => false,
            Ok(Some(range)) => {
                self.exchange_buffer(range);
                true
            }
            Err(error) => {
                self.invalid(error);
                true
            }
        }
    }

    /// How long an Exchange Buffer may be by its first octet.
    fn limits(&self) -> Limits {
        self.vars.agreed.map_or_else(Limits::before_ssid, |agreed| {
            Limits::agreed(agreed.level, agreed.buffer_size as usize, self.quirks)
        })
    }

    fn invalid(&mut self, error: WireError) {
        self.happen(state::Event::InvalidBuffer, Input::Invalid(error));
    }

    fn exchange_buffer(&mut self, range: Range<u64>) {
        let agreed = self.vars.agreed.map(|agreed| agreed.level);
        let octets = self.receive.octets(range.clone());
        let trace = self
            .config
            .trace
            .then(|| Trace::received(self.level(), octets));
        let code = CommandCode::of(octets, agreed);
        if let Some(trace) = trace {
            self.push_trace(trace);
        }
        let code = match code {
            Ok(code) => code,
            Err(error) => return self.invalid(error),
        };
        match code {
            CommandCode::Data => self.data(range),
            // Nothing but ESID matters any more (ST-05).
            code if self.state == State::WfNdisc && code != CommandCode::Esid => {
                self.happen(event_of(code), Input::Misplaced);
            }
            // Until the level is agreed the layouts of the others are not known (ST-15).
            code if agreed.is_none()
                && !matches!(
                    code,
                    CommandCode::Ssrm | CommandCode::Ssid | CommandCode::Esid
                ) =>
            {
                self.happen(event_of(code), Input::Misplaced);
            }
            _ => self.decoded(range, code),
        }
    }

    fn decoded(&mut self, range: Range<u64>, code: CommandCode) {
        let octets = self.receive.octets(range);
        let decoded = match decode(octets, self.level(), self.quirks) {
            Ok(decoded) => decoded,
            Err(error) => return self.invalid(error),
        };
        let used = decoded.used;
        let (event, input) = match decoded.command {
            Command::Ssrm(_) => (state::Event::Ssrm, Input::Nothing),
            Command::Ssid(ssid) => (state::Event::Ssid, Input::Ssid(Box::new(ssid))),
            Command::Sfid(sfid) => (state::Event::Sfid, Input::Sfid(Box::new(sfid))),
            Command::Sfpa(sfpa) => (state::Event::Sfpa, Input::Sfpa(sfpa)),
            Command::Sfna(sfna) => (state::Event::Sfna, Input::Sfna(sfna)),
            Command::Efid(efid) => (state::Event::Efid, Input::Efid(efid)),
            Command::Efpa(efpa) => (state::Event::Efpa, Input::Efpa(efpa)),
            Command::Efna(efna) => (state::Event::Efna, Input::Efna(efna)),
            Command::Esid(esid) if esid.reas == EsidReason::NORMAL => {
                (state::Event::EsidNormal, Input::Esid(esid))
            }
            Command::Esid(esid) => (state::Event::EsidError, Input::Esid(esid)),
            Command::Eerp(eerp) => (state::Event::Eerp, Input::Eerp(Box::new(eerp))),
            Command::Nerp(nerp) => (state::Event::Nerp, Input::Nerp(Box::new(nerp))),
            Command::Auch(auch) if self.state == State::WfAuch => {
                self.report_quirks(used, code);
                return self.ask_to_open(auch.chal);
            }
            Command::Aurp(aurp) => (state::Event::Aurp, Input::Response(aurp.rsp)),
            Command::Secd(_) if self.state == State::WfSecd => {
                self.report_quirks(used, code);
                return self.ask_to_seal();
            }
            _ => (event_of(code), Input::Misplaced),
        };
        self.report_quirks(used, code);
        if let Input::Ssid(ssid) = &input {
            self.negotiate(ssid);
        }
        if self.tolerated(code) {
            return;
        }
        self.happen(event, input);
    }

    /// SSID where one is due: the answer of 9.8 D is worked out before its row asks for it.
    fn negotiate(&mut self, ssid: &Ssid) {
        match (self.state, &self.vars.own_ssid) {
            (State::IWfSsid, Some(offer)) => {
                match negotiation::as_initiator(ssid, offer, &self.capabilities) {
                    Ok(agreed) => self.vars.agreed = Some(agreed),
                    Err(misfit) => self.vars.misfit = Some(misfit),
                }
                self.vars.peer_ssid = Some(*ssid);
            }
            (State::ANcOnly, _) => {
                if negotiation::common_mode(self.capabilities.mode, ssid.sr).is_none() {
                    self.vars.misfit = Some(negotiation::modes(ssid));
                }
                self.vars.peer_ssid = Some(*ssid);
            }
            _ => {}
        }
    }

    /// The two quirks that concern the state and not the layout (field-notes of partners).
    fn tolerated(&mut self, code: CommandCode) -> bool {
        match (code, self.state) {
            (CommandCode::Cdt, State::Clop) if self.quirks.contains(Quirks::LATE_CDT) => {
                self.report_quirks(Quirks::LATE_CDT, code);
                true
            }
            (CommandCode::Cd, State::IdleLiCd) if self.quirks.contains(Quirks::CD_BOUNCE) => {
                self.report_quirks(Quirks::CD_BOUNCE, code);
                self.end_bounced_turn();
                true
            }
            _ => false,
        }
    }

    pub(super) fn report_quirks(&mut self, used: Quirks, command: CommandCode) {
        for quirk in used.names() {
            self.event(Event::QuirkInd { quirk, command });
        }
    }

    fn data(&mut self, range: Range<u64>) {
        if self.state != State::Opi || self.vars.credit_l == 0 {
            return self.happen(state::Event::Data, Input::Misplaced);
        }
        // The octet after the command code starts the payload.
        let payload = range.start + 1..range.end;
        let octets = self.receive.octets(payload.clone());
        let compression = self.vars.agreed.is_some_and(|agreed| agreed.compression);
        let record = self.vars.incoming.as_mut().and_then(|f| f.record.as_mut());
        let Some(record) = record else {
            return self.happen(state::Event::Data, Input::Misplaced);
        };
        match DataBuffer::check(octets, compression, record) {
            Ok(buffer) => {
                let data = ReceivedData { payload, buffer };
                self.happen(state::Event::Data, Input::Data(data));
            }
            Err(error) => self.happen(state::Event::InvalidBuffer, Input::InvalidData(error)),
        }
    }
}

/// The event of a command that is handled by its name alone.
const fn event_of(code: CommandCode) -> state::Event {
    match code {
        CommandCode::Ssrm => state::Event::Ssrm,
        CommandCode::Ssid => state::Event::Ssid,
        CommandCode::Sfid => state::Event::Sfid,
        CommandCode::Sfpa => state::Event::Sfpa,
        CommandCode::Sfna => state::Event::Sfna,
        CommandCode::Data => state::Event::Data,
        CommandCode::Cdt => state::Event::Cdt,
        CommandCode::Efid => state::Event::Efid,
        CommandCode::Efpa => state::Event::Efpa,
        CommandCode::Efna => state::Event::Efna,
        CommandCode::Esid => state::Event::EsidError,
        CommandCode::Cd => state::Event::Cd,
        CommandCode::Eerp => state::Event::Eerp,
        CommandCode::Nerp => state::Event::Nerp,
        CommandCode::Rtr => state::Event::Rtr,
        CommandCode::Secd => state::Event::Secd,
        CommandCode::Auch => state::Event::Auch,
        CommandCode::Aurp => state::Event::Aurp,
    }
}
