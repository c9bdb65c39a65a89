//! What is to be done with a content, and what was announced of a message.

use std::time::SystemTime;

use oftp_secure::cms::{OpenPlan, Opened, SealPlan};
use oftp_secure::{Credential, Purpose};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple};

use super::suite;
use crate::certificates::{Certificate, Keystore, Trust, time};
use crate::error::{Error, Outcome};
use crate::fields::make;

/// Who signs: these, or the newest that is valid.
pub(super) fn signers(
    keystore: &Keystore,
    wanted: &[Certificate],
    now: SystemTime,
) -> Outcome<Vec<Credential>> {
    let mut own = keystore.credentials()?;
    if !wanted.is_empty() {
        let find = |wanted: &Certificate| {
            let found = own.iter().find(|own| own.certificate == wanted.0);
            found.cloned().ok_or_else(|| {
                Error::Key(format!(
                    "the keystore has no private key for certificate {}",
                    wanted.0
                ))
            })
        };
        return wanted.iter().map(find).collect();
    }
    // Other keys serve TLS alone.
    own.retain(|own| own.key.rsa().is_ok());
    let valid = |own: &Credential| {
        let certificate = &own.certificate;
        certificate.not_before() <= now && now <= certificate.not_after()
    };
    let Some(newest) = own.first() else {
        return Err(Error::Key(
            "the keystore has no RSA key to sign with".to_owned(),
        ));
    };
    let place = own.iter().position(valid).ok_or_else(|| {
        Error::Key(format!(
            "{} is not valid at this time: make a new one, or name it in signers",
            newest.certificate
        ))
    })?;
    Ok(vec![own.swap_remove(place)])
}

/// For whom it is encrypted: certificates as they are, and the newest of each trust.
fn recipients(
    encrypt_for: &Bound<'_, PyAny>,
    now: SystemTime,
) -> Outcome<Vec<oftp_secure::Certificate>> {
    let one = |object: &Bound<'_, PyAny>| -> Outcome<oftp_secure::Certificate> {
        if let Ok(trust) = object.cast::<Trust>() {
            let newest = trust.get().0.newest(Purpose::EncryptFile, now);
            return newest
                .cloned()
                .map_err(|distrust| Error::Distrust(Box::new(distrust)));
        }
        let certificate = object.cast::<Certificate>().map_err(PyErr::from)?;
        Ok(certificate.get().0.clone())
    };
    if encrypt_for.is_instance_of::<Trust>() || encrypt_for.is_instance_of::<Certificate>() {
        return Ok(vec![one(encrypt_for)?]);
    }
    let mut all = Vec::new();
    for object in encrypt_for.try_iter()? {
        all.push(one(&object?)?);
    }
    // Nobody to encrypt for must never mean: not encrypted.
    if all.is_empty() {
        return Err(Error::value(
            "encrypt_for is empty: leave it out for a file that is not encrypted",
        ));
    }
    Ok(all)
}

/// The level of zlib: `True` is the usual one.
fn compression(compress: &Bound<'_, PyAny>) -> Outcome<Option<u32>> {
    if let Ok(compress) = compress.cast::<PyBool>() {
        return Ok(compress.is_true().then_some(6));
    }
    match compress.extract::<u32>() {
        Ok(0) => Ok(None),
        Ok(level @ 1..=9) => Ok(Some(level)),
        _ => Err(Error::value(format!(
            "compress is {compress}, must be True, False, or 0 to 9"
        ))),
    }
}

pub(super) fn record_length(value: i64) -> Outcome<Option<u32>> {
    match value {
        0 => Ok(None),
        1..=65_535 => Ok(u32::try_from(value).ok()),
        _ => Err(Error::value(format!(
            "record_length is {value}, must be 0 to 65535 (RFC 5024 6.5)"
        ))),
    }
}

/// What `Sealer` is told, by name.
pub(super) struct Sealing<'a, 'py> {
    pub(super) sign_with: Option<&'a Keystore>,
    pub(super) encrypt_for: Option<&'a Bound<'py, PyAny>>,
    pub(super) compress: &'a Bound<'py, PyAny>,
    pub(super) suite: i64,
    pub(super) signers: &'a [Certificate],
    pub(super) at: Option<&'a Bound<'py, PyAny>>,
}

impl Sealing<'_, '_> {
    pub(super) fn plan(&self) -> Outcome<SealPlan> {
        let now = time(self.at, "at")?;
        let mut plan = SealPlan::new(suite(self.suite)?);
        plan.compression = compression(self.compress)?;
        match self.sign_with {
            Some(keystore) => plan.signers = signers(keystore, self.signers, now)?,
            None if !self.signers.is_empty() => {
                return Err(Error::value("signers is set, but sign_with is None"));
            }
            None => {}
        }
        if let Some(encrypt_for) = self.encrypt_for {
            plan.recipients = recipients(encrypt_for, now)?;
        }
        plan.signing_time = Some(now);
        Ok(plan)
    }
}

/// What is needed to open a message.
pub(super) fn open_plan(
    decrypt_with: Option<&Keystore>,
    decompress: bool,
    signed_by: Option<&Trust>,
    at: Option<&Bound<'_, PyAny>>,
) -> Outcome<OpenPlan> {
    let trust = signed_by.map(|trust| trust.0.clone());
    let mut plan = OpenPlan::new(trust.unwrap_or_default(), time(at, "at")?);
    plan.signed = signed_by.is_some();
    plan.compressed = decompress;
    if let Some(keystore) = decrypt_with {
        plan.encrypted = true;
        plan.keys = keystore.credentials()?;
    }
    Ok(plan)
}

/// `oftp.cms.Opened`, without its content.
pub(super) fn opened<'py>(py: Python<'py>, opened: &Opened) -> PyResult<Bound<'py, PyAny>> {
    let signers = opened.signers.iter().cloned().map(Certificate);
    let fields = (
        PyTuple::new(py, signers.collect::<Vec<_>>())?,
        PyTuple::new(py, &opened.other_signatures)?,
        opened.hash.map(|hash| hash.to_string()),
        opened.cipher.map(|cipher| cipher.to_string()),
        opened.octets,
        opened.is_legacy(),
    );
    make(py, "oftp._cms", "Opened", fields)
}
