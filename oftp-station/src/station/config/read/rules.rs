//! Rules: which files go under which names, and what is done to them.

use oftp_secure::{Suite, suite};

use super::table::Section;
use super::values::{code, layout, suite as read_suite, user_data};
use crate::records::{Format, LONGEST_RECORD};
use crate::security::Protection;
use crate::station::config::rule::{Conversion, NamePattern, NameTemplate, ReceiveRule, SendRule};
use crate::station::convert::code_page;

/// `[[partner.NAME.send]]`.
pub(super) fn send(partner: &Section<'_>, usual: &Protection) -> Vec<SendRule> {
    let rules = partner.sections("send").into_iter();
    rules.map(|rule| send_rule(rule, usual)).collect()
}

fn send_rule(rule: Section<'_>, usual: &Protection) -> SendRule {
    let read = SendRule {
        files: pattern(&rule, "files"),
        dsn: rule
            .parse("dsn", template)
            .unwrap_or_else(|| NameTemplate("{name}".to_owned())),
        description: rule.parse("description", template),
        format: format(&rule),
        layout: rule.parse("records", layout).unwrap_or_default(),
        conversion: rule.parse("convert", conversion).unwrap_or_default(),
        protection: rule
            .section("protect")
            .map(|section| protection(section, usual)),
        destination: rule.parse("destination", code),
        originator: rule.parse("originator", code),
        user_data: rule
            .parse("user_data", |text| user_data(text).map(|_| text.to_owned()))
            .unwrap_or_default(),
        priority: rule.number("priority", 0..=9).unwrap_or(5),
    };
    rule.finish();
    read
}

/// `[[partner.NAME.receive]]`.
pub(super) fn receive(partner: &Section<'_>) -> Vec<ReceiveRule> {
    let rules = partner.sections("receive").into_iter();
    let rules = rules.map(|rule| {
        let read = ReceiveRule {
            dsn: pattern(&rule, "dsn"),
            name: rule.parse("name", template),
            layout: rule.parse("records", layout).unwrap_or_default(),
            conversion: rule.parse("convert", conversion).unwrap_or_default(),
        };
        rule.finish();
        read
    });
    rules.collect()
}

/// What is done to files: `protect`. What it does not say is as `usual`.
pub(super) fn protection(section: Section<'_>, usual: &Protection) -> Protection {
    let compress = section.get("compress").and_then(|value| {
        if let Some(number) = value.as_number() {
            let level = u32::try_from(number).ok().filter(|level| *level <= 9);
            if level.is_none() {
                value.fault("is a level of zlib from 0 to 9, or true or false");
            }
            return level.map(Some);
        }
        value.boolean().map(|on| on.then_some(6))
    });
    let read = Protection {
        sign: section.boolean("sign").unwrap_or(usual.sign),
        encrypt: section.boolean("encrypt").unwrap_or(usual.encrypt),
        compress: compress.unwrap_or(usual.compress),
        signed_response: section
            .boolean("signed_eerp")
            .unwrap_or(usual.signed_response),
        suite: section.parse("suite", read_suite).unwrap_or(usual.suite),
    };
    section.finish();
    read
}

/// Nothing is done to files.
pub(super) fn unprotected() -> Protection {
    Protection {
        sign: false,
        encrypt: false,
        compress: None,
        signed_response: false,
        // The table of suites is static and holds its own default (tested in its crate).
        suite: Suite::of(suite::DEFAULT).unwrap_or(&suite::SUITES[0]),
    }
}

/// SFIDFMT and SFIDLRECL: `format` and `record_length`.
fn format(rule: &Section<'_>) -> Format {
    let place = rule.place_of("record_length");
    let length = rule.number("record_length", 1..=i64::from(LONGEST_RECORD));
    let format = rule.get("format").and_then(|value| value.parse(kind));
    match (format.unwrap_or("U"), length) {
        ("F", Some(length)) => Format::Fixed(length),
        ("F", None) => {
            rule.notes().fault(
                &place,
                "is missing: files of format F have records of one length (SFIDLRECL), 1 to 99999",
            );
            Format::Fixed(1)
        }
        // 0: found by reading the file.
        ("V", length) => Format::Variable(length.unwrap_or(0)),
        ("T", None) => Format::Text,
        (_, None) => Format::Unstructured,
        (_, Some(_)) => {
            rule.notes().fault(
                &place,
                "is for the formats F and V; leave it out, or write the format",
            );
            Format::Unstructured
        }
    }
}

fn kind(text: &str) -> Result<&str, String> {
    super::values::record_format(text).map(|_| text)
}

fn pattern(rule: &Section<'_>, key: &'static str) -> NamePattern {
    let read = rule.parse(key, |text| match text {
        "" => Err("is empty; write \"*\" for all names, or a pattern such as \"INV*.edi\""),
        text => Ok(NamePattern(text.to_owned())),
    });
    read.unwrap_or_else(|| NamePattern("*".to_owned()))
}

/// Holds the braces of a template against what may stand in them.
fn template(text: &str) -> Result<NameTemplate, String> {
    if text.is_empty() {
        return Err("is empty; write a name, such as \"{name}\"".to_owned());
    }
    let template = NameTemplate(text.to_owned());
    template.check()?;
    Ok(template)
}

fn conversion(text: &str) -> Result<Conversion, String> {
    if text == "none" {
        return Ok(Conversion::None);
    }
    let known = code_page::NUMBERS.iter().find(|page| **page == text);
    known.map(|page| Conversion::CodePage(page)).ok_or_else(|| {
        format!(
            "is the code page of the partner's files, \"none\" or one of {}",
            code_page::NUMBERS.join(", ")
        )
    })
}
