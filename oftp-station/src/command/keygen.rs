//! `oftp keygen`: makes a private key and a certificate for it.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use oftp_secure::keygen::{self, Owner};
use oftp_secure::keystore::{PassphraseError, write_new, write_secret};
use serde::Serialize;

use super::cert::{Time, colons};
use super::settings::UsageError;
use crate::args::{KeygenArgs, OutputArgs, OwnerArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;

/// Runs the command.
pub(super) fn run(
    args: &KeygenArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let passphrase = args.passphrase.resolve().map_err(passphrase_error)?;
    let [key_file, cert_file] = args.files();
    if key_file == cert_file {
        let same = "--key and --cert are the same file; the key must stay apart";
        return Err(UsageError::Option(same.to_owned()));
    }
    // Before the work is done that would be in vain.
    if !args.force {
        for file in [&key_file, &cert_file] {
            if file.symlink_metadata().is_ok() {
                return Err(exists(file));
            }
        }
    }
    let wrong = |error: keygen::KeygenError| UsageError::Option(error.to_string());
    let owner = owner(&args.owner);
    let key = keygen::generate_rsa(args.bits).map_err(wrong)?;
    let certificate =
        keygen::self_signed(&key, &owner, SystemTime::now(), args.days).map_err(wrong)?;
    let pem = keygen::key_pem(&key, passphrase.as_ref()).map_err(wrong)?;
    let public = keygen::certificate_pem(&certificate).map_err(wrong)?;
    let unwritten = |file: &Path, error| cannot_write(file, &error);
    write_secret(&key_file, pem.as_bytes(), args.force)
        .map_err(|error| unwritten(&key_file, error))?;
    if let Err(error) = write_new(&cert_file, public.as_bytes(), args.force) {
        if !args.force {
            // Made a moment ago by this command: half a pair would stand in the way next time.
            let _ = std::fs::remove_file(&key_file);
        }
        return Err(unwritten(&cert_file, error));
    }
    if passphrase.is_none() {
        voice.warn(&format!(
            "{} is not encrypted: its permissions alone protect it; --passphrase-file encrypts it",
            key_file.display()
        ));
    }
    let made = Made {
        event: "key_made",
        key: key_file.display().to_string(),
        certificate: cert_file.display().to_string(),
        bits: args.bits,
        encrypted: passphrase.is_some(),
        subject: certificate.subject(),
        not_after: Time(certificate.not_after()),
        sha256: colons(certificate.fingerprint()),
    };
    let mut out = io::stdout().lock();
    if output.json {
        serde_json::to_writer(&mut out, &made).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if !output.quiet {
        write!(out, "{made}")?;
    }
    Ok(ExitCode::Done)
}

/// What was made.
#[derive(Serialize)]
struct Made {
    event: &'static str,
    key: String,
    certificate: String,
    bits: u32,
    encrypted: bool,
    subject: String,
    not_after: Time,
    sha256: String,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encrypted = if self.encrypted { ", encrypted" } else { "" };
        writeln!(
            f,
            "{}: certificate of {}, valid to {}\n{}: its private key of {} bits{encrypted}\n\n\
             Give to your partners: {}\n  It holds no secret. Read its SHA-256 to them by phone, \
             so that they know it is yours:\n  {}\n\n\
             Give to nobody: {}\n  Whoever has it reads files that are meant for you, and signs \
             in your name.\n  Keep a copy where only you can reach it: without it, files that are \
             on their way are lost.",
            self.certificate,
            self.subject,
            self.not_after,
            self.key,
            self.bits,
            self.certificate,
            self.sha256,
            self.key,
        )
    }
}

/// Whom a certificate is for.
pub(super) fn owner(args: &OwnerArgs) -> Owner {
    Owner {
        name: args.name.clone(),
        identification: args.id.clone(),
        organization: args.organization.clone(),
        country: args.country.clone(),
        hosts: args.hosts.clone(),
    }
}

pub(super) fn passphrase_error(error: PassphraseError) -> UsageError {
    UsageError::Option(error.to_string())
}

pub(super) fn cannot_write(file: &Path, error: &io::Error) -> UsageError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return exists(file);
    }
    UsageError::Local(format!("{}: cannot be written: {error}", file.display()))
}

fn exists(file: &Path) -> UsageError {
    UsageError::Local(format!(
        "{}: exists already; choose another name, or overwrite it with --force",
        file.display()
    ))
}
