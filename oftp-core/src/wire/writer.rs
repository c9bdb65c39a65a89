//! The encoder: writes a command row by row of its layout.

use super::code::CommandCode;
use super::error::FieldError;
use super::layout::{Field, Len, Type};
use super::level::Level;
use super::stamp::Stamp;

/// The contents of a field that is to be written.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    /// Octets as they are.
    Octets(&'v [u8]),
    /// The date of a stamp.
    Date(Stamp),
    /// The time of a stamp.
    Time(Stamp),
    /// A number, written with as many digits as the field has.
    Number(u64),
    /// Y or N.
    Flag(bool),
    /// One character.
    Letter(u8),
}

/// Appends a command to `out`, or leaves `out` as it was.
///
/// `value` gives the contents of each field by its name in the RFC. Command code, reserved fields,
/// carriage return and length fields follow from the layout.
pub(super) fn write<'v>(
    command: CommandCode,
    level: Level,
    out: &mut Vec<u8>,
    value: impl Fn(&'static str) -> Option<Value<'v>>,
) -> Result<(), FieldError> {
    let before = out.len();
    let written = write_rows(command, level, out, value);
    if written.is_err() {
        out.truncate(before);
    }
    written
}

fn write_rows<'v>(
    command: CommandCode,
    level: Level,
    out: &mut Vec<u8>,
    value: impl Fn(&'static str) -> Option<Value<'v>>,
) -> Result<(), FieldError> {
    let absent = FieldError::NotAtLevel {
        what: command.name(),
        level,
    };
    let layout = command.layout(level).ok_or(absent)?;
    let before = out.len();
    for field in layout.fields {
        let contents = if field.is_command_code() {
            Value::Letter(command.octet())
        } else if field.is_reserved() {
            Value::Octets(b"")
        } else if field.is_carriage_return() {
            Value::Letter(b'\r')
        } else if let Some(measured) = layout.measured_by(field.name) {
            Value::Number(octets_of(value(measured.name)))
        } else {
            // A field that the command's encoder does not know would be a fault of this crate;
            // round trips of every command at every level show that there is none.
            let problem = "has no value at this level";
            value(field.name).ok_or(FieldError::Invalid {
                field: field.name,
                problem,
            })?
        };
        write_field(field, level, contents, out)?;
    }
    let octets = out.len() - before;
    if octets > layout.max_octets {
        return Err(FieldError::CommandTooLong {
            command,
            octets,
            limit: layout.max_octets,
        });
    }
    Ok(())
}

fn octets_of(value: Option<Value<'_>>) -> u64 {
    match value {
        Some(Value::Octets(octets)) => u64::try_from(octets.len()).unwrap_or(u64::MAX),
        _ => 0,
    }
}

fn write_field(
    field: &'static Field,
    level: Level,
    value: Value<'_>,
    out: &mut Vec<u8>,
) -> Result<(), FieldError> {
    match (value, field.len) {
        (Value::Letter(letter), _) => out.push(letter),
        (Value::Flag(flag), _) => out.push(if flag { b'Y' } else { b'N' }),
        (Value::Number(number), Len::Fixed(octets)) if field.ty == Type::U => {
            write_binary(field, number, octets, out)?;
        }
        (Value::Number(number), Len::Fixed(octets)) => {
            write_digits(number, octets, out).map_err(|()| FieldError::TooLarge {
                field: field.name,
                value: number,
                digits: octets,
                level,
            })?;
        }
        (Value::Date(stamp), Len::Fixed(width)) => write_fixed(field, stamp.date(), width, out)?,
        (Value::Time(stamp), Len::Fixed(width)) => write_fixed(field, stamp.time(), width, out)?,
        (Value::Octets(octets), Len::Fixed(width)) => write_fixed(field, octets, width, out)?,
        (Value::Octets(octets), _) => out.extend_from_slice(octets),
        (Value::Number(_) | Value::Date(_) | Value::Time(_), _) => {
            let problem = "has no fixed width";
            return Err(FieldError::Invalid {
                field: field.name,
                problem,
            });
        }
    }
    Ok(())
}

fn write_fixed(
    field: &'static Field,
    octets: &[u8],
    width: usize,
    out: &mut Vec<u8>,
) -> Result<(), FieldError> {
    if octets.len() > width {
        return Err(FieldError::TooLong {
            octets: octets.len(),
            limit: width,
        });
    }
    // Spaces only come from a peer with blank stamps, which must be echoed unchanged.
    let fits = |octet: &u8| octet.is_ascii_digit() || *octet == b' ';
    if field.ty == Type::Nine && !octets.iter().all(fits) {
        let problem = "must be digits at this level; give the file a stamp of digits";
        return Err(FieldError::Invalid {
            field: field.name,
            problem,
        });
    }
    out.extend_from_slice(octets);
    out.resize(out.len() + (width - octets.len()), b' ');
    Ok(())
}

fn write_binary(
    field: &'static Field,
    number: u64,
    octets: usize,
    out: &mut Vec<u8>,
) -> Result<(), FieldError> {
    let bytes = number.to_be_bytes();
    let (high, low) = bytes.split_at(bytes.len().saturating_sub(octets));
    if high.iter().any(|&octet| octet != 0) {
        let problem = "is longer than its length field can say (65535 octets)";
        return Err(FieldError::Invalid {
            field: field.name,
            problem,
        });
    }
    out.extend_from_slice(low);
    Ok(())
}

fn write_digits(number: u64, digits: usize, out: &mut Vec<u8>) -> Result<(), ()> {
    let mut rest = number;
    let start = out.len();
    out.resize(start + digits, b'0');
    for slot in out.iter_mut().skip(start).rev() {
        // A remainder of division by 10 fits into an octet.
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    if rest == 0 { Ok(()) } else { Err(()) }
}
