//! Evidence as it is made, kept and checked.

mod crash;
mod hostile;
mod suites;
mod tampering;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use oftp_core::mailbox::{Response, eerp_for, nerp_for};
use oftp_core::wire::{
    DatasetName, IdentificationCode, NerpReason, RecordFormat, Security, Sfid, Stamp, Text,
    UserData,
};
use oftp_secure::certificate::hex;
use oftp_secure::response::{sign_eerp, sign_nerp};
use oftp_secure::{Certificate, Credential, Keystore, Suite, Trust};

use super::*;
use crate::records::RecordLayout;
use crate::station::journal::file::{FileKey, FileState};

const CONTENT: &[u8] = b"what was transmitted";

fn sfid(suite: u8) -> Sfid {
    Sfid {
        dsn: DatasetName::new("INVOICE/1").expect("name"),
        stamp: Stamp::new("20261126", "1345010001").expect("stamp"),
        user: UserData::default(),
        dest: IdentificationCode::new("O0177BETA          PLANT1").expect("code"),
        orig: IdentificationCode::new("OALPHA").expect("code"),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 1,
        osiz: 1,
        rest: 0,
        sec: Security::None,
        ciph: suite,
        comp: 0,
        env: 0,
        sign: true,
        desc: Text::new("Rechnung für \u{202e}Beta"),
    }
}

fn file(suite: u8) -> FileRow {
    FileRow {
        key: FileKey(7),
        way: Way::Out,
        state: FileState::Sent,
        partner: "beta".to_owned(),
        sfid: sfid(suite),
        name: "invoice.edi".to_owned(),
        spool: "7".to_owned(),
        layout: RecordLayout::Lf,
        path: None,
        plan: "{}".to_owned(),
        sealed: false,
        hash: Suite::of(suite).map_or_else(String::new, |suite| hex(&suite.hash.of(CONTENT))),
        octets: CONTENT.len() as u64,
        records: 0,
        position: 0,
        priority: 5,
        held: false,
        attempts: 1,
        retry_at: None,
        parent: None,
        trouble: None,
        created: 1_795_700_000_000,
        changed: 1_795_700_003_000,
        transferred: Some(1_795_700_002_000),
        due: None,
    }
}

fn load(name: &str) -> Keystore {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
    Keystore::load(&folder.join(name), None).expect("a key")
}

fn certificate(name: &str) -> Certificate {
    load(&format!("{name}.pem")).certificates.remove(0)
}

fn credential(key: &str, certificate: &str) -> Credential {
    let mut store = load(&format!("{key}.key"));
    store.add(load(&format!("{certificate}.pem")));
    store.credentials().expect("a credential").remove(0)
}

fn signing_time() -> SystemTime {
    UNIX_EPOCH + std::time::Duration::from_secs(1_795_700_003)
}

/// An EERP for the file, signed by beta.
fn eerp(file: &FileRow) -> Response {
    let mut eerp = eerp_for(&file.sfid);
    let suite = Suite::of(file.sfid.ciph).expect("a suite");
    let hash = suite.hash.of(CONTENT);
    let signer = credential("beta", "beta");
    sign_eerp(&mut eerp, &hash, suite, &signer, signing_time()).expect("a signature");
    Response::Eerp(Box::new(eerp))
}

/// A NERP for the file, signed by beta.
fn nerp(file: &FileRow) -> Response {
    let why = Text::new("no such\u{7} department");
    let mut nerp = nerp_for(&file.sfid, file.sfid.dest, NerpReason::new(3), why);
    let suite = Suite::of(file.sfid.ciph).expect("a suite");
    let signer = credential("beta", "beta");
    sign_nerp(&mut nerp, &[], suite, &signer, signing_time()).expect("a signature");
    Response::Nerp(Box::new(nerp))
}

fn pinned(name: &str) -> Trust {
    Trust {
        pinned: vec![certificate(name)],
        ..Trust::default()
    }
}

/// Calls `with` with the proof of this response, which beta has signed.
fn with_proof<T>(
    file: &FileRow,
    response: &Response,
    trust: &Trust,
    with: impl FnOnce(&Proof<'_>) -> T,
) -> T {
    let certificates = [certificate("beta")];
    let is_signed = match response {
        Response::Eerp(eerp) => !eerp.sig.is_empty(),
        Response::Nerp(nerp) => !nerp.sig.is_empty(),
    };
    with(&Proof {
        file,
        response,
        hash: None,
        certificates: if is_signed { &certificates } else { &[] },
        trust,
        times: Times::of(file, &[], 1_795_700_003_000),
    })
}

fn written(folder: &Path, file: &FileRow, response: &Response) -> PathBuf {
    let trust = pinned("beta");
    with_proof(file, response, &trust, |proof| write(folder, proof)).expect("evidence")
}

/// What is found in a folder that has one response.
#[track_caller]
fn verified(folder: &Path) -> Report {
    let mut reports = verify(folder, Against::default()).expect("a folder");
    assert_eq!(reports.len(), 1, "{reports:?}");
    reports.remove(0)
}

/// The checks of this name, with their reasons.
fn found(report: &Report, check: &str) -> Vec<(Finding, String)> {
    let named = report.checks.iter().filter(|one| one.check == check);
    named.map(|one| (one.result, one.why.clone())).collect()
}

#[track_caller]
fn says(report: &Report, check: &str, result: Finding, text: &str) {
    let found = found(report, check);
    assert!(
        found
            .iter()
            .any(|(is, why)| *is == result && why.contains(text)),
        "no `{text}` in {found:?}"
    );
}
