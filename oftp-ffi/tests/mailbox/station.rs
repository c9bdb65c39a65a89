//! The mailbox against the station of the command `oftp`: the same engine below, other hands.

use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};

use ::oftp_station::driver::{self, Clock};
use ::oftp_station::exchange::{Exchange, Outgoing, Voice};
use ::oftp_station::inbox::{Inbox, InboxOptions};
use ::oftp_station::security::{self, KeyRing, OwnKeys, PartnerKeys, Use};
use oftp::*;
use oftp_core::mailbox::{Directory, Identity, Mailbox, Partner, Reply, Settings};
use oftp_core::session::Addresses;
use oftp_core::wire::{IdentificationCode, Password, UserData, X};
use oftp_secure::{Keystore, Trust};

use super::support::{Station, key, noise, sized};

fn store(files: &[&str]) -> Keystore {
    let mut store = Keystore::default();
    for file in files {
        let path = key(file);
        store.add(Keystore::load(path.to_str().unwrap().as_ref(), None).unwrap());
    }
    store
}

/// Answers one call as OBETA, with the keys of beta, and receives into this folder.
async fn station(listener: tokio::net::TcpListener, folder: std::path::PathBuf) -> Vec<String> {
    let code = |text| IdentificationCode::new(text).unwrap();
    let identity = Identity {
        code: code("OBETA"),
        password: Password::new(X::new("SECRET").unwrap()),
        user: UserData::default(),
    };
    let directory = Directory {
        partners: vec![Partner::new(code("OALPHA"))],
        ..Directory::default()
    };
    let own = store(&["beta.key", "beta.pem"]).credentials().unwrap();
    let own: Vec<_> = own.into_iter().map(|one| (None, one)).collect();
    let trust = Trust {
        pinned: store(&["alpha.pem"]).certificates,
        ..Trust::default()
    };
    let trusts = Use::ALL.map(|purpose| (purpose, trust.clone())).into();
    let keys = vec![(code("OALPHA"), PartnerKeys::new(trusts))];
    let settings = security::Settings {
        ring: Arc::new(KeyRing::new(OwnKeys::new(&own), keys)),
        ..security::Settings::default()
    };
    let lines = Arc::new(Mutex::new(Vec::new()));
    let inbox = Inbox::open(&folder, InboxOptions::default()).unwrap();
    let mut exchange = Exchange::new(
        Voice::kept(lines.clone()),
        Some(inbox),
        Reply::Eerp,
        Outgoing::nothing(code("OBETA")),
    )
    .with_security(settings);
    let (stream, _) = listener.accept().await.unwrap();
    let clock = Clock::default();
    let mut mailbox = Mailbox::answer(Settings::new(identity), directory);
    mailbox.tick(clock.now());
    mailbox.n_con_ind(Addresses::default());
    let ran = driver::run(stream, &mut mailbox, &mut exchange, clock).await;
    ran.unwrap();
    let lines = lines.lock().unwrap();
    lines.clone()
}

#[test]
fn a_station_takes_opens_and_signs() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.unwrap();
    let address = listener.local_addr().unwrap();
    let task = runtime.spawn(station(listener, folder.path().to_owned()));
    let read = |name| std::fs::read(key(name).to_str().unwrap()).unwrap();
    let own = [read("alpha.key"), read("alpha.pem")].concat();
    let alpha = Station::new("OALPHA", |config| {
        config.own_keys_data = own.as_ptr();
        config.own_keys_len = own.len();
    });
    let beta = key("beta.pem");
    alpha.knows("OBETA", |partner| partner.certificates = beta.as_ptr());
    let octets = noise(2_000_000);
    let file = |name| alpha.file(name, "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    alpha.send(&file("PLAIN"), &octets);
    let secured = oftp_virtual_file {
        security: 3,
        compression: 1,
        signed_response: 1,
        ..file("SECURED")
    };
    alpha.send(&secured, &octets);
    alpha.calls("OBETA");
    let stream = TcpStream::connect(address).unwrap();
    let mut result: oftp_result = sized();
    // SAFETY: a handle and a structure.
    let ran = unsafe {
        let none = std::ptr::null();
        oftp_run_fd(alpha.handle, stream.as_raw_fd(), none, &raw mut result)
    };
    drop(stream);
    let lines = runtime.block_on(task).unwrap();
    assert_eq!(lines, [""; 0]);
    assert_eq!(
        (ran, result.ending),
        (0, oftp_ending::OFTP_ENDING_NORMAL as i32)
    );
    assert_eq!(result.files_delivered, 2, "{:?}", alpha.log.lines);
    alpha.assert_told("response 1 PLAIN 0 0 0");
    alpha.assert_told("response 2 SECURED 0 0 1");
    let files = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert_eq!(files.len(), 2);
    for path in files {
        assert!(std::fs::read(path).unwrap() == octets);
    }
}
