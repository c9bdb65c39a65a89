//! The engine's data against the text of RFC 5024 itself. The text is not part of this
//! repository: set OFTP_RFC_TEXTS to the folder that holds rfc5024.txt.

use std::io::Write;

use oftp_core::state::{State, Table};

use crate::page::{Branch, Page};

#[test]
fn the_five_tables_are_as_the_rfc_prints_them() {
    let Some(folder) = std::env::var_os("OFTP_RFC_TEXTS") else {
        // Not eprintln!, which the test runner swallows when a test passes.
        let skipped = "SKIPPED: OFTP_RFC_TEXTS does not name the folder that holds rfc5024.txt";
        writeln!(std::io::stderr(), "{skipped}").expect("standard error is open");
        return;
    };
    let path = std::path::Path::new(&folder).join("rfc5024.txt");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = without_page_breaks(&text);
    for &table in Table::ALL {
        let page = table.page();
        let section = table.section();
        let printed = Page {
            columns: columns(part(&text, section, 1)),
            rows: rows(part(&text, section, 1)),
            transitions: transitions(part(&text, section, 2)),
        };
        assert!(!printed.rows.is_empty() && !printed.transitions.is_empty());
        Page::of(page).assert_is(&printed, section);
        let (predicates, actions) = texts(part(&text, section, 3));
        let words = |pairs: &[(u8, &str)]| -> Vec<(u8, String)> {
            pairs
                .iter()
                .map(|(n, text)| (*n, (*text).to_owned()))
                .collect()
        };
        assert_eq!(
            words(page.predicates),
            predicates,
            "predicates of {section}"
        );
        assert_eq!(words(page.actions), actions, "actions of {section}");
    }
}

fn without_page_breaks(text: &str) -> String {
    let lines = text.lines().filter(|line| {
        !line.starts_with("Friend  ") && !line.starts_with("RFC 5024  ") && *line != "\u{c}"
    });
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// The text of subsection `number` of a section; the table of contents comes first and is indented.
fn part<'a>(text: &'a str, section: &str, number: u8) -> &'a str {
    let start = text
        .find(&format!("\n{section}.{number}."))
        .expect("the subsection is there");
    let text = &text[start + 1..];
    let heading = |line: &str| line.starts_with("9.");
    let length: usize = text
        .split_inclusive('\n')
        .enumerate()
        .take_while(|(at, line)| *at == 0 || !heading(line))
        .map(|(_, line)| line.len())
        .sum();
    &text[..length]
}

/// The staircase above a state table, bottom to top.
fn columns(text: &str) -> Vec<String> {
    let cells = text.lines().flat_map(|line| line.split('|'));
    let names = cells.map(str::trim).filter(|name| {
        *name == "Other States" || State::ALL.iter().any(|state| state.name() == *name)
    });
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.reverse();
    names
}

/// The rows below the staircase: a name and letters. A name broken in two continues in a row
/// without letters.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let grid = text.lines().skip_while(|line| !line.contains("o---+---"));
    for line in grid
        .skip(1)
        .filter(|line| line.trim_start().starts_with('|'))
    {
        let fields: Vec<_> = line
            .trim()
            .trim_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let [_, name, letters @ ..] = &*fields else {
            continue;
        };
        if letters.is_empty() {
            continue;
        }
        if letters.iter().all(|letter| letter.is_empty()) {
            if let Some((broken, _)) = rows.last_mut() {
                broken.push_str(name);
            }
            continue;
        }
        let letters = letters.iter().map(|letter| (*letter).to_owned()).collect();
        rows.push(((*name).to_owned(), letters));
    }
    rows
}

/// A transition table, read by the columns of its heading.
fn transitions(text: &str) -> Vec<(String, Vec<Branch>)> {
    let heading = text.lines().find(|line| line.contains("Output Events"));
    let heading = heading.expect("the heading of a transition table");
    let at = |word| heading.find(word).expect("a column");
    let (outputs_at, next_at) = (at("Output"), at("Next"));
    let mut rows: Vec<(String, Vec<Branch>)> = Vec::new();
    for line in text.lines() {
        let Some((index, rest)) = line.split_once('|') else {
            continue;
        };
        if rest.contains("Predicate") || index.contains('-') {
            continue;
        }
        let middle = outputs_at.min(line.len()) - index.len() - 1;
        let (when, actions) = split_predicate(rest.get(..middle).unwrap_or_default());
        let (output, next) = match line.get(outputs_at..) {
            None => ("", ""),
            Some(tail) => split_outputs(tail, next_at - outputs_at),
        };
        if !index.trim().is_empty() {
            rows.push((index.trim().to_owned(), Vec::new()));
        }
        let (_, branches) = rows.last_mut().expect("a row begins with its index");
        let continued = when.starts_with('&') || when == "Error";
        if branches.is_empty() || (!when.is_empty() && !continued) {
            branches.push(Branch::default());
        }
        let branch = branches.last_mut().expect("one was pushed");
        branch.when = format!("{} {when}", branch.when);
        branch.actions.extend(
            actions
                .split(',')
                .filter(|number| !number.is_empty())
                .map(|number| number.parse::<u8>().expect("an action")),
        );
        push_output(&mut branch.outputs, output);
        branch.next.push_str(next);
    }
    for (_, branches) in &mut rows {
        for branch in branches {
            let words: Vec<_> = branch.when.split_whitespace().collect();
            branch.when = words.join(" ");
        }
    }
    rows
}

/// A predicate, which may be long, and the actions: a colon or the first number is between them.
fn split_predicate(words: &str) -> (&str, &str) {
    let words = words.trim();
    let actions = |at: usize| words[at..].starts_with(|c: char| c.is_ascii_digit());
    match (words.split_once(':'), words.rfind(' ')) {
        (Some((when, actions)), _) => (when.trim(), actions.trim()),
        (None, None) if actions(0) => ("", words),
        (None, Some(at)) if actions(at + 1) => (words[..at].trim(), &words[at + 1..]),
        (None, _) => (words, ""),
    }
}

/// An output event and the next state: two columns, of which the second is not quite straight.
fn split_outputs(tail: &str, next_at: usize) -> (&str, &str) {
    if tail.trim().is_empty() {
        return ("", "");
    }
    let indent = tail.len() - tail.trim_start().len();
    if indent + 4 >= next_at {
        return ("", tail.trim());
    }
    match tail.trim().split_once("  ") {
        Some((output, next)) => (output, next.trim()),
        None => (tail.trim(), ""),
    }
}

/// An output event broken in two has an open bracket.
fn push_output(outputs: &mut Vec<String>, output: &str) {
    match outputs.last_mut() {
        _ if output.is_empty() => {}
        Some(broken) if broken.contains('(') && !broken.contains(')') => {
            broken.push(' ');
            broken.push_str(output);
        }
        _ => outputs.push(output.to_owned()),
    }
}

type Texts = Vec<(u8, String)>;

/// The predicates and the actions, each text on one line, without the notes.
fn texts(text: &str) -> (Texts, Texts) {
    let (mut predicates, mut actions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut kind = "Note";
    for line in text.lines().skip(1) {
        let words: Vec<_> = line.split_whitespace().collect();
        let number = words.get(1).and_then(|word| word.strip_suffix(':'));
        let number = number.and_then(|n| n.trim_start_matches('P').parse::<u8>().ok());
        let (begins, skip) = match (words.first(), number) {
            (Some(&"Predicate"), Some(_)) => (Some("Predicate"), 2),
            (Some(&"Action"), Some(_)) => (Some("Action"), 2),
            (Some(&"Note"), Some(_)) => (Some("Note"), 2),
            (Some(&"Note:"), _) => (Some("Note"), 1),
            _ => (None, 0),
        };
        kind = begins.unwrap_or(kind);
        let list: &mut Texts = match kind {
            "Predicate" => &mut predicates,
            "Action" => &mut actions,
            _ => &mut notes,
        };
        let said = words[skip..].join(" ");
        match (begins, list.last_mut()) {
            (Some(_), _) => list.push((number.unwrap_or_default(), said)),
            (None, Some((_, text))) if !said.is_empty() => {
                text.push(' ');
                text.push_str(&said);
            }
            _ => {}
        }
    }
    (predicates, actions)
}
