//! Errors of the User Monitor, in the words and codes of this library.

use oftp_station::monitor::{Fault, MonitorError};
use oftp_station::security::{KeyError, Use};

use crate::status::{Fail, oftp_code};

impl From<MonitorError> for Fail {
    fn from(error: MonitorError) -> Self {
        let text = match &error {
            MonitorError::NoSession => "no session runs on this mailbox".to_owned(),
            MonitorError::SessionRuns => "a session runs on this mailbox".to_owned(),
            MonitorError::UnknownPartner(code) => {
                format!("partner {code} is not known: add it by oftp_mailbox_add_partner first")
            }
            MonitorError::WhichPartner(code) => format!(
                "destination {code} is no partner of this mailbox, so that partner must say to \
                 whom the file goes"
            ),
            MonitorError::HostNeeded => {
                "host is NULL, and the anchors of the partner certify others too: name the host, \
                 or names of the partner"
                    .to_owned()
            }
            MonitorError::NoResponseCertificate => {
                "signed_response: there is no certificate of the partner to check the signature \
                 by: give certificates to oftp_mailbox_add_partner"
                    .to_owned()
            }
            MonitorError::Tls(tls) if error.fault() == Fault::Value => format!("host: {tls}"),
            MonitorError::Key(key) => told(key),
            other => other.to_string(),
        };
        match error.fault() {
            Fault::Value => oftp_code::OFTP_E_VALUE,
            Fault::State => oftp_code::OFTP_E_USER,
            Fault::Io => oftp_code::OFTP_E_IO,
            Fault::Memory => oftp_code::OFTP_E_MEMORY,
            Fault::Key => oftp_code::OFTP_E_KEY,
            Fault::Distrust => oftp_code::OFTP_E_DISTRUST,
            // Another kind would be a new one, that this library does not know yet.
            _ => oftp_code::OFTP_E_INTERNAL,
        }
        .because(text)
    }
}

/// Why a key cannot be used.
fn told(error: &KeyError) -> String {
    let what = |purpose: &Use| match purpose {
        Use::Sign => "sign files",
        Use::Encrypt => "encrypt files",
        Use::Auth => "authenticate",
        Use::Tls => "speak TLS",
        Use::Eerp => "sign end responses",
    };
    match error {
        KeyError::NoOwn { purpose } => format!(
            "there is no key of our own to {}: give own_keys to oftp_mailbox_new",
            what(purpose)
        ),
        KeyError::OwnNotValid { certificate } => {
            format!("our own certificate {certificate} is not valid now: make a new one")
        }
        KeyError::NoPartner { purpose } => format!(
            "there is no certificate of the partner to {}: give certificates to \
             oftp_mailbox_add_partner",
            what(purpose)
        ),
        KeyError::Distrust(distrust) => distrust.to_string(),
    }
}
