//! What a file asks for, done before it is queued: its records are looked at, its envelope made,
//! its hash computed (RFC 5024 chapter 6).

use std::io::{self, Write};
use std::time::SystemTime;

use oftp_core::wire::{RecordFormat, Security, Sfid};
use oftp_secure::certificate::hex;
use oftp_secure::cms::{self, SealPlan};
use oftp_secure::crypto::Digest;
use oftp_secure::{Suite, suite};

use super::feed::{Feed, Layout};
use super::{Monitor, MonitorError, Source};
use crate::security::{Keys, Use};

/// The level of zlib for files that are compressed.
const COMPRESSION: u32 = 6;

fn value(text: impl Into<String>) -> MonitorError {
    MonitorError::value(text)
}

impl Monitor {
    /// Completes SFID; the envelope if there is one, and the hash of what is transmitted if it is
    /// needed.
    pub(super) fn prepare(
        &self,
        sfid: &mut Sfid,
        feed: &mut Feed,
        keys: &Keys,
    ) -> Result<(Option<Feed>, String), MonitorError> {
        let sealed = sfid.sec != Security::None || sfid.comp != 0;
        let suite = complete(sfid, sealed)?;
        if sfid.sign && !keys.partner.knows(Use::Eerp) {
            return Err(MonitorError::NoResponseCertificate);
        }
        let plan = match suite.filter(|_| sealed) {
            Some(suite) => Some(plan(sfid, suite, keys)?),
            None => None,
        };
        let hash = suite.filter(|_| sfid.sign && !sealed);
        let hash = feed.survey(hash.map(|suite| suite.hash));
        let hash = hash.map_err(|error| MonitorError::io("the file", error))?;
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
        if plan.is_none() && sfid.rest > feed.position() {
            return Err(value(format!(
                "restart_position is {}, but the file ends at {}",
                sfid.rest,
                feed.position()
            )));
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

    fn seal(
        &self,
        plan: SealPlan,
        suite: &Suite,
        feed: &Feed,
    ) -> Result<(Source, String), MonitorError> {
        let spool = match &self.spool {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let spool = spool.map_err(|error| MonitorError::io("the spool folder", error))?;
        let hash = {
            let mut out = Hashed {
                out: io::BufWriter::with_capacity(128 << 10, &spool),
                digest: Digest::new(suite.hash),
            };
            cms::seal(plan, &mut feed.content(), &mut out, |_| {})
                .and_then(|()| out.flush())
                .map_err(|error| MonitorError::io("the envelope", error))?;
            hex(&out.digest.finish())
        };
        let source =
            Source::file(spool).map_err(|error| MonitorError::io("the envelope", error))?;
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
fn complete(sfid: &mut Sfid, sealed: bool) -> Result<Option<&'static Suite>, MonitorError> {
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

fn plan(sfid: &Sfid, suite: &'static Suite, keys: &Keys) -> Result<SealPlan, MonitorError> {
    let now = SystemTime::now();
    let mut plan = SealPlan::new(suite);
    plan.signing_time = Some(now);
    plan.compression = (sfid.comp != 0).then_some(COMPRESSION);
    if sfid.sec.is_signed() {
        let own = keys.own.valid(Use::Sign, now);
        plan.signers.push(own?.clone());
    }
    if sfid.sec.is_encrypted() {
        let recipient = keys.recipient(Use::Encrypt, now);
        plan.recipients.push(recipient?);
    }
    Ok(plan)
}
