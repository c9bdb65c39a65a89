//! `oftp cert check`: whether a certificate may be used, and what would mend it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use oftp_secure::trust::{Revocation, Rules, Unknown};
use oftp_secure::{Certificate, Distrust, Keystore, Purpose, Trust};
use serde::Serialize;

use super::{colons, load};
use crate::args::{CheckArgs, OutputArgs};
use crate::command::keygen::passphrase_error;
use crate::command::settings::UsageError;
use crate::exit_code::ExitCode;

/// Runs the command.
pub(super) fn run(args: &CheckArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let passphrase = args.passphrase.resolve().map_err(passphrase_error)?;
    let store = load(&args.file, passphrase.as_ref())?;
    let Some(certificate) = subject_of(&store).cloned() else {
        let file = args.file.display();
        return Err(UsageError::Local(format!("{file}: no certificate in it")));
    };
    let trust = trust(args, &certificate)?;
    let now = args.at.unwrap_or_else(SystemTime::now);
    let purposes: Vec<Purpose> = args.purpose.iter().copied().map(Purpose::from).collect();
    let answers: Vec<Answer> = purposes
        .into_iter()
        .map(|purpose| Answer {
            purpose,
            result: trust.check(&certificate, &store.certificates, purpose, now),
        })
        .collect();
    let mut out = io::stdout().lock();
    if output.json {
        for answer in &answers {
            serde_json::to_writer(&mut out, &answer.line(&certificate)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    } else if !output.quiet {
        write_text(&mut out, &certificate, &answers, args.ca.is_empty())?;
    }
    let good = answers.iter().all(|answer| answer.result.is_ok());
    Ok(if good {
        ExitCode::Done
    } else {
        ExitCode::NotGood
    })
}

/// Of several certificates in a file: that of its key, else the first that is no authority's.
fn subject_of(store: &Keystore) -> Option<&Certificate> {
    let certificates = &store.certificates;
    let has_key = |certificate: &&Certificate| store.keys.iter().any(|key| key.is_of(certificate));
    let own = certificates.iter().find(has_key);
    own.or_else(|| certificates.iter().find(|one| !one.is_authority()))
        .or_else(|| certificates.first())
}

fn trust(args: &CheckArgs, certificate: &Certificate) -> Result<Trust, UsageError> {
    let all = |files: &[PathBuf]| {
        let mut all = Keystore::default();
        for file in files {
            all.add(load(file, None)?);
        }
        Ok::<_, UsageError>(all)
    };
    let (authorities, lists) = (all(&args.ca)?, all(&args.crl)?);
    let between = all(&args.intermediate)?;
    let mut trust = Trust {
        // A list of an authority may lie in its file, and a list of its own may be one of theirs.
        revoked: [authorities.crls, between.crls, lists.crls].concat(),
        anchors: authorities.certificates,
        intermediates: between.certificates,
        names: args.name.clone(),
        revocation: Revocation {
            unknown: if args.require_crl {
                Unknown::Refuse
            } else {
                Unknown::Allow
            },
            max_age: args
                .crl_max_age
                .map(|days| Duration::from_secs(u64::from(days) * 86_400)),
        },
        rules: Rules {
            min_rsa_bits: args.min_bits,
            sha1: args.allow_sha1,
        },
        ..Trust::default()
    };
    if args.ca.is_empty() {
        trust.pinned.push(certificate.clone());
    }
    Ok(trust)
}

/// Whether it may be used so.
struct Answer {
    purpose: Purpose,
    result: Result<(), Distrust>,
}

/// A line of JSON.
#[derive(Serialize)]
struct Line {
    event: &'static str,
    certificate: String,
    sha256: String,
    purpose: String,
    good: bool,
    problem: Option<String>,
    remedy: Option<&'static str>,
}

impl Answer {
    fn line(&self, certificate: &Certificate) -> Line {
        let distrust = self.result.as_ref().err();
        Line {
            event: "certificate_checked",
            certificate: certificate.to_string(),
            sha256: colons(certificate.fingerprint()),
            purpose: self.purpose.to_string(),
            good: distrust.is_none(),
            problem: distrust.map(|it| format!("{} {}", it.certificate, it.kind)),
            remedy: distrust.map(|it| it.kind.remedy()),
        }
    }
}

fn write_text(
    out: &mut impl Write,
    certificate: &Certificate,
    answers: &[Answer],
    by_itself: bool,
) -> io::Result<()> {
    writeln!(out, "{certificate}")?;
    let mut told: Vec<&Distrust> = Vec::new();
    for Answer { purpose, result } in answers {
        match result {
            Ok(()) => writeln!(out, "  good to {purpose}")?,
            // What is wrong for every purpose is said once.
            Err(distrust) if told.contains(&distrust) => {}
            Err(distrust) => {
                let about_other = distrust.certificate != certificate.to_string();
                let kind = &distrust.kind;
                write!(out, "  not good to {purpose}: ")?;
                if about_other {
                    write!(out, "the certificate {} above it ", distrust.certificate)?;
                } else {
                    write!(out, "it ")?;
                }
                writeln!(out, "{kind}\n    what to do: {}", kind.remedy())?;
                told.push(distrust);
            }
        }
    }
    if by_itself && answers.iter().any(|answer| answer.result.is_ok()) {
        writeln!(
            out,
            "Nobody vouches for it here (--ca): use it once its owner has confirmed its SHA-256:\n\
             \x20 {}",
            colons(certificate.fingerprint())
        )?;
    }
    Ok(())
}
