//! `oftp cert`: certificates for people who have no public key infrastructure at hand.

mod check;
mod show;

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use oftp_secure::keystore::{KeystoreError, KeystoreProblem, exposed_to_others, write_new};
use oftp_secure::trust::utc;
use oftp_secure::{Keystore, Passphrase, request};
use serde::Serialize;

use super::keygen::{cannot_write, owner, passphrase_error};
use super::settings::UsageError;
use crate::args::{CertArgs, CertCommand, OutputArgs, RequestArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;

/// Runs the command.
pub(super) fn run(
    args: &CertArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    match &args.command {
        CertCommand::Show(args) => show::run(args, output, voice),
        CertCommand::Request(args) => make_request(args, output, voice),
        CertCommand::Check(args) => check::run(args, output),
    }
}

fn make_request(
    args: &RequestArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let passphrase = args.passphrase.resolve().map_err(passphrase_error)?;
    let store = load(&args.key, passphrase.as_ref())?;
    warn_if_exposed(&args.key, &store, voice);
    let [key] = &store.keys[..] else {
        return Err(UsageError::Local(format!(
            "{}: {} private keys instead of one",
            args.key.display(),
            store.keys.len()
        )));
    };
    let request = request::request(key, &owner(&args.owner));
    let request = request.map_err(|error| UsageError::Option(error.to_string()))?;
    let Some(out) = &args.out else {
        io::stdout().write_all(request.as_bytes())?;
        return Ok(ExitCode::Done);
    };
    write_new(out, request.as_bytes(), args.force).map_err(|error| cannot_write(out, &error))?;
    if output.json {
        let line = serde_json::json!({ "event": "request_made", "request": out });
        println!("{line}");
    } else if !output.quiet {
        println!(
            "{}: request for a certificate\n\nSend it to the authority. It holds no secret; {} \
             stays here.",
            out.display(),
            args.key.display()
        );
    }
    Ok(ExitCode::Done)
}

/// Reads a file of keys and certificates.
fn load(path: &Path, passphrase: Option<&Passphrase>) -> Result<Keystore, UsageError> {
    Keystore::load(path, passphrase).map_err(|error: KeystoreError| {
        let text = error.to_string();
        match error.problem {
            KeystoreProblem::NeedsPassphrase { .. } | KeystoreProblem::WrongPassphrase { .. } => {
                UsageError::Option(text)
            }
            _ => UsageError::Local(text),
        }
    })
}

fn warn_if_exposed(path: &Path, store: &Keystore, voice: &Voice) {
    if let (false, Ok(Some(mode))) = (store.keys.is_empty(), exposed_to_others(path)) {
        voice.warn(&format!(
            "{path}: other users of this machine can get at the private key (mode {mode:03o}); \
             chmod 600 {path}",
            path = path.display()
        ));
    }
}

/// A time: for people as `2026-01-31 12:04:55 UTC`, in JSON as RFC 3339 has it.
pub(super) struct Time(pub(super) SystemTime);

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&utc(self.0))
    }
}

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::try_from(self.0) {
            Ok(time) => serializer.serialize_str(&time.to_string()),
            Err(_) => serializer.serialize_none(),
        }
    }
}

/// A fingerprint as people compare it: `AA:BB:CC`.
pub(super) fn colons(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    pairs.join(":")
}
