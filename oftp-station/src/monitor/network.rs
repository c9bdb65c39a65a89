//! The octets and the time that the host gives to a session, and what it may ask of it.

use std::time::Duration;

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Pending;

use super::Monitor;
use super::session::{Run, Stage};

impl Monitor {
    fn connection(&self) -> Option<&Run> {
        self.run.as_deref().filter(|run| run.stage == Stage::Up)
    }

    fn connection_mut(&mut self) -> Option<&mut Mailbox> {
        let run = self.run.as_mut().filter(|run| run.stage == Stage::Up);
        run.map(|run| &mut run.mailbox)
    }

    /// Tells the time: since any fixed moment, never backwards. Call it before each input, after
    /// all that took time (a callback, [`work`](Self::work)), and when a deadline has come.
    pub fn tick(&mut self, now: Duration) {
        let run = self.run.as_mut();
        if let Some(run) = run.filter(|run| run.stage != Stage::Connecting) {
            run.mailbox.tick(now);
        }
    }

    /// When [`tick`](Self::tick) is due without any input; `None`: no timer runs.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.connection()?.mailbox.next_deadline()
    }

    /// Whether [`next`](Self::next) has something to do without any input: the host has said
    /// something since the last step, or is still to be told something.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.kick || !self.tells.is_empty()
    }

    /// Whether the next step tells something.
    #[must_use]
    pub fn has_tells(&self) -> bool {
        !self.tells.is_empty()
    }

    /// Whether octets of the partner are wanted now: read no more while they are not.
    #[must_use]
    pub fn wants_octets(&self) -> bool {
        let run = self.connection();
        run.is_some_and(|run| run.mailbox.session().wants_octets())
    }

    /// Whether the session has ended, and nobody reads what is left to be written.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let run = self.run.as_ref();
        run.is_none_or(|run| run.mailbox.session().is_over())
    }

    /// Whether this side has ended the session by ESID: then read and drop what the partner sends
    /// for a moment before the connection is closed, or TCP may destroy it on the way.
    #[must_use]
    pub fn has_sent_esid(&self) -> bool {
        let run = self.run.as_ref();
        run.is_some_and(|run| run.mailbox.session().has_sent_esid())
    }

    /// N_DATA_IND: octets have come; they are copied.
    pub fn n_data_ind(&mut self, octets: &[u8]) {
        if let Some(mailbox) = self.connection_mut() {
            mailbox.n_data_ind(octets);
        }
    }

    /// Room for octets of the partner, empty where there is no connection; tell their number by
    /// [`received`](Self::received).
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.connection_mut()
            .map_or(&mut [], Mailbox::receive_space)
    }

    /// N_DATA_IND for octets that were read into [`receive_space`](Self::receive_space).
    pub fn received(&mut self, octets: usize) {
        if let Some(mailbox) = self.connection_mut() {
            mailbox.received(octets);
        }
    }

    /// N_DISC_IND: the partner or the network has closed the connection.
    pub fn n_disc_ind(&mut self) {
        if let Some(mailbox) = self.connection_mut() {
            mailbox.n_disc_ind();
        }
    }

    /// N_RST_IND: the connection was reset.
    pub fn n_rst_ind(&mut self) {
        if let Some(mailbox) = self.connection_mut() {
            mailbox.n_rst_ind();
        }
    }

    /// What is to be written now, as [`Step::Write`](super::Step::Write) has it; `None`: nothing.
    #[must_use]
    pub fn octets_to_send(&self) -> Option<Pending<'_>> {
        self.connection()?.mailbox.session().octets_to_send()
    }

    /// This many octets of [`Step::Write`](super::Step::Write) are written.
    pub fn sent(&mut self, octets: usize) {
        if let Some(mailbox) = self.connection_mut() {
            mailbox.sent(octets);
        }
    }
}
