//! The output events of a step, in their order (9.5): commands, indications, network requests.

use super::Session;
use super::data::DataInd;
use super::event::{
    AbortCause, CloseFileCf, CloseFileInd, ConnectCf, ConnectInd, Event, FileFault, Output,
    StartFileCf,
};
use super::fault::Fault;
use super::input::{Input, ReceivedData};
use super::negotiation::{common_mode, level_of, mirrored};
use super::primitive::{CloseFileRs, StartFileRs};
use super::trace::Trace;
use super::transmit::Room;
use crate::state::{self, State};
use crate::virtual_file::{RecordState, Structure};
use crate::wire::{
    Auch, Aurp, Cd, Cdt, Command, CommandCode, Efid, Efna, Efpa, Esid, EsidReason, Level, Quirks,
    Rtr, Secd, Sfna, Sfpa, Ssrm, Text,
};

/// One item of the output queue, as it is kept.
#[derive(Debug)]
pub(super) enum Item {
    NConRq,
    NConRs,
    /// This many octets of the transmit blocks.
    NDataRq(usize),
    NDiscRq,
    DataInd(ReceivedData),
    Event(Event),
    Trace(Trace),
}

impl Session {
    /// Gives the front of the queue away; the queue is not empty.
    pub(super) fn next_output(&mut self) -> Output<'_> {
        if let Some(&Item::NDataRq(octets)) = self.queue.front() {
            return Output::NDataRq(self.transmit.slices(octets));
        }
        match self.queue.pop_front() {
            Some(Item::NConRq) => Output::NConRq,
            Some(Item::NConRs) => Output::NConRs,
            Some(Item::NDiscRq) => Output::NDiscRq,
            Some(Item::Event(event)) => Output::Event(event),
            Some(Item::Trace(trace)) => Output::Trace(trace),
            Some(Item::DataInd(data)) => {
                let payload = self.receive.octets(data.payload);
                Output::DataInd(DataInd::new(payload, data.buffer, data.stream))
            }
            Some(Item::NDataRq(_)) | None => Output::Wait(self.next_deadline()),
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        self.queue.push_back(Item::Event(event));
    }

    pub(super) fn push_trace(&mut self, trace: Trace) {
        self.queue.push_back(Item::Trace(trace));
    }

    /// Issues one output event of a step.
    pub(super) fn put(&mut self, output: &state::Output, input: &mut Input, fault: Option<&Fault>) {
        use state::Output as Out;
        match output {
            Out::NConRq => self.queue.push_back(Item::NConRq),
            Out::NConRs => self.queue.push_back(Item::NConRs),
            Out::NDiscRq => self.disconnect(),
            Out::FAbortInd { .. } => {
                // The ESID of the same step, if it has one, left just before with its reason.
                if let Some(fault) = fault {
                    let ind = self.abort_ind(fault, self.vars.sent_reason);
                    self.event(Event::AbortInd(ind));
                }
            }
            Out::Esid(printed) => {
                if let Some(fault) = fault {
                    self.put_esid(*printed, fault);
                }
            }
            Out::FReleaseInd => {
                let text = match input {
                    Input::Esid(esid) => esid.reast.clone(),
                    _ => Text::default(),
                };
                self.event(Event::ReleaseInd { text });
            }
            Out::FConnectInd
            | Out::FConnectCf
            | Out::Ssrm
            | Out::Ssid
            | Out::Secd
            | Out::Auch
            | Out::Aurp => self.put_start_session(output, input),
            Out::FDataInd => {
                if let Input::Data(data) = input {
                    self.queue.push_back(Item::DataInd(data.clone()));
                }
            }
            Out::FDataCf => self.event(Event::DataCf),
            Out::Data => {
                if let Input::DataRq(octets) = input {
                    self.queue_octets(*octets);
                }
            }
            Out::Cdt => self.command(&Command::Cdt(Cdt)),
            Out::Cd => self.command(&Command::Cd(Cd)),
            Out::Rtr => self.command(&Command::Rtr(Rtr)),
            Out::FCdInd => self.event(Event::CdInd),
            Out::FRtrCf => self.event(Event::RtrCf),
            Out::Eerp | Out::FEerpInd | Out::Nerp | Out::FNerpInd => {
                self.put_response(output, input);
            }
            Out::Sfid
            | Out::FStartFileInd
            | Out::Sfpa
            | Out::Sfna
            | Out::FStartFileCfPositive
            | Out::FStartFileCfNegative => {
                self.put_start_file(output, input);
            }
            Out::Efid
            | Out::FCloseFileInd
            | Out::Efpa { .. }
            | Out::Efna
            | Out::FCloseFileCfPositive { .. }
            | Out::FCloseFileCfNegative => {
                self.put_end_file(output, input);
            }
            // Not an output: the primitive was refused before.
            Out::UserError => {}
        }
    }

    fn put_start_session(&mut self, output: &state::Output, input: &Input) {
        use state::Output as Out;
        match (output, input) {
            (Out::Ssrm, _) => self.command(&Command::Ssrm(Ssrm)),
            (Out::Ssid, _) => {
                if let Some(ssid) = self.vars.own_ssid {
                    self.command(&Command::Ssid(ssid));
                }
            }
            (Out::Secd, _) => self.command(&Command::Secd(Secd)),
            (Out::Auch, Input::Sealed(Some(challenge))) => self.command(&Command::Auch(Auch {
                chal: challenge.sealed.clone(),
            })),
            (Out::Aurp, Input::Opened(Some(plain))) => {
                self.command(&Command::Aurp(Aurp { rsp: *plain }));
                if !self.vars.caller {
                    self.event(Event::AuthenticationInd);
                }
            }
            (Out::FConnectInd, Input::Ssid(ssid)) => {
                let mode = common_mode(self.capabilities.mode, ssid.sr);
                self.event(Event::ConnectInd(Box::new(ConnectInd {
                    ssid: (**ssid),
                    mode: mode.unwrap_or_else(|| mirrored(ssid.sr)),
                    addresses: self.vars.addresses.clone(),
                })));
            }
            (Out::FConnectCf, _) => {
                if let (Some(ssid), Some(agreed)) = (self.vars.peer_ssid, self.vars.agreed) {
                    self.event(Event::ConnectCf(Box::new(ConnectCf { ssid, agreed })));
                }
            }
            _ => {}
        }
    }

    fn put_start_file(&mut self, output: &state::Output, input: &mut Input) {
        use state::Output as Out;
        match (output, input) {
            (Out::Sfid, Input::Sfid(sfid)) => self.command(&Command::Sfid((**sfid).clone())),
            (Out::FStartFileInd, Input::Sfid(sfid)) => {
                self.event(Event::StartFileInd(sfid.clone()));
            }
            (Out::Sfpa, Input::StartFileRs(StartFileRs::Positive(position))) => {
                if let Some(file) = self.vars.incoming.as_mut()
                    && let Some(offer) = file.offer.take()
                {
                    file.record = Some(RecordState::new(Structure::of(&offer), *position));
                }
                self.command(&Command::Sfpa(Sfpa {
                    acnt: position.count(),
                }));
            }
            (
                Out::Sfna,
                Input::StartFileRs(StartFileRs::Negative {
                    reason,
                    retry,
                    text,
                }),
            ) => {
                self.vars.incoming = None;
                self.command(&Command::Sfna(Sfna {
                    reas: reason.for_level(self.level()),
                    rrtr: *retry,
                    reast: text.clone(),
                }));
            }
            (Out::FStartFileCfPositive, Input::Sfpa(sfpa)) => {
                self.event(Event::StartFileCf(StartFileCf::Positive {
                    position: sfpa.acnt,
                }));
            }
            (Out::FStartFileCfNegative, Input::Sfna(sfna)) => {
                self.event(Event::StartFileCf(StartFileCf::Negative {
                    reason: sfna.reas,
                    retry: sfna.rrtr,
                    text: sfna.reast.clone(),
                }));
            }
            _ => {}
        }
    }

    fn put_end_file(&mut self, output: &state::Output, input: &Input) {
        use state::Output as Out;
        match (output, input) {
            (Out::Efid, Input::CloseFileRq(rq)) => self.command(&Command::Efid(Efid {
                rcnt: rq.records,
                ucnt: rq.octets,
            })),
            (Out::FCloseFileInd, Input::Efid(efid)) => {
                let record = self.vars.incoming.as_ref().and_then(|f| f.record.as_ref());
                let verdict = record.map_or(Ok(Quirks::STRICT), |record| {
                    record.verdict(efid.rcnt, efid.ucnt, self.quirks)
                });
                if let Ok(used) = verdict {
                    self.report_quirks(used, CommandCode::Efid);
                }
                self.event(Event::CloseFileInd(CloseFileInd {
                    records: efid.rcnt,
                    octets: efid.ucnt,
                    verdict: verdict.map(|_| ()).map_err(|fault| FileFault {
                        reason: fault.reason(),
                        text: fault.to_string(),
                    }),
                }));
            }
            (Out::Efpa { cd }, _) => {
                self.vars.incoming = None;
                self.command(&Command::Efpa(Efpa { cd: *cd }));
            }
            (Out::Efna, Input::CloseFileRs(CloseFileRs::Negative { reason, text })) => {
                self.vars.incoming = None;
                self.command(&Command::Efna(Efna {
                    reas: reason.for_level(self.level()),
                    reast: text.clone(),
                }));
            }
            (Out::FCloseFileCfPositive { speaker }, _) => {
                self.event(Event::CloseFileCf(CloseFileCf::Positive {
                    speaker: *speaker,
                }));
            }
            (Out::FCloseFileCfNegative, Input::Efna(efna)) => {
                self.event(Event::CloseFileCf(CloseFileCf::Negative {
                    reason: efna.reas,
                    text: efna.reast.clone(),
                }));
            }
            _ => {}
        }
    }

    fn put_response(&mut self, output: &state::Output, input: &Input) {
        use state::Output as Out;
        match (output, input) {
            (Out::Eerp, Input::Eerp(eerp)) => self.command(&Command::Eerp((**eerp).clone())),
            (Out::FEerpInd, Input::Eerp(eerp)) => self.event(Event::EerpInd(eerp.clone())),
            (Out::Nerp, Input::Nerp(nerp)) => self.command(&Command::Nerp((**nerp).clone())),
            (Out::FNerpInd, Input::Nerp(nerp)) => self.event(Event::NerpInd(nerp.clone())),
            _ => {}
        }
    }

    /// ESID with the reason of the row, or the one that the row leaves open.
    fn put_esid(&mut self, printed: Option<u8>, fault: &Fault) {
        // On a time-out with octets stuck before it, nothing can be written (ST-16).
        if matches!(fault.cause, AbortCause::TimeOut { .. }) && self.transmit.pending() > 0 {
            return;
        }
        let level = self.esid_level();
        let printed = printed.map(EsidReason::new);
        let reason = fault.reason.or(printed).unwrap_or(EsidReason::UNSPECIFIED);
        let reason = reason.for_level(level);
        self.vars.sent_reason = Some(reason);
        let text = if reason == EsidReason::NORMAL || level < Level::V2_0 {
            Text::default()
        } else {
            fault.text.clone()
        };
        let esid = Esid {
            reas: reason,
            reast: text,
        };
        self.command_at(level, &Command::Esid(esid));
    }

    /// CF-04: the level in which an ESID can be understood before the level is agreed.
    fn esid_level(&self) -> Level {
        if let Some(agreed) = &self.vars.agreed {
            return agreed.level;
        }
        let own = self.capabilities.level;
        let peer = self.vars.peer_ssid.as_ref();
        peer.and_then(|ssid| level_of(ssid.lev))
            .map_or(own, |level| level.min(own))
    }

    fn command(&mut self, command: &Command<'_>) {
        self.command_at(self.level(), command);
    }

    /// Queues a command. What does not fit the level was refused when its primitive was issued.
    fn command_at(&mut self, level: Level, command: &Command<'_>) {
        if self.config.trace {
            self.push_trace(Trace::sent(level, command));
        }
        let mut encoded = Vec::new();
        let fits = command.encode(level, &mut encoded);
        debug_assert!(fits.is_ok(), "{} was not checked: {fits:?}", command.name());
        let room = Room::Command(encoded.len());
        let (octets, ()) = self.transmit.append(room, |block| {
            block.extend_from_slice(&encoded);
            (fits.is_ok(), ())
        });
        self.queue_octets(octets);
    }

    /// Queues octets that are in the transmit blocks already, joined to those before them.
    pub(super) fn queue_octets(&mut self, octets: usize) {
        if octets == 0 {
            return;
        }
        if let Some(Item::NDataRq(pending)) = self.queue.back_mut() {
            *pending += octets;
        } else {
            self.queue.push_back(Item::NDataRq(octets));
        }
    }

    /// N_DISC_RQ. Only an ESID of the same step is worth to be sent before it: one that an earlier
    /// step has sent had its time (9.9 A).
    fn disconnect(&mut self) {
        if self.state == State::WfNdisc || self.vars.sent_reason.is_none() {
            self.drop_unsent();
        }
        self.queue.push_back(Item::NDiscRq);
    }

    pub(super) fn drop_unsent(&mut self) {
        self.transmit.clear();
        self.queue.retain(|item| !matches!(item, Item::NDataRq(_)));
    }
}
