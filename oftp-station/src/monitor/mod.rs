//! A ready User Monitor for a host program (RFC 5024 chapter 3): files to send, a place for what
//! comes, end responses, over any number of sessions, one at a time. It does no network I/O.
//!
//! A [`Monitor`] is driven like the engine below it. For each connection the host chooses the side
//! by [`call`](Monitor::call) or [`answer`](Monitor::answer), says when the connection is up by
//! [`connected`](Monitor::connected), moves octets, tells the time, and does what one ordered
//! queue says, [`Step`]:
//!
//! ```text
//! loop {
//!     match monitor.next() {
//!         Step::Tell(tell)           => tell the user; some want an answer, now or later
//!         Step::Data { octets, .. }  => store them, where the host takes the file itself
//!         Step::Write(octets)        => write them; monitor.sent(n)
//!         Step::Work                 => monitor.work(), on any thread, then tick
//!         Step::Disconnect           => close the connection; monitor.disconnected()
//!         Step::Wait(deadline)       => read if wants_octets(), else wait; tick before input
//!         Step::Over                 => break
//!     }
//! }
//! ```
//!
//! What a cut leaves unfinished goes on in the next session. Files and the folder are touched on
//! the calling thread, between two steps; what takes keys or a whole file has a step of its own.
//!
//! ```text
//! config, partner, keys, tls                what a monitor is told
//! tell, summary, error                      what it tells
//! post, seal, source, feed, outgoing        files to send
//! folder, incoming, answers, stored         files that come
//! responses, authentication                 end responses, both ways, and what takes keys
//! session, network, step, event, progress   the session
//! ```

mod answers;
mod authentication;
mod config;
mod error;
mod event;
mod family;
mod feed;
mod folder;
mod incoming;
pub mod keys;
mod network;
mod outgoing;
mod partner;
mod post;
mod progress;
mod responses;
mod seal;
mod session;
mod source;
mod step;
mod stored;
mod summary;
mod tell;
mod tls;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use oftp_core::mailbox::Settings;
use oftp_core::wire::IdentificationCode;

use crate::exchange::{Owed, Work};
use crate::inbox::Inbox;
use crate::security::{self, KeyRing, OwnKeys, PartnerKeys};
use post::Post;
use responses::Told;
use session::Run;

pub use config::MonitorConfig;
pub use error::{Fault, MonitorError};
pub use partner::MonitorPartner;
pub use post::Sending;
pub use progress::Progress;
pub use source::{ReadAt, Source};
pub use step::Step;
pub use summary::{Ending, Summary};
pub use tell::{Answer, Proof, Tell};
pub use tls::Callers;

/// A User Monitor with files. See the [module](self) for the contract.
#[derive(Debug)]
pub struct Monitor {
    settings: Settings,
    hide_unknown: bool,
    security: security::Settings,
    own: OwnKeys,
    partner_keys: Vec<(IdentificationCode, PartnerKeys)>,
    partners: Vec<MonitorPartner>,
    spool: Option<PathBuf>,
    inbox: Option<Inbox>,
    owed: Owed,
    /// What an earlier process left in the folder is not looked at yet.
    has_left: bool,
    /// Files to be opened and answered that a session has left which was given up.
    left: VecDeque<Work>,
    posts: Vec<Post>,
    next_id: u64,
    run: Option<Box<Run>>,
    /// What the host is still to be told, in this order.
    tells: VecDeque<Tell>,
    /// The response that the host was told of and has not confirmed.
    told: Option<Told>,
    score: Summary,
    /// The host has said something since the last step: there is work without any octet.
    kick: bool,
}

impl Monitor {
    /// A monitor that knows no partners yet.
    ///
    /// # Errors
    /// [`MonitorError::Folder`]: the spool folder is none.
    pub fn new(config: MonitorConfig) -> Result<Self, MonitorError> {
        if let Some(folder) = config.spool.as_ref().filter(|folder| !folder.is_dir()) {
            let text = format!("spool: {} is no folder", folder.display());
            return Err(MonitorError::Folder(text));
        }
        let own: Vec<_> = config.own_keys.into_iter().map(|one| (None, one)).collect();
        let mut monitor = Self {
            settings: config.settings,
            hide_unknown: config.hide_unknown,
            security: security::Settings {
                no_legacy: config.no_legacy,
                ..security::Settings::default()
            },
            own: OwnKeys::new(&own),
            partner_keys: Vec::new(),
            partners: Vec::new(),
            spool: config.spool,
            inbox: None,
            owed: Owed::default(),
            has_left: false,
            left: VecDeque::new(),
            posts: Vec::new(),
            next_id: 1,
            run: None,
            tells: VecDeque::new(),
            told: None,
            score: Summary::default(),
            kick: false,
        };
        monitor.bind_keys();
        Ok(monitor)
    }

    fn bind_keys(&mut self) {
        let ring = KeyRing::new(self.own.clone(), self.partner_keys.clone());
        self.security.ring = Arc::new(ring);
    }

    fn tell(&mut self, tell: Tell) {
        self.tells.push_back(tell);
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.tell(Tell::Warning(text.into()));
    }
}
