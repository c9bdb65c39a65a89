//! A driver: moves octets between a mailbox and a blocking socket, and tells it the time. Nothing
//! but this is needed for another transport.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Ended, Event, Mail, Mailbox};
use oftp_core::session::DataInd;

/// What the program does with files.
pub(crate) trait User {
    /// Something happened, or an answer is wanted.
    fn event(&mut self, mailbox: &mut Mailbox, event: Event) -> io::Result<()>;

    /// Octets of the file that is being received.
    fn data(&mut self, data: DataInd<'_>) -> io::Result<()>;
}

/// Runs the session until its connection is closed. `begun` is when its time was 0.
pub(crate) fn run(
    stream: &mut TcpStream,
    mailbox: &mut Mailbox,
    user: &mut impl User,
    begun: Instant,
) -> io::Result<()> {
    // Commands are small, and each waits for its answer.
    stream.set_nodelay(true)?;
    loop {
        match mailbox.poll() {
            Mail::NDataRq(octets) => {
                let mut written = 0;
                for slice in octets.slices() {
                    stream.write_all(slice)?;
                    written += slice.len();
                }
                mailbox.sent(written);
            }
            Mail::Data(data) => user.data(data)?,
            Mail::Event(event) => user.event(mailbox, event)?,
            Mail::Wait(deadline) => {
                if mailbox.session().is_over() {
                    return Ok(());
                }
                wait(stream, mailbox, deadline, begun)?;
            }
            Mail::NDiscRq => {
                // The partner may have closed first.
                let _ = stream.shutdown(Shutdown::Both);
                return Ok(());
            }
            Mail::NConRq | Mail::NConRs | Mail::Trace(_) => {}
        }
    }
}

/// What went wrong in a session; `None`: nothing.
pub(crate) fn trouble(ended: Ended) -> Option<String> {
    match ended {
        Ended::Normally | Ended::Irregularly(_) => None,
        Ended::ByUs { why, .. } => Some(why),
        Ended::Failed(abort) => Some(match abort.reason {
            Some(reason) => format!("{} (ESID {reason})", abort.cause),
            None => abort.cause.to_string(),
        }),
    }
}

/// Until octets come, or this time.
fn wait(
    stream: &mut TcpStream,
    mailbox: &mut Mailbox,
    deadline: Option<Duration>,
    begun: Instant,
) -> io::Result<()> {
    let left = deadline.map(|deadline| deadline.saturating_sub(begun.elapsed()));
    if left != Some(Duration::ZERO) {
        stream.set_read_timeout(left)?;
        match stream.read(mailbox.receive_space()) {
            Ok(0) => mailbox.n_disc_ind(),
            Ok(octets) => mailbox.received(octets),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                _ => mailbox.n_rst_ind(),
            },
        }
    }
    mailbox.tick(begun.elapsed());
    Ok(())
}
