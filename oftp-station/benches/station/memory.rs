//! What sessions in which nothing happens cost the station in memory.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use oftp_secure::tls::{ClientTls, client_config};
use oftp_secure::{Certificate, Trust};
use oftp_station::station::journal::Journal;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ClientConfig;

use crate::place::{Place, Running};
use crate::{fault, idle};

/// Files that a process has open beside its sessions.
const OTHER_FILES: u64 = 200;

/// The runtime's threads for what blocks end after ten seconds without work.
const THREADS_END: Duration = Duration::from_secs(12);

/// The start phase of all sessions takes no longer.
const LONGEST: Duration = Duration::from_secs(120);

/// So many sessions, plain and over TLS. The callers are in this process, which is not measured.
pub(crate) fn measure(folder: &Path, wanted: usize) -> io::Result<()> {
    let sessions = possible(wanted)?;
    println!("{sessions} idle sessions of {wanted} wanted, as the limit of open files allows");
    for (name, goal) in [("plain", 16), ("TLS", 64)] {
        let folder = folder.join(format!("memory-{name}"));
        let (place, tls) = station(&folder, name == "TLS", sessions)?;
        let running = place.run()?;
        let journal = place.journal()?;
        // What the first sessions bring about is not theirs alone.
        let few = idle::sessions(place.address, tls.as_ref(), 64)?;
        until_up(&journal, few.len())?;
        drop(few);
        let before = settled(&running)?;
        let held = idle::sessions(place.address, tls.as_ref(), sessions)?;
        until_up(&journal, 64 + held.len())?;
        let at_once = running.resident()?;
        let after = settled(&running)?;
        let each = |octets: u64| octets.saturating_sub(before) as f64 / 1024.0 / sessions as f64;
        println!(
            "  {name:<6} resident {:6.1} MiB before, {:6.1} after: {:5.1} KiB each \
             ({:.1} while they begin), goal {goal}",
            mib(before),
            mib(after),
            each(after),
            each(at_once),
        );
        drop(held);
        // Not in good order: ten thousand sessions would be told to end.
        running.kill()?;
        drop(journal);
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn mib(octets: u64) -> f64 {
    octets as f64 / f64::from(1 << 20)
}

/// How many sessions two processes can have, after raising the limit of open files as far as this
/// user may: the station inherits it.
fn possible(wanted: usize) -> io::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised)?;
    let files = limit.maximum.unwrap_or(u64::MAX);
    let most = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX);
    Ok(wanted.min(most))
}

/// A station for so many callers, and with what they call it by TLS.
fn station(
    folder: &Path,
    tls: bool,
    sessions: usize,
) -> io::Result<(Place, Option<Arc<ClientConfig>>)> {
    let mut more = format!("[limits]\nincoming = {}\n", sessions + 100);
    let mut client = None;
    if tls {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.map_err(fault)?;
        let keys = folder.join("keys");
        fs::create_dir_all(&keys)?;
        let key = keys.join("station.key");
        fs::write(&key, made.signing_key.serialize_pem())?;
        fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        fs::write(keys.join("station.pem"), made.cert.pem())?;
        more += "[keys]\nall = [\"keys/station.key\", \"keys/station.pem\"]\n";
        let certificate = Certificate::from_der(made.cert.der()).map_err(fault)?;
        let config = client_config(ClientTls {
            trust: Trust {
                pinned: vec![certificate],
                ..Trust::default()
            },
            credential: None,
        });
        client = Some(config.map_err(fault)?);
    }
    let line = if tls { "required" } else { "off" };
    more += &format!("[partner.alpha]\nid = \"OALPHA\"\ntls = \"{line}\"\n");
    Ok((Place::new(folder.to_owned(), "OBETA", tls, &more)?, client))
}

/// Waits until the station has noted so many sessions in its journal.
fn until_up(journal: &Journal, sessions: usize) -> io::Result<()> {
    let begin = Instant::now();
    while count(journal)? < sessions {
        if begin.elapsed() > LONGEST {
            return Err(fault("the station does not have all the sessions"));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn count(journal: &Journal) -> io::Result<usize> {
    let count = journal.read(|db| {
        let sql = "SELECT count(*) FROM event WHERE kind = 'session_started'";
        Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    Ok(usize::try_from(count.map_err(fault)?).unwrap_or(0))
}

/// What is resident when the threads are gone that were only needed for a moment.
fn settled(running: &Running) -> io::Result<u64> {
    thread::sleep(THREADS_END);
    running.resident()
}
