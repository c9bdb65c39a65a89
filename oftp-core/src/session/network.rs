//! The network service (RFC 5024 chapter 2): events of the connection, and the clock.

use std::time::Duration;

use super::Session;
use super::input::Input;
use super::primitive::Addresses;
use crate::state::{Event, State};

impl Session {
    /// Tells the time: since any fixed moment, never backwards. Call it before each input, and
    /// when the deadline of [`Output::Wait`](super::Output::Wait) has come. Timers that were
    /// started since the last call count from now. An expired one ends the session (9.9
    /// TIME-OUT); after that end, octets that cannot be sent are dropped
    /// ([`Timers::disconnect`](super::Timers)).
    pub fn tick(&mut self, now: Duration) {
        if !self.clock.tick(now) {
            return;
        }
        if self.over {
            self.drop_unsent();
        } else {
            self.happen(Event::TimeOut, Input::Nothing);
        }
    }

    /// N_CON_IND: a connection has come in; we are the Responder. SSRM follows.
    pub fn n_con_ind(&mut self, addresses: Addresses) {
        if self.state == State::Idle && !self.over {
            self.vars.addresses = addresses;
        }
        self.happen(Event::NConInd, Input::Nothing);
    }

    /// N_CON_CF: the connection asked for by N_CON_RQ is up.
    pub fn n_con_cf(&mut self) {
        self.happen(Event::NConCf, Input::Nothing);
    }

    /// N_DATA_IND: octets have come, in any segmentation. They are copied; use
    /// [`receive_space`](Self::receive_space) to save that.
    pub fn n_data_ind(&mut self, octets: &[u8]) {
        if !self.over {
            self.receive.push(octets);
        }
    }

    /// Room for received octets, at least one, so that they can be read from the connection
    /// straight to where they are decoded. Tell the number by [`received`](Self::received).
    ///
    /// Ask only after the output queue was drained: what is not decoded yet stays, and the room
    /// grows with what has arrived, not with what a header announces.
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.receive.space()
    }

    /// N_DATA_IND for octets that were read into [`receive_space`](Self::receive_space).
    pub fn received(&mut self, octets: usize) {
        self.receive.filled(octets);
    }

    /// N_DISC_IND: the connection was closed by the partner or the network. An ESID among what
    /// came before, and was not decoded yet, ends the session in its place.
    pub fn n_disc_ind(&mut self) {
        self.disconnected(Event::NDiscInd);
    }

    /// N_RST_IND: the connection was reset, or could not be opened. An ESID that came before
    /// counts as for [`n_disc_ind`](Self::n_disc_ind).
    pub fn n_rst_ind(&mut self) {
        self.disconnected(Event::NRstInd);
    }

    fn disconnected(&mut self, event: Event) {
        self.drop_unsent();
        if !self.hear_farewell() {
            self.happen(event, Input::Nothing);
        }
    }
}
