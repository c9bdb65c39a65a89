//! Whatever stands in the file: an answer, no panic.

use proptest::prelude::*;

use super::Place;
use crate::station::config::template;

/// The template with all its settings switched on.
fn full() -> String {
    super::template::switched_on(&template::text(None))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn arbitrary_text(text in "\\PC*") {
        let place = Place::new();
        let _ = place.parse(&text);
    }

    #[test]
    fn text_that_looks_like_toml(
        lines in prop::collection::vec("[\\[\\]a-z.=\"{}, 0-9\\\\é]{0,30}", 0..20),
    ) {
        let place = Place::new();
        let _ = place.parse(&lines.join("\n"));
    }

    /// A piece of the full template is taken out, doubled, or replaced.
    #[test]
    fn a_changed_template(
        at in any::<prop::sample::Index>(),
        length in 0_usize..60,
        what in prop::sample::select(vec![
            "", "\"", "[", "]", "{", "}", "=", "\n", "é", "0", "-1", "true", "[[hook]]\n", "\\u",
            "[partner.x]\n", "1979-05-27", "nan", "'''", "a.b.c = 1\n",
        ]),
    ) {
        let place = Place::new();
        let text: Vec<char> = full().chars().collect();
        let from = at.index(text.len());
        let until = (from + length).min(text.len());
        let changed: String = text[..from]
            .iter()
            .copied()
            .chain(what.chars())
            .chain(text[until..].iter().copied())
            .collect();
        if let Err(errors) = place.parse(&changed) {
            let lines = changed.matches('\n').count() + 1;
            prop_assert!(!errors.0.is_empty());
            prop_assert!(errors.0.iter().all(|fault| (1..=lines).contains(&fault.line)));
        }
    }
}
