//! Files for whoever calls are prepared when it is known who that is, beside the session.

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Agreed;
use oftp_core::wire::{Capability, IdentificationCode};

use super::prepare;
use crate::driver::Jobs;
use crate::exchange::Exchange;

impl Exchange {
    /// The session is up: files are prepared beside it, and the first is queued.
    pub(in crate::exchange) fn begin(
        &mut self,
        mailbox: &mut Mailbox,
        partner: &IdentificationCode,
        agreed: &Agreed,
        jobs: &mut Jobs<Self>,
    ) {
        if agreed.mode == Capability::ReceiverOnly {
            return;
        }
        self.outgoing.next(mailbox, &self.voice);
        let specs = self.outgoing.take_specs();
        let (Some(notes), false) = (self.outgoing.notes().cloned(), specs.is_empty()) else {
            return;
        };
        let (own, partner) = (self.outgoing.own(), *partner);
        let (keys, voice) = (self.keys_of(&partner, mailbox), self.voice.clone());
        self.hold(mailbox);
        jobs.spawn(
            move || {
                let one = |spec| prepare(spec, &own, &partner, &notes, &keys, &voice);
                specs.into_iter().map(one).collect::<Vec<_>>()
            },
            |exchange, mailbox, _, prepared| {
                for file in prepared {
                    match file {
                        Ok(file) => exchange.outgoing.prepared(file),
                        Err(error) => {
                            exchange.outcome.local_fault();
                            exchange.voice.error(&error.to_string());
                        }
                    }
                }
                if !exchange.ended {
                    exchange.outgoing.next(mailbox, &exchange.voice);
                }
                exchange.let_go(mailbox);
            },
        );
    }
}
