//! The command line as users type it.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;
use crate::outbox::Stamp;
use crate::records::Format;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

fn send(line: &str) -> SendArgs {
    match parse(line).expect("right").command {
        Command::Send(args) => *args,
        other => panic!("{other:?}"),
    }
}

fn listen(line: &str) -> ListenArgs {
    match parse(line).expect("right").command {
        Command::Listen(args) => *args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_option_has_a_help_text() {
    for command in Cli::command().get_subcommands() {
        for option in command.get_arguments() {
            assert!(
                option.get_help().is_some(),
                "{} {}",
                command.get_name(),
                option.get_id()
            );
        }
    }
}

#[test]
fn a_short_send() {
    let args = send("oftp send host --id OA --partner OB a.edi b.edi --json");
    assert_eq!(
        (args.host.to_string().as_str(), args.files.len()),
        ("host", 2)
    );
    assert_eq!(args.format.format(), Format::Unstructured);
    assert_eq!(
        (args.session.level, args.session.buffer, args.session.credit),
        (LevelArg::V2_0, 99_999, 64)
    );
    assert!(args.session.offers_restart() && !args.session.offers_compression());
    assert!(args.delivery.waits_for_responses());
    args.check().expect("consistent");
}

#[test]
fn a_long_send() {
    let args = send(
        "oftp send [::1]:1 --id OA --partner OB --level 1.3 --format F --record-length 80 \
         --no-restart --compression --no-wait-eerp --stamp 20260131120455 --dsn A f",
    );
    assert_eq!(args.format.format(), Format::Fixed(80));
    assert_eq!(
        args.file.stamp,
        Some("202601311204550001".parse::<Stamp>().expect("stamp"))
    );
    assert!(!args.session.offers_restart() && args.session.offers_compression());
    assert!(!args.delivery.waits_for_responses());
}

#[test]
fn wrong_lines_are_refused() {
    for (line, kind) in [
        (
            "oftp send host f --partner OB",
            ErrorKind::MissingRequiredArgument,
        ),
        (
            "oftp send host --id OA --partner OB",
            ErrorKind::MissingRequiredArgument,
        ),
        (
            "oftp send host f --id OA --partner OB --format F",
            ErrorKind::MissingRequiredArgument,
        ),
        (
            "oftp send host f --id OA --partner OB --buffer 127",
            ErrorKind::ValueValidation,
        ),
        (
            "oftp send host f --id OA --partner OB --credit 0",
            ErrorKind::ValueValidation,
        ),
        (
            "oftp send host f --id OA --partner OB --level 2.1",
            ErrorKind::InvalidValue,
        ),
        (
            "oftp send host f --id OA --partner OB --stamp 1",
            ErrorKind::ValueValidation,
        ),
        (
            "oftp send host f --id OA --partner OB --password X --password-env Y",
            ErrorKind::ArgumentConflict,
        ),
        ("oftp listen --id OB", ErrorKind::MissingRequiredArgument),
        (
            "oftp listen --id OB --any-partner --once --sessions 2",
            ErrorKind::ArgumentConflict,
        ),
        (
            "oftp listen --id OB --partner OA:",
            ErrorKind::ValueValidation,
        ),
        ("oftp decode --raw --hex", ErrorKind::ArgumentConflict),
    ] {
        assert_eq!(parse(line).expect_err(line).kind(), kind, "{line}");
    }
    let names = send("oftp send host --id OA --partner OB --dsn A a b");
    assert!(names.check().expect_err("two files").contains("2 files"));
    let levels = send("oftp send host --id OA --partner OB --level 1.3 --min-level 1.4 a");
    levels.check().expect_err("levels");
}

#[test]
fn a_listener() {
    let args = listen("oftp listen --id OB --partner OA:a.password --partner OC --once -d inbox");
    assert_eq!(args.address, None);
    assert_eq!(
        args.partner[0].password_file.as_deref(),
        Some("a.password".as_ref())
    );
    assert_eq!(
        (args.partner[1].id.as_str(), &args.partner[1].password_file),
        ("OC", &None)
    );
    assert_eq!(args.session_limit(), Some(1));
    assert_eq!(
        listen("oftp listen 127.0.0.1:0 --id OB --any-partner").session_limit(),
        None
    );
}

#[test]
fn passwords_are_not_shown() {
    let args =
        send("oftp send host f --id OA --partner OB --password HIDDEN --partner-password HIDDEN");
    assert!(!format!("{args:?}").contains("HIDDEN"));
    assert!(args.session.own_password.is_visible() && args.session.partner_password.is_visible());
    let secret = args
        .session
        .own_password
        .resolve()
        .expect("right")
        .expect("given");
    assert_eq!(secret.as_octets(), b"HIDDEN");
}

#[test]
fn quirks_may_begin_with_a_minus() {
    let args = send("oftp send host f --id OA --partner OB --quirks -late_cdt,+short_cdt");
    assert_eq!(args.session.quirks, "-late_cdt,+short_cdt");
}
