//! A value of TOML: what is not as it should be is noted, and read as absent.

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;

use super::notes::{Notes, Place};
use super::table::Section;

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Value<'t> {
    pub(super) notes: &'t Notes<'t>,
    pub(super) place: Place,
    pub(super) inner: &'t DeValue<'t>,
}

impl<'t> Value<'t> {
    /// Where notes go.
    pub(super) const fn notes(&self) -> &'t Notes<'t> {
        self.notes
    }

    /// Notes that it is wrong.
    pub(super) fn fault(&self, text: impl Display) {
        self.notes.fault(&self.place, text);
    }

    /// It as a table, if it is one.
    pub(super) const fn is_table(&self) -> bool {
        matches!(self.inner, DeValue::Table(_))
    }

    /// It as a text, if it is one.
    pub(super) fn as_text(&self) -> Option<&'t str> {
        self.inner.as_str()
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&'t str> {
        let text = self.as_text();
        if text.is_none() {
            self.wanted("a text in quotes");
        }
        text
    }

    /// A text that is read by `read`.
    pub(super) fn parse<T, E: Display>(
        &self,
        read: impl FnOnce(&'t str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.text()?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(error);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        let value = self.inner.as_bool();
        if value.is_none() {
            self.wanted("true or false, without quotes");
        }
        value
    }

    /// It as a whole number, if it is one.
    pub(super) fn as_number(&self) -> Option<i64> {
        let integer = self.inner.as_integer()?;
        // What stands there was checked by the parser; only its size was not.
        i64::from_str_radix(integer.as_str(), integer.radix()).ok()
    }

    /// A whole number of this range.
    pub(super) fn number<T: TryFrom<i64>>(&self, range: RangeInclusive<i64>) -> Option<T> {
        let number = self.as_number().filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let (least, most) = range.into_inner();
            self.wanted(&format!("a whole number from {least} to {most}"));
        }
        number
    }

    /// A list; a single value is a list of one.
    pub(super) fn list(&self) -> Vec<Self> {
        let Some(values) = self.inner.as_array() else {
            return vec![self.clone()];
        };
        let values: Vec<&Spanned<DeValue<'t>>> = values.iter().collect();
        let several = values.len() > 1;
        let values = values.into_iter().enumerate();
        let values = values.map(|(index, value)| Self {
            notes: self.notes,
            place: Place {
                span: value.span(),
                key: if several {
                    format!("{}[{index}]", self.place.key)
                } else {
                    self.place.key.clone()
                },
            },
            inner: value.get_ref(),
        });
        values.collect()
    }

    /// A table.
    pub(super) fn section(&self) -> Option<Section<'t>> {
        let table = self.inner.as_table();
        if table.is_none() {
            self.wanted(&format!("a table; write [{}]", self.place.key));
        }
        Some(Section::new(self.notes, self.place.clone(), Some(table?)))
    }

    fn wanted(&self, what: &str) {
        self.fault(format_args!(
            "is {what}, and here it is {}",
            match self.inner {
                DeValue::String(_) => "a text",
                DeValue::Integer(_) => "another number",
                DeValue::Float(_) => "a number with a fraction",
                DeValue::Boolean(_) => "true or false",
                DeValue::Datetime(_) => "a date",
                DeValue::Array(_) => "a list",
                DeValue::Table(_) => "a table",
            }
        ));
    }
}
