//! Files of every format.

use super::{Place, noise};

/// Local files of every format and the options that send them; the longest record of all has so
/// many octets.
pub(crate) fn every_format(
    place: &Place,
    longest_record: u32,
) -> Vec<(&'static str, Vec<&'static str>, Vec<u8>)> {
    let lines: Vec<u8> = (0..400_usize)
        .flat_map(|n| [vec![b'r'; n * 7 % 300], vec![b'\n']].concat())
        .collect();
    let crlf = b"NAD+BY+4012345500004::9'\r\nUNS+S'\r\n\r\nEND\r\n".to_vec();
    let counted16 = [&b"\0\x03a\nb\0\0\0\x01\r"[..], b"\x01\x2c", &noise(300)].concat();
    let longest = [
        &longest_record.to_be_bytes()[..],
        &noise(longest_record as usize),
    ]
    .concat();
    let counted32 = [&b"\0\0\0\0"[..], &longest].concat();
    let all = vec![
        (
            "f",
            vec!["--format", "F", "--record-length", "80"],
            noise(80 * 700),
        ),
        ("v", vec!["--format", "V"], lines),
        (
            "v-crlf",
            vec!["--format", "V", "--records", "crlf"],
            crlf.clone(),
        ),
        (
            "v-16",
            vec!["--format", "V", "--records", "length16"],
            counted16,
        ),
        (
            "v-32",
            vec!["--format", "V", "--records", "length32"],
            counted32,
        ),
        ("u", vec![], noise(150_001)),
        ("t", vec!["--format", "T"], crlf),
        (
            "f-empty",
            vec!["--format", "F", "--record-length", "9"],
            Vec::new(),
        ),
        ("v-empty", vec!["--format", "V"], Vec::new()),
        ("u-empty", vec![], Vec::new()),
        ("t-empty", vec!["--format", "T"], Vec::new()),
    ];
    for (name, _, octets) in &all {
        place.write(name, octets);
    }
    all
}

/// The option among these that says how records lie in a file, for the other side.
pub(crate) fn layout<'a>(options: &[&'a str]) -> Vec<&'a str> {
    match options.iter().position(|option| *option == "--records") {
        Some(index) => options[index..index + 2].to_vec(),
        None => Vec::new(),
    }
}
