//! A dataset name (SFIDDSN) for a local file whose user gave none.

use std::path::Path;

/// The length of SFIDDSN in octets.
pub const DATASET_NAME_OCTETS: usize = 26;

/// The file's name in upper case, with `-` for what RFC 5024 Appendix B does not allow (and for
/// `/` and `&`, which some stations take for more than a character), cut to 26 characters.
#[must_use]
pub fn dataset_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name: String = clean(&name).chars().take(DATASET_NAME_OCTETS).collect();
    if name.is_empty() {
        "FILE".to_owned()
    } else {
        name
    }
}

/// The text in upper case, with `-` for what should not stand in a dataset name; not cut.
pub(crate) fn clean(text: &str) -> String {
    let clean = |character: char| match character {
        'A'..='Z' | '0'..='9' | '-' | '.' | '(' | ')' => character,
        _ => '-',
    };
    text.to_uppercase().chars().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_cut() {
        for (path, name) in [
            ("/home/a/invoice_42.edi", "INVOICE-42.EDI"),
            ("Bremsscheibe groß.CATPart", "BREMSSCHEIBE-GROSS.CATPART"),
            (
                "a-name-of-more-than-twenty-six-characters",
                "A-NAME-OF-MORE-THAN-TWENTY",
            ),
            ("ü", "-"),
            ("..", "FILE"),
        ] {
            assert_eq!(dataset_name(Path::new(path)), name);
        }
    }
}
