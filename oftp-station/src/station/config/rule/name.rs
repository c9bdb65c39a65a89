//! The dataset name of a local file, the local name of a Virtual File.

use oftp_core::wire::{DatasetName, Sfid};

use super::{Facts, NameTemplate, ReceiveRule, SendRule};
use crate::names::stored_name;
use crate::outbox::{DATASET_NAME_OCTETS, clean};
use crate::station::journal::virtual_file::identity_of;

/// The longest name that [`inbox_name_of`] gives, in octets.
pub const LONGEST_INBOX_NAME: usize = 200;

/// The longest extension that a name keeps when it is cut, in octets with its dot.
const LONGEST_EXTENSION: usize = 20;

/// A template gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template `{template}` gives no dataset name for the file `{name}`")]
pub struct NameError {
    /// The template.
    pub template: String,
    /// The file's local name.
    pub name: String,
}

/// SFIDDSN of a file of ours: the template of its rule, filled, in upper case, cut to 26
/// characters. What the rule itself says keeps every character of RFC 5024 Appendix B but the
/// space; in what is filled in `-` stands for all but letters, digits and `-.()`, as in
/// [`dataset_name`](crate::outbox::dataset_name).
///
/// # Errors
/// [`NameError`]: nothing is left.
pub fn dataset_name_of(rule: &SendRule, facts: &Facts) -> Result<DatasetName, NameError> {
    let facts = facts.clone().matched_by(&rule.files);
    let own = |text: &str| {
        let allowed = |c: char| matches!(c, 'A'..='Z' | '0'..='9' | '&' | '(' | ')' | '-'..='/');
        let upper = text.to_uppercase();
        let kept = upper.chars().map(|c| if allowed(c) { c } else { '-' });
        kept.collect()
    };
    let mut name = rule.dsn.fill_with(&facts, own, clean);
    // All of it is ASCII by now.
    name.truncate(DATASET_NAME_OCTETS);
    if name.is_empty() {
        return Err(NameError {
            template: rule.dsn.0.clone(),
            name: facts.name,
        });
    }
    Ok(DatasetName::from_octets(name.as_bytes()))
}

/// SFIDDESC of a file of ours: the template of its rule, filled. `None`: the rule has none, it
/// gives nothing, or no more than the dataset name says already.
#[must_use]
pub fn description_of(rule: &SendRule, facts: &Facts, dsn: &DatasetName) -> Option<String> {
    let mut facts = facts.clone().matched_by(&rule.files);
    facts.dsn = dsn.to_string();
    let description = rule.description.as_ref()?.fill(&facts);
    let says_more = !description.is_empty() && description != facts.dsn;
    says_more.then_some(description)
}

/// The name in the inbox of a partner's file. A dataset name and a description are the partner's
/// choice, so whatever they hold, this is the name of one file in the folder: no path, no hidden
/// file, no option, no device, no control characters, at most [`LONGEST_INBOX_NAME`] octets.
/// Letters, digits and `-._()+,=@#& ` stand for themselves, all else for `%` and two hexadecimal
/// digits for each octet of UTF-8.
///
/// Different files may get the same name: who publishes replaces none.
#[must_use]
pub fn inbox_name_of(rule: &ReceiveRule, sfid: &Sfid) -> String {
    let filled = rule.name.as_ref().map(|template| {
        let facts = Facts::of_sfid(sfid).matched_by(&rule.dsn);
        template.fill_with(&facts, safe, safe)
    });
    match filled {
        Some(name) if !name.is_empty() => whole(cut(&name)),
        _ => stored_name(&identity_of(sfid)),
    }
}

impl SendRule {
    /// Whether its templates make sense.
    ///
    /// # Errors
    /// What is wrong with which of them.
    pub fn check(&self) -> Result<(), String> {
        let dsn = check(&self.dsn, self.files.stars());
        dsn.map_err(|fault| format!("dataset name: {fault}"))?;
        if self.dsn.uses("dsn") {
            return Err(
                "dataset name: {dsn} is what is being made; {name} is the local name".into(),
            );
        }
        let description = self.description.as_ref();
        description
            .map_or(Ok(()), |template| check(template, self.files.stars()))
            .map_err(|fault| format!("description: {fault}"))
    }
}

impl ReceiveRule {
    /// Whether its template makes sense.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let Some(template) = &self.name else {
            return Ok(());
        };
        check(template, self.dsn.stars())?;
        if template.0.contains('/') {
            return Err("a name has no `/`: files go into the inbox, not below it".into());
        }
        Ok(())
    }
}

fn check(template: &NameTemplate, stars: usize) -> Result<(), String> {
    template.check()?;
    match template.highest_number() {
        number if number > stars => Err(format!("{{{number}}}: the pattern has {stars} *")),
        _ => Ok(()),
    }
}

/// Text as a part of a file name.
fn safe(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || "-._()+,=@#& ".contains(character) {
            name.push(character);
        } else {
            for octet in character.encode_utf8(&mut [0; 4]).bytes() {
                name.push_str(&format!("%{octet:02X}"));
            }
        }
    }
    name
}

/// The name without what is too much; its extension is kept.
fn cut(name: &str) -> String {
    // One octet less: `whole` may put one in front.
    const LONGEST: usize = LONGEST_INBOX_NAME - 1;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|extension| extension.len() <= LONGEST_EXTENSION)
        .unwrap_or_default();
    let end = name.floor_char_boundary(LONGEST - extension.len());
    format!("{}{extension}", name.get(..end).unwrap_or_default())
}

/// The name without the beginnings and ends that mean something to a system.
fn whole(mut name: String) -> String {
    // Some systems drop these at the end, and would find another file.
    if name.ends_with(['.', ' ']) {
        name.pop();
        name.push('_');
    }
    if name.starts_with(['.', '-', ' ']) || is_device(&name) {
        name.insert(0, '_');
    }
    name
}

/// Whether a system takes the name for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_ascii_uppercase();
    let numbered = |rest: &str| {
        let mut rest = rest.chars();
        matches!((rest.next(), rest.next()), (Some(c), None) if c.is_numeric())
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || ["COM", "LPT"]
            .iter()
            .any(|port| stem.strip_prefix(port).is_some_and(numbered))
}
