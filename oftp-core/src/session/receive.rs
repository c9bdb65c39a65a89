//! From received octets to events: one Exchange Buffer at a time, checked in the order of ST-15:
//! Stream Transmission Header 07, code 01, length 07, fields 06, then the state 02. For DATA:
//! size 07, state 02, credit 02, subrecords 07 or 06.

use std::ops::Range;

use super::event::{ConnectCf, Event};
use super::input::{Input, ReceivedData};
use super::negotiation;
use super::trace::Trace;
use super::{Incoming, Session};
use crate::state::{self, State};
use crate::virtual_file::DataBuffer;
use crate::wire::{Command, CommandCode, EsidReason, Limits, Quirks, Ssid, WireError, decode};

impl Session {
    /// Decodes and handles the next whole Exchange Buffer. False when there is none, or when it
    /// has to wait for a local primitive.
    pub(super) fn receive_next(&mut self) -> bool {
        if let Some(ssid) = self.held.take() {
            self.happen(state::Event::Ssid, Input::Ssid(ssid));
            return true;
        }
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

    /// At the end of the connection: looks for an ESID in what has been received and could not be
    /// decoded yet, behind octets that could not be sent or a primitive that the User Monitor
    /// owes. It says why the connection ended; nothing else can be answered any more.
    pub(super) fn hear_farewell(&mut self) -> bool {
        if self.over || matches!(self.state, State::Idle | State::WfNdisc) {
            return false;
        }
        while let Ok(Some(range)) = self.receive.next(&self.limits()) {
            let octets = self.receive.octets(range.clone());
            if CommandCode::of(octets, None) == Ok(CommandCode::Esid) {
                self.exchange_buffer(range);
                // What cannot be read as ESID has been answered; nobody is there to read it.
                self.drop_unsent();
                return self.over;
            }
        }
        false
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
        if let Input::Ssid(ssid) = input {
            return self.ssid(ssid);
        }
        if self.tolerated(code) {
            return;
        }
        self.happen(event, input);
    }

    fn ssid(&mut self, ssid: Box<Ssid>) {
        self.negotiate(&ssid);
        match self.vars.agreed {
            // SECD would follow (9.8 D): not to a partner that is not the one that was called.
            Some(agreed) if self.state == State::IWfSsid && agreed.authentication && ssid.auth => {
                self.event(Event::PartnerInd(Box::new(ConnectCf {
                    ssid: *ssid,
                    agreed,
                })));
                self.held = Some(ssid);
            }
            _ => self.happen(state::Event::Ssid, Input::Ssid(ssid)),
        }
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
        if self.state != State::Opi {
            return self.happen(state::Event::Data, Input::Misplaced);
        }
        // CDT is queued by the step that uses the credit up, so the count alone never tells: what
        // was here before that cannot have waited for it (9.12 I, P6).
        if self.vars.credit_l == 0 || range.start < self.vars.credit_line {
            self.vars.credit_l = 0;
            return self.happen(state::Event::Data, Input::Misplaced);
        }
        // The octet after the command code starts the payload.
        let payload = range.start + 1..range.end;
        let octets = self.receive.octets(payload.clone());
        let compression = self.vars.agreed.is_some_and(|agreed| agreed.compression);
        let Some(Incoming {
            stream,
            record: Some(record),
            ..
        }) = &mut self.vars.incoming
        else {
            return self.happen(state::Event::Data, Input::Misplaced);
        };
        match DataBuffer::check(octets, compression, record) {
            Ok(buffer) => {
                let data = ReceivedData {
                    payload,
                    stream: *stream,
                    buffer,
                };
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
