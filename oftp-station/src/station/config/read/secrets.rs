//! Passwords and passphrases: the configuration says only where they are.

use std::path::{Path, PathBuf};

use oftp_core::wire::{Password, X};
use oftp_secure::keystore::{Passphrase, exposed_to_others};

use super::notes::Place;
use super::table::Section;
use super::value::Value;
use crate::secret::Secret;

/// Where a secret is.
enum Reference<'t> {
    File(PathBuf),
    Environment(&'t str),
}

/// A password (SSIDPSWD), fetched; `None`: none is given, or what is given was noted as a fault.
pub(super) fn password(section: &Section<'_>, key: &'static str) -> Option<Password> {
    let value = section.get(key)?;
    let secret = match reference(&value)? {
        Reference::File(path) => {
            warn_if_exposed(&value, &path);
            Secret::from_file(&path)
        }
        Reference::Environment(name) => Secret::from_env(name),
    };
    match secret {
        Ok(secret) => Some(Password::new(X::from_octets(secret.as_octets()))),
        Err(error) => {
            value.fault(error);
            None
        }
    }
}

/// The passphrase of private keys, fetched.
pub(super) fn passphrase(section: &Section<'_>, key: &'static str) -> Option<Passphrase> {
    let value = section.get(key)?;
    let passphrase = match reference(&value)? {
        Reference::File(path) => {
            warn_if_exposed(&value, &path);
            Passphrase::from_file(&path)
        }
        Reference::Environment(name) => Passphrase::from_env(name),
    };
    passphrase.map_err(|error| value.fault(error)).ok()
}

/// What is said here must never hold what stands in the place of the reference.
fn reference<'t>(value: &Value<'t>) -> Option<Reference<'t>> {
    const HOW: &str = "name a file or an environment variable that holds it: \
                       { file = \"keys/NAME.password\" } or { env = \"NAME\" }";
    if !value.is_table() {
        value.fault(format_args!(
            "a secret does not stand in this file, which others read and copy; {HOW}"
        ));
        return None;
    }
    let section = value.section()?;
    let file = section.get("file");
    let variable = section.get("env");
    let found = match (file, variable) {
        (Some(file), None) => match file.text() {
            Some("") => {
                file.fault("is empty; name the file that holds the secret");
                None
            }
            Some(path) => Some(Reference::File(value.notes().path(path))),
            None => None,
        },
        (None, Some(variable)) => match variable.text() {
            Some(name) if name.is_empty() || name.contains(['=', '\0']) => {
                variable.fault("is the name of an environment variable");
                None
            }
            Some(name) => Some(Reference::Environment(name)),
            None => None,
        },
        _ => {
            value.fault(HOW);
            None
        }
    };
    section.finish();
    found
}

fn warn_if_exposed(value: &Value<'_>, path: &Path) {
    exposed(value, &value.place, path, "this secret");
}

/// Warns of a file that others can read.
pub(super) fn exposed(value: &Value<'_>, place: &Place, path: &Path, what: &str) {
    if let Ok(Some(mode)) = exposed_to_others(path) {
        value.notes().warn(
            place,
            format_args!(
                "others can read {what} in {} (mode {mode:03o}); chmod 600 mends that",
                path.display()
            ),
        );
    }
}
