//! End responses that are owed to partners until they confirm them (RTR).
//!
//! Most can be made again when the file comes again, so that they are kept in memory only. A signed
//! one names the hash of what came, and a negative one is for a file that was put aside: these are
//! on the disk before they are sent, and are there when the station begins again. What is still to
//! be signed is on the disk before its file is received.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oftp_core::mailbox::Response;
use oftp_core::wire::{Command, IdentificationCode, Level, Quirks, decode};
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::identity::{Field, Identity};
use crate::names::{escape, stored_name, unescape};

/// What is owed to partners, shared by the sessions of a process.
#[derive(Debug, Clone, Default)]
pub struct Owed {
    waiting: Arc<Mutex<Vec<(IdentificationCode, Response)>>>,
    unsigned: Arc<Mutex<Vec<Unsigned>>>,
    folder: Option<Arc<PathBuf>>,
}

/// A partner that takes no responses must not fill the memory: the oldest go first.
const MOST: usize = 10_000;

/// A response that names the hash of its file, and that an earlier process did not come to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// For whom it is (SSIDCODE).
    pub partner: IdentificationCode,
    /// Without its signature.
    pub response: Response,
    /// The cipher suite of its signature.
    pub suite: u8,
}

/// A response on the disk.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// SSIDCODE of the partner that it is for.
    partner: Field,
    /// The command as it is sent at level 2.0, escaped.
    command: String,
    /// It is still to be signed, with this cipher suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suite: Option<u8>,
}

impl Owed {
    /// Keeps in this folder what must not be lost, and begins with what lies there.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let (mut waiting, mut unsigned) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // One that a crash cut short was not sent either, and is made again.
            if path
                .extension()
                .is_some_and(|extension| extension == durable::NEW)
            {
                continue;
            }
            match read(&fs::read(path)?) {
                Some((partner, response, None)) => waiting.push((partner, response)),
                Some((partner, response, Some(suite))) => unsigned.push(Unsigned {
                    partner,
                    response,
                    suite,
                }),
                None => {}
            }
        }
        Ok(Self {
            waiting: Arc::new(Mutex::new(waiting)),
            unsigned: Arc::new(Mutex::new(unsigned)),
            folder: Some(Arc::new(folder.to_owned())),
        })
    }

    /// Puts a response on the disk, where there is a folder for it; it stays there until it is
    /// [`confirmed`](Self::confirmed).
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, partner: IdentificationCode, response: &Response) -> io::Result<()> {
        self.write(partner, response, None)
    }

    /// The same for a response that is to be signed and then [kept](Self::keep), before its file
    /// is received: the hash that it names is known now and never again.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub fn keep_unsigned(&self, unsigned: &Unsigned) -> io::Result<()> {
        let Unsigned {
            partner,
            response,
            suite,
        } = unsigned;
        self.write(*partner, response, Some(*suite))
    }

    /// Takes what an earlier process did not come to sign.
    pub(super) fn take_unsigned(&self) -> Vec<Unsigned> {
        let unsigned = self.unsigned.lock();
        unsigned.map_or_else(|_| Vec::new(), |mut all| std::mem::take(&mut *all))
    }

    /// It cannot be signed yet.
    pub(super) fn put_back(&self, unsigned: Unsigned) {
        if let Ok(mut all) = self.unsigned.lock() {
            all.push(unsigned);
        }
    }

    fn write(
        &self,
        partner: IdentificationCode,
        response: &Response,
        suite: Option<u8>,
    ) -> io::Result<()> {
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
            suite,
        })?;
        durable::write(&path, &kept)
    }

    /// The partner has taken a response.
    pub fn confirmed(&self, response: &Response) {
        if let Some(path) = self.path(response) {
            // Most were never on the disk. One that stays is sent once more, which does no harm.
            let _ = fs::remove_file(path);
        }
    }

    /// Leaves responses for the next session with this partner.
    pub fn leave(
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
    pub fn take(&self, partner: &IdentificationCode) -> Vec<Response> {
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
    let kind = match response {
        Response::Eerp(_) => "eerp",
        Response::Nerp(_) => "nerp",
    };
    format!("{}.{kind}", stored_name(&file_of(response)))
}

/// The file that a response is for.
pub(super) fn file_of(response: &Response) -> Identity {
    let (dsn, stamp, dest, orig) = match response {
        Response::Eerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig),
        Response::Nerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig),
    };
    Identity {
        date: Field::new(stamp.date()),
        time: Field::new(stamp.time()),
        dsn: Field::new(dsn.as_octets()),
        // The addresses change places on the way back.
        originator: Field::new(dest.as_octets()),
        destination: Field::new(orig.as_octets()),
    }
}

fn read(kept: &[u8]) -> Option<(IdentificationCode, Response, Option<u8>)> {
    let kept: Kept = serde_json::from_slice(kept).ok()?;
    let octets = unescape(&kept.command)?;
    let response = match decode(&octets, Level::V2_0, Quirks::STRICT).ok()?.command {
        Command::Eerp(eerp) => Response::Eerp(Box::new(eerp)),
        Command::Nerp(nerp) => Response::Nerp(Box::new(nerp)),
        _ => return None,
    };
    let partner = IdentificationCode::from_octets(kept.partner.as_octets());
    Some((partner, response, kept.suite))
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
    #[test]
    fn what_a_crash_left_half_written_is_not_sent() {
        let folder = tempfile::tempdir().expect("folder");
        let owed = Owed::in_folder(folder.path()).expect("open");
        let (partner, response) = (sfid().orig, Response::Eerp(Box::new(eerp_for(&sfid()))));
        owed.keep(partner, &response).expect("kept");
        let path = owed.path(&response).expect("a folder");
        fs::copy(&path, path.with_extension(durable::NEW)).expect("a copy");
        let again = Owed::in_folder(folder.path()).expect("open");
        assert_eq!(
            again.take(&partner),
            std::slice::from_ref(&response),
            "once"
        );
        again.confirmed(&response);
        let last = Owed::in_folder(folder.path()).expect("open");
        assert_eq!(last.take(&partner), [], "and never again");
    }

    #[test]
    fn what_is_not_signed_yet_is_not_sent() {
        let folder = tempfile::tempdir().expect("folder");
        let owed = Owed::in_folder(folder.path()).expect("open");
        let partner = sfid().orig;
        let mut eerp = eerp_for(&sfid());
        eerp.hsh = vec![7; 32];
        let unsigned = Unsigned {
            partner,
            response: Response::Eerp(Box::new(eerp)),
            suite: 4,
        };
        owed.keep_unsigned(&unsigned).expect("kept");
        let again = Owed::in_folder(folder.path()).expect("open");
        assert_eq!(again.take(&partner), []);
        assert_eq!(again.take_unsigned(), std::slice::from_ref(&unsigned));
        // Once it is signed, it takes its place.
        again.keep(partner, &unsigned.response).expect("kept");
        let last = Owed::in_folder(folder.path()).expect("open");
        assert_eq!(last.take_unsigned(), []);
        assert_eq!(last.take(&partner), [unsigned.response]);
    }
}
