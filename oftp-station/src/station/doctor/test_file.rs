//! The file that is sent, and what became of it.

use oftp_core::mailbox::{Mailbox, Response, Supply};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{DatasetName, RecordFormat, Sfid, Stamp as WireStamp, Text, UserData};
use oftp_secure::certificate::hex;

use super::{Stage, Step, TestFile};
use crate::exit_code::ExitCode;
use crate::names::stored_name;
use crate::outbox::{Source, Stamp, dataset_name};
use crate::records::{Format, RecordLayout};
use crate::security::{self, Checked, Evidence, Keys};
use crate::station::config::{Config, PartnerConfig};
use crate::station::journal::virtual_file::identity_of;

/// The largest file that is taken for a test: it is held in memory.
const LARGEST: u64 = 16 << 20;

const CONTENT: &str =
    "This is a test of the connection, made by `oftp doctor`. It needs no action.\r\n";

/// A file, ready to be sent: made safe as the partner's files are.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) sfid: Sfid,
    octets: Vec<u8>,
    at: usize,
    evidence: Evidence,
    keys: Keys,
}

/// Reads or makes the file, and puts it into its envelope.
pub(super) fn prepare(
    config: &Config,
    partner: &PartnerConfig,
    file: &TestFile,
) -> Result<Prepared, Box<Step>> {
    let failed = |code, what: String, meaning: &str| {
        Box::new(Step::failed(Stage::File, code, what, meaning))
    };
    let local = |what: String| {
        let step = failed(
            ExitCode::LocalFile,
            what,
            "the file for the test cannot be sent",
        );
        Box::new((*step).advice("name another file, or take --test-file"))
    };
    let own = partner.mailbox.identity.as_ref().unwrap_or(&config.own);
    // A made file lies somewhere for as long as it is read.
    let made;
    let (path, dsn, description) = match file {
        TestFile::Path(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (path.as_path(), dataset_name(path), name.into_owned())
        }
        TestFile::Made => {
            made = tempfile::NamedTempFile::new()
                .and_then(|made| std::fs::write(made.path(), CONTENT).map(|()| made))
                .map_err(|error| local(error.to_string()))?;
            let (dsn, description) = ("OFTP-DOCTOR-TEST", "test of the connection");
            (made.path(), dsn.to_owned(), description.to_owned())
        }
    };
    let mut source = Source::open(path, Format::Unstructured, RecordLayout::default())
        .map_err(|error| local(error.to_string()))?;
    if source.facts().octets > LARGEST {
        return Err(local(format!(
            "{}: it is larger than 16 MiB",
            path.display()
        )));
    }
    let protection = partner.protection;
    let code = partner.mailbox.code;
    let ring = &config.security.ring;
    let keys = ring.of_station(&code, &code);
    let content = *source.facts();
    let mut octets = Vec::new();
    let mut hash = String::new();
    if protection.seals() {
        let sealed = security::seal(&mut source, &protection, &keys, &mut octets, |_| {});
        hash = sealed
            .map_err(|error| {
                failed(
                    ExitCode::Usage,
                    error.to_string(),
                    "the file cannot be signed, compressed or encrypted as agreed",
                )
            })?
            .hash;
    } else {
        octets = std::fs::read(path).map_err(|error| local(error.to_string()))?;
        if protection.signed_response {
            hash = hex(&protection.suite.hash.of(&octets));
        }
    }
    let stamp = Stamp::now();
    let field = |error: &dyn std::fmt::Display| local(format!("{dsn}: {error}"));
    let sfid = Sfid {
        dsn: DatasetName::new(&dsn).map_err(|error| field(&error))?,
        stamp: WireStamp::new(&stamp.date(), &stamp.time()).map_err(|error| field(&error))?,
        user: UserData::BLANK,
        dest: code,
        orig: own.code,
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: (octets.len() as u64).div_ceil(1024),
        osiz: content.blocks(),
        rest: 0,
        sec: protection.security(),
        ciph: protection.suite_code(),
        comp: protection.compress.is_some().into(),
        env: protection.seals().into(),
        sign: protection.signed_response,
        desc: Text::new(&description),
    };
    let evidence = Evidence {
        hash,
        wanted: protection.signed_response,
        receipts: None,
        name: stored_name(&identity_of(&sfid)),
        no_legacy: config.security.no_legacy,
    };
    Ok(Prepared {
        sfid,
        octets,
        at: 0,
        evidence,
        keys,
    })
}

impl Prepared {
    /// The partner takes it.
    pub(super) fn open(mailbox: &mut Mailbox) {
        // No other position was offered.
        let _ = mailbox.source_ready(RestartPosition::START);
    }

    /// There is room for more of it.
    pub(super) fn supply(&mut self, mailbox: &mut Mailbox) {
        let (octets, at) = (&self.octets, &mut self.at);
        let _ = mailbox.supply(|buffer| {
            let rest = octets.get(*at..).unwrap_or_default();
            let written = buffer.write(rest, true);
            *at += written.octets;
            if written.ended {
                Supply::End
            } else {
                Supply::More
            }
        });
    }

    /// How much is sent, in octets.
    pub(super) const fn octets(&self) -> usize {
        self.octets.len()
    }

    /// Whether a response is for this file.
    pub(super) fn is_answered_by(&self, response: &Response) -> bool {
        response.find(std::iter::once(&self.sfid)).is_some()
    }

    /// What its response is worth.
    pub(super) fn check(&self, response: &Response) -> Checked {
        security::check(response, &self.evidence, &self.keys)
    }
}
