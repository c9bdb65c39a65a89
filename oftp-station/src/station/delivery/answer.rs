//! The end response to a file that came, in one transaction with what it says.

use oftp_core::mailbox::{Response, eerp_for, nerp_for};
use oftp_core::wire::Text;
use serde_json::{Value, json};

use super::{Delivered, Fault, Refused, own_code, suite_of};
use crate::security;
use crate::station::Shared;
use crate::station::config::PartnerConfig;
use crate::station::journal::file::{Change, FileRow, FileState};
use crate::station::journal::{file, response};

/// The file is in the inbox.
pub(super) fn delivered(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    detail: Value,
) -> Result<Delivered, Fault> {
    let eerp = Response::Eerp(Box::new(eerp_for(&row.sfid)));
    note(shared, row, partner, FileState::Delivered, eerp, detail)
}

/// The file is not what it should be.
pub(super) fn refused(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    refused: &Refused,
) -> Result<Delivered, Fault> {
    let words = Text::new(&refused.words);
    let creator = own_code(shared, partner);
    let nerp = nerp_for(&row.sfid, creator, refused.reason, words);
    let detail = json!({
        "reason": refused.reason.code(),
        "meaning": refused.reason.meaning(),
        "why": refused.why,
    });
    let nerp = Response::Nerp(Box::new(nerp));
    note(shared, row, partner, FileState::Refused, nerp, detail)
}

fn note(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    state: FileState,
    mut answer: Response,
    mut detail: Value,
) -> Result<Delivered, Fault> {
    let given = partner.responses.given;
    if given {
        let config = shared.config();
        if let Some(trouble) = sign(&config, row, partner, &mut answer)
            && let Value::Object(fields) = &mut detail
        {
            fields.insert("trouble".to_owned(), trouble.into());
        }
    }
    let (key, name) = (row.key, row.partner.clone());
    shared.journal().write(move |connection| {
        let what = Change {
            trouble: Some(None),
            retry_at: Some(None),
            ..Change::default()
        };
        file::change(connection, key, state, what, &detail)?;
        if given {
            response::queue(connection, key, &name, &answer)?;
        } else if state == FileState::Delivered {
            let none = Change::default();
            file::change(connection, key, FileState::Closed, none, &json!({}))?;
        }
        Ok(())
    })?;
    Ok(if given {
        Delivered::Answered
    } else {
        Delivered::Unanswered
    })
}

/// Signs a response where that was asked for; gives what is wrong where it cannot be: it goes out
/// unsigned, which is better than none (3.3.5 note 3).
pub(in crate::station) fn sign(
    config: &crate::station::config::Config,
    row: &FileRow,
    partner: &PartnerConfig,
    answer: &mut Response,
) -> Option<String> {
    let suite = suite_of(partner, &row.sfid)?;
    let keys = config
        .security
        .ring
        .of_station(&row.sfid.orig, &partner.mailbox.code);
    let signed = security::sign(answer, &security::unhex(&row.hash), suite, &keys);
    signed
        .err()
        .map(|error| format!("its end response is not signed, though that was asked for: {error}"))
}
