//! The partners of a mailbox, and which files are taken from each.

use std::ffi::c_char;

use oftp_core::mailbox::{FilePolicy, Origins, Partner, Rule};
use oftp_core::wire::{IdentificationCode, Password, RecordFormat};
use oftp_station::monitor::{MonitorPartner, keys};
use oftp_station::security::PartnerKeys;

use super::config::{choice, code, path, session, value, x};
use super::object::Instance;
use super::{oftp_mailbox, on};
use crate::guard::{Versioned, octets, read};
use crate::session::oftp_config;
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::text::string;
use crate::values::{oftp_choice, oftp_rule};

/// A partner: who it is, which files are taken from it, and its certificates. Every field but
/// `code` may be 0: its default. Everything is copied. Initialise with `OFTP_PARTNER_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_partner {
    /// `sizeof(oftp_partner)`.
    pub struct_size: usize,
    /// Its identification code (SSIDCODE), 1 to 25 characters.
    pub code: *const c_char,
    /// The password that it must send (SSIDPSWD); NULL: whatever it sends is taken.
    pub password: *const c_char,
    /// Require secure authentication (SSIDAUTH, RFC 5024 4.2.3), an `oftp_choice`; default no.
    /// It takes our own keys and the partner's certificate.
    pub authentication: i32,
    /// Its calls must use TLS, an `oftp_choice`; default no. A call without it gets ESID 10.
    pub tls: i32,
    /// What may be agreed with this partner; NULL: what the mailbox was told. Timers, `role` and
    /// `framing` are not looked at.
    pub session: *const oftp_config,
    /// Destinations of files that are taken beside our own code (SFIDDEST).
    pub destinations: *const *const c_char,
    /// How many.
    pub destination_count: usize,
    /// Take files for every destination, an `oftp_choice`; default no.
    pub any_destination: i32,
    /// Originators of files that are taken beside the partner's own code (SFIDORIG). NULL: all of
    /// the partner's organisation.
    pub origins: *const *const c_char,
    /// How many.
    pub origin_count: usize,
    /// Take files of every originator, as from a clearing centre, an `oftp_choice`; default no.
    pub any_origin: i32,
    /// The record formats taken (SFIDFMT), as letters: "FVUT"; NULL: all.
    pub formats: *const c_char,
    /// Longest record taken in octets (SFIDLRECL); default 99,999.
    pub max_record: u32,
    /// Largest file taken in blocks of 1,024 octets (SFIDFSIZ); 0: no limit. Files that grow
    /// beyond it all the same end the session (ESID 08).
    pub max_size: u64,
    /// Signed files, an `oftp_rule`.
    pub signing: i32,
    /// Encrypted files, an `oftp_rule`.
    pub encryption: i32,
    /// Compressed files, an `oftp_rule`.
    pub compression: i32,
    /// Files that ask for a signed end response, an `oftp_rule`.
    pub signed_responses: i32,
    /// Cipher suites taken (SFIDCIPH); NULL: 01 to 06.
    pub suites: *const u8,
    /// How many.
    pub suite_count: usize,
    /// The suite meant where a signed response is asked for and none is named; 0: such files are
    /// refused.
    pub unnamed_suite: i32,
    /// File of the certificates that the partner has given to us, PEM or DER, each trusted as it
    /// is; lists of revoked certificates in it count as well. NULL: none.
    pub certificates: *const c_char,
    /// The same in memory, beside or instead of the file; NULL, 0: none.
    pub certificates_data: *const u8,
    /// Octets of `certificates_data`.
    pub certificates_len: usize,
    /// File of the authorities that may certify this partner; NULL: none.
    pub anchors: *const c_char,
    /// Names of which an authority's certificate for the partner bears one: host name, common
    /// name, or identification code as serial number. NULL: the authorities certify nobody else,
    /// and a host that is called by TLS must bear its host name.
    pub names: *const *const c_char,
    /// How many.
    pub name_count: usize,
}

// SAFETY: repr(C), the size first, and zero is good for integers and pointers.
unsafe impl Versioned for oftp_partner {
    const NAME: &'static str = "oftp_partner";
    const FIRST: usize = size_of::<Self>();
}

/// Strings of the caller.
///
/// # Safety
/// `pointer` is NULL or valid for `count` strings.
unsafe fn list(
    pointer: *const *const c_char,
    count: usize,
    name: &str,
) -> Outcome<Vec<*const c_char>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if pointer.is_null() {
        return Err(oftp_code::OFTP_E_NULL.because(format!("{name} is NULL")));
    }
    if count > 1 << 16 {
        return Err(value(format!("{name}: {count} are too many")));
    }
    // SAFETY: by the caller.
    Ok((0..count)
        .map(|at| unsafe { pointer.add(at).read() })
        .collect())
}

/// # Safety
/// As [`list`].
unsafe fn codes(
    pointer: *const *const c_char,
    count: usize,
    name: &str,
) -> Outcome<Vec<IdentificationCode>> {
    // SAFETY: by the caller.
    let all = unsafe { list(pointer, count, name) }?;
    // SAFETY: by the caller.
    let codes = all.into_iter().map(|one| unsafe { code(one, name) });
    codes.collect()
}

fn rule(given: i32, name: &str) -> Outcome<Rule> {
    match given {
        v if v == oftp_rule::OFTP_RULE_ALLOWED as i32 => Ok(Rule::Allowed),
        v if v == oftp_rule::OFTP_RULE_REQUIRED as i32 => Ok(Rule::Required),
        v if v == oftp_rule::OFTP_RULE_FORBIDDEN as i32 => Ok(Rule::Forbidden),
        v => Err(value(format!(
            "{name} is {v}, must be an oftp_rule, 0 to 2"
        ))),
    }
}

impl oftp_partner {
    /// # Safety
    /// The pointers are as their fields say.
    unsafe fn policy(&self) -> Outcome<FilePolicy> {
        let standard = FilePolicy::default();
        // SAFETY: by the caller.
        let (destinations, origins, formats, suites) = unsafe {
            (
                codes(self.destinations, self.destination_count, "destinations")?,
                codes(self.origins, self.origin_count, "origins")?,
                string(self.formats, "formats")?,
                octets(self.suites, self.suite_count, "suites")?,
            )
        };
        let mut taken = Vec::new();
        for letter in formats.bytes() {
            let format = RecordFormat::from_letter(letter);
            taken.push(format.ok_or_else(|| value("formats: letters of \"FVUT\" are meant"))?);
        }
        let any_destination = choice(self.any_destination, "any_destination", false)?;
        Ok(FilePolicy {
            destinations: (!any_destination).then_some(destinations),
            origins: match (choice(self.any_origin, "any_origin", false)?, origins) {
                (true, _) => Origins::Any,
                (false, listed) if listed.is_empty() => Origins::Organisation,
                (false, listed) => Origins::Listed(listed),
            },
            formats: if taken.is_empty() {
                standard.formats
            } else {
                taken
            },
            max_record: match self.max_record {
                0 => standard.max_record,
                record => record,
            },
            max_blocks: (self.max_size > 0).then_some(self.max_size),
            signing: rule(self.signing, "signing")?,
            encryption: rule(self.encryption, "encryption")?,
            compression: rule(self.compression, "compression")?,
            signed_responses: rule(self.signed_responses, "signed_responses")?,
            suites: if suites.is_empty() {
                standard.suites
            } else {
                suites.to_vec()
            },
            unnamed_suite: match self.unnamed_suite {
                0 => None,
                suite => Some(
                    u8::try_from(suite)
                        .map_err(|_| value(format!("unnamed_suite is {suite}, must be 0 to 99")))?,
                ),
            },
            strict_names: false,
        })
    }

    /// # Safety
    /// As [`policy`](Self::policy).
    unsafe fn keys(&self) -> Outcome<PartnerKeys> {
        // SAFETY: by the caller.
        unsafe {
            let data = octets(
                self.certificates_data,
                self.certificates_len,
                "certificates_data",
            )?;
            let file = path(self.certificates);
            let certificates = keys::load("certificates", file.as_deref(), data, None)?;
            let anchors = keys::load("anchors", path(self.anchors).as_deref(), &[], None)?;
            let mut names = Vec::new();
            for name in list(self.names, self.name_count, "names")? {
                names.push(string(name, "names")?.to_owned());
            }
            Ok(keys::trust(certificates, anchors, names))
        }
    }

    /// # Safety
    /// As [`policy`](Self::policy).
    unsafe fn row(&self) -> Outcome<(MonitorPartner, PartnerKeys)> {
        // SAFETY: by the caller.
        unsafe {
            let special = if self.session.is_null() {
                None
            } else {
                Some(session(self.session)?)
            };
            let partner = Partner {
                password: if self.password.is_null() {
                    None
                } else {
                    Some(Password::new(x(self.password, "password")?))
                },
                authentication: choice(self.authentication, "authentication", false)?,
                quirks: special.as_ref().map(|special| special.quirks),
                capabilities: special.map(|special| special.capabilities),
                policy: self.policy()?,
                ..Partner::new(code(self.code, "code")?)
            };
            let row = MonitorPartner {
                partner,
                needs_tls: self.tls != oftp_choice::OFTP_DEFAULT as i32
                    && choice(self.tls, "tls", false)?,
            };
            Ok((row, self.keys()?))
        }
    }
}

/// Adds a partner, or puts it in the place of the one with the same code. Whoever is not added
/// can neither call nor be called. Its keys are read now, which may take some milliseconds.
///
/// \param mailbox The mailbox. A session that runs goes on with what it began with.
/// \param partner The partner. Copied, with all that it points to.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the code is our own; `OFTP_E_KEY`:
/// certificates cannot be read; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is added.
///
/// Allowed inside callbacks.
///
/// # Safety
/// `partner` is NULL or valid, with all that it points to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_add_partner(
    mailbox: *mut oftp_mailbox,
    partner: *const oftp_partner,
) -> oftp_status {
    on(mailbox, |instance: &mut Instance| {
        // SAFETY: by the caller.
        let (row, keys) = unsafe { read(partner)?.row() }?;
        Ok(instance.monitor.add_partner(row, keys)?)
    })
}
