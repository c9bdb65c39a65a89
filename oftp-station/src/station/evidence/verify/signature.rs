//! Whether the signature holds, and whose it is: by what the folder says was trusted, or by what
//! the checker trusts.

use std::time::SystemTime;

use oftp_core::mailbox::Response;
use oftp_secure::response::{Expected, ResponseError, verify_eerp, verify_nerp};
use oftp_secure::trust::{Rules, utc};
use oftp_secure::{Certificate, Keystore, Purpose, Trust};

use super::super::read::Contents;
use super::super::record::{Record, Signer, list_print};
use super::super::{CERTIFICATES, CRLS, TRUST};
use super::{Finding, Proves, Report};
use crate::report::PeerText;

/// The signature of a response; empty where it has none.
pub(super) fn of(response: &Response) -> &[u8] {
    match response {
        Response::Eerp(eerp) => &eerp.sig,
        Response::Nerp(nerp) => &nerp.sig,
    }
}

/// Checks it; says what the response proves if nothing else is wrong.
pub(super) fn check(
    report: &mut Report,
    contents: &Contents,
    record: &Record,
    response: &Response,
    given: Option<&Keystore>,
) -> Proves {
    if of(response).is_empty() {
        let why = "the response is not signed: anybody could have written it, it proves nothing";
        report.must("signature", Err(why.to_owned()));
        if !record.signers.is_empty() {
            report.must(
                "signer",
                Err("the record names one, and nobody signed".to_owned()),
            );
        }
        return Proves::Nothing;
    }
    let at = SystemTime::from(record.times.response);
    let certificates = match store(contents, CERTIFICATES) {
        Ok(store) => store.certificates,
        Err(why) => {
            report.must("signature", Err(why));
            return Proves::Nothing;
        }
    };
    // Whether it holds at all is asked of the key alone.
    let holds = Trust {
        pinned: certificates.clone(),
        rules: Rules {
            min_rsa_bits: 1024,
            sha1: true,
        },
        ..Trust::default()
    };
    let signers = match verified(response, &holds, at) {
        Ok(signers) => signers,
        Err(error) => {
            report.must(
                "signature",
                Err(PeerText::new(error.to_string()).to_string()),
            );
            return Proves::Nothing;
        }
    };
    report.must(
        "signature",
        Ok("holds, over dataset name, stamp, addresses and hash of the response".to_owned()),
    );
    report.must("signer", is_recorded(&signers, record));
    let trusted = match given {
        Some(given) => by_given(given, contents, record, &certificates),
        None => by_folder(contents, record, &certificates),
    };
    let trusted = trusted.and_then(|(trust, worth)| {
        // One that counts is enough, as it was when the response came.
        let mut why = None;
        for signer in &signers {
            match trust.check(signer, &certificates, Purpose::SignResponse, at) {
                Ok(()) => return Ok((signer.to_string(), worth)),
                Err(distrust) => why = Some(distrust.to_string()),
            }
        }
        Err(PeerText::new(why.unwrap_or_default()).to_string())
    });
    match trusted {
        Ok((names, worth)) => {
            let why = format!("{names} was trusted on {}", utc(at));
            report.must("trust", Ok(why));
            report.add("worth", Finding::Note, worth);
        }
        Err(why) => {
            report.must("trust", Err(why));
        }
    }
    if record.direction == "in" {
        report.add(
            "direction",
            Finding::Note,
            "the file came to this station, which has signed itself: it shows what the station has \
             answered, and proves that against it",
        );
    }
    match response {
        Response::Eerp(_) => Proves::Delivery,
        Response::Nerp(_) => Proves::NonDelivery,
    }
}

fn verified(
    response: &Response,
    trust: &Trust,
    now: SystemTime,
) -> Result<Vec<Certificate>, ResponseError> {
    let expected = Expected {
        // Compared on its own, with what was recorded.
        hash: None,
        trust,
        now,
        refuse_legacy: false,
    };
    match response {
        Response::Eerp(eerp) => verify_eerp(eerp, expected),
        Response::Nerp(nerp) => verify_nerp(nerp, expected),
    }
}

/// Whether those who signed are those of the record, in its words.
fn is_recorded(signers: &[Certificate], record: &Record) -> Result<String, String> {
    let found: Vec<_> = signers.iter().map(Signer::new).collect();
    if found == record.signers {
        let names: Vec<_> = signers.iter().map(ToString::to_string).collect();
        return Ok(names.join(", "));
    }
    let prints = |all: &[Signer]| {
        let all = all
            .iter()
            .map(|signer| PeerText::new(&signer.sha256).to_string());
        all.collect::<Vec<_>>().join(", ")
    };
    Err(format!(
        "signed by the certificates with SHA-256 {}, the record names {}",
        prints(&found),
        prints(&record.signers)
    ))
}

/// The trust that lies in the folder, and what that is worth.
fn by_folder(
    contents: &Contents,
    record: &Record,
    certificates: &[Certificate],
) -> Result<(Trust, String), String> {
    let known = store(contents, TRUST)?.certificates;
    let told = &record.trust;
    let role = |prints: &[String]| {
        let of = known
            .iter()
            .filter(|one| prints.contains(&one.fingerprint_hex()));
        of.cloned().collect::<Vec<_>>()
    };
    let trust = Trust {
        pinned: role(&told.pinned),
        anchors: role(&told.authorities),
        intermediates: certificates.to_vec(),
        revoked: lists(contents, record)?,
        names: told.names.clone(),
        rules: Rules {
            min_rsa_bits: told.min_rsa_bits,
            sha1: told.sha1,
        },
        ..Trust::default()
    };
    let has = |print: &String| known.iter().any(|one| one.fingerprint_hex() == *print);
    let is_told = |one: &Certificate| {
        let print = one.fingerprint_hex();
        told.pinned.contains(&print) || told.authorities.contains(&print)
    };
    let all_there = told.pinned.iter().chain(&told.authorities).all(has);
    if !all_there || !known.iter().all(is_told) {
        return Err(format!(
            "the certificates in {TRUST} are not those that the record names"
        ));
    }
    let prints: Vec<_> = known.iter().map(Certificate::fingerprint_hex).collect();
    Ok((
        trust,
        format!(
            "trust was taken from this folder: it shows whom the station trusted, and convinces \
             nobody who doubts the folder. Compare the SHA-256 {} with its owner, or give a \
             certificate from elsewhere by --trust",
            prints.join(", ")
        ),
    ))
}

/// The trust of who checks, and what that is worth.
fn by_given(
    given: &Keystore,
    contents: &Contents,
    record: &Record,
    certificates: &[Certificate],
) -> Result<(Trust, String), String> {
    let mut revoked = lists(contents, record)?;
    revoked.extend(given.crls.clone());
    let authorities = given.certificates.iter().filter(|one| one.is_authority());
    let trust = Trust {
        pinned: given.certificates.clone(),
        anchors: authorities.cloned().collect(),
        intermediates: certificates.to_vec(),
        revoked,
        ..Trust::default()
    };
    Ok((
        trust,
        "trust was given by --trust, and nothing of it was taken from the folder: it is worth what \
         these certificates are worth. Of an authority any client counts: see that the signer is \
         the partner"
            .to_owned(),
    ))
}

/// The certificates of a file of the folder; none where the file is not there.
fn store(contents: &Contents, name: &'static str) -> Result<Keystore, String> {
    let octets = contents.file(name);
    if octets.is_empty() {
        return Err(format!("{name} is missing or empty"));
    }
    let store = Keystore::read(octets, None).map_err(|error| {
        let error = PeerText::new(error.to_string());
        format!("{name} cannot be read: {error}")
    })?;
    if store.keys.is_empty() {
        Ok(store)
    } else {
        Err(format!("{name} holds a private key, which was not written"))
    }
}

/// The lists of revoked certificates: all that the record names, and no others.
fn lists(contents: &Contents, record: &Record) -> Result<Vec<Vec<u8>>, String> {
    let lists = if contents.files.contains_key(CRLS) {
        store(contents, CRLS)?.crls
    } else {
        Vec::new()
    };
    let prints: Vec<_> = lists.iter().map(|list| list_print(list)).collect();
    if prints == record.trust.lists {
        Ok(lists)
    } else {
        Err(format!(
            "the lists of revoked certificates in {CRLS} are not those that the record names"
        ))
    }
}
