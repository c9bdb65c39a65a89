//! Identities and passwords on both sides, before anything else happens.

use oftp_core::mailbox::{Denial, Directory, Ended, Identity, Partner};
use oftp_core::wire::{EsidReason, IdentificationCode, UserData};
use oftp_tests::lone::{Setup, Side as Role, split};
use oftp_tests::pair::{ALPHA, BETA, code, password};
use oftp_tests::stations::{Link, Side, Station, partner, settings};

/// The reason that the caller is told, and the one that is sent.
fn reason(caller: fn(&mut Side), called: fn(&mut Side)) -> (Option<u8>, Option<u8>) {
    let mut link = Link::with(caller, called);
    link.run();
    assert!(link.caller.mailbox.session().is_over());
    assert!(link.called.mailbox.session().is_over());
    (code_of(&link.caller), code_of(&link.called))
}

fn code_of(station: &Station) -> Option<u8> {
    match station.ended()? {
        Ended::Failed(ind) => ind.reason.map(EsidReason::code),
        Ended::ByUs { reason, .. } => Some(reason.code()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_caller_is_turned_away() {
    let wrong_password = |side: &mut Side| side.settings.identity.password = password("WRONG");
    assert_eq!(reason(wrong_password, |_| {}), (Some(4), Some(4)));
    let no_password = |side: &mut Side| side.settings.identity.password = password("");
    assert_eq!(reason(no_password, |_| {}), (Some(4), Some(4)));
    let unknown = |side: &mut Side| side.settings.identity.code = code("O0999NOBODY");
    assert_eq!(reason(unknown, |_| {}), (Some(3), Some(3)));
    let ours = |side: &mut Side| side.settings.identity.code = code(BETA);
    assert_eq!(
        reason(ours, |side| side.partner.code = code(BETA)),
        (Some(3), Some(3))
    );
    assert_eq!(
        reason(|_| {}, |side| side.settings.busy = true),
        (Some(8), Some(8))
    );
}

#[test]
fn the_station_that_answers_must_be_the_one_that_was_called() {
    let other = |side: &mut Side| {
        side.settings.identity.code = code("O0999SOMEBODY ELSE");
    };
    assert_eq!(reason(|_| {}, other), (Some(3), Some(3)));
    let wrong = |side: &mut Side| side.settings.identity.password = password("OTHER");
    assert_eq!(reason(|_| {}, wrong), (Some(4), Some(4)));
}

#[test]
fn passwords_are_compared_without_their_padding_and_with_their_case() {
    let mut link = Link::with(
        |side| side.settings.identity.password = password("SECRET  "),
        |_| {},
    );
    link.run();
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    let lower = |side: &mut Side| side.settings.identity.password = password("secret");
    assert_eq!(reason(lower, |_| {}), (Some(4), Some(4)));
}

#[test]
fn no_cause_and_no_name_is_told_to_a_caller() {
    for change in [
        (|side| side.settings.identity.password = password("WRONG")) as fn(&mut Side),
        |side| side.settings.identity.code = code("O0999NOBODY"),
    ] {
        let mut link = Link::with(change, |_| {});
        link.run();
        let sent = split(&link.called.octets_sent);
        let esid = sent.last().expect("ESID");
        // ESID, reason, no text, CR.
        assert_eq!((esid.len(), &esid[3..]), (7, &b"000\r"[..]));
    }
}

/// What a directory answers to a caller of this code and password.
fn answer(directory: fn(&mut Directory), from: &str, with: &str) -> Vec<u8> {
    answered(directory, from, with).0
}

/// The same, and the row whose password the caller does not know.
fn answered(
    directory: fn(&mut Directory),
    from: &str,
    with: &str,
) -> (Vec<u8>, Option<IdentificationCode>) {
    let mut station = Station::called(settings(BETA), Vec::new());
    let mut entries = Directory {
        partners: vec![partner(ALPHA)],
        ..Directory::default()
    };
    directory(&mut entries);
    station.mailbox = oftp_core::mailbox::Mailbox::answer(settings(BETA), entries);
    let mut ssid = Setup::new(Role::Responder).ssid();
    ssid.code = code(from);
    ssid.pswd = password(with);
    let answer = station.called_by(ssid).remove(0);
    (answer, station.mailbox.wrong_password().copied())
}

/// Who counts wrong passwords counts guesses, and nothing else (threat model S3).
#[test]
fn a_wrong_password_is_told_by_the_row_that_has_it() {
    let row = |directory, from, with| answered(directory, from, with).1;
    let plain: fn(&mut Directory) = |_| {};
    assert_eq!(row(plain, ALPHA, "SECRET"), None);
    assert_eq!(row(plain, ALPHA, "WRONG"), Some(code(ALPHA)));
    assert_eq!(row(plain, "O0999NOBODY", "WRONG"), None, "nothing to guess");
    // Strangers have one password: another name is no new guess.
    let strangers: fn(&mut Directory) = |directory| {
        directory.strangers = Some(Partner {
            password: Some(password("COMMON")),
            ..Partner::new(code("O0000ANYBODY"))
        });
    };
    for name in ["O0999NOBODY", "O0999SOMEBODY"] {
        assert_eq!(row(strangers, name, "WRONG"), Some(code("O0000ANYBODY")));
    }
    assert_eq!(row(strangers, "O0999NOBODY", "COMMON"), None);
    // What is not looked at is no guess.
    let denied: fn(&mut Directory) = |directory| {
        directory.deny(|_| {
            Some(Denial {
                reason: EsidReason::INVALID_PASSWORD,
                why: "too many".to_owned(),
            })
        });
    };
    assert_eq!(row(denied, ALPHA, "WRONG"), None);
}

#[test]
fn a_directory_can_hide_who_is_in_it() {
    let hide = |directory: &mut Directory| directory.hide_unknown = true;
    let unknown = answer(hide, "O0999NOBODY", "SECRET");
    let wrong = answer(hide, ALPHA, "WRONG");
    assert_eq!(unknown, b"F04000\r");
    assert_eq!(unknown, wrong);
    assert_eq!(answer(|_| {}, "O0999NOBODY", "SECRET"), b"F03000\r");
}

#[test]
fn strangers_come_in_where_they_are_welcome() {
    let welcome = |directory: &mut Directory| {
        directory.strangers = Some(Partner::new(code("")));
    };
    assert_eq!(answer(welcome, "O0999NOBODY", "ANY")[0], b'X');
    // Not with a wrong password for a known code.
    assert_eq!(answer(welcome, ALPHA, "WRONG"), b"F04000\r");
}

#[test]
fn another_identity_can_be_shown_to_one_partner() {
    let mut link = Link::with(
        |side| side.partner.code = code("O0177BETA SPECIAL"),
        |side| {
            side.partner.identity = Some(Identity {
                code: code("O0177BETA SPECIAL"),
                password: password("SECRET"),
                user: UserData::default(),
            });
        },
    );
    link.run();
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
}

/// A password in clear on the wrong port is not even looked at (threat model S11).
#[test]
fn a_partner_is_turned_away_by_its_connection_whatever_its_password() {
    let deny: fn(&mut Directory) = |directory| {
        directory.deny(|partner| {
            (partner.code == code(ALPHA)).then(|| Denial {
                reason: EsidReason::MODE_INCOMPATIBLE,
                why: "TLS is required".to_owned(),
            })
        });
    };
    assert_eq!(answer(deny, ALPHA, "SECRET"), b"F10000\r");
    // Before the password is looked at: it says nothing about that.
    assert_eq!(answer(deny, ALPHA, "WRONG"), b"F10000\r");
    assert_eq!(answer(deny, "O0999NOBODY", "SECRET"), b"F03000\r");
    let hidden: fn(&mut Directory) = |directory| {
        directory.hide_unknown = true;
        for partner in &mut directory.partners {
            partner.denial = Some(Denial {
                reason: EsidReason::USER_CODE_NOT_KNOWN,
                why: "the certificate is another partner's".to_owned(),
            });
        }
    };
    assert_eq!(answer(hidden, ALPHA, "SECRET"), b"F04000\r");
}

#[test]
fn the_reason_of_a_denial_stays_on_our_side() {
    let mut link = Link::with(
        |_| {},
        |side| {
            side.partner.denial = Some(Denial {
                reason: EsidReason::USER_CODE_NOT_KNOWN,
                why: "the certificate is another partner's".to_owned(),
            });
        },
    );
    link.run();
    let Some(Ended::ByUs { reason, why }) = link.called.ended() else {
        panic!("{:?}", link.called.ended());
    };
    assert_eq!(reason.code(), 3);
    assert_eq!(
        why,
        &format!("{ALPHA}: the certificate is another partner's")
    );
    let sent = split(&link.called.octets_sent);
    assert_eq!(sent.last().map(Vec::as_slice), Some(&b"F03000\r"[..]));
}

/// A station that is full may say so before its Ready Message (threat model S17).
#[test]
fn esid_is_understood_in_the_place_of_the_ready_message() {
    use oftp_core::state::State;
    use oftp_core::wire::{Command, Esid, Text};
    use oftp_tests::lone::Lone;
    for state in [State::IWfRm, State::IWfSsid] {
        let mut lone = Lone::in_state(Setup::new(Role::Initiator), state).expect("Initiator");
        lone.peer(&Command::Esid(Esid {
            reas: EsidReason::RESOURCES_NOT_AVAILABLE,
            reast: Text::default(),
        }));
        assert_eq!(
            lone.outputs(),
            ["F_ABORT_IND(R=08,AO=D)", "N_DISC_RQ"],
            "{state}"
        );
    }
}
