//! Which files of a partner are taken: `accept`, `origins`, `forward`.

use oftp_core::mailbox::{FilePolicy, Origins, Rule};
use oftp_core::wire::IdentificationCode;
use oftp_secure::Suite;

use super::notes::{Notes, Places};
use super::partner::Draft;
use super::table::Section;
use super::values::{code, record_format, rule, suite_or_none};
use crate::security::{KeyRing, Use};

/// What is wanted of files, before it is known what there are keys for; `None`: not said.
#[derive(Debug)]
pub(super) struct Accept {
    signed: Option<Rule>,
    encrypted: Option<Rule>,
    compressed: Option<Rule>,
    signed_eerp: Option<Rule>,
    policy: FilePolicy,
    /// Files for others are taken and forwarded.
    pub(super) forward: bool,
    places: Places,
}

impl Accept {
    /// Whether something is required that only level 2.0 has.
    pub(super) fn requires_any(&self) -> bool {
        let all = [
            self.signed,
            self.encrypted,
            self.compressed,
            self.signed_eerp,
        ];
        all.contains(&Some(Rule::Required))
    }
}

/// Reads what is wanted of the files of a partner.
pub(super) fn accept(partner: &Section<'_>) -> Accept {
    let mut read = Accept {
        signed: None,
        encrypted: None,
        compressed: None,
        signed_eerp: None,
        policy: FilePolicy {
            origins: origins(partner),
            ..FilePolicy::default()
        },
        forward: partner.boolean("forward").unwrap_or(false),
        places: partner.places(),
    };
    let Some(own) = partner.section("accept") else {
        return read;
    };
    read.places = own.places();
    read.signed = own.parse("signed", rule);
    read.encrypted = own.parse("encrypted", rule);
    read.compressed = own.parse("compressed", rule);
    read.signed_eerp = own.parse("signed_eerp", rule);
    if own.get("suites").is_some() {
        read.policy.suites = own.parse_list("suites", suite_or_none);
    }
    if own.get("formats").is_some() {
        read.policy.formats = own.parse_list("formats", record_format);
    }
    let longest = own.number("record_length", 1..=99_999);
    read.policy.max_record = longest.unwrap_or(read.policy.max_record);
    read.policy.strict_names = own.boolean("strict_names").unwrap_or(false);
    own.finish();
    read
}

/// For whom the partner may speak (SFIDORIG).
fn origins(partner: &Section<'_>) -> Origins {
    let values = partner.list("origins");
    match values.as_slice() {
        [] => Origins::default(),
        [one] if one.as_text() == Some("organisation") => Origins::Organisation,
        [one] if one.as_text() == Some("any") => Origins::Any,
        several => Origins::Listed(
            several
                .iter()
                .filter_map(|value| value.parse(code))
                .collect(),
        ),
    }
}

/// What all partners have in common.
#[derive(Debug)]
pub(super) struct Common {
    /// Take no 3DES and no SHA-1.
    pub(super) no_legacy: bool,
    /// The suite that is meant where none is named.
    pub(super) unnamed_suite: Option<u8>,
    /// The largest file.
    pub(super) file_size: Option<u64>,
}

/// The policy for the files of a partner, once the keys are known; `served`: the destinations,
/// `None`: all that the station reaches.
pub(super) fn policy(
    notes: &Notes<'_>,
    draft: &Draft,
    ring: &KeyRing,
    common: &Common,
    served: Option<Vec<IdentificationCode>>,
) -> FilePolicy {
    let accept = &draft.accept;
    let rule = |wanted: Option<Rule>, can: bool, key: &str, missing: &str| match (wanted, can) {
        (Some(Rule::Forbidden), _) | (None, false) => Rule::Forbidden,
        (Some(wanted), false) => {
            notes.fault(&accept.places.of(key), missing);
            wanted
        }
        (wanted, true) => wanted.unwrap_or(Rule::Allowed),
    };
    let mut policy = accept.policy.clone();
    policy.destinations = served;
    // Of whom is for each file to show: a partner may bring those of others.
    let checks = ring.partners().any(|(_, keys)| keys.knows(Use::Sign));
    policy.signing = rule(
        accept.signed,
        checks,
        "signed",
        "no signature can be checked: name the partner's `certificates` or `authorities`, or write \
         \"forbidden\"",
    );
    policy.encryption = rule(
        accept.encrypted,
        !ring.own().all(Use::Encrypt).is_empty(),
        "encrypted",
        "nothing can be decrypted: name an own key in [keys] (`oftp keygen` makes one), or write \
         \"forbidden\"",
    );
    policy.compression = rule(accept.compressed, true, "compressed", "");
    // Where a response cannot be signed an unsigned one is better than none (RFC 5024 3.3.5).
    policy.signed_responses = match accept.signed_eerp {
        Some(Rule::Required) => rule(
            accept.signed_eerp,
            !ring.own().all(Use::Eerp).is_empty(),
            "signed_eerp",
            "no end response can be signed: name an own key in [keys], or write \"allowed\"",
        ),
        wanted => wanted.unwrap_or(Rule::Allowed),
    };
    if common.no_legacy {
        policy
            .suites
            .retain(|&code| !Suite::of(code).is_some_and(|suite| suite.legacy));
    }
    policy.unnamed_suite = common.unnamed_suite;
    let largest = [draft.config.file_size, common.file_size];
    let largest = largest.into_iter().flatten().min();
    policy.max_blocks = largest.map(|octets| octets.div_ceil(1024));
    policy
}
