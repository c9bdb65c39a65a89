//! The rule that a file falls under: the first that fits, or what holds without rules.

use oftp_core::wire::{DatasetName, Level};

use super::facts::text;
use super::{Conversion, NamePattern, NameTemplate, ReceiveRule, SendRule};
use crate::records::{Format, RecordLayout};
use crate::station::config::PartnerConfig;

/// The priority of a file for which nobody chose one: the middle.
const USUAL_PRIORITY: u8 = 5;

/// The rule for a file of ours with this local name. Without one it is sent as it is, under a
/// dataset name made of its own, which SFIDDESC says whole where the partner may read it (level
/// 2.0).
#[must_use]
pub fn send_rule(partner: &PartnerConfig, local_name: &str) -> SendRule {
    let mut rules = partner.send.iter();
    let fits = |rule: &&SendRule| rule.files.matches(local_name).is_some();
    rules.find(fits).cloned().unwrap_or_else(|| {
        let capabilities = partner.mailbox.capabilities.as_ref();
        let level = capabilities.map_or(Level::V2_0, |capabilities| capabilities.level);
        SendRule {
            description: level.is_2_0().then(|| NameTemplate("{name}".to_owned())),
            ..SendRule::default()
        }
    })
}

/// The rule for a partner's file with this dataset name. Without one it keeps the five fields of
/// its identity as its name, and its octets as they are.
#[must_use]
pub fn receive_rule(partner: &PartnerConfig, dsn: &DatasetName) -> ReceiveRule {
    let name = text(dsn.trimmed());
    let mut rules = partner.receive.iter();
    let fits = |rule: &&ReceiveRule| rule.dsn.matches(&name).is_some();
    rules.find(fits).cloned().unwrap_or_default()
}

impl Default for SendRule {
    /// For all files: format U, the local name as dataset name and description, nothing else
    /// special.
    fn default() -> Self {
        Self {
            files: NamePattern::any(),
            dsn: NameTemplate("{name}".to_owned()),
            description: Some(NameTemplate("{name}".to_owned())),
            format: Format::Unstructured,
            layout: RecordLayout::default(),
            conversion: Conversion::None,
            protection: None,
            destination: None,
            originator: None,
            user_data: String::new(),
            priority: USUAL_PRIORITY,
        }
    }
}

impl Default for ReceiveRule {
    /// For all files: nothing special.
    fn default() -> Self {
        Self {
            dsn: NamePattern::any(),
            name: None,
            layout: RecordLayout::default(),
            conversion: Conversion::None,
        }
    }
}
