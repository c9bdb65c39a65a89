//! What keys there are, and for how long.

use std::time::{Duration, SystemTime};

use oftp_secure::Certificate;
use oftp_secure::trust::utc;

use super::{Stage, Step};
use crate::exit_code::ExitCode;
use crate::security::{KeyError, Keys, Use};
use crate::station::config::{Config, PartnerConfig};

/// People should know so long before a certificate ends.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// The keys that sessions and files with this partner need.
pub(super) fn step(config: &Config, partner: &PartnerConfig) -> Step {
    let keys = config.security.ring.with(&partner.mailbox.code);
    let now = SystemTime::now();
    let mut step = Step::ok(Stage::Keys, "");
    let mut missing = Vec::new();
    let (mut ours, mut theirs) = (Uses::default(), Uses::default());
    for purpose in Use::ALL {
        match keys.own.valid(purpose, now) {
            Ok(own) => ours.add(&own.certificate, own_label(purpose)),
            Err(KeyError::NoOwn { .. }) if !own_is_needed(partner, purpose) => {}
            Err(error) => missing.push(own_fault(purpose, &error)),
        }
    }
    for purpose in [Use::Auth, Use::Encrypt] {
        match keys.recipient(purpose, now) {
            Ok(certificate) => theirs.add(&certificate, partner_label(purpose)),
            Err(error) if recipient_is_needed(partner, purpose) => {
                let label = partner_label(purpose);
                missing.push(format!("its certificate {label}: {}", plain(&error)));
            }
            Err(_) => {}
        }
    }
    step = ours.shown(step, "our key", now);
    step = theirs.shown(step, "its certificate", now);
    missing.extend(trust_faults(partner, &keys));
    let Some(first) = missing.first() else {
        let found = match (step.details.is_empty(), step.advice.is_empty()) {
            (true, _) => "none are needed",
            (_, true) => "all that are needed are there, and valid",
            (_, false) => "all that are needed are there; some end soon",
        };
        step.found = found.to_owned();
        return step;
    };
    let mut failed = Step::failed(
        Stage::Keys,
        ExitCode::Usage,
        first,
        "sessions or files with this partner need this key or certificate",
    );
    for other in missing.iter().skip(1) {
        failed = failed.with("also", other);
    }
    failed.details.extend(step.details);
    failed
        .advice(
            "`oftp keygen` makes a key; [keys] in oftp.toml names it, and the partner needs its \
             certificate",
        )
        .advice(
            "`certificates` or `authorities` of the partner in oftp.toml name what it has given \
             to us; `oftp cert show FILE` tells what is in a file",
        )
}

/// Certificates, and what each is used for.
#[derive(Default)]
struct Uses(Vec<(Certificate, Vec<&'static str>)>);

impl Uses {
    fn add(&mut self, certificate: &Certificate, label: &'static str) {
        match self.0.iter_mut().find(|(known, _)| known == certificate) {
            Some((_, labels)) => labels.push(label),
            None => self.0.push((certificate.clone(), vec![label])),
        }
    }

    /// Each with its uses, and until when it is valid.
    fn shown(self, step: Step, what: &'static str, now: SystemTime) -> Step {
        self.0.iter().fold(step, |step, (certificate, labels)| {
            let left = days_left(certificate, now);
            let until = utc(certificate.not_after());
            let labels = labels.join(", ");
            let text = format!("{certificate}, valid until {until} ({left} days): {labels}");
            let step = step.with(what, text);
            match ends_soon(certificate, now) {
                false => step,
                true => step.warn(format!(
                    "{what} {certificate} ends in {left} days: its owner should make a new one, \
                     and give it to the other side before that"
                )),
            }
        })
    }
}

/// How many days a certificate is still valid.
pub(super) fn days_left(certificate: &Certificate, now: SystemTime) -> u64 {
    let left = certificate.not_after().duration_since(now);
    left.unwrap_or_default().as_secs() / (24 * 3600)
}

/// Whether people should do something about a certificate.
pub(super) fn ends_soon(certificate: &Certificate, now: SystemTime) -> bool {
    certificate.not_after() < now + SOON
}

fn own_fault(purpose: Use, error: &KeyError) -> String {
    match error {
        KeyError::NoOwn { .. } => format!("our key {}: there is none", own_label(purpose)),
        KeyError::OwnNotValid { certificate } => format!(
            "our key {}: {certificate} is not valid now: it has ended, or the clock of this machine is \
             wrong",
            own_label(purpose)
        ),
        error => error.to_string(),
    }
}

fn plain(error: &KeyError) -> String {
    match error {
        KeyError::NoPartner { .. } => "there is none".to_owned(),
        error => error.to_string(),
    }
}

/// What must be known of the partner to check what it shows and signs.
fn trust_faults(partner: &PartnerConfig, keys: &Keys) -> Vec<String> {
    let mut faults = Vec::new();
    if partner.tls.is_some() && !keys.partner.knows(Use::Tls) {
        faults.push("its certificate for TLS: nothing is known of it".to_owned());
    }
    if partner.protection.signed_response && !keys.partner.knows(Use::Eerp) {
        faults.push("its certificate for signed end responses: nothing is known of it".to_owned());
    }
    faults
}

const fn own_is_needed(partner: &PartnerConfig, purpose: Use) -> bool {
    match purpose {
        Use::Auth => partner.mailbox.authentication,
        Use::Sign => partner.protection.sign,
        Use::Encrypt | Use::Tls | Use::Eerp => false,
    }
}

const fn recipient_is_needed(partner: &PartnerConfig, purpose: Use) -> bool {
    match purpose {
        Use::Auth => partner.mailbox.authentication,
        Use::Encrypt => partner.protection.encrypt,
        _ => false,
    }
}

const fn own_label(purpose: Use) -> &'static str {
    match purpose {
        Use::Sign => "to sign files",
        Use::Encrypt => "to open files",
        Use::Auth => "to authenticate",
        Use::Tls => "for TLS",
        Use::Eerp => "to sign end responses",
    }
}

const fn partner_label(purpose: Use) -> &'static str {
    match purpose {
        Use::Auth => "to authenticate",
        _ => "to encrypt for",
    }
}
