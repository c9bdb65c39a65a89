//! An SFID as the journal keeps it: JSON that people can read, and from which every field comes
//! back octet for octet, whatever the partner sent. A clearing centre passes them on untouched
//! (field notes 75).

use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use serde::{Deserialize, Serialize};

use super::JournalError;
use crate::identity::{Field, Identity};
use crate::names;

#[derive(Serialize, Deserialize)]
struct Kept {
    dsn: Field,
    date: Field,
    time: Field,
    user: Field,
    dest: Field,
    orig: Field,
    fmt: char,
    lrecl: u32,
    fsiz: u64,
    osiz: u64,
    sec: u8,
    ciph: u8,
    comp: u8,
    env: u8,
    sign: bool,
    /// Escaped as a field is, with the blanks at its end.
    desc: String,
}

/// The JSON of an SFID. SFIDREST is no part of it.
#[must_use]
pub fn to_json(sfid: &Sfid) -> String {
    let kept = Kept {
        dsn: Field::new(sfid.dsn.as_octets()),
        date: Field::new(sfid.stamp.date()),
        time: Field::new(sfid.stamp.time()),
        user: Field::new(sfid.user.as_octets()),
        dest: Field::new(sfid.dest.as_octets()),
        orig: Field::new(sfid.orig.as_octets()),
        fmt: char::from(sfid.fmt.letter()),
        lrecl: sfid.lrecl,
        fsiz: sfid.fsiz,
        osiz: sfid.osiz,
        sec: sfid.sec.code(),
        ciph: sfid.ciph,
        comp: sfid.comp,
        env: sfid.env,
        sign: sfid.sign,
        desc: names::escape(sfid.desc.as_octets()),
    };
    // Strings and numbers alone: there is nothing that JSON cannot say.
    serde_json::to_string(&kept).unwrap_or_default()
}

/// The SFID that became this JSON; SFIDREST is 0.
///
/// # Errors
/// [`JournalError::Content`]: it is none.
pub fn from_json(json: &str) -> Result<Sfid, JournalError> {
    let wrong =
        |what: &dyn std::fmt::Display| JournalError::Content(format!("SFID {json}: {what}"));
    let kept: Kept = serde_json::from_str(json).map_err(|error| wrong(&error))?;
    let code = |field: &Field| IdentificationCode::from_octets(field.as_octets());
    let letter = u8::try_from(kept.fmt).unwrap_or_default();
    Ok(Sfid {
        dsn: DatasetName::from_octets(kept.dsn.as_octets()),
        stamp: stamp_of(&kept.date, &kept.time).ok_or_else(|| wrong(&"no stamp"))?,
        user: UserData::from_octets(kept.user.as_octets()),
        dest: code(&kept.dest),
        orig: code(&kept.orig),
        fmt: RecordFormat::from_letter(letter).ok_or_else(|| wrong(&"no format"))?,
        lrecl: kept.lrecl,
        fsiz: kept.fsiz,
        osiz: kept.osiz,
        rest: 0,
        sec: Security::from_code(kept.sec.into()).ok_or_else(|| wrong(&"no security"))?,
        ciph: kept.ciph,
        comp: kept.comp,
        env: kept.env,
        sign: kept.sign,
        desc: Text::from_octets(
            &names::unescape(&kept.desc).ok_or_else(|| wrong(&"no description"))?,
        ),
    })
}

/// Levels 1.2 and 1.3 take any octets, blanks among them, which a field does not keep.
fn stamp_of(date: &Field, time: &Field) -> Option<Stamp> {
    if date.as_octets().len() <= 6 && time.as_octets().len() <= 6 {
        return Some(Stamp::Short {
            date: padded(date)?,
            time: padded(time)?,
        });
    }
    Some(Stamp::Long {
        date: padded(date)?,
        time: padded(time)?,
    })
}

fn padded<const N: usize>(field: &Field) -> Option<[u8; N]> {
    let mut octets = [b' '; N];
    let given = field.as_octets();
    octets.get_mut(..given.len())?.copy_from_slice(given);
    Some(octets)
}

/// The five fields that make a Virtual File unique.
#[must_use]
pub fn identity_of(sfid: &Sfid) -> Identity {
    Identity {
        date: Field::new(sfid.stamp.date()),
        time: Field::new(sfid.stamp.time()),
        dsn: Field::new(sfid.dsn.as_octets()),
        originator: Field::new(sfid.orig.as_octets()),
        destination: Field::new(sfid.dest.as_octets()),
    }
}

#[cfg(test)]
mod tests {
    use oftp_core::wire::Level;
    use proptest::prelude::*;

    use super::*;

    fn any_sfid() -> impl Strategy<Value = Sfid> {
        let octets = |most: usize| proptest::collection::vec(any::<u8>(), 0..=most);
        let text = (octets(26), octets(8), octets(25), octets(25), octets(200));
        let sizes = (0_u32..100_000, any::<u64>(), any::<u64>(), any::<bool>());
        let codes = (0_u64..4, 0_u8..100, 0_u8..10, 0_u8..10, 0_usize..4);
        (text, sizes, codes, any::<bool>(), any::<[u8; 12]>()).prop_map(
            |((dsn, user, dest, orig, desc), (lrecl, fsiz, osiz, sign), codes, short, stamp)| {
                let (sec, ciph, comp, env, format) = codes;
                let (date, time) = stamp.split_at(6);
                Sfid {
                    dsn: DatasetName::from_octets(&dsn),
                    stamp: if short {
                        Stamp::Short {
                            date: date.try_into().expect("6"),
                            time: time.try_into().expect("6"),
                        }
                    } else {
                        Stamp::new("20261126", "1345010042").expect("digits")
                    },
                    user: UserData::from_octets(&user),
                    dest: IdentificationCode::from_octets(&dest),
                    orig: IdentificationCode::from_octets(&orig),
                    fmt: RecordFormat::from_letter(b"FVUT"[format]).expect("a format"),
                    lrecl,
                    fsiz,
                    osiz,
                    rest: 0,
                    sec: Security::from_code(sec).expect("a code"),
                    ciph,
                    comp,
                    env,
                    sign,
                    desc: Text::from_octets(&desc),
                }
            },
        )
    }

    proptest! {
        #[test]
        fn every_field_comes_back(sfid in any_sfid()) {
            let again = from_json(&to_json(&sfid)).expect("what was written");
            prop_assert_eq!(&again, &sfid);
            prop_assert_eq!(again.stamp.for_level(Level::V1_3), sfid.stamp.for_level(Level::V1_3));
        }
    }
}
