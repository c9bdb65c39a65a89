//! A row of the threat model is done when a test names it: `(threat model S1, S17)` on a line of a
//! test, in any language of the project. What is not done is here, with what is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rows, by the letter of their chapter.
const ROWS: &[(char, u32)] = &[
    ('F', 9),
    ('S', 17),
    ('A', 8),
    ('N', 19),
    ('D', 11),
    ('E', 4),
    ('R', 7),
    ('T', 7),
    ('C', 5),
    ('L', 1),
    ('X', 7),
    ('Y', 3),
];

/// Rows of which a part is missing.
const OPEN: &[(&str, &str)] = &[
    (
        "F7",
        "callers that are no partner are in no metric, and each has its line in the log",
    ),
    ("N16", "what is sent on is known by its size and time only"),
    (
        "D3",
        "there is no least rate: who trickles may do so for 12 hours",
    ),
    ("Y3", "not tried without the GIL"),
];

const FOLDERS: &[&str] = &[
    "oftp-core",
    "oftp-secure",
    "oftp-station",
    "oftp-ffi",
    "bindings/python",
    "tests",
];

/// The rows that a line names.
fn named(line: &str) -> Vec<String> {
    let Some((_, rest)) = line.split_once("threat model ") else {
        return Vec::new();
    };
    rest.split(", ")
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .take_while(|word| word.len() < 4 && word.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, found);
            }
        } else if [".rs", ".py", ".c"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
}

/// The rows that the tests of a file name: all of it, or what stands behind `#[cfg(test)]`.
fn of_file(root: &Path, path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source");
    let inside = path.strip_prefix(root).expect("a part of it");
    let is_test = inside
        .components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")));
    let tests = match (is_test, text.find("#[cfg(test)]")) {
        (true, _) => text.as_str(),
        (false, Some(from)) => &text[from..],
        (false, None) => "",
    };
    tests.lines().flat_map(named).collect()
}

#[test]
fn every_row_is_named_by_a_test_or_known_to_be_open() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace");
    let mut found = Vec::new();
    for folder in FOLDERS {
        files(&root.join(folder), &mut found);
    }
    let here = Path::new(file!()).file_name();
    let named: BTreeSet<String> = found
        .iter()
        .filter(|path| path.file_name() != here)
        .flat_map(|path| of_file(root, path))
        .collect();
    let rows = ROWS
        .iter()
        .flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number}")));
    let wrong: Vec<String> = rows
        .filter(|row| {
            let is_open = OPEN.iter().any(|(open, _)| open == row);
            is_open == named.contains(row)
        })
        .collect();
    assert_eq!(wrong, [""; 0], "not named, or named though open");
}
