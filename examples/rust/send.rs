//! Calls a partner, sends it one file, and waits for the End to End Response.
//!
//! ```console
//! $ cargo run -p oftp-tests --example send -- localhost:3305 O0013ALPHA SECRET O0013BETA \
//!       INVOICE $(date +%Y%m%d%H%M%S)0001 README.md
//! ```

use std::error::Error;
use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Event, Identity, Mailbox, Partner, Response, Settings, Supply};
use oftp_core::session::{Addresses, DataInd};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp, Text, UserData,
    X,
};

#[path = "link.rs"]
mod link;

/// One file on its way.
struct Sending<R> {
    source: R,
    /// What was read and is not sent yet.
    ahead: Vec<u8>,
    answered: bool,
    trouble: Option<String>,
}

impl<R: Read> link::User for Sending<R> {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event) -> io::Result<()> {
        match event {
            // SFIDREST was 0: the file goes from its start.
            Event::FileWanted { .. } => {
                mailbox
                    .source_ready(RestartPosition::START)
                    .map_err(io::Error::other)?;
            }
            Event::DataWanted { .. } => self.supply(mailbox)?,
            Event::ResponseReceived(response) => {
                self.answered = matches!(response, Response::Eerp(_));
                if let Response::Nerp(nerp) = response {
                    self.trouble = Some(format!("NERP: {}", nerp.reas));
                }
                // A station makes it safe before this: RTR may make the partner forget it.
                mailbox.response_taken(true).map_err(io::Error::other)?;
            }
            Event::FileRefused { reason, .. } => self.trouble = Some(format!("SFNA: {reason}")),
            Event::FileNotAccepted { reason, .. } => self.trouble = Some(format!("EFNA: {reason}")),
            Event::FileUnsendable { error, .. } => self.trouble = Some(error.to_string()),
            Event::Ended(ended) => {
                self.trouble = link::trouble(ended).or_else(|| self.trouble.take())
            }
            _ => {}
        }
        Ok(())
    }

    fn data(&mut self, _: DataInd<'_>) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read> Sending<R> {
    /// Fills one Data Exchange Buffer.
    fn supply(&mut self, mailbox: &mut Mailbox) -> io::Result<()> {
        let mut fault = Ok(());
        let supplied = mailbox.supply(|buffer| {
            while !buffer.is_full() {
                if self.ahead.is_empty() {
                    fault = (&mut self.source)
                        .take(65_536)
                        .read_to_end(&mut self.ahead)
                        .map(drop);
                    if self.ahead.is_empty() {
                        return Supply::End;
                    }
                }
                let written = buffer.write(&self.ahead, false);
                self.ahead.drain(..written.octets);
            }
            Supply::More
        });
        fault?;
        supplied.map_err(io::Error::other)
    }
}

/// Sends what this source has; true when its EERP has come.
pub(crate) fn send(
    stream: &mut TcpStream,
    (own, password, partner): (&str, &str, &str),
    (name, stamp): (&str, &str),
    octets: u64,
    source: impl Read,
) -> Result<bool, Box<dyn Error>> {
    let identity = Identity {
        code: IdentificationCode::new(own)?,
        password: Password::new(X::new(password)?),
        user: UserData::default(),
    };
    let partner = Partner::new(IdentificationCode::new(partner)?);
    let (date, time) = stamp.split_at_checked(8).ok_or("a stamp has 18 digits")?;
    let sfid = Sfid {
        dsn: DatasetName::new(name)?,
        stamp: Stamp::new(date, time)?,
        user: UserData::default(),
        dest: partner.code,
        orig: identity.code,
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: octets.div_ceil(1024),
        osiz: octets.div_ceil(1024),
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    };
    let mut mailbox = Mailbox::call(Settings::new(identity), partner, Addresses::default())?;
    mailbox.queue_file(sfid);
    let begun = Instant::now();
    mailbox.tick(Duration::ZERO);
    mailbox.n_con_cf();
    let mut user = Sending {
        source,
        ahead: Vec::new(),
        answered: false,
        trouble: None,
    };
    link::run(stream, &mut mailbox, &mut user, begun)?;
    match user.trouble {
        Some(trouble) => Err(trouble.into()),
        None => Ok(user.answered),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, own, password, partner, name, stamp, path] = arguments.as_slice() else {
        return Err("send HOST:PORT OWN-CODE PASSWORD PARTNER-CODE DSN STAMP FILE".into());
    };
    let file = std::fs::File::open(path)?;
    let octets = file.metadata()?.len();
    let mut stream = TcpStream::connect(address)?;
    if send(
        &mut stream,
        (own, password, partner),
        (name, stamp),
        octets,
        file,
    )? {
        println!("{name}: delivered");
    } else {
        println!("{name}: sent; its End to End Response comes in another session");
    }
    Ok(())
}
