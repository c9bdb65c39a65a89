//! The session of a check: it notes what happens, and ends as soon as it may.

use std::time::SystemTime;

use oftp_core::mailbox::{Ended, Event, Mailbox, Response};
use oftp_core::session::{Addresses, Agreed, DataInd, Trace};
use oftp_core::wire::{Capability, CommandCode, EsidReason, Level, SfnaReason, explain};

use super::test_file::Prepared;
use super::{Options, Stage, Step};
use crate::driver::{self, Clock, Handler, Jobs, Link, StoreFault};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::report;
use crate::security::{self, Checked, Keys, Use};
use crate::station::config::{Config, PartnerConfig};
use crate::trace;

/// What a session showed.
#[derive(Debug, Default)]
pub(super) struct Probe {
    keys: Keys,
    trace: Option<Voice>,
    /// SSRM came.
    pub(super) greeted: bool,
    /// The SSID that we sent, and the one that came, field by field.
    pub(super) offered: Option<String>,
    pub(super) answered: Option<String>,
    /// Whom we made a challenge for, or why there is none.
    pub(super) challenged: Option<Result<String, String>>,
    /// Whether we could open the partner's challenge, or why not.
    pub(super) opened: Option<Result<(), String>>,
    /// The session came up.
    pub(super) agreed: Option<Agreed>,
    /// What the partner did beyond the letter.
    pub(super) quirks: Vec<String>,
    /// The test file.
    pub(super) file: Option<Prepared>,
    pub(super) fate: Option<Fate>,
    /// The end response to it, and what it is worth.
    pub(super) response: Option<(Response, Checked)>,
    /// The partner had end responses or files for the station, which this check left there.
    pub(super) left: bool,
    /// How the session ended, and what TLS had to say to it.
    pub(super) ended: Option<Ended>,
    pub(super) network_fault: Option<String>,
}

/// What became of the test file.
#[derive(Debug)]
pub(super) enum Fate {
    /// The partner has stored it (EFPA).
    Stored,
    /// It was not taken (SFNA, EFNA), or cannot be sent at all.
    Refused {
        /// What happened, with the partner's own words.
        words: String,
        /// The reason of SFNA.
        sfna: Option<u8>,
        exit_code: ExitCode,
    },
}

/// Runs the session.
pub(super) async fn run(
    link: Link,
    config: &Config,
    partner: &PartnerConfig,
    options: &Options,
    file: Option<Prepared>,
) -> Result<Probe, Box<Step>> {
    let failed = |what: String| {
        let meaning = "our own settings allow no session with this partner";
        let step = Step::failed(Stage::Ssid, ExitCode::Usage, what, meaning);
        Box::new(step.advice("`oftp check` tells what is wrong with oftp.toml"))
    };
    let mut settings = config.session.clone();
    let mut mailbox_partner = partner.mailbox.clone();
    let usual = &settings.config.capabilities;
    let mut capabilities = mailbox_partner.capabilities.take();
    let capabilities = capabilities.get_or_insert_with(|| usual.clone());
    // Nothing is offered to who only sends.
    capabilities.mode = Capability::SenderOnly;
    mailbox_partner.capabilities = Some(capabilities.clone());
    settings.config.trace = true;
    let timers = &mut settings.config.timers;
    *timers = partner.timers.unwrap_or(*timers);
    for timer in [
        &mut timers.inactivity,
        &mut timers.start,
        &mut timers.authentication,
        &mut timers.disconnect,
    ] {
        *timer = options.timeout.min(*timer);
    }
    let mut mailbox = Mailbox::call(settings, mailbox_partner, Addresses::default())
        .map_err(|error| failed(error.to_string()))?;
    let mut probe = Probe {
        keys: config.security.ring.with(&partner.mailbox.code),
        trace: options.trace.clone(),
        file,
        ..Probe::default()
    };
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    driver::run(link, &mut mailbox, &mut probe, clock)
        .await
        .map_err(|error| failed(error.to_string()))?;
    Ok(probe)
}

impl Probe {
    fn seal(&mut self, mailbox: &mut Mailbox) {
        let certificate = self.keys.recipient(Use::Auth, SystemTime::now());
        let challenge = security::challenge(&self.keys);
        self.challenged = Some(match (&challenge, certificate) {
            (Ok(_), Ok(certificate)) => Ok(certificate.to_string()),
            (Err(why), _) => Err(why.clone()),
            (_, Err(error)) => Err(error.to_string()),
        });
        let _ = mailbox.seal_challenge_rs(challenge.ok());
    }

    fn open(&mut self, mailbox: &mut Mailbox, sealed: &[u8]) {
        let answer = security::answer(sealed, &self.keys);
        self.opened = Some(answer.as_ref().map(drop).map_err(Clone::clone));
        let _ = mailbox.open_challenge_rs(answer.ok());
    }

    fn response(&mut self, mailbox: &mut Mailbox, response: Response) {
        match self
            .file
            .as_ref()
            .filter(|file| file.is_answered_by(&response))
        {
            Some(file) => {
                let checked = file.check(&response);
                self.response = Some((response, checked));
                let _ = mailbox.response_taken(true);
            }
            // Without RTR the partner keeps it for the station, whose it is.
            None => {
                self.left = true;
                let why = "only a check of the connection; please keep the response";
                mailbox.release(EsidReason::UNSPECIFIED, why);
            }
        }
    }

    fn hear(&mut self, octets: &[u8], level: Level) {
        match octets.first().copied().and_then(CommandCode::from_octet) {
            Some(CommandCode::Ssrm) => self.greeted = true,
            Some(CommandCode::Ssid) => self.answered = Some(ssid(octets, level)),
            _ => {}
        }
    }
}

/// The fields of an SSID that matter.
fn ssid(octets: &[u8], level: Level) -> String {
    let explained = explain(octets, level);
    let told = explained.fields.iter().filter(|field| {
        let dull = [
            "SSIDCMD", "SSIDPSWD", "SSIDRSV1", "SSIDRSV2", "SSIDUSER", "SSIDCR",
        ];
        !dull.contains(&field.name)
    });
    let told = told.map(|field| format!("{}={}", field.name, field.value.trim_end()));
    told.collect::<Vec<_>>().join(" ")
}

impl Handler for Probe {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, _: &mut Jobs<Self>) {
        match event {
            Event::Up { agreed, .. } => {
                self.agreed = Some(agreed);
                if let Some(file) = &self.file {
                    mailbox.queue_file(file.sfid.clone());
                }
            }
            Event::FileWanted { .. } => Prepared::open(mailbox),
            Event::DataWanted { .. } => {
                if let Some(file) = &mut self.file {
                    file.supply(mailbox);
                }
            }
            Event::FileSent { .. } => self.fate = Some(Fate::Stored),
            Event::FileRefused { reason, text, .. } => {
                let words = said("SFNA", reason.code(), reason.meaning(), text.as_octets());
                self.fate = Some(Fate::Refused {
                    words,
                    sfna: Some(reason.code()),
                    exit_code: ExitCode::FileRefused,
                });
            }
            Event::FileNotAccepted { reason, text, .. } => {
                let words = said("EFNA", reason.code(), reason.meaning(), text.as_octets());
                self.fate = Some(Fate::Refused {
                    words,
                    sfna: None,
                    exit_code: ExitCode::FileRejected,
                });
            }
            Event::FileUnsendable { error, .. } => {
                self.fate = Some(Fate::Refused {
                    words: error.to_string(),
                    sfna: None,
                    exit_code: ExitCode::FileRefused,
                });
            }
            Event::FileOffered { .. } => {
                self.left = true;
                let why = "only a check of the connection; please offer the file again";
                let _ = mailbox.refuse_file(SfnaReason::UNSPECIFIED, true, why);
            }
            Event::ResponseReceived(response) => self.response(mailbox, response),
            Event::SealChallenge { .. } => self.seal(mailbox),
            Event::OpenChallenge { sealed } => self.open(mailbox, &sealed),
            Event::Quirk { quirk, command } => {
                self.quirks.push(format!("{quirk} ({})", command.name()));
            }
            Event::Ended(ended) => self.ended = Some(ended),
            Event::FileTurnedAway { .. } => self.left = true,
            Event::FileComplete
            | Event::FileBroken { .. }
            | Event::ResponseSent(_)
            | Event::ResponseUnsendable { .. } => {}
        }
    }

    fn data(&mut self, _: DataInd<'_>) -> Result<(), StoreFault> {
        Err(StoreFault("a check takes no files".to_owned()))
    }

    fn trace(&mut self, trace: Trace) {
        match &trace {
            Trace::Received { octets, level, .. } => self.hear(octets, *level),
            Trace::Sent { octets, level, .. }
                if octets.first().copied().and_then(CommandCode::from_octet)
                    == Some(CommandCode::Ssid) =>
            {
                self.offered = Some(ssid(octets, *level));
            }
            _ => {}
        }
        if let Some(voice) = &self.trace {
            for line in trace::lines(&trace) {
                let line = report::visible(&line);
                voice.tell(&report::Event::Trace { line });
            }
        }
    }

    fn network_fault(&mut self, fault: &str) {
        self.network_fault = Some(fault.to_owned());
    }
}

/// What the partner said of a file.
fn said(command: &str, code: u8, meaning: &str, text: &[u8]) -> String {
    let text = report::PeerText::new(text);
    let says = if text.is_empty() {
        String::new()
    } else {
        format!("; it says: {text}")
    };
    format!("{command} {code:02}: {meaning}{says}")
}
