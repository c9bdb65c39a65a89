//! A station that remembers very many files: how soon it listens, how soon it knows one of them,
//! and how soon one more is queued.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use oftp_core::mailbox::eerp_for;
use oftp_core::wire::{
    Command, DatasetName, IdentificationCode, Level, RecordFormat, Security, Sfid, Stamp, Text,
    UserData,
};
use oftp_station::identity::{Field, Identity};
use oftp_station::station::intake::{Content, Submission, Wishes, submit};
use oftp_station::station::journal::file::{self, Way};
use oftp_station::station::journal::{Journal, now, virtual_file};
use rusqlite::{Connection, params};

use crate::fault;
use crate::place::Place;

/// Look-ups, and files queued, of which the median counts.
const LOOK_UPS: usize = 1_000;
const QUEUED: usize = 51;

/// What the plan of a usual file looks like; only its length matters.
const PLAN: &str = r#"{"format":"U","protection":{"sign":false,"encrypt":false,"suite":4}}"#;

/// Measures with so many files in the journal.
pub(crate) fn measure(folder: &Path, identities: usize) -> io::Result<()> {
    let known = "[partner.alpha]\nid = \"OALPHA\"\ntls = \"off\"\n";
    let place = Place::new(folder.join("start"), "OBETA", false, known)?;
    let config = place.config()?;
    let path = config.folder.journal();
    // The tables are made by who knows them.
    drop(place.journal()?);
    fill(&path, identities)?;
    let size = std::fs::metadata(&path)?.len() as f64 / f64::from(1 << 20);
    println!("a journal of {identities} files, {size:.0} MiB");

    let clean = place.run()?;
    let listening = clean.started;
    clean.stop()?;
    let killed = place.run()?;
    killed.kill()?;
    let after_kill = place.run()?;
    let checked = after_kill.started;
    println!(
        "  start until it listens                {:8.3} s   goal 2",
        listening.as_secs_f64()
    );
    println!(
        "  the same after a kill                 {:8.3} s",
        checked.as_secs_f64()
    );

    let journal = place.journal()?;
    let (middle, longest) = look_ups(&journal, identities)?;
    println!(
        "  look-up of an identity                {:8.3} ms  goal 1, longest {:.3}",
        millis(middle),
        millis(longest)
    );
    let partner = config.partner("alpha").ok_or_else(|| fault("no partner"))?;
    let mut times = Vec::new();
    let mut disk = Vec::new();
    for number in 0..QUEUED {
        let content = vec![b'x'; 4096];
        disk.push(one_fsync(folder, &content)?);
        let file = Submission {
            content: Content::Reader(Box::new(io::Cursor::new(content))),
            name: format!("new-{number}"),
            wishes: Wishes::default(),
        };
        let begin = Instant::now();
        submit(&journal, &config, partner, file).map_err(fault)?;
        times.push(begin.elapsed());
    }
    println!(
        "  a file of 4 KiB queued, durable       {:8.3} ms  goal 10, write and fsync of it {:.3}",
        millis(median(&mut times)),
        millis(median(&mut disk))
    );
    after_kill.stop()?;
    std::fs::remove_dir_all(&place.folder)
}

fn one_fsync(folder: &Path, content: &[u8]) -> io::Result<Duration> {
    let path = folder.join("one");
    let begin = Instant::now();
    let mut file = std::fs::File::create(&path)?;
    file.write_all(content)?;
    file.sync_all()?;
    let time = begin.elapsed();
    std::fs::remove_file(path)?;
    Ok(time)
}

/// The middle and the longest time to find one of the files, spread over all of them.
fn look_ups(journal: &Journal, identities: usize) -> io::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for look in 0..LOOK_UPS {
        let number = 1 + (look * 7_919) % identities;
        let name = format!("FILE{number}");
        let wanted = Identity {
            dsn: Field::new(name.as_bytes()),
            ..identity()
        };
        let begin = Instant::now();
        let row = journal.read(|db| file::by_identity(db, Way::In, &wanted));
        times.push(begin.elapsed());
        row.map_err(fault)?
            .ok_or_else(|| fault(format!("{name} is not known")))?;
    }
    let longest = times.iter().max().copied().unwrap_or_default();
    Ok((median(&mut times), longest))
}

/// Files that came, were delivered and answered, each with what the history says of it.
fn fill(path: &Path, identities: usize) -> io::Result<()> {
    let mut db = Connection::open(path).map_err(fault)?;
    // Nothing of it is to survive a crash, and without a WAL it is written once.
    let quick = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";
    db.execute_batch(quick).map_err(fault)?;
    let sfid = sfid();
    let mut command = Vec::new();
    Command::Eerp(eerp_for(&sfid))
        .encode(Level::V2_0, &mut command)
        .map_err(fault)?;
    let count = i64::try_from(identities).map_err(fault)?;
    let transaction = db.transaction().map_err(fault)?;
    let numbers = "WITH RECURSIVE number (n) AS \
        (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)";
    let files = format!(
        "{numbers} INSERT INTO file (direction, state, partner, dsn, date, time, orig, dest, sfid, \
         name, spool, layout, path, plan, hash, octets, created, changed, transferred) \
         SELECT 'in', 'closed', 'alpha', 'FILE' || n, '20261126', '1345010001', 'OALPHA', 'OBETA', \
         ?2, 'FILE' || n, 'FILE' || n || '.20261126.1345010001.OALPHA.OBETA', 'length32', \
         '/srv/oftp/inbox/alpha/FILE' || n || '.20261126.1345010001.OALPHA.OBETA', ?3, '', 4096, \
         ?4, ?4, ?4 FROM number"
    );
    let json = virtual_file::to_json(&sfid);
    let values = params![count, json, PLAN, now()];
    transaction.execute(&files, values).map_err(fault)?;
    let responses = format!(
        "{numbers} INSERT INTO response (direction, state, file, partner, kind, level, command, \
         created, changed) SELECT 'out', 'closed', n, 'alpha', 'EERP', 5, ?2, ?3, ?3 FROM number"
    );
    let values = params![count, command, now()];
    transaction.execute(&responses, values).map_err(fault)?;
    for kind in ["file_received", "file_closed"] {
        let events = format!(
            "{numbers} INSERT INTO event (at, kind, partner, file, detail) \
             SELECT ?2, ?3, 'alpha', n, '{{}}' FROM number"
        );
        let values = params![count, now(), kind];
        transaction.execute(&events, values).map_err(fault)?;
    }
    transaction.commit().map_err(fault)?;
    db.execute_batch("PRAGMA journal_mode = WAL").map_err(fault)
}

fn sfid() -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(b"FILE1234567"),
        stamp: Stamp::new("20261126", "1345010001").expect("digits"),
        user: UserData::default(),
        dest: IdentificationCode::from_octets(b"OBETA"),
        orig: IdentificationCode::from_octets(b"OALPHA"),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 4,
        osiz: 4,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::new("a file of a usual length.edi"),
    }
}

fn identity() -> Identity {
    virtual_file::identity_of(&sfid())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
