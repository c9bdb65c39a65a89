//! What partners with a known product need, as data: `profile = "NAME"` of a partner sets what its
//! own keys do not.

use toml::Spanned;
use toml::de::DeTable;

/// All profiles: a table of keys of a partner for each product.
pub const TEXT: &str = include_str!("profiles.toml");

/// The profiles by name.
#[derive(Debug)]
pub struct Profiles(Spanned<DeTable<'static>>);

impl Profiles {
    /// Those of this program.
    #[must_use]
    pub fn known() -> Self {
        // A test holds the text to be right; of one that is not, the rest would be used.
        Self(DeTable::parse_recoverable(TEXT).0)
    }

    /// The keys that a profile sets; `None`: there is no such profile.
    #[must_use]
    pub fn keys(&self, name: &str) -> Option<&DeTable<'static>> {
        let mut all = self.0.get_ref().iter();
        let (_, value) = all.find(|(key, _)| key.get_ref() == name)?;
        value.get_ref().as_table()
    }

    /// What a profile is for, in a line.
    #[must_use]
    pub fn about(&self, name: &str) -> Option<&str> {
        let mut keys = self.keys(name)?.iter();
        let (_, about) = keys.find(|(key, _)| key.get_ref() == "about")?;
        about.get_ref().as_str()
    }

    /// What a profile sets, a line of TOML for each key.
    #[must_use]
    pub fn settings(&self, name: &str) -> Vec<&'static str> {
        let keys = self.keys(name).into_iter().flat_map(|keys| keys.iter());
        let lines = keys.filter(|(key, _)| key.get_ref() != "about");
        let lines = lines.filter_map(|(key, value)| TEXT.get(key.span().start..value.span().end));
        lines.collect()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.get_ref().iter().map(|(key, _)| &**key.get_ref())
    }
}
