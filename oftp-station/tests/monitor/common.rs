//! Monitors with partners, and what carries octets between them.

use std::path::PathBuf;
use std::time::Duration;

use oftp_core::mailbox::{Identity, Partner, Reply};
use oftp_core::wire::{DatasetName, IdentificationCode, Password, RecordFormat, Security, Stamp};
use oftp_core::wire::{Sfid, Text, UserData};
use oftp_station::monitor::{Monitor, MonitorConfig, MonitorPartner, Step, Tell, keys};

pub(crate) fn code(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("a code")
}

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/keys")
        .join(name)
}

/// A monitor with the keys of `name` that knows one partner.
pub(crate) fn monitor(
    own: &str,
    name: &str,
    partner: &str,
    of: &str,
    blocks: Option<u64>,
) -> Monitor {
    let certificate = std::fs::read(data(&format!("{name}.pem"))).expect("a certificate");
    let key = data(&format!("{name}.key"));
    let store = keys::load("own_keys", Some(&key), &certificate, None).expect("keys");
    let config = MonitorConfig {
        own_keys: keys::own(&store).expect("own keys"),
        ..MonitorConfig::new(Identity {
            code: code(own),
            password: Password::default(),
            user: UserData::default(),
        })
    };
    let mut monitor = Monitor::new(config).expect("a monitor");
    let path = data(&format!("{of}.pem"));
    let theirs = keys::load("certificates", Some(&path), &[], None).expect("certificates");
    let mut row = Partner::new(code(partner));
    row.policy.max_blocks = blocks;
    let row = MonitorPartner {
        partner: row,
        needs_tls: false,
    };
    let trust = keys::trust(
        theirs,
        keys::load("anchors", None, &[], None).expect("none"),
        vec![],
    );
    monitor.add_partner(row, trust).expect("a partner");
    monitor
}

/// A U file for this destination.
pub(crate) fn file(name: &str, from: &str, to: &str) -> Sfid {
    Sfid {
        dsn: DatasetName::new(name).expect("a name"),
        stamp: Stamp::new("20261126", "1200000000").expect("a stamp"),
        user: UserData::default(),
        dest: code(to),
        orig: code(from),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 0,
        osiz: 0,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    }
}

/// One side, and what it was told.
pub(crate) struct Side {
    pub(crate) monitor: Monitor,
    pub(crate) told: Vec<Tell>,
    /// Octets of files that the host took itself.
    pub(crate) taken: Vec<u8>,
    /// The host takes files itself.
    pub(crate) takes: bool,
    /// It is killed where it would open a file.
    pub(crate) idle: bool,
    closed: bool,
}

impl Side {
    pub(crate) fn new(monitor: Monitor) -> Self {
        Self {
            monitor,
            told: Vec::new(),
            taken: Vec::new(),
            takes: false,
            idle: false,
            closed: false,
        }
    }

    /// Goes on until there is nothing to do, or something was written; false: it must go no
    /// further.
    fn turn(&mut self, to: &mut Self) -> bool {
        loop {
            let mut told = None;
            // Storing it is work, too.
            let is_dead = self.idle && self.monitor.result().received > 0;
            match self.monitor.next() {
                Step::Tell(tell) => told = Some(tell),
                Step::Data { octets, .. } => self.taken.extend_from_slice(octets),
                Step::Write(octets) => {
                    let octets = octets.to_vec();
                    self.monitor.sent(octets.len());
                    to.monitor.n_data_ind(&octets);
                    return true;
                }
                Step::Work if is_dead => return false,
                Step::Work => self.monitor.work(),
                Step::Disconnect => {
                    self.monitor.disconnected();
                    self.closed = true;
                    to.monitor.n_disc_ind();
                }
                Step::Wait(_) => return true,
                Step::Over => return !to.closed,
            }
            if let Some(tell) = told {
                match &tell {
                    Tell::Offered(_) if self.takes => {
                        self.monitor.accept_file(0, 0).expect("accepted");
                    }
                    Tell::Offered(_) => self.monitor.offer_passed(),
                    Tell::Complete(_) => self.monitor.stored(Reply::Eerp).expect("stored"),
                    Tell::Response { .. } => self.monitor.response_told(),
                    _ => {}
                }
                self.told.push(tell);
            }
        }
    }
}

/// A session, looked at after every turn. It ends when both sides are over, or one is killed.
pub(crate) fn session(
    caller: &mut Side,
    called: &mut Side,
    mut look: impl FnMut(&mut Side, &mut Side),
) {
    let partner = called.monitor.directory().partners[0].code;
    let own = caller.monitor.directory().partners[0].code;
    assert_ne!(own, partner);
    caller.monitor.call(&own).expect("called");
    called.monitor.answer().expect("answered");
    caller.monitor.connected(Duration::ZERO, None);
    called.monitor.connected(Duration::ZERO, None);
    for _ in 0..10_000 {
        let more = called.turn(caller);
        look(caller, called);
        if !more || !caller.turn(called) {
            return;
        }
        look(caller, called);
    }
    panic!("the session does not end");
}
