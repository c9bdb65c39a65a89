//! The end responses to secured files, and signed ones to any: what takes keys and time, beside
//! the session that received the file (RFC 5024 3.3.5, 4.3.6, 6.3).

use oftp_core::mailbox::{Mailbox, Reply, Response, eerp_for, nerp_for};
use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;

use super::{Exchange, Owed, Voice, file_id, identity_of, reason};
use crate::driver::Jobs;
use crate::inbox::{Inbox, InboxError, Offer, SealedFile};
use crate::report::{Direction, Event};
use crate::security::{self, Keys, Opened, Opening};

/// A file that came, and what is to be done before it is answered.
#[derive(Debug)]
pub(super) struct Work {
    /// In its envelope, if it has one.
    pub(super) sealed: Option<SealedFile>,
    pub(super) sfid: Sfid,
    pub(super) partner: IdentificationCode,
    /// Who answers.
    pub(super) own: IdentificationCode,
    /// The hash of what was transmitted, where that was computed on the way.
    pub(super) hash: Option<Vec<u8>>,
    pub(super) suite: Option<&'static Suite>,
    pub(super) keys: Keys,
    pub(super) reply: Reply,
    pub(super) settings: security::Settings,
    pub(super) owed: Owed,
}

/// What has become of it.
#[derive(Debug)]
pub(super) struct Done {
    sfid: Sfid,
    opened: Option<Opened>,
    response: Option<Response>,
    faults: Vec<String>,
    warnings: Vec<String>,
}

impl Work {
    /// Opens the file and makes its response: for a thread of its own.
    pub(super) fn run(mut self) -> Done {
        let mut done = Done {
            sfid: self.sfid.clone(),
            opened: None,
            response: None,
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        if let Err(error) = self.answer(&mut done) {
            // It lies where it was, and is opened when the station begins again.
            done.faults
                .push(format!("{}: {error}", file_id(&self.sfid)));
        }
        done
    }

    fn answer(&mut self, done: &mut Done) -> Result<(), InboxError> {
        let sealed = self.sealed.take();
        let mut response = Response::Eerp(Box::new(eerp_for(&self.sfid)));
        if let Some(sealed) = &sealed {
            let opened = security::open(sealed, &self.opening())?;
            if let Opened::Refused { reason, .. } = &opened {
                // Whatever is wrong, the partner learns no more than the code (threat model E4).
                let nerp = nerp_for(&self.sfid, self.own, *reason, Text::default());
                response = Response::Nerp(Box::new(nerp));
            }
            done.opened = Some(opened);
        }
        if self.reply == Reply::Eerp {
            self.sign(&mut response, sealed.as_ref(), done)?;
            // Before the envelope goes, or the note of what is due, from which it could be made
            // again.
            match self.owed.keep(self.partner, &response) {
                Ok(()) => self.owed.fulfilled(&identity_of(&self.sfid)),
                Err(error) => done.warnings.push(format!(
                    "a response would be lost if this station were killed: {error}"
                )),
            }
            done.response = Some(response);
        }
        match (sealed, &done.opened) {
            (Some(sealed), Some(Opened::Published { .. })) => {
                if let Some(folder) = &self.settings.envelopes {
                    sealed.copy_to(folder)?;
                }
                sealed.opened()
            }
            (Some(sealed), _) => {
                let path = sealed.refused()?;
                done.warnings.push(format!(
                    "the envelope lies in {}; `oftp cms open` tries again",
                    path.display()
                ));
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    fn opening(&self) -> Opening {
        Opening {
            sfid: self.sfid.clone(),
            keys: self.keys.clone(),
            no_legacy: self.settings.no_legacy,
        }
    }

    fn sign(
        &self,
        response: &mut Response,
        sealed: Option<&SealedFile>,
        done: &mut Done,
    ) -> Result<(), InboxError> {
        let (true, Some(suite)) = (self.sfid.sign, self.suite) else {
            return Ok(());
        };
        let hash = match (&self.hash, sealed) {
            (Some(hash), _) => hash.clone(),
            (None, Some(sealed)) => hash_of(sealed, suite)?,
            (None, None) => return Ok(()),
        };
        if let Err(error) = security::sign(response, &hash, suite, &self.keys) {
            done.warnings.push(format!(
                "{}: the End to End Response is not signed, though that was asked for: {error}",
                file_id(&self.sfid)
            ));
        }
        Ok(())
    }
}

fn hash_of(sealed: &SealedFile, suite: &Suite) -> Result<Vec<u8>, InboxError> {
    use std::io::Read;
    let mut digest = Digest::new(suite.hash);
    let mut file = sealed.reader()?;
    let mut block = vec![0; 64 << 10];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(digest.finish()),
            Ok(octets) => digest.update(&block[..octets]),
            Err(error) => {
                return Err(InboxError::Io {
                    doing: "reading an envelope".to_owned(),
                    error,
                });
            }
        }
    }
}

impl Done {
    /// Tells the user, and gives the response.
    fn tell(self, voice: &Voice) -> Option<Response> {
        let file = file_id(&self.sfid);
        match self.opened {
            Some(Opened::Published {
                path,
                octets,
                records,
                signers,
            }) => voice.tell(&Event::FileOpened {
                file,
                octets,
                records,
                path,
                encrypted: self.sfid.sec.is_encrypted(),
                compressed: self.sfid.comp != 0,
                signed_by: signers,
            }),
            Some(Opened::Refused { reason: code, why }) => {
                voice.error(&format!("{file} cannot be opened: {why}"));
                voice.tell(&Event::FileRefused {
                    file,
                    direction: Direction::In,
                    command: "NERP",
                    reason: reason(code.code(), code.meaning(), ""),
                    retry: false,
                });
            }
            None => {}
        }
        self.warnings.iter().for_each(|text| voice.warn(text));
        self.faults.iter().for_each(|text| voice.error(text));
        self.response
    }
}

impl Exchange {
    /// Opens and answers a file that came, while the session goes on.
    pub(super) fn answer_later(
        &mut self,
        mailbox: &mut Mailbox,
        work: Work,
        jobs: &mut Jobs<Self>,
    ) {
        self.hold(mailbox);
        let partner = work.partner;
        jobs.spawn(
            move || work.run(),
            move |exchange, mailbox, _, done| {
                if !done.faults.is_empty() {
                    exchange.outcome.local_fault();
                }
                let response = done.tell(&exchange.voice);
                if let Some(response) = response {
                    if exchange.ended {
                        exchange.owed.leave(partner, [response]);
                    } else {
                        exchange.owe(mailbox, response);
                    }
                }
                exchange.let_go(mailbox);
            },
        );
    }
}

/// Opens and answers what an earlier process of this station received and did not come to; the
/// responses wait for the next session with each partner. Takes as long as that takes.
pub fn open_what_was_left(
    inbox: &Inbox,
    own: IdentificationCode,
    reply: &Reply,
    settings: &security::Settings,
    owed: &Owed,
    voice: &Voice,
) {
    let answer_now = |sealed, sfid: Sfid, partner, hash| {
        let named = Suite::of(sfid.ciph);
        let work = Work {
            sealed,
            partner,
            own,
            hash,
            suite: named.or_else(|| Suite::of(settings.unnamed_suite?)),
            keys: settings.ring.with(&partner),
            reply: reply.clone(),
            settings: settings.clone(),
            owed: owed.clone(),
            sfid,
        };
        if let Some(response) = work.run().tell(voice) {
            owed.leave(partner, [response]);
        }
    };
    let left = inbox.sealed_files().unwrap_or_else(|error| {
        voice.error(&error.to_string());
        Vec::new()
    });
    for sealed in left {
        let Some((sfid, partner)) = sfid_of(sealed.offer()) else {
            voice.warn(&format!(
                "{} in .sealed cannot be understood, and stays there",
                sealed.offer().identity
            ));
            continue;
        };
        answer_now(Some(sealed), sfid, partner, None);
    }
    for promise in owed.promises() {
        let identity = &promise.offer.identity;
        // Killed just before: the file is not here, and comes again.
        if !matches!(inbox.is_published(identity), Ok(true)) {
            owed.fulfilled(identity);
            continue;
        }
        if let Some((sfid, partner)) = sfid_of(&promise.offer) {
            answer_now(None, sfid, partner, Some(security::unhex(&promise.hash)));
        }
    }
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;

    use oftp_secure::Keystore;

    use super::*;
    use crate::identity::{Field, Identity};
    use crate::inbox::InboxOptions;
    use crate::records::Format;
    use crate::report::{Reporter, Style};
    use crate::security::{KeyRing, OwnKeys, PartnerKeys};

    fn offer(dsn: &str) -> Offer {
        let attribute = |name: &str, value: &str| (name.to_owned(), Field::new(value));
        let zeros = ["SFIDLRECL", "SFIDOSIZ", "SFIDSEC", "SFIDCOMP", "SFIDENV"];
        let mut attributes: BTreeMap<_, _> =
            zeros.map(|name| attribute(name, "0")).into_iter().collect();
        attributes.extend([
            attribute("SFIDUSER", ""),
            attribute("SFIDFMT", "U"),
            attribute("SFIDFSIZ", "1"),
            attribute("SFIDCIPH", "4"),
            attribute("SFIDSIGN", "1"),
        ]);
        Offer {
            identity: Identity {
                date: Field::new("20260131"),
                time: Field::new("1204550001"),
                dsn: Field::new(dsn),
                originator: Field::new("OALPHA"),
                destination: Field::new("OBETA"),
            },
            partner: Field::new("OALPHA"),
            format: Format::Unstructured,
            blocks: 1,
            attributes,
        }
    }

    fn settings() -> security::Settings {
        let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keys/");
        let load = |name: &str| {
            let path = std::path::PathBuf::from(format!("{keys}{name}"));
            Keystore::load(&path, None).expect(name)
        };
        let mut own = load("beta.key");
        own.add(load("beta.pem"));
        let own = own.credentials().expect("a pair").remove(0);
        let ring = KeyRing::new(
            OwnKeys::new(&[(None, own)]),
            vec![(
                IdentificationCode::new("OALPHA").expect("code"),
                PartnerKeys::new(HashMap::new()),
            )],
        );
        security::Settings {
            ring: Arc::new(ring),
            ..security::Settings::default()
        }
    }

    /// Killed between publishing a file and keeping the response that names its hash.
    #[test]
    fn a_signed_response_that_was_promised_is_made_when_the_station_begins_again() {
        let folder = tempfile::tempdir().expect("folder");
        let inbox = Inbox::open(folder.path(), InboxOptions::default()).expect("inbox");
        let owed = Owed::in_folder(inbox.owed_folder()).expect("owed");
        let (published, missing) = (offer("PUBLISHED"), offer("MISSING"));
        for offer in [&published, &missing] {
            owed.promise(offer, &[7; 32]).expect("noted");
        }
        let mut slot = inbox.offer(&published).expect("slot");
        slot.start_at(0).expect("start");
        slot.publish().expect("published");

        let owed = Owed::in_folder(inbox.owed_folder()).expect("owed");
        let own = IdentificationCode::new("OBETA").expect("code");
        let partner = IdentificationCode::new("OALPHA").expect("code");
        let voice = Voice::new(Reporter::new(Style {
            json: false,
            quiet: true,
            trace: false,
            bars: false,
        }));
        assert_eq!(owed.take(&partner), []);
        open_what_was_left(&inbox, own, &Reply::Eerp, &settings(), &owed, &voice);
        let responses = owed.take(&partner);
        let [Response::Eerp(eerp)] = &responses[..] else {
            panic!("{responses:?}");
        };
        assert_eq!(eerp.dsn.trimmed(), b"PUBLISHED");
        assert_eq!(eerp.hsh, [7; 32]);
        assert!(!eerp.sig.is_empty());
        assert!(owed.promises().is_empty());
        // It is on the disk until the partner has it.
        let owed = Owed::in_folder(inbox.owed_folder()).expect("owed");
        assert_eq!(owed.take(&partner), responses);
    }
}
