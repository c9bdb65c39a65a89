//! What the rules and the caller say of a file, and whether it fits what is agreed with the
//! partner.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use oftp_core::wire::{
    DatasetName, FieldError, IdentificationCode, Level, RecordFormat, Sfid, Stamp as WireStamp,
    Text, UserData,
};

use super::super::config::{Config, PartnerConfig, SendRule};
use super::super::journal::file::{Change, NewFile};
use super::super::plan::Plan;
use super::content::Shape;
use super::{IntakeError, Wishes};
use crate::outbox::{Facts, Source, dataset_name};
use crate::records::{Format, RecordLayout};
use crate::security::{Protection, Use};

/// The priority of a file of which nobody says one.
const PRIORITY: u8 = 5;

/// The largest SFIDFSIZ below level 2.0: 7 digits.
const OLD_BLOCKS: u64 = 9_999_999;

/// The longest record in an envelope (RFC 5024 6.5: its length has two octets).
const SEALED_RECORD: u32 = 65_535;

/// What the rules and the caller say of a file.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    dsn: DatasetName,
    desc: Text,
    user: UserData,
    orig: IdentificationCode,
    dest: IdentificationCode,
    pub(super) shape: Shape,
    protection: Protection,
    priority: u8,
    held: bool,
}

impl Wanted {
    /// Decides it: the caller's wish, else what the rule for the name says, else what the partner
    /// has. Nothing of the file but its name is needed.
    pub(super) fn decide(
        config: &Config,
        partner: &PartnerConfig,
        name: &str,
        wishes: &Wishes,
    ) -> Result<Self, IntakeError> {
        let rule = rule_for(partner, name);
        let dsn = match &wishes.dsn {
            Some(dsn) => dsn.clone(),
            None => dsn_of(rule, name),
        };
        let field = |what, value: &str, remedy| {
            let (name, value) = (name.to_owned(), value.to_owned());
            move |error: FieldError| IntakeError::Field {
                name,
                what,
                value,
                error,
                remedy,
            }
        };
        const DSN: &str = "a dataset name has at most 26 of A-Z 0-9 / - . & ( )";
        const USER: &str = "user data are at most 8 of A-Z 0-9 / - . & ( )";
        let user = wishes.user_data.as_deref();
        let user = user.unwrap_or_else(|| rule.map_or("", |rule| &rule.user_data));
        let own = partner.mailbox.identity.as_ref().unwrap_or(&config.own);
        let priority = wishes.priority;
        let priority = priority.unwrap_or_else(|| rule.map_or(PRIORITY, |rule| rule.priority));
        if priority > 9 {
            return Err(IntakeError::Priority(priority));
        }
        let destination = wishes
            .destination
            .or_else(|| rule.and_then(|rule| rule.destination));
        let originator = wishes
            .originator
            .or_else(|| rule.and_then(|rule| rule.originator));
        let protection = wishes
            .protection
            .or_else(|| rule.and_then(|rule| rule.protection));
        let wanted = Self {
            desc: Text::new(wishes.description.as_deref().unwrap_or_default()),
            user: UserData::new(user).map_err(field("user data", user, USER))?,
            orig: originator.unwrap_or(own.code),
            dest: destination.unwrap_or(partner.mailbox.code),
            shape: shape(rule, wishes),
            protection: protection.unwrap_or(partner.protection),
            priority,
            held: wishes.held,
            dsn: DatasetName::new_without_spaces(&dsn).map_err(field("dataset name", &dsn, DSN))?,
        };
        if dsn.is_empty() {
            return Err(field("dataset name", "", DSN)(FieldError::TooLong {
                octets: 0,
                limit: 26,
            }));
        }
        wanted.check_level(config, partner, name)?;
        Ok(wanted)
    }

    /// Security is never left off because the partner's level has none: such a file is refused
    /// (field notes 2.3).
    fn check_level(
        &self,
        config: &Config,
        partner: &PartnerConfig,
        name: &str,
    ) -> Result<(), IntakeError> {
        let level = highest_level(config, partner);
        let what = match &self.protection {
            _ if level >= Level::V2_0 => return Ok(()),
            protection if protection.sign => "a signature",
            protection if protection.encrypt => "encryption",
            protection if protection.compress.is_some() => "an envelope (file compression)",
            protection if protection.signed_response => "a signed end response",
            _ => return Ok(()),
        };
        Err(IntakeError::Level {
            name: name.to_owned(),
            what,
            partner: partner.name.clone(),
            level,
        })
    }

    /// Whether the keys that its envelope needs are there: who queues a file by hand hears of it
    /// at once. A file in an outbox waits for them instead.
    pub(super) fn check_keys(
        &self,
        config: &Config,
        partner: &PartnerConfig,
    ) -> Result<(), IntakeError> {
        let ring = &config.security.ring;
        let keys = ring.of_station(&self.dest, &partner.mailbox.code);
        let now = SystemTime::now();
        let check = || {
            if self.protection.sign {
                keys.own.valid(Use::Sign, now)?;
            }
            if self.protection.encrypt {
                keys.recipient(Use::Encrypt, now)?;
            }
            Ok(())
        };
        check().map_err(|error| IntakeError::Key {
            name: partner.name.clone(),
            error,
        })
    }

    /// Whether the content fits: what can be known only by reading it. It lies at `path`, in this
    /// layout.
    pub(super) fn check_facts(
        &self,
        partner: &PartnerConfig,
        config: &Config,
        name: &str,
        path: &Path,
        layout: RecordLayout,
        facts: &Facts,
    ) -> Result<(), IntakeError> {
        let level = highest_level(config, partner);
        if level < Level::V2_0 && facts.blocks() > OLD_BLOCKS {
            return Err(IntakeError::TooBig {
                name: name.to_owned(),
                blocks: facts.blocks(),
                partner: partner.name.clone(),
                level,
            });
        }
        if let Format::Variable(longest) = facts.format
            && self.protection.seals()
            && longest > SEALED_RECORD
        {
            // The rule allows longer records; whether there is one is another question.
            let source = Source::open(path, Format::Variable(0), layout)
                .map_err(|error| IntakeError::source(name, error.problem))?;
            if let Format::Variable(octets) = source.facts().format
                && octets > SEALED_RECORD
            {
                let name = name.to_owned();
                return Err(IntakeError::LongRecord { name, octets });
            }
        }
        Ok(())
    }

    /// The row of the file; its stamp is found when it is queued.
    pub(super) fn new_file(
        &self,
        partner: &PartnerConfig,
        name: &str,
        spool: &str,
        path: Option<PathBuf>,
        facts: &Facts,
    ) -> NewFile {
        NewFile {
            partner: partner.name.clone(),
            sfid: self.sfid(facts),
            name: name.to_owned(),
            spool: spool.to_owned(),
            layout: RecordLayout::Length32,
            path,
            plan: self.plan(facts.format).to_json(),
            priority: self.priority,
            held: self.held,
            parent: None,
        }
    }

    /// What is to be done with it.
    pub(super) fn plan(&self, format: Format) -> Plan {
        Plan::new(format, &self.protection)
    }

    /// SFID as far as it is known before there is an envelope and a stamp.
    fn sfid(&self, facts: &Facts) -> Sfid {
        let (fmt, lrecl) = wire_format(facts.format);
        let protection = &self.protection;
        Sfid {
            dsn: self.dsn,
            stamp: WireStamp::Long {
                date: *b"00000000",
                time: *b"0000000000",
            },
            user: self.user,
            dest: self.dest,
            orig: self.orig,
            fmt,
            lrecl,
            fsiz: facts.blocks(),
            osiz: facts.blocks(),
            rest: 0,
            sec: protection.security(),
            ciph: protection.suite_code(),
            comp: protection.compress.is_some().into(),
            env: protection.seals().into(),
            sign: protection.signed_response,
            desc: self.desc.clone(),
        }
    }
}

/// What the content says to the row of a file: SFIDLRECL and sizes of `sfid`, counts and plan.
pub(super) fn with_facts(sfid: &Sfid, plan: Plan, facts: &Facts) -> Change {
    let (fmt, lrecl) = wire_format(facts.format);
    let sfid = sfid.clone();
    Change {
        sfid: Some(Sfid {
            fmt,
            lrecl,
            fsiz: facts.blocks(),
            osiz: facts.blocks(),
            ..sfid
        }),
        plan: Some(
            Plan {
                format: facts.format,
                local: None,
                ..plan
            }
            .to_json(),
        ),
        ..counts(facts)
    }
}

/// The counts of a file.
pub(super) fn counts(facts: &Facts) -> Change {
    Change {
        octets: Some(facts.octets),
        records: Some(facts.records),
        ..Change::default()
    }
}

const fn wire_format(format: Format) -> (RecordFormat, u32) {
    match format {
        Format::Fixed(length) => (RecordFormat::F, length),
        Format::Variable(length) => (RecordFormat::V, length),
        Format::Unstructured => (RecordFormat::U, 0),
        Format::Text => (RecordFormat::T, 0),
    }
}

fn highest_level(config: &Config, partner: &PartnerConfig) -> Level {
    let special = partner.mailbox.capabilities.as_ref();
    special.map_or(config.session.config.capabilities.level, |special| {
        special.level
    })
}

fn shape(rule: Option<&SendRule>, wishes: &Wishes) -> Shape {
    let format = wishes.format.or_else(|| rule.map(|rule| rule.format));
    let layout = wishes.layout.or_else(|| rule.map(|rule| rule.layout));
    let conversion = wishes
        .conversion
        .or_else(|| rule.map(|rule| rule.conversion));
    Shape {
        format: format.unwrap_or(Format::Unstructured),
        layout: layout.unwrap_or_default(),
        conversion: conversion.unwrap_or_default(),
    }
}

/// The rule for a file of this name.
fn rule_for<'a>(_partner: &'a PartnerConfig, _name: &str) -> Option<&'a SendRule> {
    None
}

/// SFIDDSN by a rule, or made of the name.
fn dsn_of(_rule: Option<&SendRule>, name: &str) -> String {
    dataset_name(Path::new(name))
}
