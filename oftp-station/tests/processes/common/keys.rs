//! The keys of the stations, of which `tests/data/keys/make.sh` says what they are.

use std::path::{Path, PathBuf};

use oftp_secure::{Certificate, Credential, Keystore};

use super::place::Place;

/// What OALPHA is given to deal with OBETA.
pub(crate) const ALPHA: [&str; 6] = [
    "--own-key",
    "alpha.key",
    "--own-cert",
    "alpha.pem",
    "--partner-cert",
    "beta.pem",
];

/// What OBETA is given to deal with OALPHA.
pub(crate) const BETA: [&str; 6] = [
    "--own-key",
    "beta.key",
    "--own-cert",
    "beta.pem",
    "--partner-cert",
    "alpha.pem",
];

/// Opens `alpha-encrypted.key` and `alpha.p12`; no process may show it.
pub(crate) const PASSPHRASE: &str = "Rosenkohl 17";

const KEYS: [&str; 4] = [
    include_str!("../../data/keys/alpha.key"),
    include_str!("../../data/keys/beta.key"),
    include_str!("../../data/keys/gamma.key"),
    include_str!("../../data/keys/alpha-encrypted.key"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys")
}

impl Place {
    /// A place where the keys and certificates of all stations lie.
    pub(crate) fn with_keys() -> Self {
        let place = Self::new();
        for entry in std::fs::read_dir(folder()).expect("the keys") {
            let from = entry.expect("an entry").path();
            let name = from.file_name().expect("a name").to_string_lossy();
            let to = place.write(&name, std::fs::read(&from).expect("a key"));
            make_private(&to);
        }
        place
    }
}

/// As those who are careful with their keys do.
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).expect("a mode");
}

fn load(file: &str) -> Keystore {
    Keystore::load(&folder().join(file), None).expect("a key")
}

/// A certificate, for a scripted partner.
pub(crate) fn certificate(name: &str) -> Certificate {
    load(&format!("{name}.pem")).certificates.remove(0)
}

/// A key with its certificate, for a scripted partner.
pub(crate) fn credential(name: &str) -> Credential {
    let mut store = load(&format!("{name}.key"));
    store.add(load(&format!("{name}.pem")));
    store
        .credentials()
        .expect("a key and its certificate")
        .remove(0)
}

/// Fails where a text holds a line of one of the private keys, or the passphrase.
#[track_caller]
pub(super) fn assert_no_secret(text: &str) {
    let lines = KEYS.iter().flat_map(|key| key.lines());
    let secrets = lines.filter(|line| line.len() > 40 && !line.starts_with('-'));
    for secret in secrets.chain([PASSPHRASE]) {
        assert!(!text.contains(secret), "a secret is shown: {text}");
    }
}
