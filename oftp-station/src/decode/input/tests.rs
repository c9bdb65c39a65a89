use super::*;

type Pieces = Vec<(Option<Direction>, Vec<u8>)>;

fn pieces(text: &str, headers: bool) -> Result<Pieces, InputProblem> {
    let options = Options {
        headers,
        ..Options::default()
    };
    let pieces = read(text.as_bytes(), &options).map_err(|error| error.problem)?;
    Ok(pieces
        .into_iter()
        .map(|piece| (piece.direction, piece.octets.into_owned()))
        .collect())
}

fn octets(text: &str) -> Vec<u8> {
    let pieces = pieces(text, true).unwrap();
    pieces.into_iter().flat_map(|(_, octets)| octets).collect()
}

const READY: &[u8] = b"\x10\x00\x00\x17IODETTE FTP READY \r";

#[test]
fn octets_that_no_text_has_are_binary() {
    let read = read(READY, &Options::default()).unwrap();
    assert!(matches!(&read[..], [piece] if piece.octets == READY));
}

#[test]
fn digits_may_be_cut_anywhere() {
    assert_eq!(
        octets("10000 005\n 5 # CD is R\n\n# all\n2"),
        b"\x10\0\0\x05R"
    );
    assert_eq!(pieces("100", true), Err(InputProblem::HalfOctet));
    assert_eq!(
        pieces("10 0x", true),
        Err(InputProblem::NoDigit { octet: b'x' })
    );
}

#[test]
fn dumps_of_the_usual_tools() {
    let xxd = "\
00000000: 1000 0017 494f 4445 5454 4520 4654 5020  ....IODETTE FTP \n\
00000010: 5245 4144 5920 0d                        READY .\n";
    assert_eq!(octets(xxd), READY);
    let hexdump = "\
00000000  10 00 00 17 49 4f 44 45  54 54 45 20 46 54 50 20  |....IODETTE FTP |\n\
00000010  52 45 41 44 59 20 0d                              |READY .|\n\
00000017\n";
    assert_eq!(octets(hexdump), READY);
    let od = "\
000000 10 00 00 17 49 4f 44 45 54 54 45 20 46 54 50 20  >....IODETTE FTP <\n\
000010 52 45 41 44 59 20 0d                             >READY .<\n\
000017\n";
    assert_eq!(octets(od), READY);
    let without_text = "000000 10 00 00 05 52\n000005\n";
    assert_eq!(octets(without_text), b"\x10\0\0\x05R");
}

#[test]
fn repeated_lines_are_filled_in() {
    let hexdump = "\
00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n\
*\n\
00000030  41                                                |A|\n\
00000031\n";
    let mut expected = vec![0; 48];
    expected.push(b'A');
    assert_eq!(octets(hexdump), expected);
    let endless = "00000000  00  |.|\n*\nffffffffffff\n";
    assert_eq!(pieces(endless, true), Err(InputProblem::Repetition));
}

#[test]
fn text_that_looks_like_digits_stays_text() {
    let xxd = "00000000: 4142                                     AB\n";
    assert_eq!(octets(xxd), b"AB");
    let hexdump = "00000000  7c 41 7c                                          ||A||\n";
    assert_eq!(octets(hexdump), b"|A|");
}

#[test]
fn marks_tell_the_direction() {
    let (i, r) = (Some(Direction::Initiator), Some(Direction::Responder));
    assert_eq!(
        pieces("R> 10\n00\nI>\n11\n< 12\n> 13", true),
        Ok(vec![
            (r, vec![0x10, 0]),
            (i, vec![0x11]),
            (r, vec![0x12]),
            (i, vec![0x13])
        ])
    );
    let dumps = "I> 00000000: 5241  RA\n00000002: 52  R\nR> 00000000: 50  P\n";
    assert_eq!(
        pieces(dumps, true),
        Ok(vec![(i, b"RAR".to_vec()), (r, b"P".to_vec())])
    );
}

#[test]
fn without_headers_each_line_is_an_exchange_buffer() {
    let r = Some(Direction::Responder);
    assert_eq!(
        pieces("52\nR> 50\n52", false),
        Ok(vec![(None, vec![0x52]), (r, vec![0x50]), (r, vec![0x52])])
    );
    let dumps = "000000 52 41\n000002 42\n000003\n000000 50\n000001\n";
    assert_eq!(
        pieces(dumps, false),
        Ok(vec![(None, b"RAB".to_vec()), (None, b"P".to_vec())])
    );
    assert_eq!(pieces("5\n2", false), Err(InputProblem::HalfOctet));
}
