//! A file that comes, while its octets come: into the folder, or to the host.

use oftp_core::session::DataInd;
use oftp_core::wire::Sfid;
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;

use super::Monitor;
use super::session::Run;
use crate::exchange::most_announced;
use crate::inbox::{InboxError, Slot};

/// The file that is being received.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) sfid: Box<Sfid>,
    pub(super) sink: Sink,
    /// The suite of a signed response, and the hash that it will name.
    pub(super) suite: Option<&'static Suite>,
    pub(super) digest: Option<Digest>,
    /// Octets of it that are here, and how many there may be.
    pub(super) octets: u64,
    pub(super) limit: u64,
    /// Octets of the record that is open, where it goes to the host.
    pub(super) open: u64,
    /// It must not be kept: it is larger than what is taken.
    pub(super) worthless: bool,
}

#[derive(Debug)]
pub(super) enum Sink {
    Folder(Box<Slot>),
    Host,
}

/// As much is decoded at a time for a folder.
const SCRATCH: usize = 100 * 1024;

/// The longest record that SFIDLRECL can say. A host that needs whole records holds no more.
const LONGEST: u64 = 99_999;

/// A buffer that expanded further than this gives its memory back.
const KEPT: usize = 256 * 1024;

impl Run {
    /// The suite of a signed response to this file, if one is asked for.
    pub(super) fn suite_of(&self, sfid: &Sfid) -> Option<&'static Suite> {
        let partner = self.mailbox.partner()?;
        Suite::of(partner.policy.suite_of(sfid)).filter(|_| sfid.sign)
    }

    /// How many octets a file of the partner may have.
    pub(super) fn limit(&self) -> u64 {
        let blocks = self.mailbox.partner().and_then(|p| p.policy.max_blocks);
        blocks.map_or(u64::MAX, |blocks| blocks.saturating_mul(1024))
    }
}

impl Monitor {
    /// How many received octets lie in `scratch` for the host; `None`: they are in the folder.
    pub(super) fn receive(
        incoming: Option<&mut Incoming>,
        scratch: &mut Vec<u8>,
        ends: &mut Vec<usize>,
        mut data: DataInd<'_>,
    ) -> Result<Option<usize>, String> {
        let Some(incoming) = incoming else {
            return Err("no file is open".to_owned());
        };
        incoming.octets = incoming.octets.saturating_add(data.octets());
        if incoming.octets > incoming.limit {
            incoming.worthless = true;
            return Err("the file is larger than max_size of its partner".to_owned());
        }
        let expanded = usize::try_from(data.octets()).unwrap_or(usize::MAX).max(1);
        let room = match &incoming.sink {
            Sink::Folder(_) => SCRATCH,
            Sink::Host => expanded,
        };
        if scratch.len() > KEPT && room <= KEPT {
            *scratch = Vec::new();
        }
        if scratch.len() < room {
            scratch
                .try_reserve_exact(room - scratch.len())
                .map_err(|_| "no memory for a buffer".to_owned())?;
            scratch.resize(room, 0);
        }
        let mut len = 0;
        let has_records = !data.is_stream();
        ends.clear();
        while let Some(chunk) = data.read(&mut scratch[len..]) {
            let octets = &scratch[len..len + chunk.octets];
            if let Some(digest) = &mut incoming.digest {
                digest.update(octets);
            }
            match &mut incoming.sink {
                Sink::Folder(slot) => {
                    if let Err(error) = slot.write(octets, chunk.end_of_record) {
                        // What is larger than it announced gets no room to wait in.
                        incoming.worthless = matches!(error, InboxError::TooBig { .. })
                            || incoming.octets > most_announced(&incoming.sfid);
                        return Err(error.to_string());
                    }
                }
                Sink::Host => {
                    len += chunk.octets;
                    incoming.open = incoming.open.saturating_add(chunk.octets as u64);
                    if has_records && incoming.open > LONGEST {
                        incoming.worthless = true;
                        return Err(format!("a record is longer than {LONGEST} octets"));
                    }
                    if chunk.end_of_record {
                        incoming.open = 0;
                        ends.push(len);
                    }
                }
            }
        }
        Ok(matches!(incoming.sink, Sink::Host).then_some(len))
    }
}
