//! Puts content into its envelopes, octets in, octets out.

use oftp_secure::cms::{Sealer, Transform};
use oftp_secure::record_lengths::LengthWriter;
use zeroize::Zeroizing;

use super::opener::room;
use super::plan::oftp_cms_seal_plan;
use crate::guard::{check_out, guard, octets, read, set};
use crate::handle::{Object, create, remove, with};
use crate::status::{Outcome, oftp_code, oftp_status};

/// Puts a content into its envelopes: octets in, octets out, as zlib does it. It holds some
/// buffers of 64 KiB, however long the file is. Used by one thread at a time.
pub enum oftp_cms_sealer {}

struct Sealing {
    sealer: Sealer,
    lengths: Option<LengthWriter>,
    /// A record with its length; from `at` on the sealer has not taken it.
    record: Zeroizing<Vec<u8>>,
    at: usize,
    /// The host has said that nothing more comes; the sealer was told.
    ending: bool,
    ended: bool,
}

impl Object for Sealing {
    type Handle = oftp_cms_sealer;
    const NAME: &'static str = "sealer";
}

impl Sealing {
    /// Gives the sealer what waits.
    fn advance(&mut self) -> Outcome {
        while self.at < self.record.len() {
            match self.sealer.push(&self.record[self.at..])? {
                0 => return Ok(()),
                taken => self.at += taken,
            }
        }
        self.record.clear();
        self.at = 0;
        if self.ending && !self.ended {
            self.sealer.end()?;
            self.ended = true;
        }
        Ok(())
    }

    fn check_open(&self, records: bool) -> Outcome {
        let misuse = |text| Err(oftp_code::OFTP_E_USER.because(text));
        match (self.ending, records, self.lengths.is_some()) {
            (true, ..) => misuse("oftp_cms_sealer_end was called: nothing more can come"),
            (_, true, false) => misuse("record_length of the plan is 0: push octets"),
            (_, false, true) => misuse("record_length of the plan is set: push records"),
            _ => Ok(()),
        }
    }

    fn pull(&mut self, out: &mut [u8]) -> Outcome<usize> {
        loop {
            let pulled = self.sealer.pull(out)?;
            let before = (self.at, self.record.len(), self.ended);
            self.advance()?;
            if pulled > 0 || out.is_empty() || before == (self.at, self.record.len(), self.ended) {
                return Ok(pulled);
            }
        }
    }
}

/// Begins a message. Keys and certificates are tried before the first octet.
///
/// \param out Receives the handle; free it with `oftp_cms_sealer_free`.
/// \param plan How it is sealed. Copied; its keystores and trust may be freed.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or nothing is asked for; `OFTP_E_KEY`: a
/// key or certificate cannot be used; `OFTP_E_DISTRUST`: no certificate of the partner is good;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BAD_HANDLE`.
///
/// Thread safe. Allowed inside callbacks, as all functions of sealers.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_new(
    out: *mut *mut oftp_cms_sealer,
    plan: *const oftp_cms_seal_plan,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        // SAFETY: by the caller.
        let (plan, records) = unsafe { read(plan)?.to_core() }?;
        let handle = create(Sealing {
            sealer: Sealer::new(plan)?,
            lengths: records.map(LengthWriter::new),
            record: Zeroizing::default(),
            at: 0,
            ending: false,
            ended: false,
        })?;
        // SAFETY: by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a sealer, at any time.
///
/// \param sealer The sealer; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_free(sealer: *mut oftp_cms_sealer) -> oftp_status {
    guard(|| {
        if !sealer.is_null() {
            remove::<Sealing>(sealer)?;
        }
        Ok(0)
    })
}

/// Takes octets of the content. When it takes fewer than all there is something to pull: pull,
/// then push the rest.
///
/// \param sealer The sealer.
/// \param data The octets. Copied.
/// \param len How many.
/// \param taken Receives how many were taken, from the beginning.
/// \return `OFTP_OK`; `OFTP_E_USER`: the end was told, or records are wanted.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_push(
    sealer: *mut oftp_cms_sealer,
    data: *const u8,
    len: usize,
    taken: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(taken, "taken")?;
        // SAFETY: by the caller.
        let data = unsafe { octets(data, len, "data") }?;
        let count = with::<Sealing, _>(sealer, |sealing| {
            sealing.check_open(false)?;
            Ok(sealing.sealer.push(data)?)
        })?;
        // SAFETY: by the caller.
        unsafe { set(taken, "taken", count) }?;
        Ok(0)
    })
}

/// Takes the next record of a V file (`record_length` of the plan), and writes its length before
/// it (RFC 5024 6.5).
///
/// \param sealer The sealer.
/// \param data The record. Copied.
/// \param len Its octets, at most `record_length`.
/// \param taken Receives 1: it was taken; or 0: pull, then push it again.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: the record is too long; `OFTP_E_USER`: the end was told, or
/// `record_length` is 0.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_push_record(
    sealer: *mut oftp_cms_sealer,
    data: *const u8,
    len: usize,
    taken: *mut i32,
) -> oftp_status {
    guard(|| {
        check_out(taken, "taken")?;
        // SAFETY: by the caller.
        let data = unsafe { octets(data, len, "data") }?;
        let took = with::<Sealing, _>(sealer, |sealing| {
            sealing.check_open(true)?;
            sealing.advance()?;
            let Some(lengths) = &mut sealing.lengths else {
                return Ok(false);
            };
            if !sealing.record.is_empty() {
                return Ok(false);
            }
            lengths
                .write(data, true, &mut sealing.record)
                .map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?;
            sealing.advance()?;
            Ok(true)
        })?;
        // SAFETY: by the caller.
        unsafe { set(taken, "taken", took.into()) }?;
        Ok(0)
    })
}

/// The content has ended: pull what is still to come.
///
/// \param sealer The sealer.
/// \return `OFTP_OK`; `OFTP_E_USER`: that was told before; `OFTP_E_KEY`: it cannot be signed.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_end(sealer: *mut oftp_cms_sealer) -> oftp_status {
    guard(|| {
        with::<Sealing, _>(sealer, |sealing| {
            sealing.check_open(sealing.lengths.is_some())?;
            sealing.ending = true;
            sealing.advance()?;
            Ok(0)
        })
    })
}

/// Fills a buffer with octets of the message.
///
/// \param sealer The sealer.
/// \param out Where they go.
/// \param room How many fit.
/// \param len Receives how many there are; 0: push more, or it is done.
/// \return `OFTP_OK`; `OFTP_E_KEY`: it cannot be signed.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_pull(
    sealer: *mut oftp_cms_sealer,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(len, "len")?;
        // SAFETY: by the caller.
        let out = unsafe { self::room(out, room) }?;
        let pulled = with::<Sealing, _>(sealer, |sealing| sealing.pull(out))?;
        // SAFETY: by the caller.
        unsafe { set(len, "len", pulled) }?;
        Ok(0)
    })
}

/// Whether the message is complete: the end was told, and all was pulled.
///
/// \param sealer The sealer.
/// \return 1: yes; 0: no; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_is_done(sealer: *const oftp_cms_sealer) -> oftp_status {
    guard(|| {
        with::<Sealing, _>(sealer, |sealing| {
            Ok((sealing.ended && sealing.sealer.is_done()).into())
        })
    })
}

/// How many octets all buffers of a sealer hold, in use or not: some hundred KiB at most, however
/// long the file is.
///
/// \param sealer The sealer.
/// \param held Receives the octets.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// `held` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_sealer_held(
    sealer: *const oftp_cms_sealer,
    held: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(held, "held")?;
        let count = with::<Sealing, _>(sealer, |sealing| {
            Ok(sealing.sealer.held() + sealing.record.capacity())
        })?;
        // SAFETY: by the caller.
        unsafe { set(held, "held", count) }?;
        Ok(0)
    })
}
