//! Durable transfers between two processes, each file with its EERP.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use oftp_station::station::intake::{Content, Submission, Wishes, submit};
use oftp_station::station::journal::event::{self, Kind};
use oftp_station::station::journal::{Journal, figures, now};

use crate::place::Place;
use crate::{baseline, fault};

const SMALL: usize = 4 * 1024;

/// A transfer that takes longer has got stuck.
const LONGEST: Duration = Duration::from_secs(600);

/// Small files in one session, and in 32.
pub(crate) fn small(folder: &Path, files: usize) -> io::Result<()> {
    println!("{files} files of 4 KiB, durable at both ends, with their EERPs");
    let traced = std::env::var_os("OFTP_BENCH_STRACE").is_some();
    let content = vec![b'x'; SMALL];
    for sessions in [1, 32] {
        let pair = Pair::new(folder, &format!("small-{sessions}"), sessions)?;
        for number in 0..files {
            pair.queue(&format!("file-{number:05}"), content.clone())?;
        }
        let tables = traced.then(|| ["alpha", "beta"].map(|name| pair.folder.join(name)));
        let disk = baseline::fsyncs(folder, sessions, files)?;
        let done = pair.transfer(files, tables.as_ref())?;
        let disk = f64::midpoint(disk, baseline::fsyncs(folder, sessions, files)?);
        if let Some(tables) = tables {
            for table in &tables {
                let count = forced(table)?;
                println!(
                    "  {:<6} {} sessions: {:.2} of fsync and fdatasync per file",
                    table.file_name().unwrap_or_default().to_string_lossy(),
                    done.sessions,
                    count as f64 / files as f64
                );
            }
        } else {
            let rate = files as f64 / done.time.as_secs_f64();
            println!("  4 KiB and fsync, {sessions:>2} threads          {disk:8.0} files/s");
            println!(
                "  oftp, {:>2} sessions                     {rate:8.0} files/s   ratio {:.2}",
                done.sessions,
                rate / disk
            );
        }
        pair.remove()?;
    }
    Ok(())
}

/// One large file.
pub(crate) fn large(folder: &Path, mib: usize) -> io::Result<()> {
    println!("a file of {mib} MiB, durable");
    let pair = Pair::new(folder, "large", 1)?;
    let content: Vec<u8> = noise().take(mib << 20).collect();
    let from = pair.folder.join("from");
    fs::File::create(&from)?.write_all(&content)?;
    pair.queue("large", content)?;
    let to = pair.folder.join("to");
    let before = baseline::raw_copy(&from, &to)?;
    fs::remove_file(&to)?;
    let ours = pair.transfer(1, None)?.time;
    let raw = (before + baseline::raw_copy(&from, &to)?) / 2;
    let rate = |time: Duration| mib as f64 * 1.048_576 / time.as_secs_f64();
    println!(
        "  raw copy, blocks of 100 KB, fsync     {:8.0} MB/s",
        rate(raw)
    );
    println!(
        "  oftp, until its EERP                  {:8.0} MB/s   ratio {:.2}",
        rate(ours),
        raw.as_secs_f64() / ours.as_secs_f64()
    );
    pair.remove()
}

/// Two stations; `alpha` calls `beta`.
struct Pair {
    folder: PathBuf,
    alpha: Place,
    beta: Place,
    journal: Journal,
}

/// How a transfer went, by the journal of the sender.
struct Done {
    /// From the first session to the last EERP.
    time: Duration,
    sessions: usize,
}

impl Pair {
    fn new(folder: &Path, name: &str, sessions: usize) -> io::Result<Self> {
        let folder = folder.join(name);
        let known = "[partner.alpha]\nid = \"OALPHA\"\ntls = \"off\"\n";
        let beta = Place::new(folder.join("station-beta"), "OBETA", false, known)?;
        let known = format!(
            "[partner.beta]\nid = \"OBETA\"\ntls = \"off\"\naddress = [\"{}\"]\n\
             sessions = {sessions}\n",
            beta.address
        );
        let alpha = Place::new(folder.join("station-alpha"), "OALPHA", false, &known)?;
        alpha.config()?;
        Ok(Self {
            folder,
            journal: alpha.journal()?,
            alpha,
            beta,
        })
    }

    fn queue(&self, name: &str, content: Vec<u8>) -> io::Result<()> {
        let config = self.alpha.config()?;
        let partner = config.partner("beta").ok_or_else(|| fault("no partner"))?;
        let file = Submission {
            content: Content::Reader(Box::new(io::Cursor::new(content))),
            name: name.to_owned(),
            wishes: Wishes::default(),
        };
        submit(&self.journal, &config, partner, file).map_err(fault)?;
        Ok(())
    }

    /// Runs both until the sender has the end response of every file.
    fn transfer(&self, files: usize, tables: Option<&[PathBuf; 2]>) -> io::Result<Done> {
        let run = |place: &Place, table: Option<&PathBuf>| match table {
            Some(table) => place.run_traced(table),
            None => place.run(),
        };
        let beta = run(&self.beta, tables.map(|tables| &tables[1]))?;
        let alpha = run(&self.alpha, tables.map(|tables| &tables[0]))?;
        let begin = Instant::now();
        // Rarely, for looking costs the stations time.
        while !self.is_settled()? {
            if begin.elapsed() > LONGEST {
                return Err(fault("the transfer got stuck"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        alpha.stop()?;
        beta.stop()?;
        self.done(files)
    }

    fn is_settled(&self) -> io::Result<bool> {
        let figures = self.journal.read(|db| figures::figures(db, now()));
        Ok(figures.map_err(fault)?.files.is_empty())
    }

    fn done(&self, files: usize) -> io::Result<Done> {
        let events = self.journal.read(|db| event::after(db, 0, u32::MAX));
        let events = events.map_err(fault)?;
        let of = |kind: Kind| events.iter().filter(move |event| event.kind == kind);
        let delivered = of(Kind::FileDone).count();
        if delivered != files {
            return Err(fault(format!("{delivered} of {files} files arrived")));
        }
        let first = of(Kind::SessionStarted).map(|event| event.at).min();
        let last = of(Kind::FileDone).map(|event| event.at).max();
        let time = last.unwrap_or(0) - first.unwrap_or(0);
        Ok(Done {
            time: Duration::from_millis(u64::try_from(time.max(1)).unwrap_or(1)),
            sessions: of(Kind::SessionStarted).count(),
        })
    }

    fn remove(self) -> io::Result<()> {
        let folder = self.folder.clone();
        drop(self);
        fs::remove_dir_all(folder)
    }
}

/// How many calls a table of `strace -c` counts.
fn forced(table: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(table)?;
    let total = text.lines().rfind(|line| line.ends_with("total"));
    let calls = total.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    calls.ok_or_else(|| fault(format!("strace counted nothing: {text}")))
}

/// Octets that look random, from a generator that needs no crate.
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
}
