//! Who may come in: the decisions that RFC 5024 leaves to the User Monitor (4.2, 5.3.2), as data.

use super::policy::FilePolicy;
use crate::session::{Capabilities, ConnectInd};
use crate::wire::{EsidReason, IdentificationCode, Password, Quirks, UserData};

/// What this station says of itself in SSID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// SSIDCODE.
    pub code: IdentificationCode,
    /// SSIDPSWD.
    pub password: Password,
    /// SSIDUSER.
    pub user: UserData,
}

/// One partner: the other end of sessions.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Its identification code (SSIDCODE).
    pub code: IdentificationCode,
    /// The password that it must send; `None`: whatever it sends is taken.
    pub password: Option<Password>,
    /// What we say of ourselves to this partner, where that is special.
    pub identity: Option<Identity>,
    /// Whether secure authentication is required (SSIDAUTH).
    pub authentication: bool,
    /// What may be agreed with this partner, where that is special.
    pub capabilities: Option<Capabilities>,
    /// What this partner may do beyond the letter, where that is special.
    pub quirks: Option<Quirks>,
    /// Which of its files are taken.
    pub policy: FilePolicy,
    /// Turns the partner away whatever its password: the connection says that this is not the
    /// partner (ESID 03), or that it comes by a way that is not for it (ESID 10). Only the driver
    /// knows the connection, so it sets this for each caller (threat model S11, S15).
    pub denial: Option<Denial>,
}

impl Partner {
    /// A partner with nothing special: this code, any password, the default policy.
    #[must_use]
    pub fn new(code: IdentificationCode) -> Self {
        Self {
            code,
            password: None,
            identity: None,
            authentication: false,
            capabilities: None,
            quirks: None,
            policy: FilePolicy::default(),
            denial: None,
        }
    }
}

/// Everybody who may call.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The partners by their codes.
    pub partners: Vec<Partner>,
    /// Taken for a caller that is in no row; its code is put in. `None`: strangers get ESID 03.
    pub strangers: Option<Partner>,
    /// Answer an unknown code, and a [denied](Partner::denial) partner, as a wrong password
    /// (ESID 04), so that codes cannot be guessed.
    pub hide_unknown: bool,
}

/// A caller is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The reason for ESID: what the caller may know.
    pub reason: EsidReason,
    /// What it is, for our side.
    pub why: String,
}

impl Directory {
    /// Denies partners by what the connection of one caller says of them; `None` leaves a partner
    /// as it is. Strangers are asked for as well, by the code in their row.
    pub fn deny(&mut self, mut why: impl FnMut(&Partner) -> Option<Denial>) {
        for partner in self.partners.iter_mut().chain(&mut self.strangers) {
            if let Some(denial) = why(partner) {
                partner.denial = Some(denial);
            }
        }
    }

    /// Decides on a caller (4.2, 5.3.2). The password of a partner that is
    /// [denied](Partner::denial) is not looked at.
    ///
    /// # Errors
    /// ESID 03 for an unknown code and for our own, 04 for a wrong password, the reason of the
    /// denial for a denied partner; 04 for all of them with [`hide_unknown`](Self::hide_unknown).
    pub fn admit(&self, own: &Identity, caller: &ConnectInd) -> Result<Partner, Denial> {
        let code = caller.ssid.code;
        let denied = |reason, why| Denial {
            reason: if self.hide_unknown {
                EsidReason::INVALID_PASSWORD
            } else {
                reason
            },
            why,
        };
        let unknown = |why| denied(EsidReason::USER_CODE_NOT_KNOWN, why);
        // Our own code in a call would let our challenges come back to us (S14).
        if self.is_own(&code, own) {
            return Err(unknown(format!("caller uses our own code {code}")));
        }
        let mut known = self.partners.iter();
        let partner = known
            .find(|partner| partner.code.trimmed() == code.trimmed())
            .cloned()
            .or_else(|| self.strangers.clone().map(|any| Partner { code, ..any }))
            .ok_or_else(|| {
                // As long as a partner's takes: the time of the answer tells no more than it says.
                let _ = own.password.matches(&caller.ssid.pswd);
                unknown(format!("caller {code} is not known"))
            })?;
        if let Some(Denial { reason, why }) = partner.denial {
            return Err(denied(reason, format!("{code}: {why}")));
        }
        match &partner.password {
            Some(password) if !password.matches(&caller.ssid.pswd) => Err(Denial {
                reason: EsidReason::INVALID_PASSWORD,
                why: format!("wrong password from {code}"),
            }),
            _ => Ok(partner),
        }
    }

    /// The code in the row of the partner that a caller says it is, which is not denied, and whose
    /// password it does not know. All strangers have one row, and one password to guess.
    pub(super) fn wrong_password(&self, caller: &ConnectInd) -> Option<IdentificationCode> {
        let code = caller.ssid.code.trimmed();
        let partners = self.partners.iter();
        let mut named = partners.filter(|partner| partner.code.trimmed() == code);
        let partner = named.next().or(self.strangers.as_ref())?;
        let password = partner.password.as_ref()?;
        let is_wrong = partner.denial.is_none() && !password.matches(&caller.ssid.pswd);
        is_wrong.then_some(partner.code)
    }

    /// Whether this is a code by which any partner knows us.
    fn is_own(&self, code: &IdentificationCode, own: &Identity) -> bool {
        let partners = self.partners.iter().chain(&self.strangers);
        let special = partners.filter_map(|partner| partner.identity.as_ref());
        special
            .chain([own])
            .any(|identity| identity.code.trimmed() == code.trimmed())
    }
}
