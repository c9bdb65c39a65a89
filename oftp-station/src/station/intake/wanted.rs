//! What the rules and the caller say of a file, and whether it fits what is agreed with the
//! partner.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use oftp_core::wire::{
    DatasetName, FieldError, IdentificationCode, Level, RecordFormat, Sfid, Stamp as WireStamp,
    Text, UserData,
};

use super::super::config::rule::{Facts, dataset_name_of, description_of, send_rule};
use super::super::config::{Config, PartnerConfig, SendRule};
use super::super::convert::Job;
use super::super::journal::file::{Change, NewFile};
use super::super::plan::Plan;
use super::{IntakeError, Wishes};
use crate::outbox::{DATASET_NAME_OCTETS, Facts as FileFacts, Source, Stamp};
use crate::records::{Format, RecordLayout};
use crate::security::{Protection, Use};

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
    /// From where it lies into the spool.
    pub(super) job: Job,
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
        let rule = with_wishes(send_rule(partner, name), wishes);
        if rule.priority > 9 {
            return Err(IntakeError::Priority(rule.priority));
        }
        let own = partner.mailbox.identity.as_ref().unwrap_or(&config.own);
        let orig = rule.originator.unwrap_or(own.code);
        let dest = rule.destination.unwrap_or(partner.mailbox.code);
        let facts = Facts::of_file(name, Stamp::now(), &orig, &dest);
        let dsn = match &wishes.dsn {
            Some(dsn) => named(name, dsn)?,
            None => dataset_name_of(&rule, &facts).map_err(IntakeError::Rule)?,
        };
        let description = match &wishes.description {
            Some(description) => Some(description.clone()),
            None => description_of(&rule, &facts, &dsn),
        };
        let user = UserData::new(&rule.user_data).map_err(|error| IntakeError::Field {
            name: name.to_owned(),
            what: "user data",
            value: rule.user_data.clone(),
            error,
            remedy: "they are at most 8 of A-Z 0-9 / - . & ( )",
        })?;
        let wanted = Self {
            dsn,
            desc: Text::new(description.as_deref().unwrap_or_default()),
            user,
            orig,
            dest,
            job: Job::sending(&rule),
            protection: rule.protection.unwrap_or(partner.protection),
            priority: rule.priority,
            held: wishes.held,
        };
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
        facts: &FileFacts,
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
        facts: &FileFacts,
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
    fn sfid(&self, facts: &FileFacts) -> Sfid {
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
pub(super) fn with_facts(sfid: &Sfid, plan: Plan, facts: &FileFacts) -> Change {
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
                ..plan
            }
            .to_json(),
        ),
        ..counts(facts)
    }
}

/// The counts of a file.
pub(super) fn counts(facts: &FileFacts) -> Change {
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

/// The rule with what the caller wishes in the place of what it says.
fn with_wishes(mut rule: SendRule, wishes: &Wishes) -> SendRule {
    rule.format = wishes.format.unwrap_or(rule.format);
    rule.layout = wishes.layout.unwrap_or(rule.layout);
    rule.conversion = wishes.conversion.unwrap_or(rule.conversion);
    rule.priority = wishes.priority.unwrap_or(rule.priority);
    rule.protection = wishes.protection.or(rule.protection);
    rule.destination = wishes.destination.or(rule.destination);
    rule.originator = wishes.originator.or(rule.originator);
    if let Some(user) = &wishes.user_data {
        rule.user_data.clone_from(user);
    }
    rule
}

/// A dataset name that the caller chose.
fn named(name: &str, dsn: &str) -> Result<DatasetName, IntakeError> {
    let fault = |error| IntakeError::Field {
        name: name.to_owned(),
        what: "dataset name",
        value: dsn.to_owned(),
        error,
        remedy: "it has 1 to 26 of A-Z 0-9 / - . & ( )",
    };
    if dsn.is_empty() {
        return Err(fault(FieldError::TooLong {
            octets: 0,
            limit: DATASET_NAME_OCTETS,
        }));
    }
    DatasetName::new_without_spaces(dsn).map_err(fault)
}
