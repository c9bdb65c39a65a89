//! An end response that came: which file of ours it is for, what it is worth, what it proves, and
//! what follows (RFC 5024 3.3.5, 5.3.13, 5.3.14; threat model R1 to R5).
//!
//! Nothing of it is confirmed (RTR) before the journal has it, and the journal does not have it
//! before the proof is in the evidence folder.

use oftp_core::mailbox::Response;
use serde_json::{Value, json};

use super::config::PartnerConfig;
use super::evidence::{self, Proof, Times};
use super::journal::file::{Change, FileRow, FileState};
use super::journal::{JournalError, event, file, now, response};
use super::{Shared, intake, route};
use crate::names::stored_name;
use crate::report::PeerText;
use crate::security::{self, Checked};

/// What has become of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// It is for a file of ours.
    pub matched: bool,
    /// What people should know.
    pub trouble: Option<String>,
}

/// Settles a response that `partner` has brought. Takes as long as a signature and the disk do.
///
/// # Errors
/// [`JournalError`]: it is not kept, and must not be confirmed.
pub fn settle(
    shared: &Shared,
    partner: &PartnerConfig,
    response: &Response,
) -> Result<Settled, JournalError> {
    let Some(row) = file_of(shared, partner, response)? else {
        return doubtful(
            shared,
            partner,
            None,
            response,
            "it belongs to no file of ours",
        );
    };
    if is_repeated(shared, &row, response)? {
        return Ok(Settled {
            matched: true,
            trouble: None,
        });
    }
    let config = shared.config();
    let evidence = security::Evidence {
        hash: row.hash.clone(),
        wanted: row.sfid.sign,
        receipts: None,
        name: stored_name(&row.identity()),
        no_legacy: config.security.no_legacy,
    };
    // An EERP is signed by who has the file, a NERP by who made it.
    let signer = match response {
        Response::Eerp(_) => row.sfid.dest,
        Response::Nerp(nerp) => nerp.crea,
    };
    let ring = &config.security.ring;
    let keys = ring.of_station(&signer, &partner.mailbox.code);
    let checked = security::check(response, &evidence, &keys);
    // The signature of a file that is forwarded is for its originator, who checks it.
    let is_forwarded = row.parent.is_some();
    let signed_by = match &checked {
        Checked::Worthless { why } if !is_forwarded => {
            let why = format!("it proves nothing, and the file stays open: {why}");
            return doubtful(shared, partner, Some(&row), response, &why);
        }
        Checked::Signed { signer, .. } => Some(signer.clone()),
        _ => None,
    };
    keep(shared, &row, response, &checked, &keys)?;
    let row = note(shared, partner, &row, response, signed_by)?;
    Ok(Settled {
        matched: true,
        trouble: intake::dispose(shared, &row).err(),
    })
}

/// Puts the proof into the evidence folder.
fn keep(
    shared: &Shared,
    row: &FileRow,
    response: &Response,
    checked: &Checked,
    keys: &security::Keys,
) -> Result<(), JournalError> {
    let key = row.key;
    let history = shared
        .journal()
        .read(|connection| event::of_file(connection, key))?;
    let certificates = match checked {
        Checked::Signed { certificates, .. } => certificates.as_slice(),
        _ => &[],
    };
    let proof = Proof {
        file: row,
        response,
        hash: None,
        certificates,
        trust: &keys.partner.trust(security::Use::Eerp),
        times: Times::of(row, &history, now()),
    };
    let written = evidence::write(&shared.folder().evidence(), &proof);
    written
        .map(drop)
        .map_err(|error| JournalError::State(format!("evidence of file {key}: {error}")))
}

/// The file that a response is for, if `partner` may answer for it: it went to this partner, or
/// was for it (R1).
fn file_of(
    shared: &Shared,
    partner: &PartnerConfig,
    response: &Response,
) -> Result<Option<FileRow>, JournalError> {
    let (dsn, stamp) = match response {
        Response::Eerp(eerp) => (&eerp.dsn, &eerp.stamp),
        Response::Nerp(nerp) => (&nerp.dsn, &nerp.stamp),
    };
    let rows = shared
        .journal()
        .read(|connection| file::by_name(connection, dsn.as_octets(), stamp))?;
    let code = partner.mailbox.code.trimmed();
    let entitled = |row: &&FileRow| row.partner == partner.name || row.sfid.dest.trimmed() == code;
    let (open, closed): (Vec<&FileRow>, Vec<&FileRow>) = rows
        .iter()
        .filter(entitled)
        .partition(|row| row.state.is_open());
    // Short stamps may fit several files: those that wait come first.
    for rows in [open, closed] {
        if let Some(sfid) = response.find(rows.iter().map(|row| &row.sfid)) {
            let row = rows.into_iter().find(|row| row.sfid == *sfid);
            return Ok(row.cloned());
        }
    }
    Ok(None)
}

/// Whether it came before: what is done stays done, whatever comes after it (R3, R5).
fn is_repeated(shared: &Shared, row: &FileRow, came: &Response) -> Result<bool, JournalError> {
    if row.state.is_open() {
        return Ok(false);
    }
    let kind = |response: &Response| matches!(response, Response::Eerp(_));
    let known = shared
        .journal()
        .read(|connection| response::of_file(connection, row.key))?;
    let same = known.iter().any(|one| kind(&one.response) == kind(came));
    if !same {
        let detail = detail(came, None);
        let (key, partner) = (row.key, row.partner.clone());
        shared.journal().post(move |connection| {
            let kind = event::Kind::ResponseDoubtful;
            event::note(connection, kind, Some(&partner), Some(key), &detail)
        });
    }
    Ok(true)
}

fn note(
    shared: &Shared,
    partner: &PartnerConfig,
    row: &FileRow,
    came: &Response,
    signed_by: Option<String>,
) -> Result<FileRow, JournalError> {
    let state = match came {
        Response::Eerp(_) => FileState::Done,
        Response::Nerp(_) => FileState::Rejected,
    };
    let (key, name, came) = (row.key, partner.name.clone(), came.clone());
    let config = shared.config();
    shared.journal().write(move |connection| {
        response::keep(connection, key, &name, &came)?;
        let detail = detail(&came, signed_by);
        let what = Change {
            due: Some(None),
            retry_at: Some(None),
            trouble: Some(match &came {
                Response::Eerp(_) => None,
                Response::Nerp(nerp) => Some(format!(
                    "NERP {:02} {}",
                    nerp.reas.code(),
                    nerp.reas.meaning()
                )),
            }),
            ..Change::default()
        };
        let row = file::change(connection, key, state, what, &detail)?;
        route::answered(connection, &config, &row, &came)?;
        Ok(row)
    })
}

/// A response that changes nothing is told to people, and confirmed: it would come again and again.
fn doubtful(
    shared: &Shared,
    partner: &PartnerConfig,
    row: Option<&FileRow>,
    came: &Response,
    why: &str,
) -> Result<Settled, JournalError> {
    let mut detail = detail(came, None);
    if let Value::Object(fields) = &mut detail {
        fields.insert("trouble".to_owned(), why.into());
        fields.insert("at".to_owned(), now().into());
    }
    let (name, key) = (partner.name.clone(), row.map(|row| row.key));
    shared.journal().write(move |connection| {
        let kind = event::Kind::ResponseDoubtful;
        event::note(connection, kind, Some(&name), key, &detail)
    })?;
    Ok(Settled {
        matched: row.is_some(),
        trouble: Some(format!(
            "{}: an end response for {}: {why}",
            partner.name,
            PeerText::new(came.dsn().trimmed())
        )),
    })
}

/// What the history says of a response.
fn detail(response: &Response, signed_by: Option<String>) -> Value {
    let text = |octets: &[u8]| PeerText::new(octets).to_string();
    let mut detail = match response {
        Response::Eerp(eerp) => json!({
            "command": "EERP",
            "dsn": text(eerp.dsn.trimmed()),
            "stamp": eerp.stamp.to_string(),
        }),
        Response::Nerp(nerp) => json!({
            "command": "NERP",
            "dsn": text(nerp.dsn.trimmed()),
            "stamp": nerp.stamp.to_string(),
            "reason": nerp.reas.code(),
            "meaning": nerp.reas.meaning(),
            "text": text(nerp.reast.as_octets()),
            "creator": text(nerp.crea.trimmed()),
        }),
    };
    if let (Value::Object(fields), Some(signed_by)) = (&mut detail, signed_by) {
        fields.insert("signed_by".to_owned(), signed_by.into());
    }
    detail
}
