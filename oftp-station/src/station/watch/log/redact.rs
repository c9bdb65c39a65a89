//! What must not stand in a log: passwords, challenges, keys. Nobody writes them there on purpose;
//! this catches what would come in by mistake.

use serde_json::Value;

/// In the place of a secret.
const HIDDEN: &str = "***";

/// Names of secrets: fields of RFC 5024, whose octets may be anything up to the next field, and
/// words of configurations.
const FIELDS: [&str; 3] = ["SSIDPSWD", "AUCHCHAL", "AURPRSP"];
const WORDS: [&str; 7] = [
    "password",
    "passphrase",
    "secret",
    "challenge",
    "token",
    "private_key",
    "pswd",
];
/// How a key begins, up to its end (RFC 7468).
const KEY: &str = "-----BEGIN";

fn is_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    FIELDS.contains(&name) || WORDS.iter().any(|word| lower.ends_with(word))
}

/// A text without values of secrets that it names: `NAME=value`.
pub(super) fn text(given: &str) -> String {
    let given = match given.find(KEY) {
        Some(at) => format!("{}{HIDDEN}", &given[..at]),
        None => given.to_owned(),
    };
    let mut shown = String::new();
    let mut rest = given.as_str();
    while let Some(equals) = rest.find('=') {
        let (before, after) = rest.split_at(equals);
        let value = &after[1..];
        let name = before
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .next()
            .unwrap_or_default();
        shown.push_str(before);
        shown.push('=');
        rest = value;
        if is_secret(name) {
            shown.push_str(HIDDEN);
            rest = &value[end_of_value(name, value)..];
        }
    }
    shown.push_str(rest);
    shown
}

fn end_of_value(name: &str, value: &str) -> usize {
    if FIELDS.contains(&name) {
        // Up to the next field of the trace: blanks belong to it.
        let next = value.match_indices(' ').find(|(at, _)| {
            let word = value[at + 1..].split(' ').next().unwrap_or_default();
            let field = word.split_once('=').map(|(field, _)| field);
            field.is_some_and(|field| {
                field.len() > 4 && field.bytes().all(|octet| octet.is_ascii_uppercase())
            })
        });
        return next.map_or(value.len(), |(at, _)| at);
    }
    match value.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(value.len(), |at| at + 2),
        None => value.find([' ', ',', ';']).unwrap_or(value.len()),
    }
}

/// The same for what a line of the history says.
pub(super) fn value(given: &Value) -> Value {
    match given {
        Value::String(given) => Value::String(text(given)),
        Value::Array(all) => all.iter().map(value).collect(),
        Value::Object(all) => {
            let shown = all.iter().map(|(name, of_name)| {
                let shown = if is_secret(name) {
                    Value::from(HIDDEN)
                } else {
                    value(of_name)
                };
                (name.clone(), shown)
            });
            Value::Object(shown.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_secrets_are_hidden_and_nothing_else() {
        for (given, shown) in [
            (
                "SSIDCODE=OA SSIDPSWD=A B=C SSIDSDEB=2048",
                "SSIDCODE=OA SSIDPSWD=*** SSIDSDEB=2048",
            ),
            ("AURPRSP=a b c", "AURPRSP=***"),
            ("password=x, user=y", "password=***, user=y"),
            ("db_password=\"x y\" user=y", "db_password=*** user=y"),
            (
                "the password is wrong (ESID 04)",
                "the password is wrong (ESID 04)",
            ),
            ("key -----BEGIN PRIVATE KEY----- MIIE", "key ***"),
            ("ü=1 x=", "ü=1 x="),
        ] {
            assert_eq!(text(given), shown);
        }
        let detail = json!({"password": "x", "of": [{"Challenge": "y"}], "why": "pswd=z"});
        let shown = json!({"password": "***", "of": [{"Challenge": "***"}], "why": "pswd=***"});
        assert_eq!(value(&detail), shown);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(given in "\\PC*", name in prop::sample::select(FIELDS.to_vec())) {
            text(&given);
            let shown = text(&format!("{name}=hidden {given}"));
            let open = format!("{name}=hidden");
            prop_assert!(!shown.starts_with(&open));
        }
    }
}
