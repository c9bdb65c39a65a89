//! End responses: how they are made for a file, and which file they are for (4.3.6, 4.3.7, CF-30).

use crate::wire::{DatasetName, Eerp, IdentificationCode, Nerp, NerpReason, Sfid, Stamp, Text};

use super::mail::Response;

/// The unsigned EERP for a file: the addresses change places, because it travels back.
#[must_use]
pub fn eerp_for(sfid: &Sfid) -> Eerp {
    Eerp {
        dsn: sfid.dsn,
        stamp: sfid.stamp,
        user: sfid.user,
        dest: sfid.orig,
        orig: sfid.dest,
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}

/// The unsigned NERP for a file, created by `creator`.
#[must_use]
pub fn nerp_for(sfid: &Sfid, creator: IdentificationCode, reason: NerpReason, text: Text) -> Nerp {
    Nerp {
        dsn: sfid.dsn,
        stamp: sfid.stamp,
        dest: sfid.orig,
        orig: sfid.dest,
        crea: creator,
        reas: reason,
        reast: text,
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}

impl Response {
    /// The dataset name of the file that the response is for.
    #[must_use]
    pub const fn dsn(&self) -> &DatasetName {
        match self {
            Self::Eerp(response) => &response.dsn,
            Self::Nerp(response) => &response.dsn,
        }
    }

    /// Dataset name, stamp, destination and originator of the response, as received.
    fn identity(&self) -> (&[u8], &Stamp, &IdentificationCode, &IdentificationCode) {
        match self {
            Self::Eerp(r) => (r.dsn.trimmed(), &r.stamp, &r.dest, &r.orig),
            Self::Nerp(r) => (r.dsn.trimmed(), &r.stamp, &r.dest, &r.orig),
        }
    }

    /// Finds the file that the response is for: by name, stamp and addresses, which change places
    /// on the way back. Where none fits, the addresses of the first protocol edition, which did
    /// not, are tried, and taken if just one file fits (CF-30). Stamps of 1.2 and 1.3 are shorter
    /// and match if just one file fits (CF-23).
    pub fn find<'a>(&self, files: impl Iterator<Item = &'a Sfid> + Clone) -> Option<&'a Sfid> {
        let (dsn, stamp, dest, orig) = self.identity();
        let same = |a: &IdentificationCode, b: &IdentificationCode| a.trimmed() == b.trimmed();
        let named = files.filter(|sfid| sfid.dsn.trimmed() == dsn && sfid.stamp.matches(stamp));
        let swapped = |sfid: &&Sfid| same(&sfid.orig, dest) && same(&sfid.dest, orig);
        let straight = |sfid: &&Sfid| same(&sfid.orig, orig) && same(&sfid.dest, dest);
        let mut found = named.clone().filter(swapped);
        match found.next() {
            Some(file) => found.next().is_none().then_some(file),
            None => only(named.filter(straight)),
        }
    }
}

fn only<'a>(mut found: impl Iterator<Item = &'a Sfid>) -> Option<&'a Sfid> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
