//! What stands behind an `oftp_mailbox`: the User Monitor, its host, and the connection of the
//! session that runs.

use std::ffi::CString;
use std::time::{Duration, Instant};

use oftp_core::wire::{EsidReason, IdentificationCode};
use oftp_station::monitor::{Callers, Ending, Monitor, MonitorConfig};

use super::events::{oftp_mailbox_events, oftp_result};
use super::link::Link;
use super::oftp_mailbox;
use crate::handle::Object;
use crate::session::UserData;
use crate::status::{Fail, Outcome};
use crate::text::{array, for_c, without_options};
use crate::values::oftp_ending;

/// The side of the next connection.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Call(IdentificationCode),
    Answer,
}

/// What an `oftp_mailbox` holds.
pub(super) struct Instance {
    pub(super) monitor: Monitor,
    pub(super) events: Box<oftp_mailbox_events>,
    pub(super) user_data: UserData,
    pub(super) role: Option<Role>,
    pub(super) run: Option<Box<Run>>,
    /// A connection was attached, and the host has not heard that its session has ended.
    pub(super) attached: bool,
    /// There is more to do at once.
    pub(super) busy: bool,
    /// What [`oftp_result`] lends.
    text: CString,
    /// Why the run did not go as the host wanted: TLS, or one of its callbacks.
    pub(super) failed: Option<Fail>,
}

impl Object for Instance {
    type Handle = oftp_mailbox;
    const NAME: &'static str = "mailbox";
}

/// The connection of the session that runs.
pub(super) struct Run {
    pub(super) link: Link,
    pub(super) begun: Instant,
    pub(super) stage: Stage,
    /// Who may call by TLS.
    pub(super) callers: Option<Callers>,
    /// A write waits for the network.
    pub(super) stuck: bool,
    /// There is no session.
    pub(super) tls_failed: bool,
}

/// How far a connection has come. Times are since [`Run::begun`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Handshake {
        until: Duration,
    },
    Session,
    /// Our last octets leave.
    Closing {
        until: Duration,
    },
    /// What the partner still sends is swallowed, so that it hears our last words.
    Swallowing {
        until: Duration,
        octets: usize,
    },
    /// The connection is over, and the rest is told.
    Draining,
}

impl Instance {
    pub(super) fn new(
        mut config: MonitorConfig,
        events: oftp_mailbox_events,
        user_data: UserData,
    ) -> Outcome<Self> {
        config.settings.config.trace = events.trace.is_some();
        Ok(Self {
            monitor: Monitor::new(config)?,
            events: Box::new(events),
            user_data,
            role: None,
            run: None,
            attached: false,
            busy: false,
            text: CString::default(),
            failed: None,
        })
    }

    /// The time of the session that runs.
    pub(super) fn tick(&mut self) {
        if let Some(run) = &self.run {
            self.monitor.tick(run.begun.elapsed());
        }
    }

    pub(super) fn result(&mut self) -> oftp_result {
        let score = self.monitor.result();
        let text = for_c(without_options(&score.text));
        // What was lent stays where it is until another session begins.
        if text != self.text {
            self.text = text;
        }
        oftp_result {
            struct_size: size_of::<oftp_result>(),
            ending: match score.ending {
                Ending::None => oftp_ending::OFTP_ENDING_NONE,
                Ending::Normal => oftp_ending::OFTP_ENDING_NORMAL,
                Ending::Irregular => oftp_ending::OFTP_ENDING_IRREGULAR,
                Ending::ByUs => oftp_ending::OFTP_ENDING_BY_US,
                Ending::Failed => oftp_ending::OFTP_ENDING_FAILED,
                Ending::NoConnection => oftp_ending::OFTP_ENDING_TLS,
            } as i32,
            reason: score.reason.map_or(-1, |reason| reason.code().into()),
            text: self.text.as_ptr(),
            partner: array(score.partner.trimmed()),
            files_sent: score.sent,
            files_refused: score.refused,
            files_received: score.received,
            files_turned_away: score.turned_away,
            files_delivered: score.delivered,
            files_failed: score.failed,
            responses_worthless: score.worthless,
            responses_sent: score.responses,
            files_waiting: score.waiting,
            files_open: score.open,
        }
    }

    /// A callback has failed: the session goes no further.
    pub(super) fn give_up(&mut self) {
        // Where no session runs there is nothing to give up.
        let _ = self
            .monitor
            .release(EsidReason::UNSPECIFIED, "a local fault ended the session");
    }
}
