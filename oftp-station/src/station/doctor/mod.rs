//! A check of a partner, step by step (RFC 5024 chapters 2.3 and 4, in the order in which a call
//! goes through them). Each step says what was found; one that fails says what happened, what it
//! means, and what to try.
//!
//! A check calls the partner as the station would, and ends the session when it is up, unless a
//! test file is wanted. It takes no file, and confirms no end response that is not its own: what
//! the partner has for the station is still there for the station.
//!
//! ```text
//! step            what a check has found
//! settings        what is configured
//! keys            what keys there are, and for how long
//! network         name, connection
//! tls             TLS: whose certificate, and what is wrong with it
//! look            what answers, where it is not what was expected
//! probe           the session
//! session         what the session showed
//! explain         what the end of a session means
//! test_file       the file that is sent, and what became of it
//! ```

mod explain;
mod keys;
mod look;
mod network;
mod probe;
mod session;
mod settings;
mod step;
mod test_file;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use step::{Stage, Step, Verdict};

use super::config::{Config, PartnerConfig};
use crate::args::Endpoint;
use crate::driver::Link;
use crate::exchange::Voice;
use crate::exit_code::ExitCode;

/// How a check is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// The longest time for each step.
    pub timeout: Duration,
    /// The file that is sent.
    pub file: Option<TestFile>,
    /// Who hears the commands and the steps of the state tables; `None`: nobody.
    pub trace: Option<Voice>,
}

/// The file that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestFile {
    /// A small one, made for it.
    Made,
    /// This one.
    Path(PathBuf),
}

/// Checks a partner. `tell` hears each step when it is done.
///
/// Returns the exit code of the first step that failed.
pub async fn examine(
    config: &Config,
    partner: &PartnerConfig,
    options: &Options,
    tell: &mut dyn FnMut(&Step),
) -> ExitCode {
    let mut check = Check {
        config,
        partner,
        options,
        tell,
        exit_code: ExitCode::Done,
    };
    check.run().await;
    check.exit_code
}

struct Check<'a> {
    config: &'a Config,
    partner: &'a PartnerConfig,
    options: &'a Options,
    tell: &'a mut dyn FnMut(&Step),
    exit_code: ExitCode,
}

/// A connection to the partner, ready for a session.
struct Reached {
    link: Link,
    address: SocketAddr,
}

impl Check<'_> {
    async fn run(&mut self) {
        self.tell(settings::step(self.config, self.partner));
        self.tell(keys::step(self.config, self.partner));
        let file = match &self.options.file {
            None => None,
            Some(file) => match test_file::prepare(self.config, self.partner, file) {
                Ok(prepared) => Some(prepared),
                Err(step) => {
                    self.tell(*step);
                    None
                }
            },
        };
        let addresses = &self.partner.addresses;
        if addresses.is_empty() {
            let why = "the partner calls us; ask it to do so, and see `oftp history`";
            return self.tell(Step::skipped(Stage::Tcp, why));
        }
        for (index, endpoint) in addresses.iter().enumerate() {
            let is_last = index + 1 == addresses.len();
            match self.reach(endpoint).await {
                Ok(reached) => return self.session(reached, file).await,
                Err(step) if is_last => self.tell(*step),
                Err(step) => self.tell(step.but("the next address is tried now")),
            }
        }
    }

    /// Name, connection and TLS.
    async fn reach(&mut self, endpoint: &Endpoint) -> Result<Reached, Box<Step>> {
        let within = self.options.timeout;
        let port = endpoint.port(self.partner.tls.is_some());
        let (addresses, step) = network::look_up(&endpoint.host, port, within).await?;
        self.tell(step);
        let (stream, address, step) = network::connect(&addresses, within).await?;
        self.tell(step);
        let Some(call) = &self.partner.tls else {
            let why = "not used: anybody on the way can read passwords and files";
            self.tell(Step::skipped(Stage::Tls, why));
            return Ok(Reached {
                link: stream.into(),
                address,
            });
        };
        let keys = self.config.security.ring.with(&self.partner.mailbox.code);
        let call = tls::Call {
            tls: call,
            keys: &keys,
            host: &endpoint.host,
            address,
            within,
        };
        let (tls, step) = tls::shake_hands(stream, call).await?;
        self.tell(step);
        Ok(Reached {
            link: tls.into(),
            address,
        })
    }

    async fn session(&mut self, reached: Reached, file: Option<test_file::Prepared>) {
        let address = reached.address;
        let with_tls = self.partner.tls.is_some();
        let probe = probe::run(reached.link, self.config, self.partner, self.options, file).await;
        let mut steps = match probe {
            Ok(probe) => session::steps(&probe, self.config, self.partner),
            Err(step) => vec![*step],
        };
        // Silence where a greeting should be: another look says what it is.
        if let (false, Some(step)) = (with_tls, steps.first_mut())
            && step.step == Stage::Ssrm
            && step.exit_code != ExitCode::Done
            && look::speaks_tls(address, self.options.timeout).await
        {
            *step = session::tls_where_plain(address);
        }
        for step in steps {
            self.tell(step);
        }
    }

    fn tell(&mut self, step: Step) {
        self.exit_code = self.exit_code.or(step.exit_code);
        (self.tell)(&step);
    }
}
