//! Building one DATA Exchange Buffer (RFC 5024 sections 5.3.6, 7.2 and 7.3).
//!
//! Buffers are filled to the limit and subrecords split at its end (strategy 2 of section 7.3):
//! fewest octets and fewest credits for the same file.

use super::compression;
use super::subrecord::{MAX_COUNT, SubrecordHeader};

const COMMAND: u8 = b'D';

/// A header and the longest subrecord.
const FULL_OCTETS: usize = MAX_COUNT + 1;

/// Writes records, or a stream, into one DATA Exchange Buffer.
///
/// The octets on the wire do not depend on how plain data is cut into calls: a subrecord is
/// continued by the next call, and the end of a record that comes later is still set in it.
///
/// ```
/// use oftp_core::virtual_file::Encoder;
///
/// let mut buffer = Vec::new();
/// let mut encoder = Encoder::new(&mut buffer, 128, true);
/// assert!(encoder.write(b"AB    CD", true).ended);
/// assert_eq!(buffer, b"D\x02AB\x44 \x82CD");
/// ```
#[derive(Debug)]
pub struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    fill: Fill,
}

/// Where a buffer stands that is not complete yet: everything an [`Encoder`] knows but the
/// buffer itself.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// Index of the command octet.
    start: usize,
    /// Index that the buffer must not pass.
    end: usize,
    /// Header of the last subrecord, while its record is open.
    open: Option<usize>,
    compression: bool,
}

/// What [`Encoder::write`] took.
#[must_use = "what was not taken belongs into the next buffer"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Octets taken from the start of what was offered.
    pub octets: usize,
    /// Whether the end of the record was written; always false where none was asked for. When
    /// all octets were taken but the end was not, the next buffer gets it with an empty write.
    pub ended: bool,
}

impl<'a> Encoder<'a> {
    /// Begins a DATA command behind whatever `out` already holds.
    ///
    /// `limit` is the negotiated size of the Data Exchange Buffer in octets (SSIDSDEB, 128 to
    /// 99999), the command octet counted, what stood in `out` before not counted. Below 3 octets
    /// no data fits. `compression` says whether both SSIDs agreed to it.
    pub fn new(out: &'a mut Vec<u8>, limit: usize, compression: bool) -> Self {
        let start = out.len();
        out.push(COMMAND);
        let end = start.saturating_add(limit);
        Self {
            out,
            fill: Fill {
                start,
                end,
                open: None,
                compression,
            },
        }
    }

    /// Goes on with a buffer that [`pause`](Self::pause) left; `out` must be as it was then.
    pub fn resume(out: &'a mut Vec<u8>, fill: Fill) -> Self {
        Self { out, fill }
    }

    /// Lets go of the buffer, so that it can wait for more records without a borrow.
    #[must_use]
    pub fn pause(self) -> Fill {
        self.fill
    }

    /// Appends octets of the current record and, with `end_of_record`, its end; the next call
    /// then begins a new record. A U or T file is one record, its end the end of the file.
    ///
    /// Takes as much as fits. The end is written only after all octets, in their own subrecord
    /// where it still is in this buffer, else as an empty one. A record of length zero is an
    /// empty write with `end_of_record`.
    pub fn write(&mut self, octets: &[u8], end_of_record: bool) -> Written {
        let taken = if self.fill.compression {
            self.put_compressing(octets)
        } else {
            self.put_plain(octets)
        };
        let ended = end_of_record && taken == octets.len() && self.end_record();
        Written {
            octets: taken,
            ended,
        }
    }

    /// Octets of the command so far, the command octet counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len().saturating_sub(self.fill.start)
    }

    /// Whether the buffer has no subrecord yet. Such a buffer is never sent (DX-05).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// Whether no octet of data fits any more. The end of a record may still fit.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.room() < 2 && self.spare_count() == 0 || self.room() == 0
    }

    fn room(&self) -> usize {
        self.fill.end.saturating_sub(self.out.len())
    }

    fn end_record(&mut self) -> bool {
        let open = self.fill.open.take();
        if let Some(octet) = open.and_then(|at| self.out.get_mut(at)) {
            *octet = SubrecordHeader::from_octet(*octet).ending_record().octet();
            return true;
        }
        let fits = self.room() >= 1;
        if fits {
            self.out
                .push(SubrecordHeader::plain(0).ending_record().octet());
        }
        fits
    }

    fn put_compressing(&mut self, octets: &[u8]) -> usize {
        let mut rest = octets;
        while !rest.is_empty() {
            // No more plain octets fit than there is room, so that looking further would only
            // repeat the search for every buffer of a large write.
            let reach = self.room().max(compression::MIN_RUN_INSIDE);
            let reach = &rest[..rest.len().min(reach)];
            let run = compression::find_run(reach, self.spare_count() == 0);
            let plain = run.unwrap_or(reach.len());
            let taken = self.put_plain(&rest[..plain]);
            rest = &rest[taken..];
            if taken < plain || run.is_none() {
                break;
            }
            let taken = self.put_run(rest);
            rest = &rest[taken..];
            if taken == 0 {
                break;
            }
        }
        octets.len() - rest.len()
    }

    /// Writes the run at the start of `octets` and returns how much of it was taken. One or two
    /// octets more than a multiple of 63 are left: they cost nothing extra in front of plain data.
    fn put_run(&mut self, octets: &[u8]) -> usize {
        const RUN_OCTETS: usize = 2;
        let most = (self.room() / RUN_OCTETS).saturating_mul(MAX_COUNT);
        let run = compression::run_length(&octets[..octets.len().min(most)]);
        let mut left = run;
        while left > 2 {
            let count = left.min(MAX_COUNT);
            self.fill.open = Some(self.out.len());
            self.out
                .extend_from_slice(&[SubrecordHeader::run(count).octet(), octets[0]]);
            left -= count;
        }
        run - left
    }

    fn put_plain(&mut self, octets: &[u8]) -> usize {
        let rest = self.continue_subrecord(octets);
        let rest = self.put_full_subrecords(rest);
        let rest = self.put_last_subrecord(rest);
        octets.len() - rest.len()
    }

    /// Octets that the last subrecord could still take up if there is room.
    fn spare_count(&self) -> usize {
        let header = self.fill.open.and_then(|at| self.out.get(at));
        match header.map(|&octet| SubrecordHeader::from_octet(octet)) {
            Some(header) if !header.compressed() => MAX_COUNT - header.count(),
            _ => 0,
        }
    }

    fn continue_subrecord<'o>(&mut self, octets: &'o [u8]) -> &'o [u8] {
        let more = self.spare_count().min(self.room()).min(octets.len());
        if more == 0 {
            return octets;
        }
        let (more, rest) = octets.split_at(more);
        self.out.extend_from_slice(more);
        if let Some(octet) = self.fill.open.and_then(|at| self.out.get_mut(at)) {
            let count = SubrecordHeader::from_octet(*octet).count() + more.len();
            *octet = SubrecordHeader::plain(count).octet();
        }
        rest
    }

    fn put_full_subrecords<'o>(&mut self, octets: &'o [u8]) -> &'o [u8] {
        let full = (self.room() / FULL_OCTETS).min(octets.len() / MAX_COUNT);
        if full == 0 {
            return octets;
        }
        let (full, rest) = octets.split_at(full * MAX_COUNT);
        // Fixed sizes make each subrecord a handful of vector moves instead of a call.
        let (subrecords, _) = full.as_chunks::<MAX_COUNT>();
        self.out.reserve(subrecords.len() * FULL_OCTETS);
        for subrecord in subrecords {
            let mut octets = [SubrecordHeader::plain(MAX_COUNT).octet(); FULL_OCTETS];
            octets[1..].copy_from_slice(subrecord);
            self.out.extend_from_slice(&octets);
        }
        self.fill.open = Some(self.out.len() - FULL_OCTETS);
        rest
    }

    fn put_last_subrecord<'o>(&mut self, octets: &'o [u8]) -> &'o [u8] {
        let count = self
            .room()
            .saturating_sub(1)
            .min(octets.len())
            .min(MAX_COUNT);
        if count == 0 {
            return octets;
        }
        let (subrecord, rest) = octets.split_at(count);
        self.fill.open = Some(self.out.len());
        self.out.push(SubrecordHeader::plain(count).octet());
        self.out.extend_from_slice(subrecord);
        rest
    }
}

#[cfg(test)]
mod tests;
