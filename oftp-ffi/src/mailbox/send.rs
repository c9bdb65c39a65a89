//! Files to send: checked, sealed where that is asked for, and queued.

use std::ffi::{c_char, c_int};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::time::SystemTime;

use oftp_core::virtual_file::Structure;
use oftp_core::wire::{IdentificationCode, RecordFormat, Security, Sfid};
use oftp_secure::certificate::hex;
use oftp_secure::cms::{self, SealPlan};
use oftp_secure::crypto::Digest;
use oftp_secure::{Suite, suite};
use oftp_station::security::{Keys, Use};

use super::config::{code, path, value};
use super::feed::{Feed, Layout};
use super::keys;
use super::object::{Instance, Phase, Post};
use super::oftp_mailbox;
use super::source::{Source, oftp_source};
use crate::guard::{guard, octets, read, set};
use crate::handle::with;
use crate::session::oftp_virtual_file;
use crate::status::{Fail, Outcome, oftp_code, oftp_status};

/// The level of zlib for files that are compressed.
const COMPRESSION: u32 = 6;

fn io_fail(what: &str, error: &io::Error) -> Fail {
    match error.kind() {
        io::ErrorKind::InvalidData => value(format!("{what}: {error}")),
        io::ErrorKind::OutOfMemory => oftp_code::OFTP_E_MEMORY.because(format!("{what}: {error}")),
        _ => oftp_code::OFTP_E_IO.because(format!("{what}: {error}")),
    }
}

impl Instance {
    /// For whom a file is.
    fn addressee(
        &self,
        named: Option<IdentificationCode>,
        sfid: &Sfid,
    ) -> Outcome<IdentificationCode> {
        let known = |code: &IdentificationCode| self.row(code).map(|row| row.partner.code);
        if let Some(named) = named {
            return known(&named).ok_or_else(|| {
                value(format!(
                    "partner {named} is not known: add it by oftp_mailbox_add_partner first"
                ))
            });
        }
        match (known(&sfid.dest), self.rows.as_slice()) {
            (Some(code), _) => Ok(code),
            (None, [only]) => Ok(only.partner.code),
            (None, _) => Err(value(format!(
                "destination {} is no partner of this mailbox, so that partner must say to whom \
                 the file goes",
                sfid.dest
            ))),
        }
    }

    fn compose(
        &mut self,
        partner: Option<IdentificationCode>,
        mut sfid: Sfid,
        source: Source,
    ) -> Result<u64, (Fail, Source)> {
        let partner = match self.addressee(partner, &sfid) {
            Ok(partner) => partner,
            Err(fail) => return Err((fail, source)),
        };
        let keys = self.security.ring.of_station(&sfid.dest, &partner);
        // As it lies here, before any envelope.
        let layout = Layout::of(Structure::new(sfid.fmt, sfid.lrecl, false));
        let mut feed = Feed::new(source, layout);
        match self.prepare(&mut sfid, &mut feed, &keys) {
            Ok((sealed, hash)) => {
                // The source is not needed any more where its envelope is there.
                let feed = sealed.unwrap_or(feed);
                Ok(self.enqueue(Post {
                    id: 0,
                    partner,
                    sent: sfid.rest,
                    sfid,
                    feed: Some(feed),
                    hash,
                    phase: Phase::Waiting,
                    tried: false,
                    answered: false,
                }))
            }
            Err(fail) => Err((fail, feed.source)),
        }
    }

    /// Completes SFID; the envelope if there is one, and the hash of what is transmitted if it is
    /// needed.
    fn prepare(
        &self,
        sfid: &mut Sfid,
        feed: &mut Feed,
        keys: &Keys,
    ) -> Outcome<(Option<Feed>, String)> {
        let sealed = sfid.sec != Security::None || sfid.comp != 0;
        let suite = complete(sfid, sealed)?;
        if sfid.sign && !keys.partner.knows(Use::Eerp) {
            return Err(keys::wrong(
                "signed_response: there is no certificate of the partner to check the signature \
                 by: give certificates to oftp_mailbox_add_partner",
            ));
        }
        let plan = match suite.filter(|_| sealed) {
            Some(suite) => Some(plan(sfid, suite, keys)?),
            None => None,
        };
        let hash = suite.filter(|_| sfid.sign && !sealed);
        let hash = feed.survey(hash.map(|suite| suite.hash));
        let hash = hash.map_err(|error| io_fail("the file", &error))?;
        if sfid.fmt == RecordFormat::V {
            let longest = u32::try_from(feed.longest()).unwrap_or(u32::MAX).max(1);
            if sfid.lrecl == 0 {
                sfid.lrecl = longest;
            } else if longest > sfid.lrecl {
                return Err(value(format!(
                    "record_length is {}, but a record of the file has {longest} octets",
                    sfid.lrecl
                )));
            }
        }
        let blocks = feed.octets().div_ceil(1024);
        feed.rest();
        sfid.osiz = if sfid.osiz == 0 { blocks } else { sfid.osiz };
        let Some((plan, suite)) = plan.zip(suite) else {
            sfid.fsiz = if sfid.fsiz == 0 { blocks } else { sfid.fsiz };
            return Ok((None, hash.map(|hash| hex(&hash)).unwrap_or_default()));
        };
        let (envelope, hash) = self.seal(plan, suite, feed)?;
        sfid.fsiz = envelope.len().div_ceil(1024);
        // Another envelope has other octets: an earlier attempt is worth nothing.
        sfid.rest = 0;
        Ok((Some(Feed::new(envelope, Layout::Stream)), hash))
    }

    fn seal(&self, plan: SealPlan, suite: &Suite, feed: &Feed) -> Outcome<(Source, String)> {
        let spool = match &self.spool {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let spool = spool.map_err(|error| io_fail("the spool folder", &error))?;
        let hash = {
            let mut out = Hashed {
                out: io::BufWriter::with_capacity(128 << 10, &spool),
                digest: Digest::new(suite.hash),
            };
            cms::seal(plan, &mut feed.content(), &mut out, |_| {})
                .and_then(|()| out.flush())
                .map_err(|error| io_fail("the envelope", &error))?;
            hex(&out.digest.finish())
        };
        let source = Source::file(spool).map_err(|error| io_fail("the envelope", &error))?;
        Ok((source, hash))
    }
}

/// Hashes what is written.
struct Hashed<W> {
    out: W,
    digest: Digest,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.out.write(octets)?;
        self.digest.update(&octets[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Puts in what follows from other fields; the suite where one is needed.
fn complete(sfid: &mut Sfid, sealed: bool) -> Outcome<Option<&'static Suite>> {
    match sfid.fmt {
        RecordFormat::F if sfid.lrecl == 0 => {
            return Err(value(
                "record_length is 0: an F file has records of 1 to 99,999 octets",
            ));
        }
        RecordFormat::U | RecordFormat::T if sfid.lrecl != 0 => {
            return Err(value("record_length must be 0 for U and T files"));
        }
        _ => {}
    }
    if sfid.env == 1 && !sealed {
        return Err(value(
            "envelope is 1, but neither security nor compression asks for one",
        ));
    }
    sfid.env = sealed.into();
    if sfid.sec == Security::None && !sfid.sign {
        sfid.ciph = 0;
        // What is only compressed has no use for a suite, but its hash.
        return Ok(Suite::of(suite::DEFAULT).filter(|_| sealed));
    }
    if sfid.ciph == 0 {
        sfid.ciph = suite::DEFAULT;
    }
    Suite::of(sfid.ciph).map(Some).ok_or_else(|| {
        value(format!(
            "cipher_suite {:02} is not known (RFC 5024 10.2)",
            sfid.ciph
        ))
    })
}

fn plan(sfid: &Sfid, suite: &'static Suite, keys: &Keys) -> Outcome<SealPlan> {
    let now = SystemTime::now();
    let mut plan = SealPlan::new(suite);
    plan.signing_time = Some(now);
    plan.compression = (sfid.comp != 0).then_some(COMPRESSION);
    if sfid.sec.is_signed() {
        let own = keys.own.valid(Use::Sign, now);
        plan.signers
            .push(own.map_err(|error| keys::told(&error))?.clone());
    }
    if sfid.sec.is_encrypted() {
        let recipient = keys.recipient(Use::Encrypt, now);
        plan.recipients
            .push(recipient.map_err(|error| keys::told(&error))?);
    }
    Ok(plan)
}

/// # Safety
/// `partner` and `file` are NULL or valid; `id` is NULL or valid for a write.
unsafe fn send(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    id: *mut u64,
    source: impl FnOnce() -> Outcome<Source>,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let (partner, sfid) = unsafe {
            let partner = if partner.is_null() {
                None
            } else {
                Some(code(partner, "partner")?)
            };
            (partner, read(file)?.to_sfid()?)
        };
        let new = with::<Instance, _>(mailbox, |instance| {
            instance
                .compose(partner, sfid, source()?)
                .map_err(|(fail, source)| {
                    source.give_back();
                    fail
                })
        })?;
        if !id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(id, "id", new) }?;
        }
        Ok(0)
    })
}

/// Queues a file for a partner: it is sent in the next session with it, or in the one that runs,
/// when the turn is ours.
///
/// What `file` asks for is done here, before the function returns: the records of a V file are
/// read once; a file with `security` or `compression` is sealed for the partner into the spool
/// folder (RFC 5024 chapter 6); with `signed_response` the hash is computed by which the end
/// response is checked. A file that cannot be secured as asked is refused here, and is never sent
/// in the clear. `envelope`, `size`, `original_size`, and the `record_length` of a V file may be
/// 0: they are filled in. `cipher_suite` may be 0: suite 04, AES-256 and SHA-256.
///
/// U and T files travel as they lie. An F file consists of records of `record_length` octets. In
/// a V file each record stands behind its length, 2 octets, most significant first. With
/// `restart_position` an earlier attempt is continued, if the partner kept what came of it: the
/// five fields that make a file unique, and its octets, must be those of that attempt.
///
/// \param mailbox The mailbox.
/// \param partner To whom it goes (SSIDCODE); NULL: to its destination, or to the only partner.
/// \param file What it is called. Copied.
/// \param path The file. It is opened now and read later; it must not change meanwhile.
/// \param id Receives its name in callbacks, from 1 on; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, the file does not have such records, or
/// the partner is not known; `OFTP_E_IO`: it cannot be read, or the envelope not written;
/// `OFTP_E_KEY`, `OFTP_E_DISTRUST`: a key that is needed is missing or not taken;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
///
/// Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_file(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    path: *const c_char,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let path =
                self::path(path).ok_or_else(|| oftp_code::OFTP_E_NULL.because("path is NULL"))?;
            let wrong = |error| io_fail(&path.display().to_string(), &error);
            // Opening a pipe would wait for its other end, so look first.
            let metadata = std::fs::metadata(&path).map_err(wrong)?;
            if !metadata.is_file() {
                let text = format!("{}: it is no regular file", path.display());
                return Err(oftp_code::OFTP_E_IO.because(text));
            }
            File::open(&path).and_then(Source::file).map_err(wrong)
        })
    }
}

/// The same for an open descriptor of a regular file, from its first octet on.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param fd The descriptor. Duplicated: it stays the host's to close. Its position is not used.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_fd(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    fd: c_int,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            if fd < 0 {
                return Err(value(format!("fd is {fd}")));
            }
            // SAFETY: not -1, and open by the caller; one that is not is found out by the call.
            let fd = BorrowedFd::borrow_raw(fd);
            let source = fd.try_clone_to_owned().map(File::from);
            source
                .and_then(Source::file)
                .map_err(|error| io_fail("fd", &error))
        })
    }
}

/// The same for octets in memory.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param octets The octets of the file. Copied.
/// \param len How many.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`; `OFTP_E_MEMORY`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_memory(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    octets: *const u8,
    len: usize,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let octets = self::octets(octets, len, "octets")?;
            let mut copy = Vec::new();
            copy.try_reserve_exact(octets.len())
                .map_err(|_| oftp_code::OFTP_E_MEMORY.because("no memory for the file"))?;
            copy.extend_from_slice(octets);
            Ok(Source::memory(copy))
        })
    }
}

/// The same for octets that a callback reads.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param source The callback. Copied. On failure its finalizer is not called.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_source(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    source: *const oftp_source,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            Source::callback(&read(source)?)
                .ok_or_else(|| oftp_code::OFTP_E_NULL.because("read_at of the source is NULL"))
        })
    }
}
