//! A local file on its way to a partner: its SFID, and the note that keeps its stamps.

use std::path::{Path, PathBuf};

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Agreed;
use oftp_core::wire::{
    Capability, DatasetName, FieldError, IdentificationCode, RecordFormat, Security, Sfid,
    Stamp as WireStamp, Text, UserData,
};

use super::{Exchange, Notes, Voice, file_id};
use crate::driver::Jobs;
use crate::identity::Field;
use crate::outbox::{
    Facts, Outbox, Phase, Protected, Source, SourceError, Stamp, StateError, Subject, Transfer,
    dataset_name,
};
use crate::records::{Format, RecordLayout};
use crate::report::{Direction, Event};
use crate::security::{Keys, ProtectError, Protection, seal};

/// A file that the user wants sent, and what is to be said of it.
#[derive(Debug, Clone)]
pub struct FileSpec {
    /// The local file.
    pub path: PathBuf,
    /// SFIDDSN; `None`: from the file's name.
    pub dsn: Option<String>,
    /// SFIDFMT and SFIDLRECL.
    pub format: Format,
    /// How the records of a V file lie in the local file.
    pub layout: RecordLayout,
    /// SFIDDESC.
    pub description: String,
    /// SFIDUSER.
    pub user_data: String,
    /// SFIDORIG; `None`: ourselves.
    pub originator: Option<IdentificationCode>,
    /// SFIDDEST; `None`: the partner.
    pub destination: Option<IdentificationCode>,
    /// Date and time; `None`: those of the transfer that is resumed, or the next that are free.
    pub stamp: Option<Stamp>,
    /// Send it as a new file whatever is remembered of it.
    pub again: bool,
    /// Stamps must differ without their counter: the session is at level 1.2 or 1.3.
    pub seconds_only: bool,
    /// What is done to it before it is sent.
    pub protection: Protection,
}

/// A file that can be offered.
#[derive(Debug)]
pub struct Ready {
    /// What it was made from.
    pub spec: FileSpec,
    /// What is offered.
    pub sfid: Sfid,
    /// The open file.
    pub source: Source,
    /// What is remembered of it.
    pub transfer: Transfer,
    /// A transfer that was cut goes on.
    pub resumes: bool,
}

/// A file cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The file itself.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What is said of it.
    #[error("{}: {what}: {error}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The option.
        what: &'static str,
        /// What is wrong with it.
        error: FieldError,
    },
    /// The note that keeps its stamps.
    #[error(transparent)]
    State(#[from] StateError),
    /// It cannot be secured as asked for.
    #[error("{}: {error}", path.display())]
    Protect {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: ProtectError,
    },
    /// The envelope that it began with is gone.
    #[error(
        "{}: its envelope {} is missing, so that it cannot go on; --again sends it as a new file",
        path.display(), envelope.display()
    )]
    EnvelopeMissing {
        /// The file.
        path: PathBuf,
        /// Where the envelope should be.
        envelope: PathBuf,
    },
    /// Another session of this process has failed while it had the notes.
    #[error("the notes of transfers cannot be used any more; start this program again")]
    Poisoned,
}

/// Opens a file, finds or makes the note of its transfer, and puts it into its envelope, which
/// takes a while for a large file.
///
/// # Errors
/// The file, an option, a key, or the note is at fault.
pub fn prepare(
    spec: FileSpec,
    own: &IdentificationCode,
    partner: &IdentificationCode,
    notes: &Notes,
    keys: &Keys,
    voice: &Voice,
) -> Result<Ready, PrepareError> {
    let field = |what: &'static str| {
        let path = spec.path.clone();
        move |error| PrepareError::Field { path, what, error }
    };
    let source = Source::open(&spec.path, spec.format, spec.layout)?;
    let dsn = spec.dsn.clone().unwrap_or_else(|| dataset_name(&spec.path));
    let dsn = DatasetName::new(&dsn).map_err(field("--dsn"))?;
    let user = UserData::new(&spec.user_data).map_err(field("--file-user-data"))?;
    let orig = spec.originator.unwrap_or(*own);
    let dest = spec.destination.unwrap_or(*partner);
    let subject = subject(&spec, &source, partner, &dsn, &orig, &dest);
    let (mut transfer, resumes) = begin(&spec, subject, notes)?;
    let content = *source.facts();
    let (fmt, lrecl) = match content.format {
        Format::Fixed(length) => (RecordFormat::F, length),
        Format::Variable(length) => (RecordFormat::V, length),
        Format::Unstructured => (RecordFormat::U, 0),
        Format::Text => (RecordFormat::T, 0),
    };
    let protection = spec.protection;
    let mut sfid = Sfid {
        dsn,
        stamp: wire_stamp(&transfer.stamp).map_err(field("stamp"))?,
        user,
        dest,
        orig,
        fmt,
        lrecl,
        fsiz: 0,
        osiz: content.blocks(),
        rest: transfer.sent,
        sec: protection.security(),
        ciph: protection.suite_code(),
        comp: protection.compress.is_some().into(),
        env: protection.seals().into(),
        sign: protection.signed_response,
        desc: Text::new(&spec.description),
    };
    let source = if protection.seals() && transfer.phase < Phase::Sent {
        envelope(&spec, source, &sfid, &mut transfer, notes, keys, voice)?
    } else {
        source
    };
    sfid.fsiz = source.facts().blocks();
    if !protection.seals() && protection.signed_response {
        transfer.protected.suite = protection.suite.code;
        transfer.protected.signed_response = true;
    }
    Ok(Ready {
        spec,
        sfid,
        source,
        transfer,
        resumes,
    })
}

impl Exchange {
    /// The session is up: files are prepared beside it, and the first is queued.
    pub(super) fn begin(
        &mut self,
        mailbox: &mut Mailbox,
        partner: &IdentificationCode,
        agreed: &Agreed,
        jobs: &mut Jobs<Self>,
    ) {
        if agreed.mode == Capability::ReceiverOnly {
            return;
        }
        self.outgoing.next(mailbox, &self.voice);
        let specs = self.outgoing.take_specs();
        let (Some(notes), false) = (self.outgoing.notes().cloned(), specs.is_empty()) else {
            return;
        };
        let (own, partner) = (self.outgoing.own(), *partner);
        let (keys, voice) = (self.keys(mailbox), self.voice.clone());
        self.hold(mailbox);
        jobs.spawn(
            move || {
                let one = |spec| prepare(spec, &own, &partner, &notes, &keys, &voice);
                specs.into_iter().map(one).collect::<Vec<_>>()
            },
            |exchange, mailbox, _, prepared| {
                for file in prepared {
                    match file {
                        Ok(file) => exchange.outgoing.prepared(file),
                        Err(error) => {
                            exchange.outcome.local_fault();
                            exchange.voice.error(&error.to_string());
                        }
                    }
                }
                if !exchange.ended {
                    exchange.outgoing.next(mailbox, &exchange.voice);
                }
                exchange.let_go(mailbox);
            },
        );
    }
}

/// The transfer that goes on, or a new one; true where it goes on.
fn begin(
    spec: &FileSpec,
    subject: Subject,
    notes: &Notes,
) -> Result<(Transfer, bool), PrepareError> {
    let mut notes = lock(notes)?;
    let wanted =
        |transfer: &Transfer| !spec.again && spec.stamp.is_none_or(|stamp| stamp == transfer.stamp);
    match notes.find(&subject).cloned().filter(wanted) {
        Some(transfer) => Ok((transfer, true)),
        None => Ok((notes.begin(subject, spec.stamp, spec.seconds_only)?, false)),
    }
}

/// The file in its envelope: the one that is kept of the transfer, or a new one.
fn envelope(
    spec: &FileSpec,
    mut source: Source,
    sfid: &Sfid,
    transfer: &mut Transfer,
    notes: &Notes,
    keys: &Keys,
    voice: &Voice,
) -> Result<Source, PrepareError> {
    let envelopes = lock(notes)?.envelopes().clone();
    let path = envelopes.path(transfer);
    if transfer.protected.sealed && !path.exists() {
        return Err(PrepareError::EnvelopeMissing {
            path: spec.path.clone(),
            envelope: path,
        });
    }
    if !transfer.protected.sealed {
        let fault = |error| PrepareError::Protect {
            path: spec.path.clone(),
            error,
        };
        let disk = |error| fault(ProtectError::Envelope(error));
        let mut envelope = envelopes.create(transfer).map_err(disk)?;
        if let Some(done) = sealed_meanwhile(transfer, notes)? {
            *transfer = done;
            return Ok(Source::open(&path, Format::Unstructured, spec.layout)?);
        }
        let progress = |octets, total| {
            voice.tell(&Event::EnvelopeProgress {
                file: file_id(sfid),
                path: spec.path.clone(),
                direction: Direction::Out,
                octets,
                total,
            });
        };
        let Facts { octets: total, .. } = *source.facts();
        let mut told = 0;
        let sealed = seal(
            &mut source,
            &spec.protection,
            keys,
            envelope.file(),
            |octets| {
                if octets - told >= super::incoming::PROGRESS {
                    told = octets;
                    progress(octets.min(total), total);
                }
            },
        )
        .map_err(fault)?;
        if told > 0 {
            progress(total, total);
        }
        let mut notes = lock(notes)?;
        envelope.finish(notes.waits_for_disk()).map_err(disk)?;
        transfer.protected = Protected {
            suite: spec.protection.suite_code(),
            sealed: true,
            signed_response: spec.protection.signed_response,
            hash: sealed.hash,
        };
        notes.save(transfer)?;
    }
    Ok(Source::open(&path, Format::Unstructured, spec.layout)?)
}

/// The transfer, if another process has put the same file into its envelope by now.
fn sealed_meanwhile(transfer: &Transfer, notes: &Notes) -> Result<Option<Transfer>, PrepareError> {
    let mut notes = lock(notes)?;
    notes.refresh()?;
    let known = notes.find(&transfer.subject).cloned();
    Ok(known.filter(|known| known.stamp == transfer.stamp && known.protected.sealed))
}

fn lock(notes: &Notes) -> Result<std::sync::MutexGuard<'_, Outbox>, PrepareError> {
    notes.lock().map_err(|_| PrepareError::Poisoned)
}

/// The SFID of a file that was sent earlier, as far as its end response repeats it.
pub(super) fn sfid_of(transfer: &Transfer) -> Option<Sfid> {
    let subject = &transfer.subject;
    Some(Sfid {
        dsn: DatasetName::from_octets(subject.dsn.as_octets()),
        stamp: wire_stamp(&transfer.stamp).ok()?,
        user: UserData::default(),
        dest: IdentificationCode::from_octets(subject.destination.as_octets()),
        orig: IdentificationCode::from_octets(subject.originator.as_octets()),
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
    })
}

impl Ready {
    /// Whether the partner has it already, and only its end response is missing.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.transfer.phase == Phase::Sent
    }
}

fn wire_stamp(stamp: &Stamp) -> Result<WireStamp, FieldError> {
    WireStamp::new(&stamp.date(), &stamp.time())
}

fn subject(
    spec: &FileSpec,
    source: &Source,
    partner: &IdentificationCode,
    dsn: &DatasetName,
    orig: &IdentificationCode,
    dest: &IdentificationCode,
) -> Subject {
    let facts = source.facts();
    Subject {
        path: absolute(&spec.path),
        octets: facts.local_octets,
        modified: facts.modified,
        partner: Field::new(partner.as_octets()),
        dsn: Field::new(dsn.as_octets()),
        originator: Field::new(orig.as_octets()),
        destination: Field::new(dest.as_octets()),
        format: format!(
            "{:?} {:?}{}",
            facts.format,
            spec.layout,
            spec.protection.describe()
        ),
    }
}

/// The same file by whatever name it is called.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
