//! Reading tables of TOML so that one fault does not hide the next: a value that is wrong is noted
//! with its place and read as absent, and what nobody has asked for at the end is unknown.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::near;
use super::notes::{Notes, Place, Places};
use super::value::Value;

/// A table, and what is set for it where it says nothing itself.
#[derive(Debug)]
pub(super) struct Section<'t> {
    notes: &'t Notes<'t>,
    place: Place,
    /// `None`: only the profile has it.
    table: Option<&'t DeTable<'t>>,
    /// The same table of a profile.
    profile: Option<&'t DeTable<'t>>,
    known: RefCell<Vec<&'static str>>,
}

impl<'t> Section<'t> {
    /// The whole of a file.
    pub(super) fn whole(notes: &'t Notes<'t>, table: &'t DeTable<'t>) -> Self {
        let place = Place {
            span: 0..0,
            key: String::new(),
        };
        Self::new(notes, place, Some(table))
    }

    pub(super) fn new(notes: &'t Notes<'t>, place: Place, table: Option<&'t DeTable<'t>>) -> Self {
        Self {
            notes,
            place,
            table,
            profile: None,
            known: RefCell::default(),
        }
    }

    /// The same, with what a profile sets where this says nothing.
    pub(super) const fn with_profile(mut self, profile: Option<&'t DeTable<'t>>) -> Self {
        self.profile = profile;
        self
    }

    /// Where notes go.
    pub(super) const fn notes(&self) -> &'t Notes<'t> {
        self.notes
    }

    /// Where the table stands.
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    /// Where a key stands, or would stand.
    pub(super) fn place_of(&self, key: &str) -> Place {
        let value = find(self.table, key);
        Place {
            span: value.map_or_else(|| self.place.span.clone(), Spanned::span),
            key: self.key(key),
        }
    }

    /// Where it and its keys stand, for who looks at the whole later.
    pub(super) fn places(&self) -> Places {
        let keys = self.table.into_iter().flat_map(DeTable::iter);
        Places {
            own: self.place.clone(),
            keys: keys
                .map(|(key, value)| (key.get_ref().to_string(), value.span()))
                .collect(),
        }
    }

    fn key(&self, key: &str) -> String {
        match self.place.key.as_str() {
            "" => key.to_owned(),
            above => format!("{above}.{key}"),
        }
    }

    /// The value of a key, its own or that of the profile.
    pub(super) fn get(&self, key: &'static str) -> Option<Value<'t>> {
        self.known.borrow_mut().push(key);
        let own = find(self.table, key).map(|value| (value.span(), value.get_ref()));
        let profiled = || {
            let value = find(self.profile, key)?;
            // The text of the profile is another one: the place is that of the partner.
            Some((self.place.span.clone(), value.get_ref()))
        };
        let (span, inner) = own.or_else(profiled)?;
        Some(Value {
            notes: self.notes,
            place: Place {
                span,
                key: self.key(key),
            },
            inner,
        })
    }

    /// The value of a key that must be there.
    pub(super) fn needed(&self, key: &'static str, what: &str) -> Option<Value<'t>> {
        let value = self.get(key);
        if value.is_none() {
            let place = self.place_of(key);
            self.notes.fault(&place, format_args!("is missing: {what}"));
        }
        value
    }

    /// A text that is read by `read`, which says what is wrong and what to write.
    pub(super) fn parse<T, E: Display>(
        &self,
        key: &'static str,
        read: impl FnOnce(&'t str) -> Result<T, E>,
    ) -> Option<T> {
        self.get(key)?.parse(read)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        self.get(key)?.boolean()
    }

    /// A whole number of this range.
    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        self.get(key)?.number(range)
    }

    /// A list; a single value is a list of one.
    pub(super) fn list(&self, key: &'static str) -> Vec<Value<'t>> {
        self.get(key).map_or_else(Vec::new, |value| value.list())
    }

    /// The list of a key in the profile, followed by its own.
    pub(super) fn layers(&self, key: &'static str) -> Vec<Value<'t>> {
        let own = find(self.table, key).is_some();
        let behind = self.profile.filter(|_| own);
        let mut all = Vec::new();
        if let Some(value) = find(behind, key) {
            let value = Value {
                notes: self.notes,
                place: self.place_of(key),
                inner: value.get_ref(),
            };
            all.extend(value.list());
        }
        all.extend(self.list(key));
        all
    }

    /// The list of a key, each read by `read`.
    pub(super) fn parse_list<T, E: Display>(
        &self,
        key: &'static str,
        mut read: impl FnMut(&'t str) -> Result<T, E>,
    ) -> Vec<T> {
        let values = self.list(key).into_iter();
        values.filter_map(|value| value.parse(&mut read)).collect()
    }

    /// A table in this one. One of the profile stands behind it, or in its place.
    pub(super) fn section(&self, key: &'static str) -> Option<Self> {
        let value = self.get(key)?;
        let behind = find(self.profile, key).and_then(|value| value.get_ref().as_table());
        let own = if find(self.table, key).is_some() {
            value.section()?
        } else {
            Self::new(self.notes, value.place, None)
        };
        Some(own.with_profile(behind))
    }

    /// The tables of a list: `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Self> {
        let values = self.get(key).map_or_else(Vec::new, |value| {
            if value.inner.is_array() {
                return value.list();
            }
            let key = &value.place.key;
            value.fault(format_args!("is a list of tables; write [[{key}]]"));
            Vec::new()
        });
        values.iter().filter_map(Value::section).collect()
    }

    /// The tables in this one by their names: `[key.NAME]`.
    pub(super) fn named(&self, key: &'static str) -> Vec<(&'t str, Self)> {
        let Some(all) = self.section(key) else {
            return Vec::new();
        };
        let mut named = Vec::new();
        for (name, value) in all.table.into_iter().flat_map(DeTable::iter) {
            let value = Value {
                notes: self.notes,
                place: Place {
                    span: name.span(),
                    key: all.key(name.get_ref()),
                },
                inner: value.get_ref(),
            };
            named.extend(value.section().map(|section| (&**name.get_ref(), section)));
        }
        // As people wrote them.
        named.sort_by_key(|(_, section)| section.place.span.start);
        named
    }

    /// Notes every key that nobody has asked for.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        for (key, _) in self.table.into_iter().flat_map(DeTable::iter) {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let place = Place {
                span: key.span(),
                key: match self.place.key.as_str() {
                    "" => name.to_owned(),
                    above => format!("{above}.{name}"),
                },
            };
            let help = near::help(name, &known);
            self.notes
                .fault(&place, format_args!("is not known; {help}"));
        }
    }
}

fn find<'t>(table: Option<&'t DeTable<'t>>, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
    let mut all = table?.iter();
    all.find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}
