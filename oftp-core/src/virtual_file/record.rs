//! Counting a Virtual File as it travels (RFC 5024 sections 1.5.3, 5.3.8 and 7.2). Both sides
//! count with the same code.

use super::restart::RestartPosition;
use super::structure::Structure;
use super::subrecord::SubrecordHeader;

/// The counts of one Virtual File, from its start and not from the restart position.
///
/// Octets are those of the file before buffer compression; records are counted for plain F and V
/// files only. Counts stop at `u64::MAX`, above any 17-digit number that EFID could carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordState {
    structure: Structure,
    octets: u64,
    records: u64,
    open_octets: u64,
    open: bool,
    fault: Option<RecordFault>,
    idle_buffers: u32,
}

/// A record that the file may not have (DX-08). The octets were passed on as they came: nothing
/// is padded or cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordFault {
    /// Number of the record, counted from 1 at the start of the Virtual File.
    pub record: u64,
    /// Its length in octets.
    pub octets: u64,
}

impl RecordState {
    /// Counts for a file that is sent or received from `position` on,
    /// [`RestartPosition::START`] for a whole file.
    #[must_use]
    pub const fn new(structure: Structure, position: RestartPosition) -> Self {
        let records = if structure.has_records() {
            position.count()
        } else {
            0
        };
        Self {
            structure,
            octets: position.octets(),
            records,
            open_octets: 0,
            open: false,
            fault: None,
            idle_buffers: 0,
        }
    }

    /// Counts octets of the current record and, with `ended`, its end: the sender calls it with
    /// every [`Written`](super::Written).
    pub fn add(&mut self, octets: u64, ended: bool) {
        self.octets = self.octets.saturating_add(octets);
        self.open_octets = self.open_octets.saturating_add(octets);
        self.open |= octets > 0;
        if ended {
            self.end_record();
        }
    }

    /// Counts one subrecord.
    pub(super) fn subrecord(&mut self, header: SubrecordHeader) {
        self.octets = self.octets.saturating_add(header.count() as u64);
        self.open_octets = self.open_octets.saturating_add(header.count() as u64);
        self.open = true;
        if header.end_of_record() {
            self.end_record();
        }
    }

    /// Notes whether a whole buffer moved the file on.
    pub(super) fn buffer_ended(&mut self, before: &Self) {
        let progress = self.octets != before.octets || self.records != before.records;
        self.idle_buffers = if progress {
            0
        } else {
            self.idle_buffers.saturating_add(1)
        };
    }

    fn end_record(&mut self) {
        if self.structure.has_records() {
            self.records = self.records.saturating_add(1);
            if self.fault.is_none() && !self.structure.allows_record(self.open_octets) {
                self.fault = Some(RecordFault {
                    record: self.records,
                    octets: self.open_octets,
                });
            }
        }
        self.open_octets = 0;
        self.open = false;
    }

    /// The structure that decides what is counted.
    #[must_use]
    pub const fn structure(&self) -> Structure {
        self.structure
    }

    /// Octets of the Virtual File up to here.
    #[must_use]
    pub const fn octets(&self) -> u64 {
        self.octets
    }

    /// Complete records up to here, 0 where records do not count.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Octets of the record that is open, for U and T since the last end flag.
    #[must_use]
    pub const fn open_record_octets(&self) -> u64 {
        self.open_octets
    }

    /// Whether a record has begun and its end is missing.
    #[must_use]
    pub const fn has_open_record(&self) -> bool {
        self.open
    }

    /// The first record so far whose length the file may not have. A sender looks here after
    /// every record; a receiver answers it at EFID.
    #[must_use]
    pub const fn fault(&self) -> Option<RecordFault> {
        self.fault
    }

    /// Received buffers in a row that brought neither an octet nor a record: legal (RFC 5024
    /// section 7.3), but a peer can go on like that for ever.
    #[must_use]
    pub const fn buffers_without_progress(&self) -> u32 {
        self.idle_buffers
    }
}
