use std::io::{self, Cursor};
use std::process::Command;

use proptest::prelude::*;

use super::code_page::NUMBERS;
use super::*;
use crate::records::RecordReader;

fn job(format: Format, from: RecordLayout, to: RecordLayout, page: &'static str, way: Way) -> Job {
    let conversion = match page {
        "" => Conversion::None,
        page => Conversion::CodePage(page),
    };
    Job {
        format,
        from,
        to,
        conversion,
        way,
    }
}

fn run(job: Job, file: &[u8]) -> Result<Vec<u8>, String> {
    let mut result = Vec::new();
    // Pieces of 3 octets: characters cross their borders.
    let mut source = Pieces(file);
    let converted = convert(&mut source, &mut result, job).map_err(|error| error.to_string())?;
    assert_eq!(converted.written.local, result.len() as u64);
    Ok(result)
}

struct Pieces<'a>(&'a [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(3);
        self.0.read(&mut out[..most])
    }
}

use RecordLayout::{Crlf, Length16, Length32, Lf};

const U: Format = Format::Unstructured;

fn text(page: &'static str, way: Way, file: &[u8]) -> Result<Vec<u8>, String> {
    run(job(U, Lf, Lf, page, way), file)
}

#[test]
fn every_page_has_its_signs() {
    for (page, signs, octets) in [
        (
            "037",
            "A1 {}[]^!|\\~@#$¢¬¤é",
            &b"\xC1\xF1\x40\xC0\xD0\xBA\xBB\xB0\x5A\x4F\xE0\xA1\x7C\x7B\x5B\x4A\x5F\x9F\x51"[..],
        ),
        (
            "273",
            "ÄÖÜäöüß{}[]\\~|§@!^¢¬¤",
            b"\x4A\xE0\x5A\xC0\x6A\xD0\xA1\x43\xDC\x63\xFC\xEC\x59\xBB\x7C\xB5\x4F\x5F\xB0\xBA\x9F",
        ),
        ("500", "[]!|^¢¬ä", b"\x4A\x5A\x4F\xBB\x5F\xB0\xBA\x43"),
        (
            "1047",
            "[]^¬Ý¨!|{}",
            b"\xAD\xBD\x5F\xB0\xBA\xBB\x5A\x4F\xC0\xD0",
        ),
        ("1140", "€A", b"\x9F\xC1"),
        ("1141", "€Ä¯", b"\x9F\x4A\xBC"),
        ("8859-1", "A\u{80}ÿ", b"A\x80\xFF"),
        ("1252", "€‚Œ”Ÿÿ", b"\x80\x82\x8C\x94\x9F\xFF"),
    ] {
        assert_eq!(
            text(page, Way::Out, signs.as_bytes()).as_deref(),
            Ok(octets),
            "{page}"
        );
        assert_eq!(
            text(page, Way::In, octets).as_deref(),
            Ok(signs.as_bytes()),
            "{page}"
        );
    }
}

#[test]
fn every_octet_leads_to_a_character_of_its_own_and_back() {
    for number in NUMBERS {
        let page = CodePage::of(number).expect(number);
        let mut without = Vec::new();
        for octet in 0..=255 {
            match page.character(octet) {
                Some(character) => assert_eq!(page.octet(character), Some(octet), "{number}"),
                None => without.push(octet),
            }
        }
        let expected: &[u8] = match number {
            "1252" => &[0x81, 0x8D, 0x8F, 0x90, 0x9D],
            _ => &[],
        };
        assert_eq!(without, expected, "{number}");
        assert_eq!(page.octet('\u{ffff}'), None, "{number}");
        assert_eq!(page.octet('𝄞'), None, "{number}");
    }
    assert!(CodePage::of("38").is_none());
}

/// Another implementation of the same pages, where there is one.
#[test]
fn python_has_the_same_pages() {
    for (number, codec) in [
        ("037", "cp037"),
        ("273", "cp273"),
        ("500", "cp500"),
        ("1140", "cp1140"),
        ("8859-1", "latin-1"),
        ("1252", "cp1252"),
    ] {
        let program = format!(
            "print(' '.join(str(ord(c)) for c in bytes(range(256)).decode('{codec}', 'replace')))"
        );
        let Ok(output) = Command::new("python3").args(["-c", &program]).output() else {
            return;
        };
        let said = String::from_utf8(output.stdout).expect("ASCII");
        let page = CodePage::of(number).expect(number);
        let said: Vec<&str> = said.split_whitespace().collect();
        assert_eq!(said.len(), 256, "{codec}");
        for (octet, said) in (0..=255_u8).zip(said) {
            let own = page.character(octet).unwrap_or('\u{fffd}');
            // Python has the overline there; IBM's table and all others the macron, as in 037.
            if (number, octet) != ("273", 0xBC) {
                assert_eq!(u32::from(own).to_string(), said, "{codec} {octet:02X}");
            }
        }
    }
}

#[test]
fn a_character_that_does_not_fit_is_shown_with_its_place() {
    let fault = |page, way, file: &[u8]| text(page, way, file).expect_err("a fault");
    let told = fault("037", Way::Out, "ab\ncd€".as_bytes());
    assert!(
        told.contains("line 2, column 3: `€` (U+20AC) is not in code page 037"),
        "{told}"
    );
    let told = fault("1252", Way::In, b"ab\n\x81");
    assert!(told.contains("line 2, column 1: octet 81"), "{told}");
    let told = fault("037", Way::Out, b"ok\xff");
    assert!(
        told.contains("line 1, column 3: octet FF is not UTF-8"),
        "{told}"
    );
    let told = fault("037", Way::Out, b"ok\xc3");
    assert!(told.contains("column 3: octet C3"), "{told}");
    let told = fault("037", Way::Out, "\u{feff}a".as_bytes());
    assert!(told.contains("save the file without it"), "{told}");
    let told = run(
        job(Format::Fixed(3), Lf, Lf, "037", Way::Out),
        "äääab€".as_bytes(),
    );
    assert!(
        told.expect_err("a fault")
            .contains("record 2, column 3: `€`")
    );
    let told = run(
        job(Format::Variable(9), Lf, Length32, "037", Way::Out),
        "ä\nä€\n".as_bytes(),
    );
    assert!(
        told.expect_err("a fault")
            .contains("record 2, column 2: `€`")
    );
    // An open character is no matter for the next record.
    let told = run(
        job(Format::Variable(9), Lf, Length32, "037", Way::Out),
        b"a\xc3\n\xa4\n",
    );
    assert!(
        told.expect_err("a fault")
            .contains("record 1, column 2: octet C3")
    );
}

#[test]
fn records_of_v_files_change_their_layout() {
    let v = Format::Variable(4);
    let out = |from, file: &[u8]| run(job(v, from, Length32, "", Way::Out), file);
    let lines = b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c".to_vec();
    assert_eq!(out(Lf, b"ab\n\nc"), Ok(lines.clone()));
    assert_eq!(out(Crlf, b"ab\r\n\r\nc\r\n"), Ok(lines.clone()));
    assert_eq!(out(Length16, b"\0\x02ab\0\0\0\x01c"), Ok(lines.clone()));
    assert_eq!(
        run(job(v, Length32, Crlf, "", Way::In), &lines),
        Ok(b"ab\r\n\r\nc\r\n".to_vec())
    );
    assert_eq!(
        run(job(v, Length32, Lf, "037", Way::In), b"\0\0\0\x02\xC1\x25"),
        Err(
            "record 1 holds a line end within: as lines it would become two records; the layout \
         length32 takes any record"
                .to_owned()
        )
    );
    // In characters of the other side: the limit is that of the Virtual File.
    assert_eq!(
        run(job(v, Lf, Length32, "037", Way::Out), "ääää\n".as_bytes()),
        Ok(b"\0\0\0\x04\x43\x43\x43\x43".to_vec())
    );
    let told = out(Lf, b"ab\nabcde\n").expect_err("too long");
    assert!(
        told.contains("record 2 has 5 octets, the format of the file says 4"),
        "{told}"
    );
    let told = run(
        job(Format::Variable(99_999), Length32, Length16, "", Way::In),
        &[&70_000_u32.to_be_bytes()[..], &[0; 70_000]].concat(),
    )
    .expect_err("too long");
    assert!(told.contains("record 1: record of 70000"), "{told}");
}

#[test]
fn the_longest_record_is_found_out() {
    let job = job(Format::Variable(0), Lf, Length32, "8859-1", Way::Out);
    let mut file = "ab\näöüä\n\n".as_bytes();
    let converted = convert(&mut file, &mut Vec::new(), job).expect("lines");
    assert_eq!(converted.longest, 4);
    assert_eq!(converted.written.records, 3);
    assert_eq!(converted.written.octets, 6);
}

#[test]
fn records_of_f_files_are_whole() {
    let out = |page, file: &str| {
        run(
            job(Format::Fixed(3), Lf, Lf, page, Way::Out),
            file.as_bytes(),
        )
    };
    assert_eq!(out("", "abcdef"), Ok(b"abcdef".to_vec()));
    assert_eq!(out("8859-1", "äöü"), Ok(b"\xE4\xF6\xFC".to_vec()));
    let told = out("8859-1", "äöüä").expect_err("one octet too much");
    assert!(
        told.contains("record 2 has 1 octets, the format of the file says 3"),
        "{told}"
    );
}

#[test]
fn what_need_not_be_written_anew_is_known() {
    let v = Format::Variable(4);
    assert!(job(v, Length32, Length32, "", Way::In).changes_nothing());
    assert!(!job(v, Length32, Lf, "", Way::In).changes_nothing());
    assert!(job(U, Length32, Lf, "", Way::In).changes_nothing());
    assert!(!job(U, Length32, Length32, "037", Way::In).changes_nothing());
}

#[test]
fn a_page_that_there_is_not_is_no_panic() {
    assert!(
        text("42", Way::Out, b"")
            .expect_err("a fault")
            .contains("no code page 42")
    );
}

#[test]
fn errors_of_the_system_are_told_apart() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("cable"))
        }
    }
    let job = job(Format::Variable(4), Lf, Length32, "", Way::Out);
    let error = convert(&mut Broken, &mut Vec::new(), job).expect_err("broken");
    assert!(matches!(error, ConvertError::Read(_)), "{error}");
    let mut full = Cursor::new([0_u8; 2]);
    let error =
        convert(&mut &b"abc"[..], &mut full.get_mut().as_mut_slice(), job).expect_err("full");
    assert!(matches!(error, ConvertError::Write(_)), "{error}");
}

fn page() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NUMBERS.to_vec())
}

/// Text of characters that the page has.
fn text_in(page: &'static str) -> impl Strategy<Value = String> {
    let page = CodePage::of(page).expect("a page");
    let characters: Vec<char> = (0..=255)
        .filter_map(|octet| page.character(octet))
        .collect();
    prop::collection::vec(prop::sample::select(characters), 0..200)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn text_goes_there_and_back((page, file) in page().prop_flat_map(|p| (Just(p), text_in(p)))) {
        let there = text(page, Way::Out, file.as_bytes()).expect("all fit");
        prop_assert_eq!(there.len(), file.chars().count());
        prop_assert_eq!(text(page, Way::In, &there).expect("all fit"), file.into_bytes());
    }

    #[test]
    fn records_go_there_and_back(
        (page, records) in page().prop_flat_map(|p|
            (Just(p), prop::collection::vec(text_in(p), 0..8))),
        layout in prop::sample::select(vec![Lf, Crlf, Length16, Length32]),
    ) {
        let mut local = Vec::new();
        for record in &records {
            let record = match layout {
                Lf | Crlf => record.replace('\n', " "),
                _ => record.clone(),
            };
            layout.push_length(record.len(), &mut local).expect("short");
            local.extend_from_slice(record.as_bytes());
            local.extend_from_slice(layout.line_end());
        }
        let v = Format::Variable(200);
        let spool = run(job(v, layout, Length32, page, Way::Out), &local).expect("all fit");
        let mut reader = RecordReader::new(&spool[..], Length32);
        let mut record = Vec::new();
        for sent in &records {
            prop_assert!(reader.next(&mut record).expect("a record"));
            prop_assert_eq!(record.len(), sent.chars().count());
        }
        let back = run(job(v, Length32, layout, page, Way::In), &spool).expect("all fit");
        prop_assert_eq!(back, local);
    }

    #[test]
    fn any_octets_are_converted_or_refused(
        page in page(), file in prop::collection::vec(any::<u8>(), 0..200),
        layout in prop::sample::select(vec![Lf, Crlf, Length16, Length32]),
        way in prop::sample::select(vec![Way::In, Way::Out]),
        format in prop::sample::select(vec![U, Format::Text, Format::Fixed(7), Format::Fixed(0),
            Format::Variable(30)]),
    ) {
        let _ = run(job(format, layout, Length32, page, way), &file);
    }
}
