//! `oftp cert show`: what is in files of certificates, keys and revocation lists.

use std::io::{self, Write};
use std::time::SystemTime;

use oftp_secure::trust::{RevocationList, usage_name, utc};
use oftp_secure::{Certificate, Keystore};
use serde::Serialize;

use super::{Time, colons, load, warn_if_exposed};
use crate::args::{OutputArgs, ShowArgs};
use crate::command::keygen::passphrase_error;
use crate::command::settings::UsageError;
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::report::visible;

/// Runs the command.
pub(super) fn run(
    args: &ShowArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let passphrase = args.passphrase.resolve().map_err(passphrase_error)?;
    for path in &args.files {
        let store = load(path, passphrase.as_ref())?;
        warn_if_exposed(path, &store, voice);
        let file = path.display().to_string();
        let mut out = io::stdout().lock();
        let shown = items(&file, &store).and_then(|items| {
            for item in items {
                if output.json {
                    serde_json::to_writer(&mut out, &item)?;
                    writeln!(out)?;
                } else {
                    item.write(&mut out)?;
                }
            }
            out.flush()
        });
        match shown {
            // `oftp cert show ... | head` has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::Done),
            shown => shown?,
        }
    }
    Ok(ExitCode::Done)
}

/// One thing in a file.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Item<'a> {
    Certificate {
        file: &'a str,
        subject: String,
        issuer: String,
        self_signed: bool,
        serial: String,
        version: u8,
        not_before: Time,
        not_after: Time,
        status: &'static str,
        key: String,
        authority: bool,
        key_usage: Option<String>,
        extended_key_usage: Option<String>,
        hosts: Vec<String>,
        sha256: String,
    },
    PrivateKey {
        file: &'a str,
        key: String,
        certificates: Vec<String>,
    },
    RevocationList {
        file: &'a str,
        issuer: String,
        made: Time,
        next: Option<Time>,
        revoked: Vec<String>,
    },
}

fn items<'a>(file: &'a str, store: &Keystore) -> io::Result<Vec<Item<'a>>> {
    let certificates = store.certificates.iter().map(|one| certificate(file, one));
    let mut items: Vec<Item<'a>> = certificates.collect();
    items.extend(store.keys.iter().map(|key| {
        let own = store.certificates.iter().filter(|one| key.is_of(one));
        Item::PrivateKey {
            file,
            key: key.kind().to_string(),
            certificates: own.map(Certificate::to_string).collect(),
        }
    }));
    for list in &store.crls {
        let list = RevocationList::from_der(list).map_err(io::Error::other)?;
        let entries = list.entries().flatten();
        let entry = |entry: oftp_secure::trust::Revoked<'_>| {
            let serial = oftp_secure::certificate::hex(entry.serial);
            let reason = entry.reason.map(|reason| format!(" ({reason})"));
            format!(
                "{serial} on {}{}",
                utc(entry.on),
                reason.unwrap_or_default()
            )
        };
        items.push(Item::RevocationList {
            file,
            issuer: list.issuer(),
            made: Time(list.made()),
            next: list.next().map(Time),
            revoked: entries.map(entry).collect(),
        });
    }
    Ok(items)
}

fn certificate<'a>(file: &'a str, one: &Certificate) -> Item<'a> {
    let now = SystemTime::now();
    let extended = one.extended_key_usage().map(|usages| {
        let names: Vec<String> = usages.into_iter().map(usage_name).collect();
        names.join(", ")
    });
    let hosts = one.dns_names();
    Item::Certificate {
        file,
        subject: one.subject(),
        issuer: one.issuer(),
        self_signed: one.is_self_issued(),
        serial: one.serial_hex(),
        version: one.version(),
        not_before: Time(one.not_before()),
        not_after: Time(one.not_after()),
        status: if now < one.not_before() {
            "not yet valid"
        } else if now > one.not_after() {
            "expired"
        } else {
            "valid"
        },
        key: one.key_kind().to_string(),
        authority: one.is_authority(),
        key_usage: one.key_usage().map(|usage| usage.to_string()),
        extended_key_usage: extended,
        hosts: hosts.iter().map(|host| visible(host)).collect(),
        sha256: colons(one.fingerprint()),
    }
}

impl Item<'_> {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Certificate {
                file,
                subject,
                issuer,
                self_signed,
                serial,
                version,
                not_before,
                not_after,
                status,
                key,
                authority,
                key_usage,
                extended_key_usage,
                hosts,
                sha256,
            } => {
                let signed = if *self_signed { " (itself)" } else { "" };
                let any = || "any".to_owned();
                let usage = key_usage.clone().unwrap_or_else(any);
                let extended = extended_key_usage.clone().unwrap_or_else(any);
                writeln!(out, "{file}: certificate of {subject}")?;
                writeln!(out, "  issued by   {issuer}{signed}")?;
                writeln!(out, "  serial      {serial}, X.509 version {version}")?;
                writeln!(out, "  valid       {not_before} to {not_after}: {status}")?;
                writeln!(out, "  key         {key}")?;
                writeln!(out, "  usage       {usage}; extended: {extended}")?;
                if *authority {
                    writeln!(out, "  authority   it may certify others")?;
                }
                if !hosts.is_empty() {
                    writeln!(out, "  hosts       {}", hosts.join(", "))?;
                }
                writeln!(out, "  SHA-256     {sha256}")
            }
            Self::PrivateKey {
                file,
                key,
                certificates,
            } => {
                writeln!(out, "{file}: private key: {key}")?;
                for certificate in certificates {
                    writeln!(out, "  belongs to  {certificate}")?;
                }
                Ok(())
            }
            Self::RevocationList {
                file,
                issuer,
                made,
                next,
                revoked,
            } => {
                writeln!(out, "{file}: list of certificates that {issuer} revoked")?;
                writeln!(out, "  made        {made}")?;
                if let Some(next) = next {
                    writeln!(out, "  next        {next}")?;
                }
                writeln!(out, "  revoked     {}", revoked.len())?;
                revoked
                    .iter()
                    .try_for_each(|entry| writeln!(out, "    {entry}"))
            }
        }
    }
}
