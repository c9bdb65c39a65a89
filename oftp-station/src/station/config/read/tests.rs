//! Reading a configuration.

mod any_text;
mod faults;
mod profiles;
mod secrets;
mod template;
mod values;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::station::Folder;
use crate::station::config::{Config, ConfigErrors, PartnerConfig};

/// The folder of a station, with the keys of OALPHA and the certificates of others in `keys`.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().expect("a folder"));
        std::fs::create_dir(place.0.path().join("keys")).expect("a folder");
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
        for file in ["alpha.key", "alpha.pem", "beta.pem", "alpha-encrypted.key"] {
            let octets = std::fs::read(data.join(file)).expect("a key");
            place.write(&format!("keys/{file}"), octets);
        }
        place
    }

    fn folder(&self) -> Folder {
        Folder::new(self.0.path())
    }

    /// Writes a file that only its owner may read.
    fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        std::fs::write(&path, octets).expect("a file");
        self.make_mode(name, 0o600);
    }

    fn make_mode(&self, name: &str, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.0.path().join(name), mode).expect("a mode");
    }

    fn parse(&self, text: &str) -> Result<Config, ConfigErrors> {
        Config::parse(&self.folder(), text)
    }

    #[track_caller]
    fn good(&self, text: &str) -> Config {
        self.parse(text).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The only partner of a station that has these keys of its own, and these of the partner.
    #[track_caller]
    fn partner(&self, keys: &str) -> PartnerConfig {
        let config = self.good(&with_partner(keys));
        let partner = config.partners.first().expect("a partner");
        PartnerConfig::clone(partner)
    }
}

/// A station with keys, and one partner.
fn with_partner(keys: &str) -> String {
    format!("{STATION}[partner.beta]\nid = \"OBETA\"\n{keys}\n")
}

const STATION: &str = "\
[station]
id = \"OALPHA\"
[keys]
all = [\"keys/alpha.key\", \"keys/alpha.pem\"]
";
