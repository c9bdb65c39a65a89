//! What a folder of evidence proves: one check after the other, each with its result and the
//! reason. Nothing of it needs the station, its journal or the network.

mod content;
mod response;
mod signature;

use std::io;
use std::path::{Path, PathBuf};

use oftp_secure::Keystore;
use serde::Serialize;

use super::read::{self, Contents};
use super::record::Record;
use super::{Entry, FORMAT, RECORD};
use crate::report::PeerText;

/// What else is known to who checks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Against<'a> {
    /// The file that was sent, or its envelope: what the hash is of.
    pub file: Option<&'a Path>,
    /// Certificates and authorities that the checker trusts, instead of those in the folder; lists
    /// of revoked certificates beside those.
    pub trust: Option<&'a Keystore>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// As it must be.
    Good,
    /// To be known; it decides nothing.
    Note,
    /// Not as it must be.
    Bad,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub check: &'static str,
    /// How it ended.
    pub result: Finding,
    /// Why.
    pub why: String,
}

/// What evidence is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proves {
    /// The destination has the file.
    Delivery,
    /// The file was not delivered, and somebody answers for that.
    NonDelivery,
    /// Nothing.
    Nothing,
}

/// What was found in one folder.
#[derive(Debug, Clone)]
pub struct Report {
    /// The folder.
    pub folder: PathBuf,
    /// Which file it says to be about.
    pub entry: Option<Entry>,
    /// The checks, in their order.
    pub checks: Vec<Check>,
    /// What it proves: nothing where a check is bad.
    pub proves: Proves,
}

impl Report {
    /// Whether it proves something.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        !matches!(self.proves, Proves::Nothing)
    }

    fn add(&mut self, check: &'static str, result: Finding, why: impl Into<String>) {
        self.checks.push(Check {
            check,
            result,
            why: why.into(),
        });
    }

    /// Adds a check that is good, or bad for this reason.
    fn must(&mut self, check: &'static str, result: Result<String, String>) -> bool {
        let is_good = result.is_ok();
        match result {
            Ok(why) => self.add(check, Finding::Good, why),
            Err(why) => self.add(check, Finding::Bad, why),
        }
        is_good
    }

    fn has_bad(&self) -> bool {
        self.checks.iter().any(|check| check.result == Finding::Bad)
    }
}

/// Checks the evidence of one file: the first response, and those that lie beside it.
///
/// # Errors
/// The folder cannot be looked into. What is wrong with what lies in it is in the reports.
pub fn verify(folder: &Path, against: Against<'_>) -> io::Result<Vec<Report>> {
    let contents = read::read(folder, true)?;
    let mut reports = vec![verify_one(folder, &contents, against)];
    for other in &contents.others {
        reports.push(verify_one(other, &read::read(other, false)?, against));
    }
    let contradicts = |reports: &[Report]| {
        let has = |proves| reports.iter().any(|report| report.proves == proves);
        has(Proves::Delivery) && has(Proves::NonDelivery)
    };
    if contradicts(&reports) {
        for report in &mut reports {
            report.add(
                "other responses",
                Finding::Note,
                "one response says that the file was delivered and another one that it was not: \
                 both are proven, and who signed them must explain it",
            );
        }
    }
    Ok(reports)
}

fn verify_one(folder: &Path, contents: &Contents, against: Against<'_>) -> Report {
    let mut report = Report {
        folder: folder.to_owned(),
        entry: None,
        checks: Vec::new(),
        proves: Proves::Nothing,
    };
    let mut troubles = contents.troubles.clone();
    troubles.extend(read::compare_sums(contents));
    let whole = if troubles.is_empty() {
        Ok("as they were written (SHA256SUMS), none missing, none added".to_owned())
    } else {
        Err(troubles.join("; "))
    };
    report.must("files", whole);
    let record = match record(contents.file(RECORD)) {
        Ok(record) => record,
        Err(why) => {
            report.must("record", Err(why));
            return report;
        }
    };
    report.entry = Some(Entry::new(&record));
    content::name(&mut report, folder, &record);
    if let Some(response) = response::check(&mut report, contents, &record) {
        content::hash(&mut report, &record, &response, against.file);
        let proves = signature::check(&mut report, contents, &record, &response, against.trust);
        report.proves = if report.has_bad() {
            Proves::Nothing
        } else {
            proves
        };
    }
    report
}

/// Reads `evidence.json`.
fn record(octets: &[u8]) -> Result<Record, String> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let wrong = |error: serde_json::Error| {
        let error = PeerText::new(error.to_string());
        format!("{RECORD} is not what this program writes: {error}")
    };
    let Format { format } = serde_json::from_slice(octets).map_err(wrong)?;
    if format != FORMAT {
        return Err(format!(
            "{RECORD} is of format {format}, this program knows {FORMAT}; use the program that \
             wrote it, or a newer one"
        ));
    }
    serde_json::from_slice(octets).map_err(wrong)
}
