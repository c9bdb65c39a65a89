//! Local files as they are sent.

use std::io::Write;

use tempfile::NamedTempFile;

use super::*;

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("file");
    file.write_all(content).expect("write");
    file
}

fn open(file: &NamedTempFile, format: Format) -> Result<Source, Problem> {
    Source::open(file.path(), format, RecordLayout::Lf).map_err(|error| error.problem)
}

/// Everything from the present position, in pieces of at most three octets.
fn pieces(source: &mut Source) -> Vec<(Vec<u8>, bool)> {
    let mut all = Vec::new();
    loop {
        let mut out = [0; 3];
        let piece = source.read(&mut out).expect("read");
        all.push((out[..piece.octets].to_vec(), piece.end_of_record));
        if piece.end_of_file {
            return all;
        }
    }
}

#[test]
fn an_unstructured_file() {
    let file = file(b"abcde");
    let mut source = open(&file, Format::Unstructured).expect("open");
    assert_eq!((source.facts().octets, source.facts().records), (5, 0));
    assert_eq!(source.facts().blocks(), 1);
    assert_eq!(
        pieces(&mut source),
        [(b"abc".to_vec(), false), (b"de".to_vec(), true)]
    );
}

#[test]
fn empty_files() {
    let file = file(b"");
    for (format, end_of_record) in [
        (Format::Unstructured, true),
        (Format::Text, true),
        (Format::Fixed(5), false),
        (Format::Variable(0), false),
    ] {
        let mut source = open(&file, format).expect("open");
        assert_eq!(source.facts().blocks(), 0);
        assert_eq!(pieces(&mut source), [(vec![], end_of_record)], "{format:?}");
    }
}

#[test]
fn fixed_records() {
    let content = file(b"abcdEFGH");
    let mut source = open(&content, Format::Fixed(4)).expect("open");
    assert_eq!(source.facts().records, 2);
    source.seek(1).expect("seek");
    assert_eq!((source.octets(), source.position()), (4, 1));
    assert_eq!(
        pieces(&mut source),
        [(b"EFG".to_vec(), false), (b"H".to_vec(), true)]
    );
    assert!(matches!(
        source.seek(3),
        Err(SourceError {
            problem: Problem::BeyondEnd { .. },
            ..
        })
    ));

    let odd = open(&content, Format::Fixed(3));
    assert!(matches!(
        odd,
        Err(Problem::NotWholeRecords {
            octets: 8,
            record: 3
        })
    ));
    assert!(matches!(
        open(&content, Format::Fixed(0)),
        Err(Problem::RecordLength { .. })
    ));
}

#[test]
fn variable_records() {
    let content = file(b"abcd\n\nx\n");
    let mut source = open(&content, Format::Variable(0)).expect("open");
    let facts = *source.facts();
    assert_eq!(
        (facts.format, facts.octets, facts.records),
        (Format::Variable(4), 5, 3)
    );
    let whole = pieces(&mut source);
    let expected: [(&[u8], bool); 4] = [(b"abc", false), (b"d", true), (b"", true), (b"x", true)];
    assert_eq!(whole, expected.map(|(octets, end)| (octets.to_vec(), end)));
    source.seek(2).expect("seek");
    assert_eq!((source.octets(), source.records()), (4, 2));
    assert_eq!(pieces(&mut source), [(b"x".to_vec(), true)]);

    let long = open(&content, Format::Variable(3));
    assert!(matches!(
        long,
        Err(Problem::RecordTooLong {
            record: 1,
            octets: 4,
            longest: 3
        })
    ));
}

#[test]
fn restart_in_blocks() {
    let content = file(&[[1; 1024], [2; 1024]].concat());
    let mut source = open(&content, Format::Unstructured).expect("open");
    source.seek(1).expect("seek");
    let mut out = vec![0; 4096];
    let piece = source.read(&mut out).expect("read");
    assert_eq!((piece.octets, piece.end_of_file, out[0]), (1024, true, 2));
    assert_eq!(source.octets(), 2048);
    source.seek(u64::MAX).expect_err("overflow");
}

#[test]
fn a_file_that_shrinks_or_grows_is_noticed() {
    for size in [10, 400_000] {
        let content = file(&[7; 300_000]);
        let mut source = open(&content, Format::Unstructured).expect("open");
        source.read(&mut [0; 8]).expect("the beginning");
        content.as_file().set_len(size).expect("resize");
        let mut out = vec![0; 300_000];
        let error = source.read(&mut out).expect_err("changed");
        assert!(matches!(error.problem, Problem::Changed), "{error}");
    }
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let error = Source::open(folder.path(), Format::Text, RecordLayout::Lf);
    assert!(matches!(
        error,
        Err(SourceError {
            problem: Problem::NotRegular,
            ..
        })
    ));
}
