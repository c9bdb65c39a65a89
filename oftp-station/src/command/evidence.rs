//! `oftp evidence`: what proofs of delivery are worth, for those who were not there.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use oftp_secure::Keystore;

use super::settings::UsageError;
use crate::args::{EvidenceAction, EvidenceArgs, ListArgs, OutputArgs, VerifyArgs};
use crate::exit_code::ExitCode;
use crate::report::PeerText;
use crate::station::evidence::{self, Against, Entry, Finding, Listed, Proves, Report};

/// Runs the command.
pub(super) fn run(args: &EvidenceArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    match &args.action {
        EvidenceAction::Verify(args) => verify(args, output),
        EvidenceAction::List(args) => list(args, output),
    }
}

fn verify(args: &VerifyArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let mut trust = Keystore::default();
    for path in &args.trust {
        let store = Keystore::load(path, None);
        trust.add(store.map_err(|error| UsageError::Key(format!("--trust: {error}")))?);
    }
    if !args.trust.is_empty() && trust.certificates.is_empty() {
        let text = "--trust: there is no certificate in what it names";
        return Err(UsageError::Key(text.to_owned()));
    }
    let mut folders = Vec::new();
    for path in &args.paths {
        folders.extend(folders_in(path)?);
    }
    if let (Some(file), true) = (&args.file, folders.len() > 1) {
        return Err(UsageError::Option(format!(
            "--file: {} can belong to one proof only, and there are {}",
            file.display(),
            folders.len()
        )));
    }
    if let Some(file) = args.file.as_ref().filter(|file| !file.is_file()) {
        let file = file.display();
        return Err(UsageError::Option(format!("--file: {file} is no file")));
    }
    let against = Against {
        file: args.file.as_deref(),
        trust: (!args.trust.is_empty()).then_some(&trust),
    };
    let mut out = io::stdout().lock();
    let mut all_good = true;
    for folder in folders {
        let reports = evidence::verify(&folder, against).map_err(|error| at(&folder, &error))?;
        for report in reports {
            all_good &= report.is_good();
            if output.json {
                write_json(&mut out, &report)?;
            } else {
                write_text(&mut out, &report, output.quiet)?;
            }
        }
    }
    Ok(if all_good {
        ExitCode::Done
    } else {
        ExitCode::NotGood
    })
}

fn folders_in(path: &Path) -> Result<Vec<PathBuf>, UsageError> {
    let folders = evidence::folders(path)
        .map_err(|error| UsageError::Option(format!("{}: {error}", path.display())))?;
    if folders.is_empty() {
        return Err(UsageError::Option(format!(
            "{}: there is no evidence in it",
            path.display()
        )));
    }
    Ok(folders)
}

fn at(path: &Path, error: &io::Error) -> UsageError {
    UsageError::Local(format!("{}: {error}", path.display()))
}

const fn proves(report: &Report) -> &'static str {
    match report.proves {
        Proves::Delivery => "proof of delivery",
        Proves::NonDelivery => "proof that it was NOT delivered",
        Proves::Nothing => "no proof",
    }
}

/// The name of a folder, which anybody may have given to it.
fn shown(folder: &Path) -> PeerText {
    PeerText::new(folder.as_os_str().as_encoded_bytes())
}

fn write_text(out: &mut impl Write, report: &Report, quiet: bool) -> io::Result<()> {
    if quiet && report.is_good() {
        return Ok(());
    }
    writeln!(out, "{}: {}", shown(&report.folder), proves(report))?;
    if let Some(entry) = &report.entry {
        writeln!(
            out,
            "  {} of {} {} from {} to {}, {} of {}",
            entry.dataset_name,
            entry.date,
            entry.time,
            entry.originator,
            entry.destination,
            entry.response,
            entry.responded
        )?;
    }
    for check in &report.checks {
        let result = match check.result {
            Finding::Good => "good",
            Finding::Note => "note",
            Finding::Bad => "BAD ",
        };
        writeln!(out, "  {result}  {:15}  {}", check.check, check.why)?;
    }
    Ok(())
}

fn write_json(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let folder = shown(&report.folder);
    for check in &report.checks {
        let line = serde_json::json!({
            "event": "evidence_checked",
            "folder": folder,
            "check": check.check,
            "result": check.result,
            "why": check.why,
        });
        writeln!(out, "{line}")?;
    }
    let line = serde_json::json!({
        "event": "evidence",
        "folder": folder,
        "file": report.entry,
        "good": report.is_good(),
        "proves": report.proves,
    });
    writeln!(out, "{line}")
}

fn list(args: &ListArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let path = match &args.path {
        Some(path) => path.clone(),
        None => args
            .station
            .folder()
            .map_err(UsageError::Option)?
            .evidence(),
    };
    let all = evidence::list(&path)
        .map_err(|error| UsageError::Option(format!("{}: {error}", path.display())))?;
    let mut out = io::stdout().lock();
    if output.json {
        for listed in &all {
            writeln!(out, "{}", line_of(listed))?;
        }
    } else if !all.is_empty() {
        writeln!(out, "{}", table_of(&all))?;
    } else if !output.quiet {
        writeln!(out, "{}: there is no evidence in it", shown(&path))?;
    }
    Ok(ExitCode::Done)
}

fn line_of(listed: &Listed) -> serde_json::Value {
    serde_json::json!({
        "event": "evidence_listed",
        "folder": shown(&listed.folder),
        "file": listed.entry.as_ref().ok(),
        "trouble": listed.entry.as_ref().err(),
    })
}

fn table_of(all: &[Listed]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header([
        "WAY",
        "DATASET NAME",
        "STAMP",
        "FROM",
        "TO",
        "RESPONSE",
        "OF",
        "SIGNED BY",
    ]);
    for listed in all {
        table.add_row(match &listed.entry {
            Ok(entry) => row_of(entry),
            Err(why) => vec![
                "?".to_owned(),
                shown(&listed.folder).to_string(),
                why.clone(),
            ],
        });
    }
    table
}

fn row_of(entry: &Entry) -> Vec<String> {
    let signer = entry.signed_by.as_ref();
    vec![
        entry.direction.to_string(),
        entry.dataset_name.to_string(),
        format!("{} {}", entry.date, entry.time),
        entry.originator.to_string(),
        entry.destination.to_string(),
        entry.response.to_string(),
        entry.responded.to_string(),
        signer.map_or_else(|| "(nobody)".to_owned(), ToString::to_string),
    ]
}
