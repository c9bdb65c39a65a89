//! Takes one call, and the files that the caller has, into memory; each gets its End to End Response.
//!
//! ```console
//! $ cargo run -p oftp-tests --example receive -- 3305 O0013BETA SECRET O0013ALPHA
//! ```

use std::error::Error;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Directory, Event, Identity, Mailbox, Partner, Reply, Settings};
use oftp_core::session::{Addresses, DataInd};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{IdentificationCode, Password, UserData, X};

#[path = "link.rs"]
mod link;

/// The dataset name of a file, and its octets.
pub(crate) type Received = (String, Vec<u8>);

/// Files as they come.
#[derive(Default)]
struct Receiving {
    current: Received,
    files: Vec<Received>,
    trouble: Option<String>,
}

impl link::User for Receiving {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event) -> io::Result<()> {
        match event {
            // Whoever keeps a journal refuses here what it has already (SFNA 13).
            Event::FileOffered { sfid } => {
                self.current = (sfid.dsn.to_string(), Vec::new());
                mailbox
                    .accept_file(RestartPosition::START)
                    .map_err(io::Error::other)?;
            }
            // EFPA follows: a station forces the file to the disk before this.
            Event::FileComplete => {
                self.files.push(std::mem::take(&mut self.current));
                mailbox.file_stored(Reply::Eerp).map_err(io::Error::other)?;
            }
            Event::ResponseReceived(_) => {
                mailbox.response_taken(false).map_err(io::Error::other)?;
            }
            Event::Ended(ended) => {
                self.trouble = link::trouble(ended).or_else(|| self.trouble.take())
            }
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, mut data: DataInd<'_>) -> io::Result<()> {
        let mut room = [0; 4096];
        while let Some(chunk) = data.read(&mut room) {
            self.current.1.extend_from_slice(&room[..chunk.octets]);
            // A stream (U, T) has no records: a program that takes formats F and V keeps them apart.
        }
        Ok(())
    }
}

/// Serves one caller, which must be `partner`.
pub(crate) fn receive(
    stream: &mut TcpStream,
    (own, password, partner): (&str, &str, &str),
) -> Result<Vec<Received>, Box<dyn Error>> {
    let identity = Identity {
        code: IdentificationCode::new(own)?,
        password: Password::new(X::new(password)?),
        user: UserData::default(),
    };
    let directory = Directory {
        partners: vec![Partner::new(IdentificationCode::new(partner)?)],
        ..Directory::default()
    };
    let mut mailbox = Mailbox::answer(Settings::new(identity), directory);
    let begun = Instant::now();
    mailbox.tick(Duration::ZERO);
    mailbox.n_con_ind(Addresses::default());
    let mut user = Receiving::default();
    link::run(stream, &mut mailbox, &mut user, begun)?;
    match user.trouble {
        Some(trouble) => Err(trouble.into()),
        None => Ok(user.files),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, own, password, partner] = arguments.as_slice() else {
        return Err("receive PORT OWN-CODE PASSWORD PARTNER-CODE".into());
    };
    let listener = TcpListener::bind(("0.0.0.0", port.parse()?))?;
    let (mut stream, _) = listener.accept()?;
    for (name, octets) in receive(&mut stream, (own, password, partner))? {
        println!("{name}: {} octets", octets.len());
    }
    Ok(())
}
