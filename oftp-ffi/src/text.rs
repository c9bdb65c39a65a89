//! Strings in and out. Fields of fixed width are arrays of `char` with a 0 behind them; texts of
//! any length are pointers to strings in UTF-8.

use std::ffi::{CStr, CString, c_char};

use oftp_core::wire::{Text, X};

use crate::status::{Outcome, oftp_code};

/// The octets of an array up to its 0.
pub(crate) fn field<'a, const N: usize>(array: &'a [c_char; N], name: &str) -> Outcome<&'a [u8]> {
    // SAFETY: c_char and u8 have the same size, and every u8 is one.
    let octets = unsafe { &*std::ptr::from_ref(array).cast::<[u8; N]>() };
    let Some(end) = octets.iter().position(|octet| *octet == 0) else {
        return Err(oftp_code::OFTP_E_VALUE.because(format!(
            "{name} has no 0 at its end; it takes at most {} characters",
            N - 1
        )));
    };
    Ok(&octets[..end])
}

/// A field that is sent: characters of RFC 5024 Appendix B.
pub(crate) fn strict<const N: usize, const M: usize>(
    array: &[c_char; N],
    name: &str,
) -> Outcome<X<M>> {
    let octets = field(array, name)?;
    let text = String::from_utf8_lossy(octets);
    X::new(&text).map_err(|error| oftp_code::OFTP_E_VALUE.because(format!("{name}: {error}")))
}

/// A field that repeats what a partner sent, or is agreed with it: any octets.
pub(crate) fn any<const N: usize, const M: usize>(
    array: &[c_char; N],
    name: &str,
) -> Outcome<X<M>> {
    let octets = field(array, name)?;
    if octets.len() > M {
        return Err(oftp_code::OFTP_E_VALUE.because(format!(
            "{name} has {} octets, at most {M} fit",
            octets.len()
        )));
    }
    Ok(X::from_octets(octets))
}

/// An array with these octets and zeros behind them. What does not fit is left off.
pub(crate) fn array<const N: usize>(octets: &[u8]) -> [c_char; N] {
    let mut array = [0; N];
    for (to, from) in array[..N - 1].iter_mut().zip(octets) {
        *to = from.cast_signed() as c_char;
    }
    array
}

/// A string of the caller in UTF-8; NULL is an empty one.
///
/// # Safety
/// `pointer` is NULL or a string that lives as long as the result.
pub(crate) unsafe fn string<'a>(pointer: *const c_char, name: &str) -> Outcome<&'a str> {
    if pointer.is_null() {
        return Ok("");
    }
    // SAFETY: by the caller.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str()
        .map_err(|_| oftp_code::OFTP_E_VALUE.because(format!("{name} is not UTF-8")))
}

/// A text for people (ESIDREAST and so on); NULL is none, what is longer than 999 octets is cut.
///
/// # Safety
/// As [`string`].
pub(crate) unsafe fn text(pointer: *const c_char, name: &str) -> Outcome<Text> {
    // SAFETY: by the caller.
    unsafe { string(pointer, name) }.map(Text::new)
}

/// A string for C; what is 0 inside becomes a space.
pub(crate) fn for_c(text: impl Into<String>) -> CString {
    let text: String = text.into();
    // A text without a 0 is a string.
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

/// What the other crates tell of the options of the command `oftp`, and what stands for that here.
const OPTIONS: &[(&str, &str)] = &[
    (" (--passphrase-file, --passphrase-env)", ""),
    (": check --host", ": check the host"),
    (" (--max-file-size)", " (max_size)"),
    (
        "; `oftp cms open` tries again",
        "; oftp_cms_open_fd tries again",
    ),
    ("send without --signed-eerp", "send without signed_response"),
];

/// A text of our own for people who have no command line.
pub(crate) fn without_options(text: &str) -> String {
    let mut text = text.to_owned();
    if text.contains("--") || text.contains('`') {
        for (option, instead) in OPTIONS {
            text = text.replace(option, instead);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_command_are_not_told_to_programs() {
        let text = "file exceeds the limit of 2048 octets (--max-file-size)";
        assert_eq!(
            without_options(text),
            "file exceeds the limit of 2048 octets (max_size)"
        );
        for (option, instead) in OPTIONS {
            assert!(!without_options(option).contains("--"), "{option}");
            assert!(!instead.contains("--"));
        }
    }

    /// The texts that are replaced are still those of the other crates.
    #[test]
    fn every_text_that_is_replaced_is_still_there() {
        let key = include_bytes!("../../oftp-station/tests/data/keys/alpha-encrypted.key");
        let error = oftp_secure::Keystore::read(key, None).expect_err("encrypted");
        let text = error.to_string();
        assert!(text.contains(OPTIONS[0].0), "{text}");
        assert!(!without_options(&text).contains("--"));
    }
}
