//! Sessions that stand and in which nothing happens: the start phase is done, and the partner, who
//! has the turn, says nothing. On this side only their connections are kept.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;

use oftp_core::mailbox::{Event, Identity, Mail, Mailbox, Partner, Settings};
use oftp_core::session::Addresses;
use oftp_core::wire::{IdentificationCode, Password, UserData};
use oftp_secure::tls::server_name;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::fault;

/// So many sessions are begun at a time.
const AT_A_TIME: usize = 8;

/// The connections of so many sessions of `OALPHA` with the station at this address; fewer where
/// the system has no more of them.
pub(crate) fn sessions(
    station: SocketAddr,
    tls: Option<&Arc<ClientConfig>>,
    count: usize,
) -> io::Result<Vec<TcpStream>> {
    let each = count.div_ceil(AT_A_TIME);
    thread::scope(|scope| {
        let begun: Vec<_> = (0..AT_A_TIME)
            .map(|thread| {
                let own = each.min(count.saturating_sub(thread * each));
                scope.spawn(move || -> io::Result<Vec<TcpStream>> {
                    (0..own).map(|_| session(station, tls)).collect()
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in begun {
            all.extend(thread.join().expect("a caller does not panic")?);
        }
        Ok(all)
    })
}

fn session(station: SocketAddr, tls: Option<&Arc<ClientConfig>>) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(station)?;
    stream.set_nodelay(true)?;
    let Some(config) = tls else {
        let mut stream = stream;
        begin(&mut stream)?;
        return Ok(stream);
    };
    let name = server_name("localhost").map_err(fault)?;
    let connection = ClientConnection::new(config.clone(), name).map_err(fault)?;
    let mut stream = StreamOwned::new(connection, stream);
    begin(&mut stream)?;
    Ok(stream.sock)
}

/// The start phase: SSRM, SSID both ways.
fn begin(connection: &mut (impl Read + Write)) -> io::Result<()> {
    let partner = Partner::new(code("OBETA"));
    let settings = Settings::new(Identity {
        code: code("OALPHA"),
        password: Password::default(),
        user: UserData::default(),
    });
    let mailbox = Mailbox::call(settings, partner, Addresses::default());
    let mut mailbox = mailbox.map_err(fault)?;
    mailbox.n_con_cf();
    loop {
        match mailbox.poll() {
            Mail::NDataRq(pending) => {
                let octets: Vec<u8> = pending.slices().flatten().copied().collect();
                connection.write_all(&octets)?;
                mailbox.sent(octets.len());
            }
            Mail::Event(Event::Up { .. }) => return Ok(()),
            Mail::Event(Event::Ended(ended)) => {
                return Err(fault(format!("no session: {ended:?}")));
            }
            Mail::Wait(_) => match connection.read(mailbox.receive_space())? {
                0 => return Err(fault("the station has closed the connection")),
                octets => mailbox.received(octets),
            },
            _ => {}
        }
    }
}

fn code(text: &str) -> IdentificationCode {
    IdentificationCode::from_octets(text.as_bytes())
}
