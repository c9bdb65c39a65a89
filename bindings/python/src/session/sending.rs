//! The data of the file that is being sent: what a record may be, and what EFID will count
//! (RFC 5024 3.3.2, 3.3.3, 7).

use oftp_core::session::{CloseFileRq, Session};
use oftp_core::virtual_file::{RecordState, RestartPosition, Structure};
use oftp_core::wire::{RecordFormat, Sfid};

use crate::error::{Error, Outcome};

/// The file that was offered by F_START_FILE_RQ.
pub(super) struct Sending {
    structure: Structure,
    /// What has been given since the partner took it.
    counts: Option<RecordState>,
    begun: Option<RecordState>,
    /// Ends right behind the last octet that was taken, for which its buffer had no room: that of
    /// its record, and of empty ones that follow.
    ends_wait: usize,
}

impl Sending {
    pub(super) fn new(sfid: &Sfid) -> Self {
        Self {
            structure: Structure::of(sfid),
            counts: None,
            begun: None,
            ends_wait: 0,
        }
    }

    /// The partner takes the file from this position on.
    pub(super) fn open(&mut self, position: u64) {
        // Octets before it are known for all files but those with records of different lengths,
        // where `data_from` tells them.
        let position = RestartPosition::new(self.structure, position, 0);
        let position = position.unwrap_or(RestartPosition::START);
        self.counts = Some(RecordState::new(self.structure, position));
        self.begun = self.counts;
    }

    /// Octets of a V file before the position where it goes on.
    pub(super) fn data_from(&mut self, octets: u64) -> Outcome {
        let (Some(counts), true) = (self.counts, self.counts == self.begun) else {
            return Err(Error::value(
                "data_from: the file is not open, or data of it were given already",
            ));
        };
        let position = RestartPosition::new(self.structure, counts.records(), octets);
        let position = position.map_err(|error| Error::value(error.to_string()))?;
        if self.structure.has_records() {
            self.counts = Some(RecordState::new(self.structure, position));
            self.begun = self.counts;
        }
        Ok(())
    }

    /// Fills one Data Exchange Buffer with as much as fits; how many octets it took. All ends up to
    /// there are taken.
    pub(super) fn data_rq(
        &mut self,
        session: &mut Session,
        octets: &[u8],
        ends: &[usize],
    ) -> Outcome<usize> {
        self.check(octets.len(), ends)?;
        let (waits, counts) = (&mut self.ends_wait, &mut self.counts);
        let taken = session.data_rq(|encoder| {
            let mut put = |octets: &[u8], end: bool| {
                let written = encoder.write(octets, end);
                if let Some(counts) = counts {
                    counts.add(written.octets as u64, written.ended);
                }
                written
            };
            while *waits > 0 {
                if !put(&[], true).ended {
                    *waits += ends.iter().take_while(|end| **end == 0).count();
                    return 0;
                }
                *waits -= 1;
            }
            let mut taken = 0;
            for (index, end) in ends.iter().enumerate() {
                let written = put(&octets[taken..*end], true);
                taken += written.octets;
                if !written.ended {
                    // The caller sees the octets that were taken, and gives no end there again.
                    let left = ends[index..].iter();
                    *waits = left.take_while(|end| **end == taken).count();
                    return taken;
                }
            }
            taken + put(&octets[taken..], false).octets
        })?;
        Ok(taken)
    }

    /// Whether these octets are records that the file may have.
    fn check(&self, len: usize, ends: &[usize]) -> Outcome {
        let sorted = ends.windows(2).all(|pair| pair[0] <= pair[1]);
        if !sorted || ends.last().is_some_and(|last| *last > len) {
            return Err(Error::value(
                "ends must rise and lie within the octets that are given",
            ));
        }
        let Some(counts) = self.counts.filter(|_| self.structure.has_records()) else {
            return Ok(());
        };
        let (mut open, mut from) = (
            if self.ends_wait > 0 {
                0
            } else {
                counts.open_record_octets()
            },
            0,
        );
        for end in ends {
            self.fits(open + (end - from) as u64, true)?;
            (open, from) = (0, *end);
        }
        self.fits(open + (len - from) as u64, false)
    }

    fn fits(&self, length: u64, ends: bool) -> Outcome {
        let lrecl = self.structure.lrecl();
        if length > lrecl.into() || ends && !self.structure.allows_record(length) {
            let fixed = self.structure.format() == RecordFormat::F;
            let exactly = if fixed { "exactly" } else { "at most" };
            return Err(Error::value(format!(
                "a record of {length} octets; record_length says {exactly} {lrecl} (RFC 5024 1.5.3)"
            )));
        }
        Ok(())
    }

    /// How many ends of records were taken that no buffer had room for yet.
    pub(super) fn ends_wait(&self) -> usize {
        self.ends_wait
    }

    /// Ends of records that no buffer had room for are sent before EFID.
    pub(super) fn finish(&mut self, session: &mut Session) -> Outcome {
        while self.ends_wait > 0 {
            self.data_rq(session, &[], &[])?;
        }
        Ok(())
    }

    /// The counts of EFID where the caller does not give them.
    pub(super) fn close(&self, records: Option<u64>, octets: Option<u64>) -> Outcome<CloseFileRq> {
        let counts = self
            .counts
            .filter(|_| records.is_none() || octets.is_none());
        if counts.is_some_and(|c| self.structure.has_records() && c.has_open_record()) {
            return Err(Error::value(
                "the last record has no end: name it in `ends` (RFC 5024 7.2)",
            ));
        }
        let counted = counts.map(|counts| counts.efid_counts());
        Ok(CloseFileRq {
            records: records.or_else(|| counted.map(|c| c.rcnt)).unwrap_or(0),
            octets: octets.or_else(|| counted.map(|c| c.ucnt)).unwrap_or(0),
        })
    }
}
