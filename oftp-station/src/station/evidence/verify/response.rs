//! Whether the response is what the record says, and for the file that the record says.

use oftp_core::mailbox::Response;

use super::super::read::Contents;
use super::super::record::{Record, SfidFields, response_fields};
use super::super::{RESPONSE, SIGNATURE, text};
use super::{Finding, Report};
use crate::report::PeerText;
use crate::station::journal::response::{octets_of, response_of};

/// Checks it; `None`: there is none.
pub(super) fn check(report: &mut Report, contents: &Contents, record: &Record) -> Option<Response> {
    let response = match decode(contents) {
        Ok(response) => response,
        Err(why) => {
            report.must("response", Err(why));
            return None;
        }
    };
    report.must("response", is_recorded(&response, contents, record));
    report.must("fields", for_file(&response, &record.sfid));
    if let Response::Nerp(nerp) = &response {
        let text = PeerText::new(nerp.reast.as_octets());
        report.add(
            "reason",
            Finding::Note,
            format!(
                "NERP {:02}: {}{}{text}; the signature does not cover the reason",
                nerp.reas.code(),
                nerp.reas.meaning(),
                if text.is_empty() { "" } else { ": " },
            ),
        );
    }
    Some(response)
}

fn decode(contents: &Contents) -> Result<Response, String> {
    let octets = contents.file(RESPONSE);
    if octets.is_empty() {
        return Err(format!("{RESPONSE} is missing or empty"));
    }
    let response = response_of(octets).map_err(|error| {
        let error = PeerText::new(error.to_string());
        format!("{RESPONSE} is neither EERP nor NERP of level 2.0: {error}")
    })?;
    // A sloppy spelling that decodes to the same is not what was written.
    match octets_of(&response) {
        Ok(again) if again == octets => Ok(response),
        _ => Err(format!("{RESPONSE} is not spelt as this program writes it")),
    }
}

fn is_recorded(
    response: &Response,
    contents: &Contents,
    record: &Record,
) -> Result<String, String> {
    let fields = response_fields(response);
    let names = fields.keys().chain(record.response.keys());
    for name in names {
        let (is, said) = (fields.get(name), record.response.get(name));
        if is != said {
            let show = |value: Option<&String>| match value {
                Some(value) => PeerText::new(value).to_string(),
                None => "(nothing)".to_owned(),
            };
            return Err(format!(
                "{} is {} in {RESPONSE} and {} in the record",
                PeerText::new(name),
                show(is),
                show(said)
            ));
        }
    }
    if super::signature::of(response) != contents.file(SIGNATURE) {
        return Err(format!(
            "{SIGNATURE} is not the signature of the response in {RESPONSE}"
        ));
    }
    let kind = match response {
        Response::Eerp(_) => "EERP",
        Response::Nerp(_) => "NERP",
    };
    Ok(format!(
        "{RESPONSE} is {kind}, with the fields that the record has"
    ))
}

/// Whether the response is for this file: its name and stamp, and its addresses, which change
/// places on the way back.
fn for_file(response: &Response, sfid: &SfidFields) -> Result<String, String> {
    let (dsn, stamp, dest, orig) = match response {
        Response::Eerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig),
        Response::Nerp(r) => (&r.dsn, &r.stamp, &r.dest, &r.orig),
    };
    let differs = |field: &str, sent: &str, answered: &[u8]| {
        format!(
            "{field} of the file is {}, the response has {}",
            PeerText::new(sent),
            PeerText::new(answered)
        )
    };
    if text::of(dsn.trimmed()) != sfid.sfiddsn {
        return Err(differs("SFIDDSN", &sfid.sfiddsn, dsn.trimmed()));
    }
    let in_full =
        text::of(stamp.date()) == sfid.sfiddate && text::of(stamp.time()) == sfid.sfidtime;
    // Levels 1.2 and 1.3 carry neither century nor counter.
    let (date, time) = stamp.short();
    let last_six = |octets: &[u8]| {
        octets
            .get(octets.len().saturating_sub(6)..)
            .map(<[u8]>::to_vec)
    };
    let first_six = |octets: &[u8]| octets.get(..6).map(<[u8]>::to_vec);
    let in_short = (sfid.sfiddate.len() == 6 || stamp.time().ends_with(b"0000"))
        && text::octets(&sfid.sfiddate).and_then(|sent| last_six(&sent)) == Some(date.to_vec())
        && text::octets(&sfid.sfidtime).and_then(|sent| first_six(&sent)) == Some(time.to_vec());
    if !in_full && !in_short {
        let sent = format!("{} {}", sfid.sfiddate, sfid.sfidtime);
        return Err(differs(
            "the stamp (SFIDDATE, SFIDTIME)",
            &sent,
            &[stamp.date(), b" ", stamp.time()].concat(),
        ));
    }
    let (dest, orig) = (text::of(dest.trimmed()), text::of(orig.trimmed()));
    let swapped = dest == sfid.sfidorig && orig == sfid.sfiddest;
    let straight = dest == sfid.sfiddest && orig == sfid.sfidorig;
    if !swapped && !straight {
        return Err(format!(
            "the file went from {} to {}, the response goes from {} to {}",
            PeerText::new(&sfid.sfidorig),
            PeerText::new(&sfid.sfiddest),
            PeerText::new(orig),
            PeerText::new(dest)
        ));
    }
    let mut why =
        "the response has the dataset name, the stamp and the addresses of the file".to_owned();
    if !swapped {
        why.push_str(", which did not change places (first edition of the protocol)");
    }
    if !in_full {
        why.push_str("; its session carried short stamps (levels 1.2 and 1.3)");
    }
    Ok(why)
}
