//! A process killed between any two steps of a delivery: the next one finds the folder and the
//! journal as they were, and brings the file to its one place (design chapter "Delivery").

use std::fs::{self, File};
use std::path::PathBuf;

use oftp_core::wire::Sfid;
use oftp_station::names::{identity_of, stored_name};
use oftp_station::outbox::Source;
use oftp_station::records::{Format, RecordLayout};
use oftp_station::security::{Keys, Protection, seal};
use oftp_station::station::config::{Conversion, Group, NamePattern, PartnerConfig, ReceiveRule};
use oftp_station::station::delivery::first_path;
use oftp_station::station::journal::file::{self, Change, FileKey, FileState, NewFile};
use oftp_station::station::journal::virtual_file;
use serde_json::json;

use super::common::{Site, code, contents, partner, plain, quick_folder, sfid};

const TEXT: &[u8] = b"Stra\xdfe\n";
const CONVERTED: &str = "Stra\u{df}e\n";

/// A file that is received and not delivered, with its places.
struct Received {
    site: Site,
    key: FileKey,
    sfid: Sfid,
}

impl Received {
    /// A file for us or for others, as it came from alpha.
    fn new(site: Site, sfid: Sfid, octets: &[u8]) -> Self {
        let name = stored_name(&virtual_file::identity_of(&sfid));
        let raw = site.shared.staging().staged_path(&name);
        fs::write(raw, octets).expect("a file");
        let config = site.shared.config();
        let from = config.partner("alpha").expect("a partner");
        let new = NewFile {
            partner: "alpha".to_owned(),
            sfid: sfid.clone(),
            name: "name".to_owned(),
            spool: name,
            layout: RecordLayout::Length32,
            path: None,
            plan: "{}".to_owned(),
            priority: 5,
            held: false,
            parent: None,
        };
        let what = Change {
            octets: Some(octets.len() as u64),
            path: first_path(site.shared.folder(), &config, from, &sfid),
            ..Change::default()
        };
        let received = site.shared.journal().write(move |connection| {
            let key = file::receive(connection, &new)?;
            file::change(connection, key, FileState::Received, what, &json!({}))?;
            Ok(key)
        });
        let key = received.expect("received");
        Self { site, key, sfid }
    }

    fn name(&self) -> String {
        stored_name(&virtual_file::identity_of(&self.sfid))
    }

    fn raw(&self) -> PathBuf {
        self.site.shared.staging().staged_path(&self.name())
    }

    fn content(&self) -> PathBuf {
        self.site.shared.folder().spool_in().join(self.name())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let name = format!("{}{suffix}", self.name());
        self.site.shared.folder().spool_in().join(name)
    }

    fn published(&self) -> PathBuf {
        let row = self.site.file(self.key);
        row.path.expect("a place in the inbox")
    }

    /// The process is killed, and another one begins.
    fn killed(self) -> Self {
        Self {
            site: self.site.restarted(),
            ..self
        }
    }

    /// As if the journal had not come to know that the file is delivered.
    fn forgotten(self) -> Self {
        let key = self.key.0;
        let forget = self.site.shared.journal().write(move |connection| {
            let sql = "UPDATE file SET state = 'received', open = 1 WHERE id = ?1";
            connection.execute(sql, [key])?;
            Ok(())
        });
        forget.expect("forgotten");
        self
    }

    /// The next process delivers it, and so does the one after that, which is killed too.
    #[track_caller]
    fn must_be_delivered_once(self, octets: &[u8], step: &str) {
        let mut now = self.killed();
        for round in 0..3 {
            now.site.deliver_rest();
            let of = format!("{step}, round {round}: {:?}", now.site.said());
            let inbox = now.site.inbox("alpha");
            assert_eq!(inbox.len(), 1, "{of}");
            assert_eq!(inbox[0].1, octets, "{of}");
            assert_eq!(now.site.file(now.key).state, FileState::Delivered, "{of}");
            assert_eq!(now.site.owed("alpha"), 1, "{of}");
            now.site.has_clear_spool(&of);
            now = now.forgotten().killed();
        }
    }
}

fn beta(receive: Vec<ReceiveRule>) -> Site {
    let row = PartnerConfig {
        receive,
        ..partner("alpha", "OALPHA")
    };
    Site::new("OBETA", vec![row])
}

fn from_latin() -> Vec<ReceiveRule> {
    vec![ReceiveRule {
        dsn: NamePattern("*".to_owned()),
        name: None,
        layout: RecordLayout::Length32,
        conversion: Conversion::CodePage("8859-1"),
    }]
}

/// What `octets` look like in an envelope, and the SFID that says so.
fn enveloped(octets: &[u8]) -> (Sfid, Vec<u8>) {
    let folder = quick_folder();
    let (clear, sealed) = (folder.path().join("clear"), folder.path().join("sealed"));
    fs::write(&clear, octets).expect("a file");
    let source = Source::open(&clear, Format::Unstructured, RecordLayout::Length32);
    let protection = Protection {
        compress: Some(6),
        ..plain()
    };
    let mut out = File::create(&sealed).expect("a file");
    let mut source = source.expect("a source");
    let keys = Keys::default();
    let made = seal(&mut source, &protection, &keys, &mut out, |_| {}).expect("an envelope");
    let sfid = Sfid {
        ciph: protection.suite_code(),
        comp: 1,
        env: 1,
        fsiz: made.octets.div_ceil(1024),
        ..to_beta()
    };
    (sfid, fs::read(&sealed).expect("an envelope"))
}

fn to_beta() -> Sfid {
    sfid("FILE", code("OALPHA"), code("OBETA"), 1_000)
}

#[test]
fn a_plain_file() {
    let received = || Received::new(beta(Vec::new()), to_beta(), TEXT);
    received().must_be_delivered_once(TEXT, "staged");
    let one = received();
    fs::rename(one.raw(), one.published()).expect("a rename");
    one.must_be_delivered_once(TEXT, "in the inbox");
    let one = received();
    one.site.deliver_rest();
    fs::write(one.raw(), TEXT).expect("what should have gone");
    let one = one.killed();
    one.site.has_clear_spool("delivered");
}

#[test]
fn a_file_in_its_envelope() {
    let (sfid, envelope) = enveloped(TEXT);
    for receive in [Vec::new(), from_latin()] {
        let wanted = match receive.is_empty() {
            true => TEXT,
            false => CONVERTED.as_bytes(),
        };
        let received = || Received::new(beta(receive.clone()), sfid.clone(), &envelope);
        received().must_be_delivered_once(wanted, "staged");
        let one = received();
        let making = format!("{}.content", one.raw().display());
        fs::write(making, &TEXT[..3]).expect("a part");
        one.must_be_delivered_once(wanted, "half opened");
        let one = received();
        fs::write(one.content(), TEXT).expect("what was in it");
        one.must_be_delivered_once(wanted, "opened, its envelope not removed");
        let one = received();
        fs::rename(one.raw(), one.content()).expect("a rename");
        fs::write(one.content(), TEXT).expect("what was in it");
        one.must_be_delivered_once(wanted, "opened");
        let one = received();
        fs::remove_file(one.raw()).expect("opened");
        fs::write(one.published(), wanted).expect("delivered");
        one.must_be_delivered_once(wanted, "in the inbox");
    }
}

#[test]
fn a_converted_file() {
    let received = || Received::new(beta(from_latin()), to_beta(), TEXT);
    let wanted = CONVERTED.as_bytes();
    received().must_be_delivered_once(wanted, "staged");
    let one = received();
    fs::write(one.beside(".out.new"), &wanted[..3]).expect("a part");
    one.must_be_delivered_once(wanted, "half converted");
    let one = received();
    fs::write(one.beside(".out"), wanted).expect("converted");
    one.must_be_delivered_once(wanted, "converted, what it was made from not removed");
    let one = received();
    fs::write(one.beside(".out"), wanted).expect("converted");
    fs::remove_file(one.raw()).expect("a file");
    one.must_be_delivered_once(wanted, "converted");
    let one = received();
    fs::remove_file(one.raw()).expect("a file");
    fs::write(one.published(), wanted).expect("delivered");
    one.must_be_delivered_once(wanted, "in the inbox");
}

#[test]
fn a_name_in_the_inbox_that_is_taken_takes_the_place_of_nothing() {
    let one = Received::new(beta(Vec::new()), to_beta(), TEXT);
    fs::write(one.published(), b"another").expect("a file");
    let one = one.killed();
    one.site.deliver_rest();
    assert_eq!(one.site.came("alpha"), [TEXT.to_vec(), b"another".to_vec()]);
    assert_eq!(one.site.file(one.key).state, FileState::Delivered);
}

#[test]
fn an_envelope_that_is_none() {
    let (sfid, _) = enveloped(TEXT);
    let received = || Received::new(beta(Vec::new()), sfid.clone(), b"no envelope");
    let refused = |one: &Received, step: &str| {
        assert_eq!(one.site.file(one.key).state, FileState::Refused, "{step}");
        assert_eq!(one.site.owed("alpha"), 1, "{step}");
        let aside = contents(&one.site.shared.folder().refused());
        assert_eq!(aside.len(), 1, "{step}");
        assert_eq!(aside[0].1, b"no envelope", "{step}");
        assert!(one.site.inbox("alpha").is_empty(), "{step}");
        one.site.has_clear_spool(step);
    };
    let one = received().killed();
    one.site.deliver_rest();
    refused(&one, "staged");
    // Killed between the journal and the move.
    let aside = contents(&one.site.shared.folder().refused());
    let moved = one.site.shared.folder().refused().join(&aside[0].0);
    fs::rename(moved, one.raw()).expect("a rename");
    refused(&one.killed(), "refused, and not moved");
}

fn hub() -> Site {
    let partners = [("alpha", "OALPHA"), ("beta", "OBETA"), ("gamma", "OGAMMA")];
    let partners = partners.map(|(name, id)| partner(name, id)).into();
    Site::with("OHUB", partners, |config| {
        config.groups = vec![Group {
            name: "all".to_owned(),
            code: code("OALL"),
            members: vec![code("OBETA"), code("OGAMMA")],
        }];
    })
}

#[test]
fn a_file_for_another_station_and_for_a_group() {
    for (dest, copies) in [("OBETA", 1), ("OALL", 2)] {
        let sfid = sfid("FILE", code("OALPHA"), code(dest), TEXT.len());
        for linked in 0..=copies {
            let of = format!("{dest}, {linked} of its links made");
            let one = Received::new(hub(), sfid.clone(), TEXT);
            let spool = one.site.shared.folder().spool_out();
            for index in 0..linked {
                let link = spool.join(format!("forward-{}-{index}", one.key));
                fs::hard_link(one.raw(), link).expect("a link");
            }
            let one = one.killed();
            one.site.deliver_rest();
            // Killed before what was shared was removed from where it came to.
            fs::hard_link(spool_entry(&one), one.raw()).expect("a link");
            let one = one.killed();
            one.site.deliver_rest();
            one.site.has_clear_spool(&of);
            let states = one.site.states();
            assert_eq!(states[0], FileState::Delivered, "{of}");
            assert_eq!(states[1..], vec![FileState::Queued; copies], "{of}");
            for row in one.site.files().iter().take(copies) {
                let path = one.site.shared.folder().spool_out().join(&row.spool);
                assert_eq!(fs::read(path).expect("a copy"), TEXT, "{of}");
            }
            assert_eq!(one.site.owed("alpha"), 0, "{of}");
        }
    }
}

fn spool_entry(one: &Received) -> PathBuf {
    let spool = one.site.shared.folder().spool_out();
    spool.join(format!("forward-{}-0", one.key))
}

#[test]
fn what_the_journal_does_not_know_stays() {
    let site = beta(Vec::new());
    let unknown = stored_name(&virtual_file::identity_of(&to_beta()));
    assert!(identity_of(&unknown).is_some());
    fs::write(site.shared.staging().staged_path(&unknown), TEXT).expect("a file");
    let site = site.restarted();
    assert!(site.shared.staging().staged_path(&unknown).exists());
}
