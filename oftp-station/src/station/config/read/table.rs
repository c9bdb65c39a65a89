//! Reading tables of TOML so that one fault does not hide the next: a value that is wrong is noted
//! with its place and read as absent, and what nobody has asked for at the end is unknown.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::station::config::fault::Fault;

/// The text that is read, and what was noted of it.
#[derive(Debug)]
pub(super) struct Notes<'i> {
    file: PathBuf,
    folder: PathBuf,
    text: &'i str,
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Fault>>,
}

/// A place in the text: where, and under which key.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) key: String,
}

/// Where a table and its keys stand.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) own: Place,
    keys: HashMap<String, Range<usize>>,
}

impl Places {
    /// Where a key stands, or would stand.
    pub(super) fn of(&self, key: &str) -> Place {
        let span = self.keys.get(key).unwrap_or(&self.own.span);
        Place {
            span: span.clone(),
            key: format!("{}.{key}", self.own.key),
        }
    }
}

impl<'i> Notes<'i> {
    /// Nothing noted yet of this text of `file`; paths in it are relative to `folder`.
    pub(super) fn new(file: PathBuf, folder: &Path, text: &'i str) -> Self {
        Self {
            file,
            folder: folder.to_owned(),
            text,
            faults: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// A path of the configuration: relative ones are in the folder of the station.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    /// Notes what is wrong at a place.
    pub(super) fn fault(&self, place: &Place, text: impl Display) {
        self.faults.borrow_mut().push(self.at(place, text));
    }

    /// Notes what people should know of a place.
    pub(super) fn warn(&self, place: &Place, text: impl Display) {
        self.warnings.borrow_mut().push(self.at(place, text));
    }

    /// All faults and all warnings, each once, in the order of their places.
    pub(super) fn into_parts(self) -> [Vec<Fault>; 2] {
        [self.faults, self.warnings].map(|notes| {
            let mut notes = notes.into_inner();
            notes.sort_by_key(|fault| (fault.line, fault.column));
            notes.dedup();
            notes
        })
    }

    fn at(&self, place: &Place, text: impl Display) -> Fault {
        let before = self.text.get(..place.span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Fault {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            key: place.key.clone(),
            text: text.to_string(),
        }
    }
}

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

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Value<'t> {
    notes: &'t Notes<'t>,
    pub(super) place: Place,
    inner: &'t DeValue<'t>,
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

    fn new(notes: &'t Notes<'t>, place: Place, table: Option<&'t DeTable<'t>>) -> Self {
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
            let near = known.iter().map(|one| (distance(name, one), *one)).min();
            let help = match near {
                Some((distance, near)) if distance <= 2 => format!("did you mean `{near}`?"),
                _ => format!("known are {}", in_order(&known)),
            };
            self.notes
                .fault(&place, format_args!("is not known; {help}"));
        }
    }
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

fn find<'t>(table: Option<&'t DeTable<'t>>, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
    let mut all = table?.iter();
    all.find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}

/// Names in alphabetic order with commas between them, each once.
fn in_order(names: &[&str]) -> String {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// How many characters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let change = diagonal + usize::from(from != *to);
            diagonal = *cell;
            left = change.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}
