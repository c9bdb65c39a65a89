//! Identification codes of locations (RFC 5024 section 5.4, based on ISO 6523).

use super::string::X;

/// Identification code of a location: `O`, four digits, organisation and computer subaddress.
///
/// Any octets are accepted on receipt, and in SIOICD when sending is the caller's choice (CF-06).
pub type IdentificationCode = X<25>;

/// The fields of an identification code: name, offset and number of octets.
#[rustfmt::skip]
pub const FIELDS: [(&str, usize, usize); 4] = [
    ("SIOOID",  0,  1),
    ("SIOICD",  1,  4),
    ("SIOORG",  5, 14),
    ("SIOCSA", 19,  6),
];

impl IdentificationCode {
    /// SIOOID: `O` for codes that ODETTE assigned.
    pub const fn oid(&self) -> u8 {
        let [oid, ..] = *self.as_octets();
        oid
    }

    /// SIOICD: the international code designator, 4 octets.
    pub fn icd(&self) -> &[u8] {
        part(self, 1, 4)
    }

    /// SIOORG: the organisation code, 14 octets with padding.
    pub fn org(&self) -> &[u8] {
        part(self, 5, 14)
    }

    /// SIOCSA: the computer subaddress within the organisation, 6 octets with padding.
    pub fn csa(&self) -> &[u8] {
        part(self, 19, 6)
    }
}

fn part(code: &IdentificationCode, start: usize, octets: usize) -> &[u8] {
    code.as_octets()
        .get(start..start + octets)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, IdentificationCode};

    #[test]
    fn a_code_is_taken_apart_as_its_fields_say() {
        let code = IdentificationCode::from_octets(b"O0177ALPHA-MOTORS  HUB001");
        assert_eq!(code.oid(), b'O');
        let parts = [&[code.oid()][..], code.icd(), code.org(), code.csa()];
        for (part, (_, offset, octets)) in parts.into_iter().zip(FIELDS) {
            assert_eq!(part, &code.as_octets()[offset..offset + octets]);
        }
        assert_eq!(code.csa(), b"HUB001");
    }
}
