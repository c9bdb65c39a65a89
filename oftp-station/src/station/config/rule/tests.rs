use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp as WireStamp, Text,
    UserData,
};
use proptest::prelude::*;

use super::*;
use crate::names::stored_name;
use crate::station::journal::virtual_file::identity_of;

fn captures(pattern: &str, name: &str) -> Option<Vec<String>> {
    let captures = NamePattern(pattern.to_owned()).matches(name)?;
    let all = (1..).map_while(|number| captures.get(number).map(str::to_owned));
    Some(all.collect())
}

#[test]
fn a_pattern_fits_whole_names_in_either_case() {
    for (pattern, name, stars) in [
        ("*", "", Some(&[""][..])),
        ("*.edi", "Invoice.EDI", Some(&["Invoice"])),
        ("*_*.edi", "a_b_c.edi", Some(&["a", "b_c"])),
        ("ÜBER*", "überall", Some(&["all"])),
        ("??.X", "ab.x", Some(&[])),
        ("**", "ab", Some(&["", "ab"])),
        ("*ab", "aab", Some(&["a"])),
        ("*.edi", "a.edi.bak", None),
        ("a?", "a", None),
        ("", "a", None),
        ("[a]", "a", None),
    ] {
        let stars = stars.map(|stars| stars.iter().map(|&star| star.to_owned()).collect());
        assert_eq!(captures(pattern, name), stars, "{pattern} {name}");
    }
}

#[test]
fn what_is_unknown_in_braces_is_told_with_what_is_known() {
    let fault = |template: &str| {
        NameTemplate(template.to_owned())
            .check()
            .expect_err("fault")
    };
    let told = fault("a{nmae}");
    assert!(
        told.contains("{nmae}") && told.contains("{name}") && told.contains("{1}"),
        "{told}"
    );
    for wrong in ["{0}", "{10}", "{}", "{name", "name}", "{{name}}", "{NAME}"] {
        fault(wrong);
    }
    for right in ["", "plain", "{name}{9}-{counter}.{ext}"] {
        NameTemplate(right.to_owned()).check().expect(right);
    }
}

fn facts(name: &str) -> Facts {
    let stamp = "202601311204550042".parse().expect("stamp");
    let code = |code| IdentificationCode::new(code).expect("code");
    Facts::of_file(name, stamp, &code("O0013000001A"), &code("O0013000002B"))
}

fn dsn(files: &str, template: &str, name: &str) -> Result<String, NameError> {
    let rule = SendRule {
        files: NamePattern(files.to_owned()),
        dsn: NameTemplate(template.to_owned()),
        ..SendRule::default()
    };
    dataset_name_of(&rule, &facts(name)).map(|dsn| dsn.to_string())
}

#[test]
fn a_dataset_name_is_made_of_what_is_known() {
    let made = |files, template, name| dsn(files, template, name).expect("a name");
    assert_eq!(made("*", "{name}", "Räder & groß.edi"), "R-DER---GROSS.EDI");
    assert_eq!(made("inv*.e?i", "Inv.{1}/X_Y", "INV07.edi"), "INV.07/X-Y");
    assert_eq!(made("*", "{stem}-{ext}", "a.b.c"), "A.B-C");
    assert_eq!(made("*", "{stem}|{ext}", ".profile"), ".PROFILE-");
    assert_eq!(
        made("*", "{date}{time}{counter}", "x"),
        "202601311204550042"
    );
    assert_eq!(made("*", "{orig}>{dest}", "x"), "O0013000001A-O0013000002B");
    assert_eq!(made("*", "{name}", &"n".repeat(40)), "N".repeat(26));
}

#[test]
fn no_dataset_name_is_an_error_that_names_template_and_file() {
    let error = dsn("*", "{ext}", "README")
        .expect_err("nothing")
        .to_string();
    assert!(
        error.contains("{ext}") && error.contains("README"),
        "{error}"
    );
}

#[test]
fn a_description_says_what_the_dataset_name_does_not() {
    let rule = SendRule::default();
    let description = |name: &str| {
        let facts = facts(name);
        let dsn = dataset_name_of(&rule, &facts).expect("a name");
        description_of(&rule, &facts, &dsn)
    };
    assert_eq!(description("INVOICE.EDI"), None);
    assert_eq!(description("Rad groß.edi").as_deref(), Some("Rad groß.edi"));
}

#[test]
fn rules_are_checked_against_their_patterns() {
    let send = |dsn: &str| SendRule {
        files: NamePattern("*_*".to_owned()),
        dsn: NameTemplate(dsn.to_owned()),
        ..SendRule::default()
    };
    send("{2}{1}").check().expect("two stars");
    assert!(send("{3}").check().expect_err("two stars").contains("2 *"));
    assert!(send("{dsn}").check().is_err());
    let receive = |name: &str| ReceiveRule {
        name: Some(NameTemplate(name.to_owned())),
        ..ReceiveRule::default()
    };
    receive("{dsn}.{date}").check().expect("known");
    assert!(receive("in/{dsn}").check().is_err());
    assert!(receive("{2}").check().is_err());
}

fn sfid(dsn: &[u8], desc: &[u8]) -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(dsn),
        stamp: WireStamp::new("20260131", "1204550042").expect("stamp"),
        user: UserData::BLANK,
        dest: IdentificationCode::new("O0013000002B").expect("code"),
        orig: IdentificationCode::new("O0013000001A").expect("code"),
        fmt: RecordFormat::from_letter(b'U').expect("format"),
        lrecl: 0,
        fsiz: 1,
        osiz: 1,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::from_octets(desc),
    }
}

fn local(dsn_pattern: &str, template: &str, sfid: &Sfid) -> String {
    let rule = ReceiveRule {
        dsn: NamePattern(dsn_pattern.to_owned()),
        name: Some(NameTemplate(template.to_owned())),
        ..ReceiveRule::default()
    };
    inbox_name_of(&rule, sfid)
}

#[test]
fn a_local_name_is_made_of_what_is_known() {
    let file = sfid(b"INV.4711", "Rad groß (2).CATPart".as_bytes());
    assert_eq!(local("INV.*", "invoice-{1}.edi", &file), "invoice-4711.edi");
    assert_eq!(local("*", "{description}", &file), "Rad groß (2).CATPart");
    assert_eq!(
        local("*", "{orig} {date}-{time}-{counter}.{ext}", &file),
        "O0013000001A 20260131-120455-0042.4711"
    );
    let latin = sfid(b"X", b"gr\xfcn");
    assert_eq!(local("*", "{description}", &latin), "grün");
}

#[test]
fn a_local_name_selects_no_path_whatever_the_partner_says() {
    for (said, name) in [
        (&b"../../etc/passwd"[..], "_..%2F..%2Fetc%2Fpasswd"),
        (b"..", "_._"),
        (b".", "_"),
        (b"-rf", "_-rf"),
        (b"a\0b\n", "a%00b%0A"),
        (b"nul.txt", "_nul.txt"),
        (b"COM1", "_COM1"),
        (b"C:\\x%2F", "C%3A%5Cx%252F"),
        (b"end. ", "end._"),
        ("\u{202e}gpj".as_bytes(), "%E2%80%AEgpj"),
    ] {
        assert_eq!(local("*", "{description}", &sfid(b"X", said)), name);
    }
}

#[test]
fn a_long_name_keeps_its_extension() {
    let long = sfid(b"X", format!("{}.CATPart", "ü".repeat(400)).as_bytes());
    let name = local("*", "{description}", &long);
    assert!(
        name.len() <= LONGEST_INBOX_NAME && name.ends_with("ü.CATPart"),
        "{name}"
    );
}

#[test]
fn without_a_template_or_when_it_gives_nothing_the_identity_is_the_name() {
    let file = sfid(b"X", b"");
    let identity = stored_name(&identity_of(&file));
    assert_eq!(inbox_name_of(&ReceiveRule::default(), &file), identity);
    assert_eq!(local("*", "{description}", &file), identity);
}

fn any_template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{description}".to_owned()),
        Just("{dsn}".to_owned()),
        Just("{ext}".to_owned()),
        Just("{1}".to_owned()),
        "[ -~]{0,3}",
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_local_name_is_one_plain_file(
        template in any_template(),
        dsn in prop::collection::vec(any::<u8>(), 0..=26),
        desc in prop_oneof![prop::collection::vec(any::<u8>(), 0..=999),
            ".{0,60}".prop_map(String::into_bytes), "[./ -]{0,4}".prop_map(String::into_bytes)],
    ) {
        let name = local("*", &template, &sfid(&dsn, &desc));
        prop_assert!(!name.is_empty() && name.len() <= LONGEST_INBOX_NAME);
        prop_assert!(!name.contains(['/', '\\', '\0', ':']));
        prop_assert!(!name.chars().any(char::is_control));
        prop_assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']));
        prop_assert_eq!(std::path::Path::new(&name).file_name().and_then(|n| n.to_str()),
            Some(&*name));
    }

    #[test]
    fn any_dataset_name_may_be_sent(template in any_template(), name in ".{0,40}") {
        let made = dsn("*", &template, &name);
        if let Ok(made) = made {
            prop_assert!(DatasetName::new_without_spaces(&made).is_ok(), "{}", made);
        }
    }

    #[test]
    fn captures_put_back_give_the_name(
        parts in prop::collection::vec("[a-c]{0,3}", 1..5),
        name in "[a-c]{0,12}",
    ) {
        let pattern = parts.join("*");
        if let Some(stars) = captures(&pattern, &name) {
            let mut again = parts[0].clone();
            for (star, part) in stars.iter().zip(&parts[1..]) {
                again.push_str(star);
                again.push_str(part);
            }
            prop_assert_eq!(again, name);
        }
    }

    #[test]
    fn what_was_made_by_a_pattern_fits_it(
        parts in prop::collection::vec("[a-c]{0,2}", 1..5),
        stars in prop::collection::vec("[a-c]{0,2}", 4),
    ) {
        let mut name = parts[0].clone();
        for (star, part) in stars.iter().zip(&parts[1..]) {
            name.push_str(star);
            name.push_str(part);
        }
        prop_assert!(captures(&parts.join("*"), &name).is_some());
    }
}
