//! The README's table of errors says what the command says.

use std::path::Path;

/// The first column of the table, without its backticks.
fn quoted() -> Vec<String> {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("\n## Errors\n").expect("a section");
    let section = section.split("\n## ").next().expect("a section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let quoted: Vec<String> = rows
        .filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect();
    assert!(quoted.len() > 30, "{quoted:?}");
    quoted
}

/// Every text that stands between quotes in the sources and the tests of the command and of the
/// engine, in one line where the source breaks it.
fn sources() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    let mut folders = ["src", "../oftp-core/src", "../oftp-secure/src"]
        .map(|folder| here.join(folder))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(path).expect("a source");
                all.push_str(&text.replace("\\\n", "\0"));
            }
        }
    }
    // A backslash at the end of a line takes the blanks of the next with it.
    let mut pieces = all.split('\0');
    let mut joined = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        joined.push_str(piece.trim_start());
    }
    joined
}

#[test]
fn every_text_of_the_table_is_one_of_the_command() {
    // What a text names stands for any such name; what is around it is the command's.
    const NAMES: [&str; 6] = [
        "OALPHA",
        "OBETA",
        "OGAMMA",
        "DATA",
        "HTTP",
        "looks like TLS",
    ];
    let sources = sources();
    for text in quoted() {
        let mut pieces = vec![text.as_str()];
        for name in NAMES {
            pieces = pieces.iter().flat_map(|piece| piece.split(name)).collect();
        }
        for piece in pieces.iter().map(|piece| piece.trim()) {
            assert!(
                sources.contains(piece),
                "`{piece}` of `{text}` is nowhere in the sources"
            );
        }
    }
}
