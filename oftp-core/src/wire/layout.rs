//! Layout rows: the boxes of RFC 5024 and RFC 2204 section 5.3 as data.
//!
//! Decoder, encoder and explanation all work from these rows.

use super::level::Level;

/// The layout of one command at some release levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The levels that use it.
    pub levels: &'static [Level],
    /// Octets of the shortest command.
    pub min_octets: usize,
    /// Octets of the longest command.
    pub max_octets: usize,
    /// The rows of the box.
    pub fields: &'static [Field],
}

/// One row of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Offset from the start of the buffer; `None` after a field of variable length.
    pub pos: Option<usize>,
    /// The name in the RFC.
    pub name: &'static str,
    /// Whether the values are a fixed set.
    pub format: Format,
    /// What the octets are.
    pub ty: Type,
    /// How many octets.
    pub len: Len,
}

/// Whether a field holds one of a fixed set of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A fixed set of values.
    F,
    /// Variable values.
    V,
}

/// What the octets of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// X: characters, left justified, padded with spaces.
    X,
    /// 9: digits, right justified, padded with zeros.
    Nine,
    /// U: binary, numbers in network order.
    U,
    /// T: UTF-8.
    T,
}

/// How many octets a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Len {
    /// Always as many.
    Fixed(usize),
    /// As many as the field of this name says.
    By(&'static str),
    /// All that is left.
    Rest,
}

impl Layout {
    /// The row of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The row whose length the row of that name tells.
    pub(super) fn measured_by(&self, name: &str) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| matches!(field.len, Len::By(by) if by == name))
    }
}

impl Field {
    /// Whether it is the command code.
    pub fn is_command_code(&self) -> bool {
        self.name.ends_with("CMD")
    }

    /// Whether it is reserved: sent as spaces, ignored on receipt.
    pub fn is_reserved(&self) -> bool {
        self.name.ends_with("RSV1")
    }

    /// Whether it is the carriage return at the end.
    pub fn is_carriage_return(&self) -> bool {
        self.name.ends_with("CR") && self.len == Len::Fixed(1)
    }
}

/// Short words for the tables of the command files.
pub(super) mod rows {
    use super::{Field, Format, Len, Level, Type};

    pub(in crate::wire) const F: Format = Format::F;
    pub(in crate::wire) const V: Format = Format::V;
    pub(in crate::wire) const X: Type = Type::X;
    pub(in crate::wire) const NINE: Type = Type::Nine;
    pub(in crate::wire) const U: Type = Type::U;
    pub(in crate::wire) const T: Type = Type::T;

    /// Levels 1.2 and 1.3, RFC 2204.
    pub(in crate::wire) const RFC_2204: &[Level] = &[Level::V1_2, Level::V1_3];
    /// Level 1.4, derived (CF-02).
    pub(in crate::wire) const DERIVED: &[Level] = &[Level::V1_4];
    /// Level 2.0, RFC 5024.
    pub(in crate::wire) const RFC_5024: &[Level] = &[Level::V2_0];
    /// All levels.
    pub(in crate::wire) const ALL: &[Level] = &Level::ALL;

    /// A row of a fixed number of octets.
    pub(in crate::wire) const fn at(
        pos: usize,
        name: &'static str,
        format: Format,
        ty: Type,
        octets: usize,
    ) -> Field {
        Field {
            pos: Some(pos),
            name,
            format,
            ty,
            len: Len::Fixed(octets),
        }
    }

    /// A row of as many octets as another row says.
    pub(in crate::wire) const fn by(
        pos: usize,
        name: &'static str,
        ty: Type,
        length: &'static str,
    ) -> Field {
        Field {
            pos: Some(pos),
            name,
            format: V,
            ty,
            len: Len::By(length),
        }
    }

    /// A row of fixed length after one of variable length.
    pub(in crate::wire) const fn then(
        name: &'static str,
        format: Format,
        ty: Type,
        octets: usize,
    ) -> Field {
        Field {
            pos: None,
            name,
            format,
            ty,
            len: Len::Fixed(octets),
        }
    }

    /// A row of variable length after another one of variable length.
    pub(in crate::wire) const fn then_by(
        name: &'static str,
        ty: Type,
        length: &'static str,
    ) -> Field {
        Field {
            pos: None,
            name,
            format: V,
            ty,
            len: Len::By(length),
        }
    }
}
