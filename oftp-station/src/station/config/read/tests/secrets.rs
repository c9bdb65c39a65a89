//! Secrets come by reference only, and are never shown.

use super::{Place, STATION, with_partner};

const SECRET: &str = "GEHEIM42";

#[test]
fn passwords_come_from_files_beside_the_configuration() {
    let place = Place::new();
    place.write("keys/ours", SECRET);
    place.write("keys/theirs", "ANDERES\n");
    let partner = place.partner(
        "password = { file = \"keys/ours\" }\ntheir_password = { file = \"keys/theirs\" }",
    );
    let password = |text: &str| {
        use oftp_core::wire::{Password, X};
        Password::new(X::from_octets(text.as_bytes()))
    };
    let identity = partner.mailbox.identity.expect("a password of its own");
    assert!(identity.password.matches(&password(SECRET)));
    assert_eq!(identity.code.trimmed(), b"OALPHA");
    let theirs = partner.mailbox.password.expect("a password");
    assert!(theirs.matches(&password("ANDERES")));
}

#[test]
fn a_secret_in_the_configuration_is_refused_and_not_repeated() {
    let place = Place::new();
    place.write("keys/long", format!("{SECRET}{SECRET}"));
    for keys in [
        format!("password = \"{SECRET}\""),
        format!("their_password = [\"{SECRET}\"]"),
        format!("pasword = \"{SECRET}\""),
        format!("password = {{ value = \"{SECRET}\" }}"),
        format!("password = {{ file = \"keys/long\", value = \"{SECRET}\" }}"),
        "password = { file = \"keys/long\" }".to_owned(),
        // No TOML at all: the message must not show the line.
        format!("password = \"{SECRET}"),
        format!("password = {SECRET}"),
        format!("password = \"\\{SECRET}\""),
    ] {
        let errors = place.parse(&with_partner(&keys)).expect_err(&keys);
        let told = format!("{errors} {errors:?}");
        assert!(!told.contains(SECRET), "{told}");
        assert!(errors.0.iter().all(|fault| fault.line == 7), "{told}");
    }
    let errors = place.parse(&with_partner(&format!("password = \"{SECRET}\"")));
    let told = errors.expect_err("a fault").to_string();
    assert!(told.contains("{ file = \"keys/NAME.password\" }"), "{told}");
}

#[test]
fn what_is_missing_is_named() {
    let place = Place::new();
    for (keys, says) in [
        ("password = { file = \"keys/none\" }", "keys/none"),
        (
            "password = { env = \"OFTP_NO_SUCH_VARIABLE\" }",
            "OFTP_NO_SUCH_VARIABLE",
        ),
        ("password = {}", "env ="),
        ("password = { env = \"\" }", "environment variable"),
    ] {
        let errors = place.parse(&with_partner(keys)).expect_err(keys);
        assert!(errors.to_string().contains(says), "{errors}");
    }
}

#[test]
fn a_configuration_does_not_show_its_secrets() {
    let place = Place::new();
    place.write("keys/secret", SECRET);
    let password = "password = { file = \"keys/secret\" }";
    let text = with_partner(&format!(
        "{password}\ntheir_password = {{ file = \"keys/secret\" }}"
    ));
    let text = text.replacen("[keys]", &format!("{password}\n[keys]"), 1);
    let shown = format!("{:?}", place.good(&text));
    assert!(!shown.contains(SECRET), "{shown}");
    let octets = format!("{:?}", SECRET.as_bytes());
    assert!(!shown.contains(octets.trim_matches(['[', ']'])), "{shown}");
}

#[test]
fn an_encrypted_key_is_opened_by_its_passphrase() {
    let place = Place::new();
    place.write("keys/passphrase", "Rosenkohl 17\n");
    let encrypted = STATION.replace("alpha.key", "alpha-encrypted.key");
    let config = place.good(&format!(
        "{encrypted}passphrase = {{ file = \"keys/passphrase\" }}\n"
    ));
    let own = config.security.ring.own();
    assert_eq!(own.all(crate::security::Use::Sign).len(), 1);
}

#[test]
fn files_that_others_can_read_are_warned_of() {
    let place = Place::new();
    place.write("keys/secret", SECRET);
    let text = with_partner("their_password = { file = \"keys/secret\" }");
    let told = |place: &Place| {
        let warnings = place.good(&text).warnings.0.into_iter();
        warnings
            .filter(|warning| warning.text.contains("chmod 600"))
            .map(|warning| (warning.line, warning.key))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&place), []);
    place.make_mode("keys/alpha.key", 0o640);
    place.make_mode("keys/secret", 0o604);
    place.make_mode("keys/alpha.pem", 0o644);
    let expected = [
        (4, "keys.all[0]".to_owned()),
        (7, "partner.beta.their_password".to_owned()),
    ];
    assert_eq!(told(&place), expected);
}
