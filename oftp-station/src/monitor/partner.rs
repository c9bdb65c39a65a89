//! The partners of a monitor.

use oftp_core::mailbox::{Directory, Identity, Partner};
use oftp_core::wire::IdentificationCode;
use oftp_secure::Suite;

use super::{Monitor, MonitorError};
use crate::security::PartnerKeys;

/// A partner, and what else is asked of it.
#[derive(Debug, Clone)]
pub struct MonitorPartner {
    /// Who it is, and which files are taken from it.
    pub partner: Partner,
    /// Its calls must use TLS: one without it gets ESID 10.
    pub needs_tls: bool,
}

impl Monitor {
    /// Adds a partner with its keys ([`keys::trust`](super::keys::trust)), or puts it in the place
    /// of the one with the same code. Whoever is not added can neither call nor be called. A
    /// session that runs goes on with what it began with.
    ///
    /// # Errors
    /// [`MonitorError::OwnCode`].
    pub fn add_partner(
        &mut self,
        mut row: MonitorPartner,
        keys: PartnerKeys,
    ) -> Result<(), MonitorError> {
        let code = row.partner.code;
        if code.trimmed() == self.settings.identity.code.trimmed() {
            return Err(MonitorError::OwnCode);
        }
        if self.security.no_legacy {
            let is_legacy = |code: &u8| Suite::of(*code).is_some_and(|suite| suite.legacy);
            row.partner.policy.suites.retain(|code| !is_legacy(code));
        }
        let other = |one: &IdentificationCode| one.trimmed() != code.trimmed();
        self.partners.retain(|row| other(&row.partner.code));
        self.partner_keys.retain(|(one, _)| other(one));
        self.partners.push(row);
        self.partner_keys.push((code, keys));
        self.bind_keys();
        Ok(())
    }

    /// Who this side is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.settings.identity
    }

    /// The partner with this code (SSIDCODE).
    #[must_use]
    pub fn partner(&self, code: &IdentificationCode) -> Option<&MonitorPartner> {
        let mut rows = self.partners.iter();
        rows.find(|row| row.partner.code.trimmed() == code.trimmed())
    }

    /// Everybody who may call, whatever the connection is.
    #[must_use]
    pub fn directory(&self) -> Directory {
        let rows = self.partners.iter();
        Directory {
            partners: rows.map(|row| row.partner.clone()).collect(),
            strangers: None,
            hide_unknown: self.hide_unknown,
        }
    }
}
