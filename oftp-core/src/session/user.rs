//! The service primitives that the User Monitor issues (RFC 5024 chapter 3).

use super::input::Input;
use super::negotiation;
use super::predicates::common_own;
use super::primitive::{
    CloseFileRq, CloseFileRs, ConnectRq, ConnectRs, StartFileRs, UserError, UserProblem,
};
use super::trace::Trace;
use super::transmit::Room;
use super::{Agreed, Event, Session};
use crate::state::{self, State};
use crate::virtual_file::{Encoder, Structure};
use crate::wire::{
    Capability, Command, Eerp, EsidReason, Level, Nerp, RecordFormat, Security, Sfid, Ssid, Text,
};

impl Session {
    /// F_CONNECT_RQ (3.2.1): call the partner. The network is asked for a connection, and when it
    /// is up the SSIDs are exchanged; F_CONNECT_CF or F_ABORT_IND follows.
    ///
    /// # Errors
    /// [`UserError`] when this session has a connection, had one, or when authentication is
    /// wanted below level 2.0.
    pub fn connect_rq(&mut self, rq: ConnectRq) -> Result<(), UserError> {
        if rq.authentication && self.capabilities.level < Level::V2_0 {
            return Err(self.refuse(
                "F_CONNECT_RQ",
                self.lacks("secure authentication (SSIDAUTH)"),
            ));
        }
        self.run(state::Event::FConnectRq, Input::ConnectRq(Box::new(rq)))
    }

    /// F_CONNECT_RS (3.2.1): take the caller announced by F_CONNECT_IND. The SSID answers with
    /// what both sides can do; where they do not fit, ESID ends the session. To turn the caller
    /// away use [`release_rq`](Self::release_rq) with reason 03, 04 or 08.
    ///
    /// # Errors
    /// [`UserError`] when no caller waits for an answer, or when capabilities are out of their
    /// ranges ([`Capabilities::check`](super::Capabilities::check)): the answer is then still owed.
    pub fn connect_rs(&mut self, rs: ConnectRs) -> Result<(), UserError> {
        if self.state == State::AWfConrs {
            self.answer(&rs)?;
        }
        self.run(state::Event::FConnectRs, Input::ConnectRs(Box::new(rs)))
    }

    /// Works out the answer to the caller's SSID (P2 of 9.8 G, actions 5 and 3).
    fn answer(&mut self, rs: &ConnectRs) -> Result<(), UserError> {
        let Some(offer) = &self.vars.peer_ssid else {
            return Ok(());
        };
        let own = rs.capabilities.as_ref().unwrap_or(&self.capabilities);
        own.check()
            .map_err(|error| self.refuse("F_CONNECT_RS", UserProblem::Config(error)))?;
        // Own wishes that exclude each other leave the capability: the other side decides.
        let mode = common_own(own.mode, rs.mode).unwrap_or(own.mode);
        match negotiation::as_responder(offer, own, mode, rs.restart, rs.authentication) {
            Ok(agreed) => {
                self.vars.own_ssid = Some(answered_ssid(rs, &agreed));
                self.vars.agreed = Some(agreed);
            }
            Err(misfit) => self.vars.misfit = Some(misfit),
        }
        if let Some(capabilities) = rs.capabilities.clone() {
            self.capabilities = capabilities;
        }
        self.quirks = rs.quirks.unwrap_or(self.quirks);
        Ok(())
    }

    /// The SSID that we offer as Initiator (9.8 action 1).
    pub(super) fn offered_ssid(&self, rq: &ConnectRq) -> Ssid {
        let own = &self.capabilities;
        Ssid {
            lev: own.level.digit(),
            code: rq.code,
            pswd: rq.password,
            sdeb: own.buffer_size,
            sr: common_own(own.mode, rq.mode).unwrap_or(own.mode),
            cmpr: own.compression,
            rest: own.restart && rq.restart,
            spec: false,
            cred: own.window,
            auth: rq.authentication,
            user: rq.user,
        }
    }

    /// F_START_FILE_RQ (3.3.1): offer a Virtual File. Its fields are those of SFID; what the
    /// session's level does not have must be at its default, so that nothing is sent less secure
    /// than it was meant. A description is the exception: below level 2.0 it stays behind.
    ///
    /// # Errors
    /// [`UserError`]: not the Speaker, something else is in progress, restart not agreed, values
    /// that contradict each other or do not fit the level (CF-25).
    pub fn start_file_rq(&mut self, sfid: Sfid) -> Result<(), UserError> {
        const PRIMITIVE: &str = "F_START_FILE_RQ";
        let mut sfid = sfid;
        if let Err(problem) = self.check_sfid(&sfid) {
            return Err(self.refuse(PRIMITIVE, problem));
        }
        if self.level() < Level::V2_0 {
            sfid.desc = Text::default();
        }
        self.fits(PRIMITIVE, &Command::Sfid(sfid.clone()))?;
        self.run(state::Event::FStartFileRq, Input::Sfid(Box::new(sfid)))
    }

    fn check_sfid(&self, sfid: &Sfid) -> Result<(), UserProblem> {
        if self.level() < Level::V2_0 {
            let extra = [
                (sfid.sec != Security::None, "file security (SFIDSEC)"),
                (sfid.comp != 0, "file compression (SFIDCOMP)"),
                (sfid.env != 0, "file envelopes (SFIDENV)"),
                (sfid.sign, "signed EERPs (SFIDSIGN)"),
            ];
            if let Some((_, what)) = extra.into_iter().find(|(wanted, _)| *wanted) {
                return Err(self.lacks(what));
            }
        }
        let stream = matches!(sfid.fmt, RecordFormat::U | RecordFormat::T);
        let problem = if stream && sfid.lrecl != 0 {
            "SFIDLRECL must be 0 for formats U and T (5.3.3)"
        } else if (sfid.sec != Security::None || sfid.comp != 0) && sfid.env == 0 {
            "a secured or compressed file needs an envelope (SFIDENV, 5.3.3)"
        } else if (sfid.sec != Security::None || sfid.sign) && sfid.ciph == 0 {
            "security and signed EERPs need a cipher suite (SFIDCIPH, CF-13)"
        } else if sfid.fmt == RecordFormat::V
            && Structure::of(sfid).is_enveloped()
            && sfid.lrecl > 65_535
        {
            "SFIDLRECL of a secured V file is at most 65535 (CF-10)"
        } else {
            return Ok(());
        };
        Err(UserProblem::Value(problem))
    }

    /// F_START_FILE_RS (3.3.1): take or refuse the file offered by F_START_FILE_IND.
    ///
    /// # Errors
    /// [`UserError`] when no file is offered, or when the position is above the offer: the answer
    /// is then still owed.
    pub fn start_file_rs(&mut self, rs: StartFileRs) -> Result<(), UserError> {
        self.run(state::Event::FStartFileRs, Input::StartFileRs(rs))
    }

    /// F_DATA_RQ (3.3.2): build and queue one Data Exchange Buffer. `fill` writes octets and
    /// record ends into it; what it returns is returned. A buffer left empty is not sent.
    ///
    /// F_DATA_CF tells when the next one can be taken, but there is no need to wait for it while
    /// [`can_send_data`](Self::can_send_data): a confirmation that the next request overtakes is
    /// not given, and small buffers then leave together.
    ///
    /// # Errors
    /// [`UserError`] when no file is open for sending, or when the credit is used up.
    pub fn data_rq<R>(&mut self, fill: impl FnOnce(&mut Encoder<'_>) -> R) -> Result<R, UserError> {
        if self.state != State::Opo {
            return self.data_rq_out_of_place(fill);
        }
        let (limit, compression) = self.vars.agreed.map_or((128, false), |agreed| {
            (agreed.buffer_size as usize, agreed.compression)
        });
        let (octets, result) = self.transmit.append(Room::Data(limit), |block| {
            let mut encoder = Encoder::new(block, limit, compression);
            let result = fill(&mut encoder);
            (!encoder.is_empty(), result)
        });
        if octets > 0 {
            self.overtake_confirmation();
            if self.config.trace {
                let len = octets - crate::wire::sth::OCTETS;
                self.push_trace(Trace::sent_data(self.level(), len));
            }
            self.run(state::Event::FDataRq, Input::DataRq(octets))?;
        }
        Ok(result)
    }

    /// Takes back an F_DATA_CF that the next request has overtaken: the octets before and after
    /// it then leave together.
    fn overtake_confirmation(&mut self) {
        if let Some(super::outputs::Item::Event(Event::DataCf)) = self.queue.back() {
            self.queue.pop_back();
        }
    }

    /// F_DATA_RQ outside OPO: a user error, except in WF_NDISC, which swallows it (9.10 S).
    fn data_rq_out_of_place<R>(
        &mut self,
        fill: impl FnOnce(&mut Encoder<'_>) -> R,
    ) -> Result<R, UserError> {
        self.run(state::Event::FDataRq, Input::Nothing)?;
        let mut nowhere = Vec::new();
        Ok(fill(&mut Encoder::new(&mut nowhere, 99_999, false)))
    }

    /// F_CLOSE_FILE_RQ (3.3.3): all data are given; the counts are those of the whole file.
    ///
    /// # Errors
    /// [`UserError`] when no file is open for sending, when a count does not fit its field, and
    /// while the credit is used up: EFID must wait for CDT (9.11 note 1), which is F_DATA_CF.
    pub fn close_file_rq(&mut self, rq: CloseFileRq) -> Result<(), UserError> {
        let efid = crate::wire::Efid {
            rcnt: rq.records,
            ucnt: rq.octets,
        };
        self.fits("F_CLOSE_FILE_RQ", &Command::Efid(efid))?;
        if self.state == State::Opo {
            self.overtake_confirmation();
        }
        self.run(state::Event::FCloseFileRq, Input::CloseFileRq(rq))
    }

    /// F_CLOSE_FILE_RS (3.3.3): the received file is stored, or not accepted. EFPA means that
    /// the file cannot get lost any more.
    ///
    /// # Errors
    /// [`UserError`] when no file waits for it, and when the turn is asked for in a one-way
    /// session below level 1.4, where a partner may keep it (ST-51).
    pub fn close_file_rs(&mut self, rs: CloseFileRs) -> Result<(), UserError> {
        let asks = matches!(rs, CloseFileRs::Positive { speaker: true });
        if asks && self.level() < Level::V1_4 && self.mode() != Capability::Both {
            return Err(self.refuse(
                "F_CLOSE_FILE_RS",
                UserProblem::Value(
                    "below level 1.4 the turn is not asked for in a one-way session (ST-51)",
                ),
            ));
        }
        self.run(state::Event::FCloseFileRs, Input::CloseFileRs(rs))
    }

    /// F_EERP_RQ (3.3.5): send an End to End Response; F_RTR_CF follows. Its DEST is the file's
    /// originator, its ORIG the file's destination (CF-30).
    ///
    /// # Errors
    /// [`UserError`] when not the idle Speaker, or when a field does not fit the level.
    pub fn eerp_rq(&mut self, eerp: Eerp) -> Result<(), UserError> {
        let mut eerp = eerp;
        if self.level() < Level::V2_0 {
            // Neither hash nor signature exist there (CF-17: unsigned is better than none).
            eerp.hsh.clear();
            eerp.sig.clear();
        }
        self.fits("F_EERP_RQ", &Command::Eerp(eerp.clone()))?;
        self.run(state::Event::FEerpRq, Input::Eerp(Box::new(eerp)))
    }

    /// F_NERP_RQ (3.3.6): send a Negative End Response; F_RTR_CF follows.
    ///
    /// # Errors
    /// [`UserError`] as for [`eerp_rq`](Self::eerp_rq), and below level 1.4, which has no NERP
    /// (CF-21).
    pub fn nerp_rq(&mut self, nerp: Nerp) -> Result<(), UserError> {
        let level = self.level();
        if level < Level::V1_4 {
            return Err(self.refuse("F_NERP_RQ", self.lacks("NERP")));
        }
        let mut nerp = nerp;
        nerp.reas = nerp.reas.for_level(level);
        if level < Level::V2_0 {
            nerp.reast = Text::default();
            nerp.hsh.clear();
            nerp.sig.clear();
        }
        self.fits("F_NERP_RQ", &Command::Nerp(nerp.clone()))?;
        self.run(state::Event::FNerpRq, Input::Nerp(Box::new(nerp)))
    }

    /// F_RTR_RS (3.3.5): the EERP or NERP received is safe; the partner may go on.
    ///
    /// # Errors
    /// [`UserError`] when none waits for it.
    pub fn rtr_rs(&mut self) -> Result<(), UserError> {
        self.run(state::Event::FRtrRs, Input::Nothing)
    }

    /// F_CD_RQ (3.3.4): give the turn to the partner.
    ///
    /// # Errors
    /// [`UserError`] when not the idle Speaker, or when the turn has just come unasked (rule 4).
    pub fn cd_rq(&mut self) -> Result<(), UserError> {
        self.run(state::Event::FCdRq, Input::Nothing)
    }

    /// F_RELEASE_RQ (3.4): end the session. Reason 00 is the normal end, allowed only when the
    /// turn has just come unasked; any other is an abnormal release, allowed at any time.
    ///
    /// # Errors
    /// [`UserError`] for reason 00 in any other situation, or without a connection.
    pub fn release_rq(&mut self, reason: EsidReason, text: Text) -> Result<(), UserError> {
        let event = if reason == EsidReason::NORMAL {
            state::Event::FRelRqOk
        } else {
            state::Event::FRelRqErr
        };
        self.run(event, Input::Release(reason, text))
    }

    /// F_ABORT_RQ (3.4.3): cut the connection at once, without ESID.
    ///
    /// # Errors
    /// [`UserError`] without a connection.
    pub fn abort_rq(&mut self) -> Result<(), UserError> {
        self.run(state::Event::FAbortRq, Input::Nothing)
    }

    /// Ends a session whose partner has given the turn straight back (quirk `cd_bounce`): the
    /// turn is taken as it came, and ESID 00 answers it.
    pub(super) fn end_bounced_turn(&mut self) {
        self.state = State::IdleSpCd;
        self.happen(
            state::Event::FRelRqOk,
            Input::Release(EsidReason::NORMAL, Text::default()),
        );
        self.event(Event::ReleaseInd {
            text: Text::default(),
        });
    }

    /// Refuses what does not fit the fields of the session's level.
    fn fits(&self, primitive: &'static str, command: &Command<'_>) -> Result<(), UserError> {
        let mut scratch = Vec::new();
        command
            .encode(self.level(), &mut scratch)
            .map_err(|error| self.refuse(primitive, UserProblem::Field(error)))
    }

    fn lacks(&self, what: &'static str) -> UserProblem {
        UserProblem::Level {
            level: self.level(),
            what,
        }
    }
}

/// The SSID that answers as Responder (9.8 action 3).
const fn answered_ssid(rs: &ConnectRs, agreed: &Agreed) -> Ssid {
    Ssid {
        lev: agreed.level.digit(),
        code: rs.code,
        pswd: rs.password,
        sdeb: agreed.buffer_size,
        sr: agreed.mode,
        cmpr: agreed.compression,
        rest: agreed.restart,
        spec: false,
        cred: agreed.window,
        auth: agreed.authentication,
        user: rs.user,
    }
}
