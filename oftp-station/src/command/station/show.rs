//! `oftp show`: everything about one file.

use super::print::{self, Column};
use super::{Desk, UsageError};
use crate::args::{OutputArgs, ShowFileArgs};
use crate::exit_code::ExitCode;
use crate::station::journal::file::FileKey;
use crate::station::manage::{Details, FileView, ResponseView, details};

/// Runs the command.
pub(in crate::command) fn run(
    args: &ShowFileArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let details = details(&desk.journal, &desk.folder, FileKey(args.id))?;
    if output.json {
        return print::write(&print::json(&details));
    }
    print::write(&text(&details))
}

fn text(details: &Details) -> String {
    let mut text = print::pairs(&head(details));
    let mut part = |title: &str, table: String| {
        text.push_str(&format!("\n{title}\n{table}"));
    };
    let fields = details.fields.iter();
    let fields = fields.map(|field| {
        vec![
            field.name.to_owned(),
            field.value.clone(),
            field.meaning.clone(),
        ]
    });
    let columns = [
        Column::Left("FIELD"),
        Column::Left("VALUE"),
        Column::Left("MEANING"),
    ];
    part(
        "As what it is offered (SFID)",
        print::table(&columns, fields.collect()),
    );
    let events = details.events.iter();
    let events = events.map(|event| vec![event.at.clone(), event.event.to_owned(), event.words()]);
    let columns = [
        Column::Left("WHEN"),
        Column::Left("WHAT"),
        Column::Left("DETAIL"),
    ];
    part("History", print::table(&columns, events.collect()));
    if !details.responses.is_empty() {
        let columns = [
            Column::Left("WHEN"),
            Column::Left("WAY"),
            Column::Left("RESPONSE"),
            Column::Left("SIGNED"),
            Column::Left("REASON"),
            Column::Left("CONFIRMED"),
        ];
        let rows = details.responses.iter().map(response);
        part("End responses", print::table(&columns, rows.collect()));
    }
    let family = details.forwards.iter().chain(&details.forwarded_by);
    let family: Vec<Vec<String>> = family.map(relative).collect();
    if !family.is_empty() {
        let columns = [
            Column::Right("ID"),
            Column::Left("WAY"),
            Column::Left("PARTNER"),
            Column::Left("DESTINATION"),
            Column::Left("STATE"),
            Column::Left("CHANGED"),
        ];
        let title = match details.forwards {
            Some(_) => "It forwards",
            None => "It is forwarded by",
        };
        part(title, print::table(&columns, family));
    }
    text
}

fn head(details: &Details) -> Vec<(&'static str, String)> {
    let file = &details.file;
    let mut pairs = vec![
        ("File", file.id.to_string()),
        (
            match file.direction {
                "in" => "From",
                _ => "To",
            },
            file.partner.clone(),
        ),
        ("Name", file.name.clone()),
        ("State", file.state.to_owned()),
    ];
    let mut more = |name, value: Option<String>| {
        if let Some(value) = value {
            pairs.push((name, value));
        }
    };
    more(
        "Waits for",
        file.waits_for.map(|what| what.text().to_owned()),
    );
    more("Trouble", file.trouble.clone());
    more("Held", file.held.then(|| "by a person".to_owned()));
    more("Next try", file.retry_at.clone());
    more("Octets", (file.octets > 0).then(|| file.octets.to_string()));
    more(
        "Goes on at",
        (file.position > 0).then(|| file.position.to_string()),
    );
    more("Priority", Some(file.priority.to_string()));
    more("Tries", Some(file.attempts.to_string()));
    more("Created", Some(file.created.clone()));
    more("Changed", Some(file.changed.clone()));
    more("Transferred", file.transferred.clone());
    more("Response due", file.due.clone());
    more(
        "Hash",
        (!details.hash.is_empty()).then(|| details.hash.clone()),
    );
    more("Path", file.path.clone());
    for place in &details.places {
        more(
            "Lies in",
            Some(format!("{} ({} octets)", place.path, place.octets)),
        );
    }
    more("Evidence", details.evidence.clone());
    pairs
}

fn response(response: &ResponseView) -> Vec<String> {
    let reason = match (response.reason, response.meaning) {
        (Some(code), Some(meaning)) => format!("{code:02} {meaning}"),
        _ => String::new(),
    };
    let words = [Some(reason), response.text.clone()].into_iter().flatten();
    let words: Vec<String> = words.filter(|words| !words.is_empty()).collect();
    vec![
        response.created.clone(),
        response.direction.to_owned(),
        response.response.to_owned(),
        if response.signed { "yes" } else { "no" }.to_owned(),
        words.join(": "),
        response.confirmed.clone().unwrap_or_default(),
    ]
}

fn relative(file: &FileView) -> Vec<String> {
    vec![
        file.id.to_string(),
        file.direction.to_owned(),
        file.partner.clone(),
        file.file.destination.to_string(),
        file.state.to_owned(),
        file.changed.clone(),
    ]
}
