//! What an earlier process of this station left undone: it was killed between receiving a file and
//! answering it.

use oftp_core::mailbox::{FilePolicy, Reply, Response};
use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use oftp_secure::Suite;

use super::Voice;
use super::answering::{Work, not_kept, not_signed};
use super::owed::{Owed, Unsigned, file_of};
use crate::inbox::{Inbox, Offer};
use crate::report::FileId;
use crate::security;

/// Opens what an earlier process of this station received and did not open, and signs the end
/// responses that it did not come to sign; they wait for the next session with each partner. Takes
/// as long as that takes. `limit` says how many octets the content of a partner's file may have.
///
/// False: a fault of this side left something where it was, to be tried again.
pub fn open_what_was_left(
    inbox: &Inbox,
    own: IdentificationCode,
    reply: &Reply,
    settings: &security::Settings,
    owed: &Owed,
    limit: &dyn Fn(&IdentificationCode) -> Option<u64>,
    voice: &Voice,
) -> bool {
    let mut all = true;
    for unsigned in owed.take_unsigned() {
        all &= sign(unsigned, inbox, settings, owed, voice);
    }
    let left = inbox.sealed_files().unwrap_or_else(|error| {
        voice.error(&error.to_string());
        all = false;
        Vec::new()
    });
    let policy = FilePolicy {
        unnamed_suite: settings.unnamed_suite,
        ..FilePolicy::default()
    };
    for sealed in left {
        let Some((sfid, partner)) = sfid_of(sealed.offer()) else {
            voice.warn(&format!(
                "{} in .sealed cannot be understood, and stays there",
                sealed.offer().identity
            ));
            continue;
        };
        let work = Work {
            sealed: Some(sealed),
            partner,
            own,
            hash: None,
            suite: Suite::of(policy.suite_of(&sfid)),
            keys: settings.ring.of_station(&sfid.orig, &partner),
            reply: reply.clone(),
            settings: settings.clone(),
            limit: limit(&partner),
            owed: owed.clone(),
            sfid,
        };
        let mut done = work.run();
        // Who hears that it is opened may call at once.
        owed.leave(partner, done.response.take());
        all &= done.faults.is_empty();
        done.tell(voice);
    }
    all
}

/// Signs the end response to a file that was received as it is, without an envelope. False: it
/// stays where it is.
fn sign(
    unsigned: Unsigned,
    inbox: &Inbox,
    settings: &security::Settings,
    owed: &Owed,
    voice: &Voice,
) -> bool {
    let Unsigned {
        partner,
        mut response,
        suite,
    } = unsigned;
    // It was on the disk before its file was received, which may not have come to pass.
    match inbox.has_received(&file_of(&response)) {
        Ok(true) => {}
        Ok(false) => {
            owed.confirmed(&response);
            return true;
        }
        // A response to a file that is not here would be a lie.
        Err(error) => {
            voice.error(&error.to_string());
            owed.put_back(Unsigned {
                partner,
                response,
                suite,
            });
            return false;
        }
    }
    let hash = match &mut response {
        Response::Eerp(eerp) => std::mem::take(&mut eerp.hsh),
        Response::Nerp(nerp) => std::mem::take(&mut nerp.hsh),
    };
    let file = FileId::from(&file_of(&response));
    let signed = match Suite::of(suite) {
        Some(suite) => security::sign(&mut response, &hash, suite, &settings.ring.with(&partner))
            .map_err(|error| error.to_string()),
        None => Err(format!("cipher suite {suite:02} is not known")),
    };
    if let Err(error) = signed {
        voice.warn(&not_signed(&file, &error));
    }
    if let Err(error) = owed.keep(partner, &response) {
        voice.warn(&not_kept(&error));
    }
    owed.leave(partner, [response]);
    true
}

/// The SFID under which a file was offered, and by whom.
fn sfid_of(offer: &Offer) -> Option<(Sfid, IdentificationCode)> {
    let octets = |name: &str| offer.attributes.get(name).map(|field| field.as_octets());
    let number =
        |name: &str| -> Option<u64> { std::str::from_utf8(octets(name)?).ok()?.parse().ok() };
    let small = |name: &str| -> Option<u8> { number(name)?.try_into().ok() };
    let text = |field: &crate::identity::Field| {
        String::from_utf8(field.as_octets().to_vec()).unwrap_or_default()
    };
    let identity = &offer.identity;
    let code = |field: &crate::identity::Field| IdentificationCode::from_octets(field.as_octets());
    let sfid = Sfid {
        dsn: DatasetName::from_octets(identity.dsn.as_octets()),
        stamp: Stamp::new(&text(&identity.date), &text(&identity.time)).ok()?,
        user: UserData::from_octets(octets("SFIDUSER")?),
        dest: code(&identity.destination),
        orig: code(&identity.originator),
        fmt: RecordFormat::from_letter(*octets("SFIDFMT")?.first()?)?,
        lrecl: number("SFIDLRECL")?.try_into().ok()?,
        fsiz: number("SFIDFSIZ")?,
        osiz: number("SFIDOSIZ")?,
        rest: 0,
        sec: Security::from_code(number("SFIDSEC")?)?,
        ciph: small("SFIDCIPH")?,
        comp: small("SFIDCOMP")?,
        env: small("SFIDENV")?,
        sign: number("SFIDSIGN")? == 1,
        desc: Text::default(),
    };
    Some((sfid, code(&offer.partner)))
}
