//! Any octets as one Exchange Buffer, at every level, strict and tolerant.

use oftp_core::wire::{Command, CommandCode, Decoded, Level, Quirks, WireError, decode, explain};

/// `data` is one Exchange Buffer. At every level:
///
/// * reading it does not panic, and a refusal has reason 01, 06 or 07;
/// * what is read strictly is written again to the same octets, but for a carriage return (8D
///   becomes 0D) and reserved fields (become spaces); ESID, which has two forms, by one of them;
/// * what is read strictly is read tolerantly to the same, and no tolerance counts as used;
/// * what is read only tolerantly names the tolerances, and if it can be written, then right but
///   for the stamps: they are repeated as they came;
/// * it can be explained, to the last octet.
///
/// # Panics
/// When one of these does not hold.
pub fn wire(data: &[u8]) {
    for level in Level::ALL {
        let strict = decode(data, level, Quirks::STRICT);
        let tolerant = decode(data, level, Quirks::TOLERANT);
        match (&strict, &tolerant) {
            (Ok(strict), Ok(tolerant)) => {
                assert_eq!(strict, tolerant);
                assert!(strict.used.is_empty());
                written_again(data, level, &strict.command);
            }
            (Err(error), Ok(tolerant)) => {
                refused(error);
                assert!(!tolerant.used.is_empty(), "{error} was let pass by nothing");
                right_after_writing(level, tolerant);
            }
            (Err(strict), Err(tolerant)) => {
                refused(strict);
                refused(tolerant);
            }
            (Ok(_), Err(error)) => panic!("read strictly, but not tolerantly: {error}"),
        }
        explained(data, level);
    }
}

fn refused(error: &WireError) {
    assert!(matches!(error.reason.code(), 1 | 6 | 7), "{error}");
    assert!(!error.to_string().is_empty());
}

fn written_again(data: &[u8], level: Level, command: &Command<'_>) {
    let expected = normalised(data, level, command.code());
    let written = |level| {
        let mut octets = Vec::new();
        let written = command.encode(level, &mut octets);
        assert!(
            written.is_ok(),
            "{command:?} cannot be written: {written:?}"
        );
        octets
    };
    if matches!(command, Command::Esid(_)) {
        // Both forms are read at every level (CF-04).
        let forms = [written(Level::V1_3), written(Level::V2_0)];
        assert!(
            forms.contains(&expected),
            "{command:?} is written otherwise"
        );
    } else {
        assert_eq!(written(level), expected);
    }
}

/// Reserved fields blanked, the carriage return 0D.
fn normalised(data: &[u8], level: Level, code: CommandCode) -> Vec<u8> {
    let mut octets = data.to_vec();
    // The layout of SSID is that of the level it names, not of the session.
    let digit = data.get(1).map_or(0, |digit| digit.wrapping_sub(b'0'));
    let level = match code {
        CommandCode::Ssid => Level::from_digit(digit.min(5)).unwrap_or(Level::V1_3),
        _ => level,
    };
    let fields = code.layout(level).map_or(&[][..], |layout| layout.fields);
    for field in fields {
        if let (true, Some(last)) = (field.is_carriage_return(), octets.last_mut()) {
            *last = b'\r';
        }
        if let (true, Some(start)) = (field.is_reserved(), field.pos) {
            let end = fields
                .iter()
                .filter_map(|next| next.pos)
                .find(|pos| *pos > start);
            octets[start..end.unwrap_or(data.len())].fill(b' ');
        }
    }
    octets
}

fn right_after_writing(level: Level, tolerant: &Decoded<'_>) {
    // ESID of level 2.0 is read at every level, its text is written at its own only (CF-04).
    let esid = matches!(tolerant.command, Command::Esid(_));
    let level = if esid { Level::V2_0 } else { level };
    let mut octets = Vec::new();
    if tolerant.command.encode(level, &mut octets).is_ok() {
        // The stamps of a file go back as they came, also where they hold blanks.
        let again = decode(&octets, level, Quirks::BLANK_NUMERICS).map(|decoded| decoded.command);
        assert_eq!(again.as_ref(), Ok(&tolerant.command));
    }
}

/// Every octet belongs to one field or to the rest, and passwords are not shown.
fn explained(data: &[u8], level: Level) {
    let explained = explain(data, level);
    let mut octets = Vec::new();
    for field in &explained.fields {
        assert_eq!(field.offset, octets.len(), "{}", field.name);
        octets.extend_from_slice(field.octets);
        assert!(field.name != "SSIDPSWD" || field.value == "***");
    }
    octets.extend_from_slice(explained.rest);
    assert_eq!(octets, data);
    let fault = decode(data, explained.level, Quirks::STRICT).err();
    assert_eq!(explained.fault, fault);
}
