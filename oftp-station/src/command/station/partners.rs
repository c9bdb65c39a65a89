//! `oftp partners`: every partner, and how it goes with it.

use super::print::{self, Column};
use super::{Desk, UsageError};
use crate::args::{OutputArgs, PartnersArgs};
use crate::exit_code::ExitCode;
use crate::station::manage::PartnerView;

/// Runs the command.
pub(in crate::command) fn run(
    args: &PartnersArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let config = desk.config()?;
    let partners = PartnerView::all(&desk.journal, &config, None)?;
    if output.json {
        return print::write(&print::json_lines(&partners));
    }
    if partners.is_empty() {
        return print::write("there are no partners; oftp.toml names them\n");
    }
    let columns = [
        Column::Left("PARTNER"),
        Column::Left("CODE"),
        Column::Left("ADDRESS"),
        Column::Left("LEVEL"),
        Column::Left("TLS"),
        Column::Right("SENDING"),
        Column::Right("UNANSWERED"),
        Column::Right("INCOMING"),
        Column::Right("RESPONSES"),
        Column::Right("FAILED"),
        Column::Left("LAST SESSION"),
        Column::Left("TROUBLE"),
    ];
    let rows = partners.iter().map(row).collect();
    print::write(&print::table(&columns, rows))
}

fn row(partner: &PartnerView) -> Vec<String> {
    let waiting = &partner.waiting;
    let address = match partner.addresses.as_slice() {
        [] => "it calls us".to_owned(),
        addresses => addresses.join(", "),
    };
    vec![
        partner.name.clone(),
        partner.code.clone(),
        address,
        partner.level.clone(),
        if partner.tls { "yes" } else { "no" }.to_owned(),
        waiting.to_send.to_string(),
        waiting.unanswered.to_string(),
        waiting.incoming.to_string(),
        waiting.responses.to_string(),
        waiting.failed.to_string(),
        partner.last_session.clone().unwrap_or_default(),
        trouble(partner),
    ]
}

/// What people should know first.
fn trouble(partner: &PartnerView) -> String {
    let held = partner.held.then(|| "held".to_owned());
    let failures = (partner.failures > 0).then(|| {
        let why = partner.trouble.as_deref().unwrap_or("no session");
        format!("{} failures, the last: {why}", partner.failures)
    });
    let words: Vec<String> = [held, failures].into_iter().flatten().collect();
    words.join("; ")
}
