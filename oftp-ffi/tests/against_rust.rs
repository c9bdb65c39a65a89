//! Sessions of the C library against the engine's own Mailbox, in both roles, at every level and in
//! every format, and against each other.

#[path = "support/mod.rs"]
mod support;

use std::time::{Duration, SystemTime};

use oftp::*;
use oftp_core::mailbox::{
    Directory, Event, Identity, Mail, Mailbox, Partner, Reply, Response, SendBuffer, Settings,
    Supply, eerp_for,
};
use oftp_core::session::{Addresses, Capabilities};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    DatasetName, Eerp, IdentificationCode, Level, Password, RecordFormat, Security, Sfid, Stamp,
    Text, UserData, X,
};
use oftp_secure::challenge::{open_challenge, seal_challenge};
use oftp_secure::cms::{OpenPlan, SealPlan, open, seal};
use oftp_secure::response::{Expected, sign_eerp, verify_eerp};
use oftp_secure::{Certificate, Credential, Keystore, Suite, Trust};
use support::c_side::{CSide, Keys, Seen, config, exchange};

const LEVELS: [Level; 4] = Level::ALL;
const FORMATS: [RecordFormat; 4] = [
    RecordFormat::F,
    RecordFormat::V,
    RecordFormat::U,
    RecordFormat::T,
];

fn content(octets: usize) -> Vec<u8> {
    // Runs and none, so that compression has something to do.
    (0..octets)
        .map(|at| {
            if at / 500 % 2 == 0 {
                b' '
            } else {
                (at % 251) as u8
            }
        })
        .collect()
}

fn seen(caller: bool, format: RecordFormat, octets: usize) -> Seen {
    Seen {
        caller,
        format: format.letter().into(),
        content: if caller { content(octets) } else { Vec::new() },
        record_length: 50,
        ..Seen::default()
    }
}

fn code(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("a code")
}

fn settings(caller: bool, level: Level) -> Settings {
    let (own, password) = if caller {
        ("O0177CALLER", "HELLO")
    } else {
        ("O0177CALLED", "WELCOME")
    };
    let mut settings = Settings::new(Identity {
        code: code(own),
        password: Password::new(X::new(password).expect("a password")),
        user: UserData::default(),
    });
    settings.config.capabilities = Capabilities {
        level,
        ..Capabilities::default()
    };
    settings
}

/// The engine's side: what it got, and what became of its file.
#[derive(Default)]
struct Got {
    octets: Vec<u8>,
    records: Vec<usize>,
    eerp: bool,
    ended: Option<String>,
    file: Option<Box<Sfid>>,
    response: Option<Box<Eerp>>,
    keys: Option<RustKeys>,
}

/// Keys of the engine's side.
struct RustKeys {
    own: Credential,
    partner: Certificate,
}

impl RustKeys {
    fn load(own: &str, partner: &str) -> Self {
        let load = |name: String| {
            let path = support::root()
                .join("oftp-station/tests/data/keys")
                .join(name);
            Keystore::load(&path, None).expect("keys")
        };
        let mut store = load(format!("{own}.key"));
        store.add(load(format!("{own}.pem")));
        Self {
            own: store.credentials().expect("a pair").remove(0),
            partner: load(format!("{partner}.pem")).certificates.remove(0),
        }
    }

    fn trust(&self) -> Trust {
        Trust {
            pinned: vec![self.partner.clone()],
            ..Trust::default()
        }
    }
}

impl Got {
    /// The signed EERP for the file that was received, where it is wanted.
    fn signed_response(&self) -> Option<Eerp> {
        let sfid = self.file.as_ref().filter(|sfid| sfid.sign)?;
        let keys = self.keys.as_ref().expect("a signed response is wanted");
        let suite = Suite::of(sfid.ciph).expect("a suite");
        let mut eerp = eerp_for(sfid);
        let hash = suite.hash.of(&self.octets);
        sign_eerp(&mut eerp, &hash, suite, &keys.own, SystemTime::now()).expect("signed");
        Some(eerp)
    }
}

/// A file in records of 50 octets.
#[derive(Default)]
struct Source {
    content: Vec<u8>,
    given: usize,
    /// The end of the last record found no room.
    owes_end: bool,
}

impl Source {
    fn fill(&mut self, buffer: &mut SendBuffer<'_, '_>) -> Supply {
        while self.given < self.content.len() || self.owes_end {
            let end = (self.given + usize::from(!self.owes_end)).next_multiple_of(50);
            let end = end.min(self.content.len());
            let record = &self.content[self.given..end];
            let written = buffer.write(record, true);
            self.given += written.octets;
            self.owes_end = written.octets == record.len() && !written.ended;
            if !written.ended {
                return Supply::More;
            }
        }
        Supply::End
    }
}

/// Runs the mailbox until it waits; octets to send.
fn turn(mailbox: &mut Mailbox, source: &mut Source, got: &mut Got) -> Vec<u8> {
    let mut sent = Vec::new();
    loop {
        match mailbox.poll() {
            Mail::NDataRq(pending) => {
                let octets = pending.to_vec();
                mailbox.sent(octets.len());
                sent.extend(octets);
            }
            Mail::Data(mut data) => {
                let mut piece = [0; 300];
                while let Some(chunk) = data.read(&mut piece) {
                    got.octets.extend_from_slice(&piece[..chunk.octets]);
                    if chunk.end_of_record {
                        got.records.push(got.octets.len());
                    }
                }
            }
            Mail::Event(Event::FileOffered { sfid }) => {
                got.file = Some(sfid);
                mailbox
                    .accept_file(RestartPosition::START)
                    .expect("offered");
            }
            Mail::Event(Event::FileComplete) => {
                let signed = got.signed_response();
                let reply = if signed.is_some() {
                    Reply::Later
                } else {
                    Reply::Eerp
                };
                mailbox.file_stored(reply).expect("complete");
                if let Some(eerp) = signed {
                    mailbox.queue_response(Response::Eerp(Box::new(eerp)));
                }
            }
            Mail::Event(Event::FileBroken { fault }) => panic!("{fault:?}"),
            Mail::Event(Event::FileRefused { reason, text, .. }) => panic!("{reason:?} {text}"),
            Mail::Event(Event::FileWanted { .. }) => {
                mailbox
                    .source_ready(RestartPosition::START)
                    .expect("wanted");
            }
            Mail::Event(Event::DataWanted { .. }) => mailbox
                .supply(|buffer| source.fill(buffer))
                .expect("wanted"),
            Mail::Event(Event::ResponseReceived(response)) => {
                if let Response::Eerp(eerp) = response {
                    got.eerp = true;
                    got.response = Some(eerp);
                }
                mailbox.response_taken(true).expect("received");
            }
            Mail::Event(Event::SealChallenge { .. }) => {
                let keys = got.keys.as_ref().expect("authentication is wanted");
                let sealed = seal_challenge(&keys.partner, Suite::of(4).expect("04"));
                let answer = Some(sealed.expect("sealed"));
                mailbox.seal_challenge_rs(answer).expect("wanted");
            }
            Mail::Event(Event::OpenChallenge { sealed }) => {
                let keys = got.keys.as_ref().expect("authentication is wanted");
                let own = std::slice::from_ref(&keys.own);
                let opened = open_challenge(&sealed, own).expect("for us");
                mailbox.open_challenge_rs(Some(opened)).expect("wanted");
            }
            Mail::Event(Event::Ended(how)) => got.ended = Some(format!("{how:?}")),
            Mail::Wait(_) => return sent,
            _ => {}
        }
    }
}

fn sfid(format: RecordFormat, octets: usize) -> Sfid {
    Sfid {
        dsn: DatasetName::new("INVOICE").expect("a name"),
        stamp: Stamp::new("20261126", "1200000001").expect("a stamp"),
        user: UserData::default(),
        dest: code("O0177CALLED"),
        orig: code("O0177CALLER"),
        fmt: format,
        lrecl: if format.has_records() { 50 } else { 0 },
        fsiz: octets as u64 / 1024 + 1,
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

fn levels_in_c(level: Level) -> oftp_config {
    config(level.digit().into())
}

#[test]
fn c_sends_to_rust() {
    for level in LEVELS {
        for format in FORMATS {
            // Whole records of 80 (F) and of 50 (V).
            let octets = 200_000;
            let mut c = CSide::new(seen(true, format, octets), &levels_in_c(level));
            let directory = Directory {
                partners: vec![Partner::new(code("O0177CALLER"))],
                ..Directory::default()
            };
            let mut rust = Mailbox::answer(settings(false, Level::V2_0), directory);
            rust.tick(Duration::from_secs(1));
            c.call();
            let (mut got, mut nothing) = (Got::default(), Source::default());
            let mut up = false;
            loop {
                let there = c.turn();
                if c.wants & 1 != 0 && !up {
                    up = true;
                    rust.n_con_ind(Addresses::default());
                    // SAFETY: the session is alive.
                    unsafe { oftp_n_con_cf(c.session) };
                }
                rust.n_data_ind(&there);
                let back = turn(&mut rust, &mut nothing, &mut got);
                c.feed(&back);
                if there.is_empty() && back.is_empty() {
                    break;
                }
            }
            let what = format!("{level} {format}: {:?} {:?}", c.seen.abort, got.ended);
            assert_eq!(c.seen.level, i32::from(level.digit()), "{what}");
            assert!(c.seen.eerp_received, "{what}");
            assert!(got.octets == content(octets), "{what}");
            let record = match format {
                RecordFormat::F => 80,
                RecordFormat::V => 50,
                _ => continue,
            };
            let ends: Vec<usize> = (1..=octets / record).map(|n| n * record).collect();
            assert_eq!(got.records, ends, "{what}");
        }
    }
}

#[test]
fn rust_sends_to_c() {
    for level in LEVELS {
        for format in FORMATS {
            let octets = 200_000;
            let mut c = CSide::new(seen(false, format, 0), &config(5));
            let mut rust = Mailbox::call(
                settings(true, level),
                Partner::new(code("O0177CALLED")),
                Addresses::default(),
            )
            .expect("called");
            rust.tick(Duration::from_secs(1));
            rust.queue_file(sfid(format, octets));
            let content = content(octets);
            let mut source = Source {
                content: content.clone(),
                ..Source::default()
            };
            let mut got = Got::default();
            let mut up = false;
            loop {
                let there = turn(&mut rust, &mut source, &mut got);
                if !up {
                    up = true;
                    // SAFETY: the session is alive.
                    unsafe { oftp_n_con_ind(c.session, std::ptr::null(), std::ptr::null()) };
                    rust.n_con_cf();
                }
                c.feed(&there);
                let back = c.turn();
                rust.n_data_ind(&back);
                if there.is_empty() && back.is_empty() {
                    break;
                }
            }
            let what = format!("{level} {format}: {:?} {:?}", c.seen.abort, got.ended);
            assert!(got.eerp && c.seen.eerp_sent, "{what}");
            assert!(c.seen.received == content, "{what}");
            if format.has_records() {
                let ends: Vec<usize> = (1..=octets / 50).map(|n| n * 50).collect();
                assert_eq!(c.seen.record_ends, ends, "{what}");
            }
            assert!(got.ended.is_some_and(|how| how == "Normally"), "{what}");
        }
    }
}

#[test]
fn c_against_c() {
    for level in LEVELS {
        for format in FORMATS {
            let config = levels_in_c(level);
            let mut caller = CSide::new(seen(true, format, 40_000), &config);
            let mut called = CSide::new(seen(false, format, 0), &config);
            exchange(&mut caller, &mut called);
            assert!(
                caller.seen.eerp_received && called.seen.released,
                "{:?}",
                caller.seen.abort
            );
            assert!(called.seen.received == caller.seen.content);
        }
    }
}

/// Authenticated, signed, encrypted, with a signed response: C calls.
#[test]
fn c_sends_to_rust_with_all_that_version_2_adds() {
    let keys = Keys::load("alpha", "beta");
    let plain = content(100_000);
    let mut c = CSide::new(
        Seen {
            authenticate: true,
            keys: Some(keys),
            content: keys.seal(&plain),
            ..seen(true, RecordFormat::U, 0)
        },
        &config(5),
    );
    let mut partner = Partner::new(code("O0177CALLER"));
    partner.authentication = true;
    let directory = Directory {
        partners: vec![partner],
        ..Directory::default()
    };
    let mut rust = Mailbox::answer(settings(false, Level::V2_0), directory);
    rust.tick(Duration::from_secs(1));
    c.call();
    let mut got = Got {
        keys: Some(RustKeys::load("beta", "alpha")),
        ..Got::default()
    };
    let mut nothing = Source::default();
    let mut up = false;
    loop {
        let there = c.turn();
        if c.wants & 1 != 0 && !up {
            up = true;
            rust.n_con_ind(Addresses::default());
            // SAFETY: the session is alive.
            unsafe { oftp_n_con_cf(c.session) };
        }
        rust.n_data_ind(&there);
        let back = turn(&mut rust, &mut nothing, &mut got);
        c.feed(&back);
        if there.is_empty() && back.is_empty() {
            break;
        }
    }
    let what = format!("{:?} {:?}", c.seen.abort, got.ended);
    assert_eq!(c.seen.proof, Some(0), "{what}");
    let keys = got.keys.as_ref().expect("keys");
    let mut plan = OpenPlan::new(keys.trust(), SystemTime::now());
    (plan.encrypted, plan.signed) = (true, true);
    plan.keys.push(keys.own.clone());
    let mut opened = Vec::new();
    open(plan, &mut &got.octets[..], &mut opened, |_| {}).expect("opens");
    assert!(opened == plain);
}

/// The same, C is called.
#[test]
fn rust_sends_to_c_with_all_that_version_2_adds() {
    let keys = Keys::load("beta", "alpha");
    let rust_keys = RustKeys::load("alpha", "beta");
    let plain = content(100_000);
    let suite = Suite::of(4).expect("04");
    let mut plan = SealPlan::new(suite);
    plan.signers.push(rust_keys.own.clone());
    plan.recipients.push(rust_keys.partner.clone());
    let mut sealed = Vec::new();
    seal(plan, &mut &plain[..], &mut sealed, |_| {}).expect("seals");
    let mut c = CSide::new(
        Seen {
            authenticate: true,
            keys: Some(keys),
            ..seen(false, RecordFormat::U, 0)
        },
        &config(5),
    );
    let mut partner = Partner::new(code("O0177CALLED"));
    partner.authentication = true;
    let settings = settings(true, Level::V2_0);
    let mut rust = Mailbox::call(settings, partner, Addresses::default()).expect("called");
    rust.tick(Duration::from_secs(1));
    rust.queue_file(Sfid {
        sec: Security::EncryptedAndSigned,
        ciph: 4,
        env: 1,
        sign: true,
        ..sfid(RecordFormat::U, sealed.len())
    });
    let mut got = Got {
        keys: Some(rust_keys),
        ..Got::default()
    };
    let mut source = Source {
        content: sealed.clone(),
        ..Source::default()
    };
    let mut up = false;
    loop {
        let there = turn(&mut rust, &mut source, &mut got);
        if !up {
            up = true;
            // SAFETY: the session is alive.
            unsafe { oftp_n_con_ind(c.session, std::ptr::null(), std::ptr::null()) };
            rust.n_con_cf();
        }
        c.feed(&there);
        let back = c.turn();
        rust.n_data_ind(&back);
        if there.is_empty() && back.is_empty() {
            break;
        }
    }
    let what = format!("{:?} {:?}", c.seen.abort, got.ended);
    assert!(c.seen.received == sealed, "{what}");
    assert!(keys.open(&c.seen.received) == plain);
    let keys = got.keys.as_ref().expect("keys");
    let trust = keys.trust();
    let expected = Expected {
        hash: Some(&suite.hash.of(&sealed)),
        trust: &trust,
        now: SystemTime::now(),
        refuse_legacy: false,
    };
    let eerp = got.response.as_ref().expect("a response");
    assert!(verify_eerp(eerp, expected).is_ok(), "{what}");
}
