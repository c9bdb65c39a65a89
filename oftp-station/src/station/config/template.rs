//! The `oftp.toml` that `oftp init` writes: every key, with what it means and what holds without it.

/// The text, with [`PLACEHOLDER`] in the place of the identification code.
const TEXT: &str = include_str!("template.toml");

/// The identification code of a station that was made without one.
pub const PLACEHOLDER: &str = "O0000CHANGE-ME";

/// The text of a new configuration, for a station with this code (SSIDCODE).
#[must_use]
pub fn text(code: Option<&str>) -> String {
    TEXT.replacen(PLACEHOLDER, code.unwrap_or(PLACEHOLDER), 1)
}
