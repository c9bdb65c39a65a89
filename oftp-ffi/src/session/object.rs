//! What stands behind an `oftp_session`: the engine's session, the callbacks, and the buffers
//! between the two.

use std::collections::VecDeque;
use std::ffi::c_void;

use oftp_core::session::Session;
use oftp_core::virtual_file::{RecordState, RestartPosition, Structure};
use oftp_core::wire::{Sfid, sth};

use super::fields::Expected;
use super::monitor::{oftp_network_service, oftp_user_monitor};
use super::{oftp_session, supply::Supply};
use crate::handle::Object;
use crate::status::Outcome;
use crate::values::oftp_want;

/// The host's pointer, which the library only passes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserData(pub(crate) *mut c_void);

// SAFETY: it is never looked at. The header says that a session moves between threads with it.
unsafe impl Send for UserData {}

/// A session with its surroundings.
pub(super) struct Instance {
    pub(super) session: Session,
    pub(super) monitor: Box<oftp_user_monitor>,
    pub(super) network: Option<Box<oftp_network_service>>,
    pub(super) user_data: UserData,
    /// Exchange Buffers travel without Stream Transmission Headers.
    pub(super) records: bool,
    pub(super) expected: Option<Box<Expected>>,
    /// The file that is offered or received.
    pub(super) incoming: Option<Structure>,
    /// The file that is offered or sent.
    pub(super) outgoing: Option<Box<Outgoing>>,
    pub(super) received: Option<Box<Received>>,
    /// Why the library ended the session by itself, to be told as F_ABORT_IND.
    pub(super) refused: VecDeque<(u8, String)>,
    /// N_CON_RQ or N_DISC_RQ that the host has not heard of, or not carried out.
    pub(super) to_connect: bool,
    pub(super) to_close: bool,
    /// n_data_rq has octets, and will say itself how many it has taken.
    pub(super) pushing: bool,
}

impl Object for Instance {
    type Handle = oftp_session;
    const NAME: &'static str = "session";
}

/// The file that this side sends.
pub(super) struct Outgoing {
    pub(super) structure: Structure,
    /// Open from F_START_FILE_CF(+) on.
    pub(super) counts: Option<RecordState>,
    /// The counts at the position from which it is sent.
    begun: Option<RecordState>,
    pub(super) supply: Supply,
}

impl Outgoing {
    pub(super) fn new(sfid: &Sfid) -> Self {
        Self {
            structure: Structure::of(sfid),
            counts: None,
            begun: None,
            supply: Supply::default(),
        }
    }

    pub(super) fn open(&mut self, position: RestartPosition) {
        self.counts = Some(RecordState::new(self.structure, position));
        self.begun = self.counts;
    }

    /// Whether none of its data were given yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.counts == self.begun && self.supply.is_untouched()
    }
}

/// Octets of the last Data Exchange Buffer, decoded.
#[derive(Default)]
pub(super) struct Received {
    pub(super) octets: Vec<u8>,
    pub(super) len: usize,
    pub(super) ends: Vec<usize>,
}

impl Instance {
    /// The next octets for the network: a part of the stream, or one Exchange Buffer; with the
    /// octets of the session that stand before it.
    pub(super) fn octets_to_send(&self) -> Option<(&[u8], usize)> {
        let first = self.session.octets_to_send()?.slices().next()?;
        if !self.records {
            return Some((first, 0));
        }
        // An Exchange Buffer is never split between slices, and always sent whole.
        let (header, rest) = first.split_first_chunk()?;
        let octets = sth::exchange_buffer_octets(*header).ok()?;
        Some((rest.get(..octets)?, sth::OCTETS))
    }

    /// Takes what [`octets_to_send`](Self::octets_to_send) gave, or a part of it, as sent.
    pub(super) fn sent(&mut self, octets: usize) -> Outcome {
        use crate::status::oftp_code::{OFTP_E_USER, OFTP_E_VALUE};
        if self.pushing {
            return Err(OFTP_E_USER.because("n_data_rq says by its result how much it has taken"));
        }
        let (len, before) = self
            .octets_to_send()
            .map_or((0, 0), |(octets, before)| (octets.len(), before));
        if octets > len {
            return Err(OFTP_E_VALUE.because(format!(
                "{octets} octets are said to be sent, but {len} were pending"
            )));
        }
        if self.records && octets != 0 && octets != len {
            return Err(OFTP_E_VALUE.because(format!(
                "an Exchange Buffer of {len} octets cannot be sent in part"
            )));
        }
        if octets > 0 {
            self.session.sent(octets + before);
        }
        Ok(())
    }

    /// The sum of `oftp_want` that holds now.
    pub(super) fn wants(&mut self) -> i32 {
        use oftp_core::state::State;
        let mut wants = 0;
        if self.to_connect && self.session.state() == State::IWfNc {
            wants |= oftp_want::OFTP_WANT_CONNECT as i32;
        }
        let connected = !matches!(self.session.state(), State::Idle | State::IWfNc);
        if connected && !self.to_close && self.session.wants_octets() {
            wants |= oftp_want::OFTP_WANT_READ as i32;
        }
        if self.session.octets_to_send().is_some() {
            wants |= oftp_want::OFTP_WANT_WRITE as i32;
        } else if self.session.has_output() || !self.refused.is_empty() || self.can_ask_for_data() {
            wants |= oftp_want::OFTP_WANT_DISPATCH as i32;
        }
        // Over without N_DISC_RQ: the partner has closed it, or it could not be opened.
        if self.to_close || self.session.is_over() {
            wants |= oftp_want::OFTP_WANT_CLOSE as i32;
        }
        wants
    }
}
