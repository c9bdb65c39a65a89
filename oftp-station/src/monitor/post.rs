//! Files of ours: queued, expected to be answered, cancelled.

use oftp_core::virtual_file::Structure;
use oftp_core::wire::{IdentificationCode, Sfid};
use oftp_secure::certificate::hex;
use oftp_secure::suite;

use super::feed::{Feed, Layout};
use super::{Monitor, MonitorError, Source};

/// The longest hash of any suite, in octets.
const LONGEST: usize = 64;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug)]
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

/// A file to send.
#[derive(Debug)]
pub struct Sending {
    /// To whom (SSIDCODE); `None`: to its destination, or to the only partner.
    pub partner: Option<IdentificationCode>,
    /// As what. `env`, and where they are 0 `fsiz`, `osiz`, `ciph` and the `lrecl` of a V file,
    /// are filled in. `rest` is where the partner could go on at most.
    pub sfid: Sfid,
    /// Its octets: U, T and F files as they are; in V files each record behind its length, 2
    /// octets, most significant first.
    pub source: Source,
}

impl Monitor {
    /// Queues a file: it is sent in the next session with its partner, or in the one that runs,
    /// when the turn is ours. Gives its name in [`Tell`](super::Tell)s.
    ///
    /// What the file asks for is done here, and may take as long as reading all of it: the records
    /// of a V file are read once; a file with `sec` or `comp` is sealed for the partner into the
    /// spool folder (RFC 5024 chapter 6); with `sign` the hash is computed by which the end
    /// response is checked. A file that cannot be secured as asked is never sent in the clear.
    ///
    /// # Errors
    /// [`MonitorError`]: the partner is not known, a field does not fit, the source cannot be
    /// read, the envelope not be written, or a key is missing. The source is dropped then.
    pub fn send(&mut self, file: Sending) -> Result<u64, MonitorError> {
        let Sending {
            partner,
            mut sfid,
            source,
        } = file;
        let partner = self.addressee(partner, &sfid)?;
        let keys = self.security.ring.of_station(&sfid.dest, &partner);
        // As it lies here, before any envelope.
        let layout = Layout::of(Structure::new(sfid.fmt, sfid.lrecl, false));
        let mut feed = Feed::new(source, layout);
        let (sealed, hash) = self.prepare(&mut sfid, &mut feed, &keys)?;
        Ok(self.enqueue(Post {
            id: 0,
            partner,
            sent: sfid.rest,
            sfid,
            // The source is not needed any more where its envelope is there.
            feed: Some(sealed.unwrap_or(feed)),
            hash,
            phase: Phase::Waiting,
            tried: false,
        }))
    }

    /// Tells of a file that an earlier monitor has sent, so that its end response is known for one
    /// of ours, and gives its name in [`Tell`](super::Tell)s. Nothing is sent.
    ///
    /// `partner` is to whom it was sent, as in [`Sending`]; of `sfid` the five fields that make it
    /// unique, `ciph` and `sign` count; `hash` is what [`file_hash`](Self::file_hash) told, empty
    /// where it is not known: nothing but an unsigned response can then be believed.
    ///
    /// # Errors
    /// [`MonitorError`]: the partner is not known, or the hash is longer than 64 octets.
    pub fn expect_response(
        &mut self,
        partner: Option<IdentificationCode>,
        mut sfid: Sfid,
        hash: &[u8],
    ) -> Result<u64, MonitorError> {
        if hash.len() > LONGEST {
            return Err(MonitorError::Value(format!(
                "hash has {} octets, no hash has more than {LONGEST}",
                hash.len()
            )));
        }
        if sfid.sign && sfid.ciph == 0 {
            sfid.ciph = suite::DEFAULT;
        }
        let partner = self.addressee(partner, &sfid)?;
        Ok(self.enqueue(Post {
            id: 0,
            partner,
            sent: 0,
            sfid,
            feed: None,
            hash: if hash.is_empty() {
                String::new()
            } else {
                hex(hash)
            },
            phase: Phase::Sent,
            tried: false,
        }))
    }

    /// The hash of what is transmitted of a file, which its signed end response must name: keep it
    /// for [`expect_response`](Self::expect_response), where the response may come after this
    /// monitor is gone. Empty: no signed response is asked for.
    ///
    /// # Errors
    /// [`MonitorError::UnknownFile`].
    pub fn file_hash(&self, id: u64) -> Result<Vec<u8>, MonitorError> {
        let post = self.posts.iter().find(|post| post.id == id);
        let post = post.ok_or(MonitorError::UnknownFile(id))?;
        Ok(from_hex(&post.hash))
    }

    /// Forgets a file that waits to be sent, or whose response is not waited for any more; a
    /// response that comes all the same belongs to no file then. False: it has been offered in the
    /// session that runs, and stays; wait for [`Tell::Sent`](super::Tell::Sent) or
    /// [`Tell::Refused`](super::Tell::Refused), or end the session: a file that is open cannot be
    /// taken back without cutting it.
    ///
    /// # Errors
    /// [`MonitorError::UnknownFile`].
    pub fn cancel(&mut self, id: u64) -> Result<bool, MonitorError> {
        if self.post(id).is_none() {
            return Err(MonitorError::UnknownFile(id));
        }
        if let Some(run) = self.run.as_mut().filter(|run| run.current == Some(id)) {
            if !run
                .queued
                .is_some_and(|queued| run.mailbox.withdraw_file(queued))
            {
                return Ok(false);
            }
            (run.current, run.queued) = (None, None);
        }
        self.posts.retain(|post| post.id != id);
        self.next_file();
        Ok(true)
    }

    /// For whom a file is.
    fn addressee(
        &self,
        named: Option<IdentificationCode>,
        sfid: &Sfid,
    ) -> Result<IdentificationCode, MonitorError> {
        let known = |code: &IdentificationCode| self.partner(code).map(|row| row.partner.code);
        if let Some(named) = named {
            return known(&named).ok_or(MonitorError::UnknownPartner(named));
        }
        match (known(&sfid.dest), self.partners.as_slice()) {
            (Some(code), _) => Ok(code),
            (None, [only]) => Ok(only.partner.code),
            (None, _) => Err(MonitorError::WhichPartner(sfid.dest)),
        }
    }

    /// Queues a file, for this session too if it goes to its partner.
    pub(super) fn enqueue(&mut self, post: Post) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.posts.push(Post { id, ..post });
        self.kick = true;
        self.next_file();
        id
    }

    pub(super) fn post(&mut self, id: u64) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.id == id)
    }
}

/// What [`hex`] wrote.
fn from_hex(text: &str) -> Vec<u8> {
    let digits = text
        .bytes()
        .filter_map(|digit| (digit as char).to_digit(16));
    let digits: Vec<u8> = digits
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}
