//! Tools that may be there, and files for them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use oftp_core::wire::{DatasetName, Eerp, IdentificationCode, Stamp, UserData};
use oftp_secure::cms::{OpenError, OpenPlan, Opened, Opener, SealPlan, Sealer, transform};
use oftp_secure::{Credential, Suite, Trust};
use oftp_tests::pki;

/// A certificate as a company has it: with a key identifier, valid now and for some time.
pub(crate) fn credential(name: &str) -> Credential {
    let mut params = pki::params_with_key_identifier(name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 1, 1);
    pki::self_signed_as(name, params)
}

/// A folder with keys and certificates as the tools read them.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, octets).expect("writes");
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect(name)
    }

    /// NAME.pem and NAME.key, NAME.der and NAME.p8.
    pub(crate) fn credential(&self, name: &str) -> Credential {
        let credential = credential(name);
        let (certificate, key) = (credential.certificate.der(), credential.key.pkcs8());
        self.write(&format!("{name}.pem"), pki::pem("CERTIFICATE", certificate));
        self.write(&format!("{name}.key"), pki::pem("PRIVATE KEY", key));
        self.write(&format!("{name}.der"), certificate);
        self.write(&format!("{name}.p8"), key);
        credential
    }

    /// Runs a tool here; its messages when it fails.
    pub(crate) fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Result<(), String> {
        let output = Command::new(program.as_ref())
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("runs");
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

pub(crate) fn suite(code: u8) -> &'static Suite {
    Suite::of(code).expect("suite")
}

pub(crate) fn trust(credential: &Credential) -> Trust {
    Trust {
        pinned: vec![credential.certificate.clone()],
        ..Trust::default()
    }
}

pub(crate) fn seal(plan: SealPlan, content: &[u8]) -> Vec<u8> {
    transform(&mut Sealer::new(plan).expect("plan"), content).expect("seals")
}

pub(crate) fn open_plan(signer: &Credential, own: &Credential) -> OpenPlan {
    let mut plan = OpenPlan::new(trust(signer), SystemTime::now());
    plan.keys.push(own.clone());
    plan
}

pub(crate) fn open(plan: OpenPlan, sealed: &[u8]) -> Result<(Vec<u8>, Opened), OpenError> {
    let mut opener = Opener::new(plan);
    let content = transform(&mut opener, sealed)?;
    Ok((content, opener.opened().expect("opened")))
}

/// Three segments of ours, and many of others.
pub(crate) fn content() -> Vec<u8> {
    (0..40_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 27) as u8 + b' ')
        .collect()
}

/// The response to a file from alpha.
pub(crate) fn eerp() -> Eerp {
    Eerp {
        dsn: DatasetName::new("INVOICES").expect("name"),
        stamp: Stamp::new("20261125", "0802150001").expect("stamp"),
        user: UserData::BLANK,
        dest: IdentificationCode::new("O0013000042BETA").expect("code"),
        orig: IdentificationCode::new("O0013000007ALPHA").expect("code"),
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}
