//! The decoder's cursor: splits a buffer by the rows of a layout.
//!
//! This is the only place where a received buffer is cut. A length that does not fit is reason 07,
//! found before any field is looked at.

use super::code::CommandCode;
use super::error::{Problem, Shown, WireError};
use super::layout::{Field, Layout, Len, Type};
use super::quirks::Quirks;
use super::reason::EsidReason;

/// Most octets that [`Quirks::TRAILING_OCTETS`] takes after the last field.
pub(super) const MAX_TRAILING_OCTETS: usize = 256;

/// Rows of the longest layout (SFID at level 2.0).
const MAX_FIELDS: usize = 20;

/// A place where a buffer may end early if a quirk allows it.
pub(super) struct Cut {
    /// The tolerance.
    pub(super) quirk: Quirks,
    /// The first field that is missing.
    pub(super) before: &'static str,
    /// Only when the buffer has just as many octets.
    pub(super) octets: Option<usize>,
}

/// A buffer split into fields, and the tolerances that were needed so far.
///
/// A field that the layout does not have reads as zero, blank, empty or N.
pub(super) struct Fields<'a> {
    command: CommandCode,
    octets: &'a [u8],
    layout: &'static Layout,
    ends: [usize; MAX_FIELDS],
    present: usize,
    quirks: Quirks,
    used: Quirks,
    digit_lengths: bool,
}

impl<'a> Fields<'a> {
    /// Splits `octets`; every octet belongs to a field.
    pub(super) fn split(
        command: CommandCode,
        octets: &'a [u8],
        layout: &'static Layout,
        quirks: Quirks,
        cuts: &[Cut],
    ) -> Result<Self, WireError> {
        let (fields, fault) = Self::walk(command, octets, layout, quirks, cuts);
        let Some(fault) = fault else {
            return Ok(fields);
        };
        if !layout.has_signature() {
            return Err(fault);
        }
        // Old products write 2 digits where the RFC wants a number of 2 octets.
        let mut again = Self::start(command, octets, layout, quirks);
        again.digit_lengths = true;
        if again.advance(cuts).is_err() {
            return Err(fault);
        }
        again.tolerate(Quirks::DIGIT_LENGTHS, fault).map(|()| again)
    }

    /// Splits as far as possible: what there is, and the fault that stopped it.
    pub(super) fn walk(
        command: CommandCode,
        octets: &'a [u8],
        layout: &'static Layout,
        quirks: Quirks,
        cuts: &[Cut],
    ) -> (Self, Option<WireError>) {
        let mut fields = Self::start(command, octets, layout, quirks);
        let fault = fields.advance(cuts).err();
        (fields, fault)
    }

    /// The tolerances that were needed.
    pub(super) const fn used(&self) -> Quirks {
        self.used
    }

    /// The fields that are there, with their offsets and octets.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Field, usize, &'a [u8])> {
        self.layout
            .fields
            .iter()
            .take(self.present)
            .enumerate()
            .map(|(index, field)| {
                let start = self.start_of(index);
                (field, start, self.slice(index))
            })
    }

    /// The octets of a field and its offset; `None` if it is not there.
    pub(super) fn get(&self, name: &str) -> Option<(&'a [u8], usize)> {
        let index = self
            .layout
            .fields
            .iter()
            .position(|field| field.name == name)?;
        (index < self.present).then(|| (self.slice(index), self.start_of(index)))
    }

    /// The octets of a field.
    pub(super) fn octets(&self, name: &str) -> &'a [u8] {
        self.get(name).map_or(&[], |(octets, _)| octets)
    }

    /// The fault that a field holds none of its values.
    pub(super) fn not_allowed(&self, name: &'static str, allowed: &'static str) -> WireError {
        let (octets, offset) = self.get(name).unwrap_or((&[], 0));
        self.invalid(
            name,
            offset,
            Problem::NotAllowed {
                value: Shown::new(octets),
                allowed,
            },
        )
    }

    /// Lets a fault pass if the quirk is on, and notes that it was needed.
    pub(super) fn tolerate(&mut self, quirk: Quirks, fault: WireError) -> Result<(), WireError> {
        if !self.quirks.contains(quirk) {
            return Err(fault.tolerated_by(quirk));
        }
        self.used.insert(quirk);
        Ok(())
    }

    const fn start(
        command: CommandCode,
        octets: &'a [u8],
        layout: &'static Layout,
        quirks: Quirks,
    ) -> Self {
        let (ends, present, used) = ([0; MAX_FIELDS], 0, Quirks::STRICT);
        Self {
            command,
            octets,
            layout,
            ends,
            present,
            quirks,
            used,
            digit_lengths: false,
        }
    }

    fn advance(&mut self, cuts: &[Cut]) -> Result<(), WireError> {
        let have = self.octets.len();
        let mut start = 0;
        for (field, index) in self.layout.fields.iter().zip(0..MAX_FIELDS) {
            let length = match field.len {
                Len::Fixed(octets) => octets,
                Len::By(name) => self.length(name)?,
                Len::Rest => have - start,
            };
            let end = start + length;
            if end > have {
                return self.end_early(field, start, end, cuts);
            }
            if let Some(slot) = self.ends.get_mut(index) {
                *slot = end;
            }
            self.present = index + 1;
            start = end;
        }
        self.end_late(start)
    }

    /// The value of a length field, at most 65,535.
    fn length(&mut self, name: &'static str) -> Result<usize, WireError> {
        let octets = self.octets(name);
        let is_binary = self
            .layout
            .field(name)
            .is_some_and(|field| field.ty == Type::U);
        let value = if is_binary && !self.digit_lengths {
            octets
                .iter()
                .fold(0, |value, &octet| value << 8 | u64::from(octet))
        } else {
            self.number(name).map_err(|fault| {
                // The length of the whole comes before the contents of a field.
                let is_short = self.octets.len() < self.layout.min_octets;
                let short = self
                    .too_short(self.layout.min_octets)
                    .tolerated_by(fault.quirk);
                if is_short { short } else { fault }
            })?
        };
        Ok(usize::try_from(value).unwrap_or(usize::MAX / 2))
    }

    fn end_early(
        &mut self,
        field: &'static Field,
        start: usize,
        end: usize,
        cuts: &[Cut],
    ) -> Result<(), WireError> {
        let have = self.octets.len();
        let mut fault = self.too_short(end.max(self.layout.min_octets));
        if matches!(field.len, Len::By(_)) {
            fault = fault.in_field(field.name, start);
        }
        let is_cut = |cut: &&Cut| cut.before == field.name && cut.octets.is_none_or(|n| n == have);
        match cuts.iter().find(is_cut).filter(|_| start == have) {
            Some(cut) => self.tolerate(cut.quirk, fault),
            None => Err(fault),
        }
    }

    fn end_late(&mut self, end: usize) -> Result<(), WireError> {
        let octets = self.octets.len();
        if octets == end {
            return Ok(());
        }
        let problem = Problem::TooLong { limit: end, octets };
        let fault = WireError::new(EsidReason::SIZE_ERROR, problem)
            .in_command(self.command)
            .at(end);
        if octets - end > MAX_TRAILING_OCTETS {
            return Err(fault);
        }
        self.tolerate(Quirks::TRAILING_OCTETS, fault)
    }

    const fn too_short(&self, needed: usize) -> WireError {
        let problem = Problem::TooShort {
            needed,
            octets: self.octets.len(),
        };
        WireError::new(EsidReason::SIZE_ERROR, problem).in_command(self.command)
    }

    /// The fault that a field holds what it cannot.
    pub(super) const fn invalid(
        &self,
        name: &'static str,
        offset: usize,
        problem: Problem,
    ) -> WireError {
        WireError::new(EsidReason::INVALID_DATA, problem)
            .in_command(self.command)
            .in_field(name, offset)
    }

    fn start_of(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0)
    }

    fn slice(&self, index: usize) -> &'a [u8] {
        let end = self.ends.get(index).copied().unwrap_or(0);
        self.octets
            .get(self.start_of(index)..end)
            .unwrap_or_default()
    }
}

impl Layout {
    fn has_signature(&self) -> bool {
        self.fields
            .last()
            .is_some_and(|field| field.name.ends_with("SIG"))
    }
}
