//! What stands behind an `oftp_mailbox`: what it was told, what waits, and the session that runs.

use std::collections::VecDeque;
use std::ffi::CString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Directory, FileId, Mailbox, Partner, Response, Settings};
use oftp_core::wire::{IdentificationCode, Sfid};
use oftp_secure::{Credential, Suite};
use oftp_station::exchange::{Owed, Work};
use oftp_station::inbox::Inbox;
use oftp_station::security::{self, KeyRing, OwnKeys, PartnerKeys};

use super::events::{oftp_mailbox_events, oftp_result};
use super::feed::Feed;
use super::incoming::Incoming;
use super::link::Link;
use super::oftp_mailbox;
use super::tell::Tell;
use super::tls::Callers;
use crate::handle::Object;
use crate::session::UserData;
use crate::status::Fail;
use crate::text::{array, for_c, without_options};
use crate::values::oftp_ending;

/// A partner, and what else is asked of it.
pub(super) struct Row {
    pub(super) partner: Partner,
    pub(super) needs_tls: bool,
}

/// How far a file has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// To be sent.
    Waiting,
    /// All of it was sent once, and EFPA has not come. However it is refused later: if the partner
    /// then says that it has it (SFNA 13), it was this one.
    Finished,
    /// The partner has it (EFPA); its end response has not come.
    Sent,
}

/// A file of ours.
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) partner: IdentificationCode,
    pub(super) sfid: Sfid,
    /// `None` once it is not needed any more.
    pub(super) feed: Option<Feed>,
    /// The hash of what is transmitted, where it is known (EERPHSH).
    pub(super) hash: String,
    /// Where it can go on (SFIDREST).
    pub(super) sent: u64,
    pub(super) phase: Phase,
    /// It was offered in the session that runs.
    pub(super) tried: bool,
}

/// The side of the next connection.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Call(IdentificationCode),
    Answer,
}

/// What an `oftp_mailbox` holds.
pub(super) struct Instance {
    pub(super) settings: Settings,
    pub(super) hide_unknown: bool,
    pub(super) security: security::Settings,
    own: OwnKeys,
    partner_keys: Vec<(IdentificationCode, PartnerKeys)>,
    pub(super) rows: Vec<Row>,
    pub(super) spool: Option<PathBuf>,
    pub(super) inbox: Option<Inbox>,
    pub(super) owed: Owed,
    /// What an earlier process left in the folder is not looked at yet.
    pub(super) has_left: bool,
    pub(super) events: Box<oftp_mailbox_events>,
    pub(super) user_data: UserData,
    pub(super) posts: Vec<Post>,
    next_id: u64,
    pub(super) role: Option<Role>,
    pub(super) run: Option<Box<Run>>,
    /// A connection was attached, and the host has not heard that its session has ended.
    pub(super) attached: bool,
    /// What the host is still to be told, in this order.
    pub(super) tells: VecDeque<Tell>,
    pub(super) score: Score,
    /// Why the run did not go as the host wanted: TLS, or one of its callbacks.
    pub(super) failed: Option<Fail>,
}

impl Object for Instance {
    type Handle = oftp_mailbox;
    const NAME: &'static str = "mailbox";
}

/// The session that runs.
pub(super) struct Run {
    pub(super) mailbox: Mailbox,
    pub(super) link: Link,
    pub(super) role: Role,
    pub(super) begun: Instant,
    pub(super) stage: Stage,
    /// Who may call by TLS.
    pub(super) callers: Option<Callers>,
    /// A write waits for the network.
    pub(super) stuck: bool,
    /// The host has answered something outside: there is work without any octet.
    pub(super) kick: bool,
    pub(super) up: bool,
    /// The file that is offered or sent.
    pub(super) current: Option<u64>,
    /// The name that the engine gave to it.
    pub(super) queued: Option<FileId>,
    /// The file that waits for an answer of the host.
    pub(super) offered: Option<Box<Sfid>>,
    pub(super) incoming: Option<Incoming>,
    /// All of it is here, and the host has not said yet that it is safe.
    pub(super) complete: bool,
    /// Files to be opened and answered, when nothing else is to be done.
    pub(super) todo: VecDeque<Work>,
    pub(super) unconfirmed: Vec<Response>,
    pub(super) attempt_counted: bool,
    pub(super) scratch: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// There is no session.
    pub(super) tls_failed: bool,
    /// Why TLS failed inside the session.
    pub(super) tls_fault: Option<String>,
    /// The connection was reset, and the engine does not know it yet.
    pub(super) reset: bool,
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

/// How the last session went.
pub(super) struct Score {
    /// An `oftp_ending`.
    pub(super) ending: i32,
    pub(super) reason: i32,
    pub(super) text: CString,
    pub(super) partner: IdentificationCode,
    pub(super) sent: u64,
    pub(super) refused: u64,
    pub(super) received: u64,
    pub(super) turned_away: u64,
    pub(super) delivered: u64,
    pub(super) failed: u64,
    pub(super) worthless: u64,
    pub(super) responses: u64,
}

impl Default for Score {
    fn default() -> Self {
        Self {
            ending: oftp_ending::OFTP_ENDING_NONE as i32,
            reason: -1,
            text: CString::default(),
            partner: IdentificationCode::default(),
            sent: 0,
            refused: 0,
            received: 0,
            turned_away: 0,
            delivered: 0,
            failed: 0,
            worthless: 0,
            responses: 0,
        }
    }
}

impl Instance {
    pub(super) fn new(
        settings: Settings,
        hide_unknown: bool,
        no_legacy: bool,
        own: Vec<Credential>,
        spool: Option<PathBuf>,
        events: oftp_mailbox_events,
        user_data: UserData,
    ) -> Self {
        let own: Vec<_> = own.into_iter().map(|one| (None, one)).collect();
        let mut instance = Self {
            settings,
            hide_unknown,
            security: security::Settings {
                no_legacy,
                ..security::Settings::default()
            },
            own: OwnKeys::new(&own),
            partner_keys: Vec::new(),
            rows: Vec::new(),
            spool,
            inbox: None,
            owed: Owed::default(),
            has_left: false,
            events: Box::new(events),
            user_data,
            posts: Vec::new(),
            next_id: 1,
            role: None,
            run: None,
            attached: false,
            tells: VecDeque::new(),
            score: Score::default(),
            failed: None,
        };
        instance.settings.config.trace = instance.events.trace.is_some();
        instance.bind_keys();
        instance
    }

    fn bind_keys(&mut self) {
        let ring = KeyRing::new(self.own.clone(), self.partner_keys.clone());
        self.security.ring = Arc::new(ring);
    }

    /// Adds a partner, or replaces it.
    pub(super) fn add(&mut self, mut row: Row, keys: PartnerKeys) {
        if self.security.no_legacy {
            let is_legacy = |code: &u8| Suite::of(*code).is_some_and(|suite| suite.legacy);
            row.partner.policy.suites.retain(|code| !is_legacy(code));
        }
        let code = row.partner.code;
        let other = |one: &IdentificationCode| one.trimmed() != code.trimmed();
        self.rows.retain(|row| other(&row.partner.code));
        self.partner_keys.retain(|(one, _)| other(one));
        self.rows.push(row);
        self.partner_keys.push((code, keys));
        self.bind_keys();
    }

    pub(super) fn row(&self, code: &IdentificationCode) -> Option<&Row> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.partner.code.trimmed() == code.trimmed())
    }

    pub(super) fn directory(&self) -> Directory {
        Directory {
            partners: self.rows.iter().map(|row| row.partner.clone()).collect(),
            strangers: None,
            hide_unknown: self.hide_unknown,
        }
    }

    /// Queues a file, for this session too if it goes to its partner.
    pub(super) fn enqueue(&mut self, post: Post) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.posts.push(Post { id, ..post });
        self.kick();
        self.next_file();
        id
    }

    pub(super) fn post(&mut self, id: u64) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.id == id)
    }

    pub(super) fn kick(&mut self) {
        if let Some(run) = &mut self.run {
            run.kick = true;
        }
    }

    pub(super) fn tell(&mut self, tell: Tell) {
        self.tells.push_back(tell);
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.tell(Tell::Warning(text.into()));
    }

    /// The connection is given up: what has come of a file is kept for a restart.
    pub(super) fn suspend(&mut self) {
        self.suspend_incoming();
        self.run = None;
    }

    pub(super) fn result(&self) -> oftp_result {
        let score = &self.score;
        let count = |phase: &dyn Fn(Phase) -> bool| {
            self.posts.iter().filter(|post| phase(post.phase)).count() as u64
        };
        oftp_result {
            struct_size: size_of::<oftp_result>(),
            ending: score.ending,
            reason: score.reason,
            text: score.text.as_ptr(),
            partner: array(score.partner.trimmed()),
            files_sent: score.sent,
            files_refused: score.refused,
            files_received: score.received,
            files_turned_away: score.turned_away,
            files_delivered: score.delivered,
            files_failed: score.failed,
            responses_worthless: score.worthless,
            responses_sent: score.responses,
            files_waiting: count(&|phase| phase != Phase::Sent),
            files_open: count(&|phase| phase == Phase::Sent),
        }
    }
}

impl Score {
    pub(super) fn end(&mut self, ending: oftp_ending, reason: i32, text: impl Into<String>) {
        self.ending = ending as i32;
        self.reason = reason;
        self.text = for_c(without_options(&text.into()));
    }
}
