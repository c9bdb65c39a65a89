//! Lists of revoked certificates (CRLs, RFC 5280 chapter 5), read with tolerance: version 1, no
//! next list announced, any size.

use std::time::SystemTime;

use crate::asn1::{Asn1Error, Element, Reader, oid, tag};
use crate::certificate::{Certificate, name_text, time};

/// A list of revoked certificates.
#[derive(Clone)]
pub struct RevocationList<'a> {
    pub(super) signed: &'a [u8],
    issuer: &'a [u8],
    made: SystemTime,
    next: Option<SystemTime>,
    entries: &'a [u8],
    scope: Scope<'a>,
}

/// One entry of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked<'a> {
    /// The content octets of the serial number.
    pub serial: &'a [u8],
    /// Since when.
    pub on: SystemTime,
    /// Why, if the issuer says so.
    pub reason: Option<&'static str>,
}

/// What a list covers (issuingDistributionPoint and delta lists, RFC 5280 5.2.4 and 5.2.5).
#[derive(Clone, Copy, Default)]
struct Scope<'a> {
    /// Only changes, only some reasons, certificates of other issuers, or something critical that
    /// is not known here: what is not on the list may be revoked none the less.
    partial: bool,
    only_users: bool,
    only_authorities: bool,
    /// The names of the distribution point, one of which the certificate must bear.
    names: Option<&'a [u8]>,
}

impl<'a> RevocationList<'a> {
    /// Reads a list in DER.
    ///
    /// # Errors
    /// [`Asn1Error`] when the octets are no list.
    pub fn from_der(der: &'a [u8]) -> Result<Self, Asn1Error> {
        let whole = Reader::new(der).expect(tag::SEQUENCE, "revocation list")?;
        let mut tbs = whole
            .reader()
            .expect(tag::SEQUENCE, "revocation list")?
            .reader();
        tbs.optional(tag::INTEGER)?;
        tbs.expect(tag::SEQUENCE, "signature algorithm")?;
        let issuer = tbs.expect(tag::SEQUENCE, "issuer")?.whole;
        let made = time(&tbs.any()?)?;
        let mut next = None;
        if matches!(tbs.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
            next = Some(time(&tbs.any()?)?);
        }
        let entries = tbs.optional(tag::SEQUENCE)?;
        let scope = match tbs.optional(tag::CONTEXT_0_CONSTRUCTED)? {
            Some(extensions) => Scope::read(&extensions)?,
            None => Scope::default(),
        };
        let list = Self {
            signed: whole.content,
            issuer,
            made,
            next,
            entries: entries.map_or(&[], |entries| entries.content),
            scope,
        };
        // Every entry is read once, so that none can be overlooked later.
        for entry in list.entries() {
            entry?;
        }
        Ok(list)
    }

    /// The issuer's name in DER.
    #[must_use]
    pub const fn issuer_der(&self) -> &'a [u8] {
        self.issuer
    }

    /// The issuer's name as text.
    #[must_use]
    pub fn issuer(&self) -> String {
        name_text(self.issuer)
    }

    /// When the list was made (thisUpdate).
    #[must_use]
    pub const fn made(&self) -> SystemTime {
        self.made
    }

    /// When the next one is due (nextUpdate).
    #[must_use]
    pub const fn next(&self) -> Option<SystemTime> {
        self.next
    }

    /// The revoked certificates.
    pub fn entries(&self) -> impl Iterator<Item = Result<Revoked<'a>, Asn1Error>> + use<'a> {
        let mut entries = Reader::new(self.entries);
        std::iter::from_fn(move || {
            if entries.is_empty() {
                return None;
            }
            let entry = entries.expect(tag::SEQUENCE, "revoked certificate");
            if entry.is_err() {
                // Nothing can be found behind it.
                entries = Reader::new(&[]);
            }
            Some(entry.and_then(|entry| Revoked::read(&entry)))
        })
    }

    /// Whether a certificate of the same issuer that is not on the list is not revoked.
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        let Scope {
            partial,
            only_users,
            only_authorities,
            names,
        } = self.scope;
        let is_authority = certificate.is_authority();
        let is_named = names.is_none_or(|names| is_point_of(certificate, names));
        !partial && is_named && !(only_users && is_authority) && (!only_authorities || is_authority)
    }
}

impl std::fmt::Debug for RevocationList<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RevocationList({})", self.issuer())
    }
}

impl<'a> Revoked<'a> {
    fn read(entry: &Element<'a>) -> Result<Self, Asn1Error> {
        let mut fields = entry.reader();
        let serial = fields.expect(tag::INTEGER, "serial number")?.content;
        let on = time(&fields.any()?)?;
        let mut reason = None;
        if let Some(extensions) = fields.optional(tag::SEQUENCE)? {
            for_each_extension(&extensions, |oid, _, value| {
                if oid == oid::CRL_REASON {
                    reason = value.last().and_then(|code| reason_text(*code));
                }
                Ok(())
            })?;
        }
        Ok(Self { serial, on, reason })
    }
}

impl<'a> Scope<'a> {
    fn read(extensions: &Element<'a>) -> Result<Self, Asn1Error> {
        const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 35];
        let list = extensions.reader().expect(tag::SEQUENCE, "extensions")?;
        let mut scope = Self::default();
        for_each_extension(&list, |oid, critical, value| {
            if oid == oid::ISSUING_DISTRIBUTION_POINT {
                scope.read_point(value)?;
            } else if critical && oid != AUTHORITY_KEY_IDENTIFIER {
                // A delta list (deltaCRLIndicator is critical), or what is not known here.
                scope.partial = true;
            }
            Ok(())
        })?;
        Ok(scope)
    }

    fn read_point(&mut self, value: &'a [u8]) -> Result<(), Asn1Error> {
        let mut fields = Reader::new(value)
            .expect(tag::SEQUENCE, "distribution point")?
            .reader();
        while !fields.is_empty() {
            let field = fields.any()?;
            let is_set = field.content.iter().any(|octet| *octet != 0);
            match field.tag {
                tag::CONTEXT_0_CONSTRUCTED => {
                    let name = field.reader().any()?;
                    self.names = Some(name.content);
                    // A name relative to the issuer cannot be compared.
                    self.partial |= name.tag != tag::CONTEXT_0_CONSTRUCTED;
                }
                0x81 => self.only_users = is_set,
                0x82 => self.only_authorities = is_set,
                // onlySomeReasons, indirectCRL, onlyContainsAttributeCerts.
                _ => self.partial |= is_set,
            }
        }
        Ok(())
    }
}

/// Whether one of the names of a list is a distribution point of the certificate. A certificate
/// without distribution points is in every list of its issuer.
fn is_point_of(certificate: &Certificate, names: &[u8]) -> bool {
    let Some(points) = certificate.extension(oid::CRL_DISTRIBUTION_POINTS) else {
        return true;
    };
    let mut names = Reader::new(names);
    while let Ok(name) = names.any() {
        if points
            .windows(name.whole.len())
            .any(|part| part == name.whole)
        {
            return true;
        }
    }
    false
}

fn for_each_extension<'a>(
    list: &Element<'a>,
    mut take: impl FnMut(&'a [u8], bool, &'a [u8]) -> Result<(), Asn1Error>,
) -> Result<(), Asn1Error> {
    let mut list = list.reader();
    while !list.is_empty() {
        let mut extension = list.expect(tag::SEQUENCE, "extension")?.reader();
        let oid = extension.expect(tag::OID, "extension")?.content;
        let critical = extension.optional(tag::BOOLEAN)?;
        let critical = critical.is_some_and(|critical| critical.content != [0]);
        let value = extension.expect(tag::OCTET_STRING, "value of an extension")?;
        take(oid, critical, value.content)?;
    }
    Ok(())
}

const fn reason_text(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "its key was stolen",
        2 => "the key of its issuer was stolen",
        3 => "its owner's name or role changed",
        4 => "it was replaced",
        5 => "it is not used any more",
        6 => "it is on hold",
        9 => "its owner may not do this any more",
        10 => "its issuer's attributes were stolen",
        _ => return None,
    })
}
