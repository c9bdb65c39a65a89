//! Two stations with files for each other, in folders that can be had again and again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use oftp_station::station::Folder;

use crate::chance::Chance;
use crate::point::Strike;
use crate::running::{Running, oftp};
use crate::strike;

/// One of two stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Alpha,
    Beta,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Alpha, Self::Beta];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Alpha => Self::Beta,
            Self::Beta => Self::Alpha,
        }
    }
}

/// Two stations, each in a folder of its own, and the octets of their files.
pub(crate) struct Pair {
    place: tempfile::TempDir,
    /// What each sends, sorted.
    pub(crate) sent: [Vec<Vec<u8>>; 2],
    /// Where each listens.
    addresses: [String; 2],
    /// Where each calls the other.
    calls: [String; 2],
}

impl Pair {
    /// Stations without files.
    pub(crate) fn new() -> Self {
        let place = quick_folder();
        let addresses = addresses();
        let [alpha, beta] = addresses.clone();
        let pair = Self {
            place,
            sent: [Vec::new(), Vec::new()],
            addresses,
            calls: [beta, alpha],
        };
        for side in Side::BOTH {
            let folder = Folder::new(&pair.folder(side));
            folder
                .make([side.other().name()].into_iter())
                .expect("folders");
            pair.copy_keys(side);
            pair.configure(side);
        }
        pair
    }

    /// Ten files each way, of which two are secured and one lies in the outbox.
    pub(crate) fn with_files() -> Self {
        let mut pair = Self::new();
        for side in Side::BOTH {
            let mut chance = Chance::from(side as u64);
            let small = (0..7).map(|number| format!("file{number}"));
            let secured = (0..2).map(|number| format!("secured{number}"));
            let mut files = Vec::new();
            for name in small.chain(secured) {
                let octets = noise(&mut chance, 5_000);
                files.push((name, octets));
            }
            pair.submit(side, &files);
            let octets = noise(&mut chance, 5_000);
            let outbox = Folder::new(&pair.folder(side)).outbox(side.other().name());
            fs::write(outbox.join("put"), &octets).expect("a file");
            pair.sent[side as usize].push(octets);
            pair.sent[side as usize].sort();
        }
        pair
    }

    /// The same once more, as it is now, with addresses of its own.
    pub(crate) fn again(&self) -> Self {
        let mut pair = Self::new();
        for side in Side::BOTH {
            copy(&self.folder(side), &pair.folder(side));
            pair.configure(side);
        }
        pair.sent.clone_from(&self.sent);
        pair
    }

    /// Queues files by `oftp send`, all in one process.
    pub(crate) fn submit(&mut self, side: Side, files: &[(String, Vec<u8>)]) {
        let folder = self.place.path().join("files");
        fs::create_dir_all(&folder).expect("a folder");
        let mut command = oftp(
            &self.folder(side),
            &["send", side.other().name(), "--quiet"],
        );
        for (name, octets) in files {
            fs::write(folder.join(name), octets).expect("a file");
            command.arg(folder.join(name));
            self.sent[side as usize].push(octets.clone());
        }
        self.sent[side as usize].sort();
        let output = command.output().expect("oftp");
        assert!(output.status.success(), "{output:?}");
        fs::remove_dir_all(&folder).expect("a folder");
    }

    pub(crate) fn folder(&self, side: Side) -> PathBuf {
        self.place.path().join(side.name())
    }

    pub(crate) fn report(&self, side: Side) -> PathBuf {
        self.place.path().join(format!("report-{}", side.name()))
    }

    pub(crate) fn address(&self, side: Side) -> &str {
        &self.addresses[side as usize]
    }

    /// Lets a station call the other one somewhere else.
    pub(crate) fn call_at(&mut self, side: Side, address: &str) {
        self.calls[side as usize] = address.to_owned();
        self.configure(side);
    }

    /// `oftp run`.
    pub(crate) fn run(&self, side: Side) -> Running {
        Running::spawn(&mut oftp(&self.folder(side), &["run", "--json"]))
    }

    /// The same, and this is done to it.
    pub(crate) fn run_under(&self, side: Side, strike: Option<Strike>) -> Running {
        let command = oftp(&self.folder(side), &["run", "--json"]);
        let mut under = strike::under(strike, &self.report(side), &command);
        Running::spawn(&mut under)
    }

    pub(crate) fn configure(&self, side: Side) {
        let (name, peer) = (side.name(), side.other().name());
        let (own, call) = (self.address(side), &self.calls[side as usize]);
        let (id, peer_id) = (name.to_uppercase(), peer.to_uppercase());
        let text = format!(
            r#"
[station]
id = "O{id}"
[keys]
all = ["keys/{name}.key", "keys/{name}.pem"]
[[listen]]
address = "{own}"
tls = false
[limits]
free_space = "1MiB"
[outbox]
interval = "1s"
settle = "0s"
[partner.{peer}]
id = "O{peer_id}"
address = ["{call}"]
tls = "off"
certificates = "keys/{peer}.pem"
protect = {{ sign = false, encrypt = false, compress = false, signed_eerp = false }}
[partner.{peer}.retry]
first = "1s"
longest = "1s"
attempts = "never"
[[partner.{peer}.send]]
files = "secured*"
protect = {{ sign = true, encrypt = true, compress = true, signed_eerp = true }}
[[partner.{peer}.send]]
files = "large*"
protect = {{ sign = true, encrypt = true, compress = false, signed_eerp = true }}
"#
        );
        write_private(&self.folder(side).join("oftp.toml"), text.as_bytes());
    }

    fn copy_keys(&self, side: Side) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
        let own = format!("{}.key", side.name());
        for name in [own.as_str(), "alpha.pem", "beta.pem"] {
            let octets = fs::read(from.join(name)).expect("a key");
            write_private(&self.folder(side).join("keys").join(name), &octets);
        }
    }
}

fn write_private(path: &Path, octets: &[u8]) {
    fs::write(path, octets).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("permissions");
}

/// Addresses of this machine that nobody else has: what connects from any port of it cannot take
/// these, as it could the ports of 127.0.0.1 between two runs of a station.
fn addresses() -> [String; 2] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = u64::from(std::process::id());
    [0, 1].map(|which| {
        let own = number * 2 + which;
        let port = 20_000 + own / 250;
        let (high, low) = (process >> 8 & 0x3f, process & 0xff);
        format!("127.{}.{low}.{}:{port}", 1 + high, 1 + own % 250)
    })
}

/// A folder in memory, where there is such a thing: what a kill leaves is the same there, and
/// thousands of runs do not wait for a disk.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

/// Octets without order, fewer than this.
pub(crate) fn noise(chance: &mut Chance, below: u64) -> Vec<u8> {
    let octets = usize::try_from(chance.below(below)).expect("few");
    let mut noise: Vec<u8> = Vec::with_capacity(octets + 8);
    while noise.len() < octets {
        noise.extend(chance.next().to_le_bytes());
    }
    noise.truncate(octets);
    noise
}
