//! End responses that are owed to partners until they confirm them (RTR).
//!
//! Most can be made again when the file comes again, so that they are kept in memory only. A signed
//! one names the hash of what came, and a negative one is for a file that was put aside: these are
//! on the disk before they are sent, and are there when the station begins again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oftp_core::mailbox::Response;
use oftp_core::wire::{Command, IdentificationCode, Level, Quirks, decode};
use oftp_secure::certificate::hex;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::identity::{Field, Identity};
use crate::inbox::Offer;
use crate::names::{escape, stored_name, unescape};

/// What is owed to partners, shared by the sessions of a process.
#[derive(Debug, Clone, Default)]
pub struct Owed {
    waiting: Arc<Mutex<Vec<(IdentificationCode, Response)>>>,
    folder: Option<Arc<PathBuf>>,
}

/// A partner that takes no responses must not fill the memory: the oldest go first.
const MOST: usize = 10_000;

/// A response on the disk.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// SSIDCODE of the partner that it is for.
    partner: Field,
    /// The command as it is sent at level 2.0, escaped.
    command: String,
}

/// A signed response that is due.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Promise {
    /// The file as it was offered.
    pub(super) offer: Offer,
    /// The hash of what was transmitted, in hexadecimal.
    pub(super) hash: String,
}

/// How the file of a promise ends.
const PROMISED: &str = "due";

impl Owed {
    /// Keeps in this folder what must not be lost, and begins with what lies there.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let mut waiting = Vec::new();
        for entry in fs::read_dir(folder)? {
            // One that a crash cut short was not sent either.
            let kept = fs::read(entry?.path())?;
            waiting.extend(read(&kept));
        }
        Ok(Self {
            waiting: Arc::new(Mutex::new(waiting)),
            folder: Some(Arc::new(folder.to_owned())),
        })
    }

    /// Puts a response on the disk, where there is a folder for it; it stays there until it is
    /// [`confirmed`](Self::confirmed).
    pub(super) fn keep(&self, partner: IdentificationCode, response: &Response) -> io::Result<()> {
        let Some(path) = self.path(response) else {
            return Ok(());
        };
        let command = match response {
            Response::Eerp(eerp) => Command::Eerp((**eerp).clone()),
            Response::Nerp(nerp) => Command::Nerp((**nerp).clone()),
        };
        let mut octets = Vec::new();
        command
            .encode(Level::V2_0, &mut octets)
            .map_err(io::Error::other)?;
        let kept = serde_json::to_vec(&Kept {
            partner: Field::new(partner.trimmed()),
            command: escape(&octets),
        })?;
        durable::write(&path, &kept)
    }

    /// Notes that a signed response is due for a file that is about to be published: the hash that
    /// it names is known now and could not be found again.
    pub(super) fn promise(&self, offer: &Offer, hash: &[u8]) -> io::Result<()> {
        let Some(path) = self.promise_path(&offer.identity) else {
            return Ok(());
        };
        let promise = serde_json::to_vec(&Promise {
            offer: offer.clone(),
            hash: hex(hash),
        })?;
        durable::write(&path, &promise)
    }

    /// The response is kept, or the file was not published.
    pub(super) fn fulfilled(&self, identity: &Identity) {
        if let Some(path) = self.promise_path(identity) {
            let _ = fs::remove_file(path);
        }
    }

    /// What an earlier process promised, and did not come to.
    pub(super) fn promises(&self) -> Vec<Promise> {
        let folder = self
            .folder
            .as_ref()
            .and_then(|folder| fs::read_dir(&**folder).ok());
        let files = folder
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let promises = files.filter(|path| path.extension().is_some_and(|name| name == PROMISED));
        promises
            .filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok())
            .collect()
    }

    fn promise_path(&self, identity: &Identity) -> Option<PathBuf> {
        let name = stored_name(identity);
        Some(self.folder.as_ref()?.join(format!("{name}.{PROMISED}")))
    }

    /// The partner has taken a response.
    pub(super) fn confirmed(&self, response: &Response) {
        if let Some(path) = self.path(response) {
            // Most were never on the disk. One that stays is sent once more, which does no harm.
            let _ = fs::remove_file(path);
        }
    }

    /// Leaves responses for the next session with this partner.
    pub(super) fn leave(
        &self,
        partner: IdentificationCode,
        responses: impl IntoIterator<Item = Response>,
    ) {
        if let Ok(mut owed) = self.waiting.lock() {
            for response in responses {
                // The same one made again, after a kill, takes its place.
                let name = file_name(&response);
                owed.retain(|(_, other)| file_name(other) != name);
                owed.push((partner, response));
            }
            let excess = owed.len().saturating_sub(MOST);
            owed.drain(..excess);
        }
    }

    /// Takes what is owed to this partner: the session that asks is to send it.
    pub(super) fn take(&self, partner: &IdentificationCode) -> Vec<Response> {
        self.waiting.lock().map_or_else(
            |_| Vec::new(),
            |mut owed| {
                let own = owed.extract_if(.., |(to, _)| to.trimmed() == partner.trimmed());
                own.map(|(_, response)| response).collect()
            },
        )
    }

    fn path(&self, response: &Response) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(file_name(response)))
    }
}

/// A name of its own for the response to each file.
fn file_name(response: &Response) -> String {
    let (dsn, stamp, dest, orig, kind) = match response {
        Response::Eerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig, "eerp"),
        Response::Nerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig, "nerp"),
    };
    let name = stored_name(&Identity {
        date: Field::new(stamp.date()),
        time: Field::new(stamp.time()),
        dsn: Field::new(dsn.as_octets()),
        // The addresses change places on the way back.
        originator: Field::new(dest.as_octets()),
        destination: Field::new(orig.as_octets()),
    });
    format!("{name}.{kind}")
}

fn read(kept: &[u8]) -> Option<(IdentificationCode, Response)> {
    let kept: Kept = serde_json::from_slice(kept).ok()?;
    let octets = unescape(&kept.command)?;
    let response = match decode(&octets, Level::V2_0, Quirks::STRICT).ok()?.command {
        Command::Eerp(eerp) => Response::Eerp(Box::new(eerp)),
        Command::Nerp(nerp) => Response::Nerp(Box::new(nerp)),
        _ => return None,
    };
    let partner = IdentificationCode::from_octets(kept.partner.as_octets());
    Some((partner, response))
}

#[cfg(test)]
mod tests {
    use oftp_core::mailbox::{eerp_for, nerp_for};
    use oftp_core::wire::{
        DatasetName, NerpReason, RecordFormat, Security, Sfid, Stamp, Text, UserData,
    };

    use super::*;

    fn sfid() -> Sfid {
        Sfid {
            dsn: DatasetName::new("INVOICE").expect("name"),
            stamp: Stamp::new("20260131", "1204550001").expect("stamp"),
            user: UserData::default(),
            dest: IdentificationCode::new("OBETA").expect("code"),
            orig: IdentificationCode::new("OALPHA").expect("code"),
            fmt: RecordFormat::U,
            lrecl: 0,
            fsiz: 1,
            osiz: 1,
            rest: 0,
            sec: Security::Signed,
            ciph: 4,
            comp: 0,
            env: 1,
            sign: true,
            desc: Text::default(),
        }
    }

    #[test]
    fn what_is_kept_is_there_until_it_is_confirmed() {
        let folder = tempfile::tempdir().expect("folder");
        let owed = Owed::in_folder(folder.path()).expect("open");
        let partner = sfid().orig;
        let mut eerp = eerp_for(&sfid());
        (eerp.hsh, eerp.sig) = (vec![b' '; 32], (0..=255).collect());
        let nerp = nerp_for(
            &sfid(),
            sfid().dest,
            NerpReason::INVALID_FILE_SIGNATURE,
            Text::new("why"),
        );
        let eerp = Response::Eerp(Box::new(eerp));
        let nerp = Response::Nerp(Box::new(nerp));
        for response in [&eerp, &nerp] {
            owed.keep(partner, response).expect("kept");
        }
        let again = Owed::in_folder(folder.path()).expect("open");
        let taken = again.take(&partner);
        assert_eq!(taken.len(), 2);
        assert!(taken.contains(&eerp) && taken.contains(&nerp));
        again.leave(partner, [eerp.clone(), eerp.clone()]);
        assert_eq!(again.take(&partner), std::slice::from_ref(&eerp), "once");
        again.confirmed(&eerp);
        let last = Owed::in_folder(folder.path()).expect("open");
        assert_eq!(last.take(&partner), [nerp]);
        assert_eq!(last.take(&partner), []);
    }
}
