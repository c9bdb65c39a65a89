//! From options to keys, trust, and what is asked of files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox::{FilePolicy, Rule};
use oftp_core::wire::IdentificationCode;
use oftp_secure::keystore::{Keystore, KeystoreError, Passphrase, exposed_to_others};
use oftp_secure::tls::ClientCertificates;
use oftp_secure::{Certificate, Suite};
use rustls::ClientConfig;

use super::settings::{self, UsageError};
use crate::args::{AcceptArgs, ClientCertArg, KeyArgs, KeyFile, ProtectArgs, Service, Use};
use crate::exchange::Voice;
use crate::security::{
    CallersTls, ForUse, KeyError, KeyRing, Keys, OwnKeys, PartnerFiles, PartnerKeys, Protection,
    TlsKeyError, called, calling, own_keys as own_keys_of,
};

/// The keys between us and these partners.
pub(super) fn key_ring(
    args: &KeyArgs,
    partners: &[IdentificationCode],
    voice: &Voice,
) -> Result<KeyRing, UsageError> {
    let own = own_keys(args, voice)?;
    let mut rings = Vec::new();
    for code in partners {
        rings.push((*code, partner_keys(args, code, partners)?));
    }
    Ok(KeyRing::new(own, rings))
}

fn own_keys(args: &KeyArgs, voice: &Voice) -> Result<OwnKeys, UsageError> {
    let passphrase = args.passphrase.resolve();
    let passphrase = passphrase.map_err(|error| UsageError::Key(error.to_string()))?;
    for file in &args.own_key {
        if let Ok(Some(mode)) = exposed_to_others(&file.path) {
            voice.warn(&format!(
                "{}: others can read this private key (mode {:03o}); chmod 600 mends that",
                file.path.display(),
                mode & 0o777
            ));
        }
    }
    let load_all = |files: &[KeyFile]| {
        let loaded = files.iter().map(|file| {
            load(&file.path, passphrase.as_ref()).map(|content| ForUse {
                purpose: file.purpose,
                content,
            })
        });
        loaded.collect::<Result<Vec<_>, _>>()
    };
    let (keys, certificates) = (load_all(&args.own_key)?, load_all(&args.own_cert)?);
    own_keys_of(&keys, &certificates).map_err(|error| {
        UsageError::Key(format!("own keys: {error}; --own-cert names certificates"))
    })
}

fn load(path: &Path, passphrase: Option<&Passphrase>) -> Result<Keystore, UsageError> {
    Keystore::load(path, passphrase)
        .map_err(|error: KeystoreError| UsageError::Key(error.to_string()))
}

/// The files that are about this partner.
fn files_of<'a>(
    option: &'static str,
    files: &'a [KeyFile],
    code: &IdentificationCode,
    partners: &[IdentificationCode],
) -> Result<Vec<&'a KeyFile>, UsageError> {
    let mut own = Vec::new();
    for file in files {
        if is_about(option, file.partner.as_deref(), code, partners)? {
            own.push(file);
        }
    }
    Ok(own)
}

/// Whether an option is about this partner: it names it, or there is no other.
fn is_about(
    option: &'static str,
    named: Option<&str>,
    code: &IdentificationCode,
    partners: &[IdentificationCode],
) -> Result<bool, UsageError> {
    let Some(named) = named else {
        if partners.len() > 1 {
            return Err(UsageError::Option(format!(
                "{option}: there are several partners; say whose it is by ID:"
            )));
        }
        return Ok(true);
    };
    let named = settings::code(option, named)?;
    if partners.iter().all(|one| one.trimmed() != named.trimmed()) {
        return Err(UsageError::Option(format!(
            "{option}: {named} is no partner; --partner names partners"
        )));
    }
    Ok(named.trimmed() == code.trimmed())
}

fn partner_keys(
    args: &KeyArgs,
    code: &IdentificationCode,
    partners: &[IdentificationCode],
) -> Result<PartnerKeys, UsageError> {
    let certificates = files_of("--partner-cert", &args.partner_cert, code, partners)?;
    let authorities = files_of("--partner-ca", &args.partner_ca, code, partners)?;
    let mut own = PartnerFiles {
        certificates: all_certificates("--partner-cert", &certificates)?,
        authorities: all_certificates("--partner-ca", &authorities)?,
        require_list: args.require_crl,
        list_age: args
            .crl_max_age
            .map(|days| Duration::from_secs(u64::from(days) * 24 * 3600)),
        sha1: args.allow_sha1_certificates,
        ..PartnerFiles::default()
    };
    for file in files_of("--partner-crl", &args.partner_crl, code, partners)? {
        own.revoked.extend(load(&file.path, None)?.crls);
    }
    for name in &args.partner_name {
        if is_about("--partner-name", name.partner.as_deref(), code, partners)? {
            own.names.push(name.name.clone());
        }
    }
    if partners.len() > 1 && !authorities.is_empty() && own.names.is_empty() {
        return Err(UsageError::Option(format!(
            "--partner-ca: what an authority certifies would all be {code}'s; --partner-name says \
             which name this partner's certificates bear"
        )));
    }
    Ok(own.keys())
}

fn all_certificates(
    option: &'static str,
    files: &[&KeyFile],
) -> Result<Vec<ForUse<Vec<Certificate>>>, UsageError> {
    let all = files.iter().map(|file| {
        certificates_of(option, &file.path).map(|content| ForUse {
            purpose: file.purpose,
            content,
        })
    });
    all.collect()
}

fn certificates_of(option: &'static str, path: &Path) -> Result<Vec<Certificate>, UsageError> {
    let found = load(path, None)?.certificates;
    if found.is_empty() {
        return Err(UsageError::Key(format!(
            "{option}: {} holds no certificate",
            path.display()
        )));
    }
    Ok(found)
}

/// What is done to files, once it is known that the keys for it are there.
pub(super) fn protection(args: &ProtectArgs, keys: &Keys) -> Result<Protection, UsageError> {
    let suite = Suite::of(args.suite);
    let protection = Protection {
        sign: args.sign,
        encrypt: args.encrypt,
        compress: args.compress,
        signed_response: args.signed_eerp,
        suite: suite.ok_or_else(|| UsageError::Option("--suite: 01 to 10".to_owned()))?,
    };
    let now = std::time::SystemTime::now();
    let key = |error: KeyError| UsageError::Key(error.to_string());
    if protection.sign {
        keys.own.valid(Use::Sign, now).map_err(key)?;
    }
    if protection.encrypt {
        keys.recipient(Use::Encrypt, now).map_err(key)?;
    }
    if protection.signed_response && !keys.partner.knows(Use::Eerp) {
        return Err(UsageError::Key(
            "--signed-eerp: nothing is known to check the partner's signature by; --partner-cert \
             or --partner-ca names it"
                .to_owned(),
        ));
    }
    Ok(protection)
}

/// Checks that secure authentication with this partner has its keys.
pub(super) fn check_authentication(keys: &Keys) -> Result<(), UsageError> {
    let now = std::time::SystemTime::now();
    let checked = keys.own.valid(Use::Auth, now).map(drop);
    checked
        .and_then(|()| keys.recipient(Use::Auth, now).map(drop))
        .map_err(|error| UsageError::Key(format!("--auth: {error}")))
}

/// What is wanted of files: what nothing can be done with is refused as well.
pub(super) fn policy(
    args: &AcceptArgs,
    ring: &KeyRing,
    served: Vec<IdentificationCode>,
) -> Result<FilePolicy, UsageError> {
    let rule = |service, can: bool, missing: &str| {
        let (required, forbidden) = (
            args.require.contains(&service),
            args.forbid.contains(&service),
        );
        match (required, forbidden, can) {
            (true, true, _) => Err(in_both()),
            (true, false, false) => Err(UsageError::Key(format!("--require: {missing}"))),
            (true, false, true) => Ok(Rule::Required),
            (false, false, true) => Ok(Rule::Allowed),
            (false, ..) => Ok(Rule::Forbidden),
        }
    };
    let mut suites: Vec<u8> = if args.accept_suite.is_empty() {
        (0..=6).collect()
    } else {
        args.accept_suite.clone()
    };
    if args.no_legacy {
        suites.retain(|&code| !Suite::of(code).is_some_and(|suite| suite.legacy));
    }
    Ok(FilePolicy {
        destinations: Some(served),
        signing: rule(
            Service::Sign,
            // Of whom is for each file to show: a partner may bring those of others.
            ring.partners().any(|(_, keys)| keys.knows(Use::Sign)),
            "signatures cannot be checked without --partner-cert or --partner-ca",
        )?,
        encryption: rule(
            Service::Encrypt,
            !ring.own().all(Use::Encrypt).is_empty(),
            "nothing can be decrypted without --own-key",
        )?,
        compression: rule(Service::Compress, true, "")?,
        signed_responses: signed_responses(args, ring)?,
        suites,
        unnamed_suite: args.unnamed_suite,
        ..FilePolicy::default()
    })
}

/// Where a response cannot be signed an unsigned one is better than none (RFC 5024 3.3.5), so that
/// files that ask for one are taken without a key too, unless it is required.
fn signed_responses(args: &AcceptArgs, ring: &KeyRing) -> Result<Rule, UsageError> {
    let required = args.require.contains(&Service::SignedEerp);
    let forbidden = args.forbid.contains(&Service::SignedEerp);
    match (required, forbidden) {
        (true, true) => Err(in_both()),
        (true, false) if ring.own().all(Use::Eerp).is_empty() => Err(UsageError::Key(
            "--require signed-eerp: nothing can be signed without --own-key".to_owned(),
        )),
        (true, false) => Ok(Rule::Required),
        (false, true) => Ok(Rule::Forbidden),
        (false, false) => Ok(Rule::Allowed),
    }
}

fn in_both() -> UsageError {
    UsageError::Option("a service is both in --require and in --forbid".to_owned())
}

/// TLS for calls to a partner.
pub(super) fn client_tls(keys: &Keys) -> Result<Arc<ClientConfig>, UsageError> {
    calling(keys).map_err(|error| tls_error(&error))
}

/// TLS for callers, and whose certificates are whose.
pub(super) fn server_tls(ring: &KeyRing, wanted: ClientCertArg) -> Result<CallersTls, UsageError> {
    let wanted = match wanted {
        ClientCertArg::Require => ClientCertificates::Required,
        ClientCertArg::Ask => ClientCertificates::Asked,
        ClientCertArg::Off => ClientCertificates::Ignored,
    };
    called(ring, wanted).map_err(|error| tls_error(&error))
}

fn tls_error(error: &TlsKeyError) -> UsageError {
    let remedy = match error {
        TlsKeyError::NothingKnown => "; --partner-cert or --partner-ca names it",
        TlsKeyError::NoOwn => "; --own-key names one, `oftp keygen` makes one",
        TlsKeyError::Key(_) | TlsKeyError::Tls(_) => "",
    };
    UsageError::Key(format!("--tls: {error}{remedy}"))
}
