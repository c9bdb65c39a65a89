//! Two ends of TLS in memory.

use std::sync::Arc;

use oftp_secure::tls::{ClientTls, ServerTls, TlsError, client_config, server_config, server_name};
use rustls::{
    ClientConfig, ClientConnection, Connection, ProtocolVersion, ServerConfig, ServerConnection,
};

/// How a handshake went: each side knows its own end.
pub(crate) struct Shaken {
    pub(crate) client: Result<Connection, TlsError>,
    pub(crate) server: Result<Connection, TlsError>,
}

impl Shaken {
    /// Whether both took each other.
    pub(crate) fn is_good(&self) -> bool {
        self.client.is_ok() && self.server.is_ok()
    }

    /// What the server has against it.
    #[track_caller]
    pub(crate) fn server_says(&self, words: &str) {
        says(&self.server, words);
    }

    /// What the client has against it.
    #[track_caller]
    pub(crate) fn client_says(&self, words: &str) {
        says(&self.client, words);
    }

    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        self.client.as_ref().ok()?.protocol_version()
    }
}

#[track_caller]
fn says(side: &Result<Connection, TlsError>, words: &str) {
    let Err(error) = side else {
        panic!("the handshake succeeded; it should say: {words}");
    };
    let text = error.to_string();
    assert!(text.contains(words), "{text:?} does not say {words:?}");
}

pub(crate) fn shake(host: &str, client: ClientTls, server: ServerTls) -> Shaken {
    let client = client_config(client).expect("a configuration");
    let server = server_config(server).expect("a configuration");
    shake_configs(host, client, server)
}

pub(crate) fn shake_configs(
    host: &str,
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
) -> Shaken {
    let name = server_name(host).expect("a name");
    let client = ClientConnection::new(client, name).expect("a client");
    let server = ServerConnection::new(server).expect("a server");
    let (mut client, mut server) = (Connection::from(client), Connection::from(server));
    let (mut client_failed, mut server_failed) = (None, None);
    loop {
        let moved = carry(&mut client, &mut server, &mut server_failed)
            | carry(&mut server, &mut client, &mut client_failed);
        if !moved {
            break;
        }
    }
    Shaken {
        client: client_failed.map_or(Ok(client), Err),
        server: server_failed.map_or(Ok(server), Err),
    }
}

/// Moves octets from one end to the other; false when there were none.
fn carry(from: &mut Connection, to: &mut Connection, failed: &mut Option<TlsError>) -> bool {
    let mut octets = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut octets).expect("memory takes all");
    }
    let moved = !octets.is_empty();
    let mut rest = octets.as_slice();
    while failed.is_none() && !rest.is_empty() {
        to.read_tls(&mut rest).expect("memory gives all");
        if let Err(error) = to.process_new_packets() {
            *failed = Some(error.into());
        }
    }
    moved
}
