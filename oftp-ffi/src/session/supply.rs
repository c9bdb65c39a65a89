//! Data of the file that is being sent, by the callback `data_space` or by `oftp_data_rq`
//! (F_DATA_RQ and F_CLOSE_FILE_RQ, RFC 5024 3.3.2 and 3.3.3).

use oftp_core::session::CloseFileRq;
use oftp_core::virtual_file::{Encoder, RecordState, Structure, Written};
use oftp_core::wire::RecordFormat;

use super::monitor::oftp_space;
use super::object::{Instance, Outgoing};
use crate::status::{Fail, Outcome, oftp_code};

/// As much waits for the network before more data are asked for.
const AHEAD: usize = 64 * 1024;

/// Record ends that one call of `data_space` can give.
const ENDS: usize = 4096;

/// Octets that `data_space` gave and that are not encoded yet.
#[derive(Default)]
pub(super) struct Supply {
    octets: Vec<u8>,
    /// What of `octets` waits.
    start: usize,
    len: usize,
    /// Where records end, as offsets into `octets`; those before `next` are passed.
    ends: Vec<usize>,
    next: usize,
    /// Where the callback writes ends.
    fresh: Vec<usize>,
    /// The last octets are here.
    ended: bool,
    /// The end of the file was marked in the data.
    marked: bool,
    /// The callback had nothing: `oftp_data_ready` goes on.
    dry: bool,
    /// `oftp_data_ready` came since the callback was asked.
    woken: bool,
    /// F_CLOSE_FILE_RQ is issued.
    closed: bool,
}

/// What to do for the data of a file.
pub(super) enum Next {
    /// Nothing now.
    Nothing,
    /// Ask for octets.
    Ask(oftp_space),
    /// Something went into the session.
    Done,
}

impl Instance {
    /// Whether a file is open for which `data_space` is to be asked, or its data encoded.
    pub(super) fn can_ask_for_data(&self) -> bool {
        let waits =
            |file: &Outgoing| file.counts.is_some() && !file.supply.dry && !file.supply.closed;
        self.monitor.data_space.is_some()
            && self.session.can_send_data()
            && self.session.transmit_pending() < AHEAD
            && self.outgoing.as_deref().is_some_and(waits)
    }

    /// Goes on with the file that is being sent by `data_space`.
    pub(super) fn supply(&mut self) -> Outcome<Next> {
        if !self.can_ask_for_data() {
            return Ok(Next::Nothing);
        }
        let buffer = self
            .session
            .agreed()
            .map_or(128, |a| a.buffer_size as usize);
        let full = capacity(buffer);
        let Some(Outgoing {
            structure,
            counts: Some(counts),
            supply,
            ..
        }) = self.outgoing.as_deref_mut()
        else {
            return Ok(Next::Nothing);
        };
        let records = structure.has_records();
        if supply.len - supply.start < full && !supply.ended {
            return supply.space(full, records).map(Next::Ask);
        }
        if !supply.is_done(counts, records) {
            self.session
                .data_rq(|encoder| while supply.put(encoder, counts, records) {})?;
        }
        // EFID waits for credit (9.11 note 1).
        if supply.is_done(counts, records) && self.session.can_send_data() {
            let counts = counts.efid_counts();
            supply.closed = true;
            self.session.close_file_rq(CloseFileRq {
                records: counts.rcnt,
                octets: counts.ucnt,
            })?;
        }
        Ok(Next::Done)
    }

    /// Takes what `data_space` has written.
    pub(super) fn supplied(&mut self, space: &oftp_space) -> Outcome {
        let Some(Outgoing {
            structure,
            counts: Some(counts),
            supply,
            ..
        }) = self.outgoing.as_deref_mut()
        else {
            return Ok(());
        };
        let wrong = |text: String| oftp_code::OFTP_E_VALUE.because(format!("data_space: {text}"));
        let room = supply.octets.len() - supply.len;
        if space.len > room {
            let len = space.len;
            return Err(wrong(format!("len is {len}, there was room for {room}")));
        }
        let Some(given) = supply.fresh.get(..space.record_count) else {
            let (count, room) = (space.record_count, supply.fresh.len());
            return Err(wrong(format!(
                "record_count is {count}, there was room for {room}"
            )));
        };
        let ends = if structure.has_records() {
            let open = supply.open_octets(counts);
            records(*structure, open, given, space).map_err(wrong)?
        } else {
            Vec::new()
        };
        // All of it is right: nothing of a wrong answer is kept.
        let at = supply.len;
        supply.ends.extend(ends.into_iter().map(|end| at + end));
        supply.len += space.len;
        supply.ended = space.end_of_file != 0;
        let nothing = space.len == 0 && space.record_count == 0 && !supply.ended;
        supply.dry = nothing && !supply.woken;
        Ok(())
    }

    /// F_DATA_RQ with octets of the host: as many as one Data Exchange Buffer takes.
    pub(super) fn push_data(&mut self, octets: &[u8], end_of_record: bool) -> Outcome<Written> {
        if self.monitor.data_space.is_some() {
            return Err(oftp_code::OFTP_E_USER.because(
                "the data of this session are asked for by data_space (oftp_user_monitor)",
            ));
        }
        self.check_record(octets.len(), end_of_record)?;
        let written = self
            .session
            .data_rq(|encoder| encoder.write(octets, end_of_record));
        let written = written.map_err(Fail::from)?;
        let file = self.outgoing.as_deref_mut();
        if let Some(counts) = file.and_then(|file| file.counts.as_mut()) {
            counts.add(written.octets as u64, written.ended);
        }
        Ok(written)
    }
}

impl Instance {
    /// Whether octets of `oftp_data_rq` make a record that the file may have: the partner would
    /// only find out after all of it was sent (EFNA 05).
    fn check_record(&self, octets: usize, ends: bool) -> Outcome {
        let file = self.outgoing.as_deref();
        let Some((structure, counts)) = file.and_then(|file| Some((file.structure, file.counts?)))
        else {
            return Ok(());
        };
        if structure.has_records() {
            let length = counts.open_record_octets() + octets as u64;
            fits(structure, length, ends).map_err(|text| oftp_code::OFTP_E_VALUE.because(text))?;
        }
        Ok(())
    }
}

/// Whether a record of this length, which ends there or not, is one of the file.
fn fits(structure: Structure, length: u64, ends: bool) -> Result<(), String> {
    let lrecl = structure.lrecl();
    let fixed = structure.format() == RecordFormat::F;
    if length > lrecl.into() || ends && !structure.allows_record(length) {
        let exactly = if fixed { "exactly" } else { "at most" };
        return Err(format!(
            "a record of {length} octets; record_length says {exactly} {lrecl} (RFC 5024 1.5.3)"
        ));
    }
    Ok(())
}

/// Where the records of an answer of `data_space` end: as it says, or by the length of the records
/// of an F file. `open` octets of the first of them were given before.
fn records(
    structure: Structure,
    open: u64,
    given: &[usize],
    space: &oftp_space,
) -> Result<Vec<usize>, String> {
    let lrecl = structure.lrecl() as usize;
    let ends = if given.is_empty() && structure.format() == RecordFormat::F && lrecl > 0 {
        let missing = lrecl.saturating_sub(usize::try_from(open).unwrap_or(lrecl));
        (missing..=space.len)
            .step_by(lrecl)
            .filter(|end| *end > 0)
            .collect()
    } else {
        given.to_vec()
    };
    let (mut last, mut open) = (0, open);
    for end in &ends {
        if *end < last || *end > space.len {
            let len = space.len;
            return Err(format!("record end {end} is not between {last} and {len}"));
        }
        fits(structure, open + (end - last) as u64, true)?;
        (last, open) = (*end, 0);
    }
    let rest = open + (space.len - last) as u64;
    // What is open at the end of the file is its last record.
    fits(structure, rest, space.end_of_file != 0 && rest > 0)?;
    Ok(ends)
}

/// Octets of a file that fill a Data Exchange Buffer of this size, without runs and records.
const fn capacity(buffer: usize) -> usize {
    let subrecords = (buffer - 1) / 64;
    let rest = (buffer - 1) % 64;
    subrecords * 63 + rest.saturating_sub(1)
}

impl Supply {
    /// There are octets again.
    pub(super) const fn wake(&mut self) {
        self.dry = false;
        self.woken = true;
    }

    /// Whether nothing was given yet.
    pub(super) const fn is_untouched(&self) -> bool {
        self.len == 0 && !self.ended
    }

    /// Octets of the record that is open behind everything that was given.
    fn open_octets(&self, counts: &RecordState) -> u64 {
        match self.ends.get(self.next..).and_then(<[usize]>::last) {
            Some(end) => (self.len - end) as u64,
            None => counts.open_record_octets() + (self.len - self.start) as u64,
        }
    }

    /// Room for two Data Exchange Buffers, behind what waits.
    fn space(&mut self, full: usize, records: bool) -> Outcome<oftp_space> {
        let none = |_| oftp_code::OFTP_E_MEMORY.because("no memory for the data of a file");
        if self.octets.is_empty() {
            self.octets.try_reserve_exact(3 * full).map_err(none)?;
            self.octets.resize(3 * full, 0);
        }
        if self.start > 0 {
            self.octets.copy_within(self.start..self.len, 0);
            self.ends.drain(..self.next);
            self.ends.iter_mut().for_each(|end| *end -= self.start);
            self.len -= self.start;
            (self.start, self.next) = (0, 0);
        }
        if records && self.fresh.is_empty() {
            self.fresh.try_reserve_exact(ENDS).map_err(none)?;
            self.fresh.resize(ENDS, 0);
        }
        self.woken = false;
        let room = (2 * full).min(self.octets.len() - self.len);
        Ok(oftp_space {
            struct_size: size_of::<oftp_space>(),
            octets: self.octets[self.len..].as_mut_ptr(),
            room,
            record_ends: self.fresh.as_mut_ptr(),
            record_room: self.fresh.len(),
            len: 0,
            record_count: 0,
            end_of_file: 0,
        })
    }

    /// Puts what waits of one record, or of the stream, into a buffer. Whether more may fit.
    fn put(&mut self, encoder: &mut Encoder<'_>, counts: &mut RecordState, records: bool) -> bool {
        let end = self.ends.get(self.next).copied();
        let octets = &self.octets[self.start..end.unwrap_or(self.len)];
        let lacks_mark = if records {
            counts.has_open_record() || !octets.is_empty()
        } else {
            !self.marked
        };
        let mark = end.is_some() || self.ended && lacks_mark;
        if octets.is_empty() && !mark {
            return false;
        }
        let written = encoder.write(octets, mark);
        counts.add(written.octets as u64, written.ended);
        self.start += written.octets;
        if written.ended && end.is_some() {
            self.next += 1;
        } else {
            self.marked |= written.ended;
        }
        written.octets == octets.len() && written.ended == mark
    }

    /// Whether all is encoded, the end of the file marked.
    const fn is_done(&self, counts: &RecordState, records: bool) -> bool {
        let marked = if records {
            !counts.has_open_record()
        } else {
            self.marked
        };
        self.ended && self.start == self.len && self.next == self.ends.len() && marked
    }
}
