//! What a host does with a station, whether it runs or not: files queued, and files and partners
//! steered and looked at. A thin layer over [`manage`], as the commands of `oftp` are.

use std::sync::Arc;

use oftp_secure::Suite;

use super::super::config::{Config, PartnerConfig};
use super::super::intake::{self, Submission};
use super::super::journal::file::{self, FileKey, FileRow, Filter};
use super::super::journal::order::{self, Order};
use super::super::journal::{Journal, now, partner};
use super::super::manage::{self, Details, FileView, ManageError, PartnerView, Status};
use super::{Host, HostError, Inside};
use crate::outbox::Stamp;
use crate::security::Protection;

/// The level of zlib where a partner has none.
const LEVEL: u32 = 6;

/// What is done to a file, as a caller says it; `None`: as the partner has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Services {
    /// It is signed.
    pub sign: Option<bool>,
    /// It is encrypted for its destination.
    pub encrypt: Option<bool>,
    /// It is compressed.
    pub compress: Option<bool>,
    /// A signed end response is asked for.
    pub signed_response: Option<bool>,
    /// The cipher suite (RFC 5024 10.2).
    pub suite: Option<u8>,
}

impl Host {
    /// The protection of a file for the partner of this name, for its wishes. Where a service is
    /// named the rules for its name have no say in the others: they are as the partner has them.
    /// `None`: none is named.
    ///
    /// # Errors
    /// [`HostError::NoPartner`], [`HostError::NoSuite`], [`HostError::Forked`].
    pub fn protection(
        &self,
        partner: &str,
        services: Services,
    ) -> Result<Option<Protection>, HostError> {
        if services == Services::default() {
            return Ok(None);
        }
        let config = self.config()?;
        let usual = partner_of(&config, partner)?.protection;
        let suite = match services.suite {
            Some(code) => Suite::of(code).ok_or(HostError::NoSuite(code))?,
            None => usual.suite,
        };
        let level = usual.compress.unwrap_or(LEVEL);
        Ok(Some(Protection {
            sign: services.sign.unwrap_or(usual.sign),
            encrypt: services.encrypt.unwrap_or(usual.encrypt),
            compress: match services.compress {
                Some(compress) => compress.then_some(level),
                None => usual.compress,
            },
            signed_response: services.signed_response.unwrap_or(usual.signed_response),
            suite,
        }))
    }

    /// Queues a file for the partner of this name. It is on the disk when this returns, and goes
    /// when the station runs, here or in another process.
    ///
    /// # Errors
    /// [`HostError::NoPartner`]; [`HostError::Intake`]: the file does not fit what is agreed with
    /// the partner, cannot be read, or the disk cannot be written; [`HostError::Forked`].
    pub fn submit(&self, partner: &str, file: Submission) -> Result<FileRow, HostError> {
        let (inside, config) = (self.inside()?, self.config()?);
        let partner = partner_of(&config, partner)?;
        let row = intake::submit(&inside.journal(), &config, partner, file)?;
        inside.written();
        Ok(row)
    }

    /// Lets the partner of this name be called soon, whether something waits for it or not, and
    /// whatever its schedule says. While nobody runs the station it is called at the next start.
    ///
    /// # Errors
    /// [`HostError::NoPartner`], [`HostError::NoAddress`]; the journal cannot be written;
    /// [`HostError::Forked`].
    pub fn call(&self, partner: &str) -> Result<(), HostError> {
        let (inside, config) = (self.inside()?, self.config()?);
        let partner = partner_of(&config, partner)?;
        if partner.addresses.is_empty() {
            return Err(HostError::NoAddress(partner.name.clone()));
        }
        inside.order(Order::Call(partner.name.clone()))
    }

    /// Reads the configuration again, and has it taken by who runs the station: what becomes of
    /// that is in the history (`config_reloaded`).
    ///
    /// # Errors
    /// [`HostError::Config`]: it has faults, and nothing changes; the journal cannot be written;
    /// [`HostError::Forked`].
    pub fn reload(&self) -> Result<(), HostError> {
        let inside = self.inside()?;
        let config = Config::load(&inside.folder)?;
        let mut state = inside.state();
        match state.running.as_ref().filter(|running| !running.is_over()) {
            Some(running) => {
                running.handle().reload();
                return Ok(());
            }
            None => {
                state.config = Arc::new(config);
                // Its last run has nothing to say of the configuration any more.
                drop(state);
            }
        }
        if inside.folder.running().is_some() {
            inside.order(Order::Reload)?;
        }
        Ok(())
    }

    /// Files by what is known of them, the last first.
    ///
    /// # Errors
    /// The journal cannot be read; [`HostError::Forked`].
    pub fn files(&self, filter: &Filter) -> Result<Vec<FileRow>, HostError> {
        let journal = self.inside()?.journal();
        Ok(journal.read(|connection| file::history(connection, filter))?)
    }

    /// Files as they are shown to people and written as JSON: with what they wait for.
    ///
    /// # Errors
    /// The journal cannot be read; [`HostError::Forked`].
    pub fn views(&self, rows: &[FileRow]) -> Result<Vec<FileView>, HostError> {
        let (partners, now) = (self.inside()?.journal().read(partner::all)?, now());
        let view = |row: &FileRow| {
            let held = partners.get(&row.partner).is_some_and(|known| known.held);
            FileView::new(row, held, now)
        };
        Ok(rows.iter().map(view).collect())
    }

    /// The file with this number.
    ///
    /// # Errors
    /// There is none; the journal cannot be read; [`HostError::Forked`].
    pub fn file(&self, key: FileKey) -> Result<FileRow, HostError> {
        let journal = self.inside()?.journal();
        Ok(journal.read(|connection| file::get(connection, key))?)
    }

    /// Everything about the file with this number.
    ///
    /// # Errors
    /// There is none; the journal cannot be read; [`HostError::Forked`].
    pub fn details(&self, key: FileKey) -> Result<Details, HostError> {
        let inside = self.inside()?;
        Ok(manage::details(&inside.journal(), &inside.folder, key)?)
    }

    /// Stops a file of ours that waits to be sent.
    ///
    /// # Errors
    /// It does not wait to be sent; there is none; the journal cannot be written;
    /// [`HostError::Forked`].
    pub fn hold(&self, key: FileKey) -> Result<FileRow, HostError> {
        self.steer(|journal, _| Ok(manage::hold(journal, key, true)?))
    }

    /// Lets a file go on that was stopped or waits for its next try.
    ///
    /// # Errors
    /// As [`hold`](Self::hold).
    pub fn release(&self, key: FileKey) -> Result<FileRow, HostError> {
        self.steer(|journal, _| Ok(manage::hold(journal, key, false)?))
    }

    /// Takes a file back, as [`manage::cancel`] does.
    ///
    /// # Errors
    /// Those of [`manage::cancel`]; [`HostError::Forked`].
    pub fn cancel(&self, key: FileKey, force: bool) -> Result<FileRow, HostError> {
        let folder = self.folder();
        self.steer(|journal, config| {
            Ok(manage::cancel(
                journal,
                folder,
                &config.retention,
                Some(config),
                key,
                force,
            )?)
        })
    }

    /// Queues a file that is over once more, as [`manage::resend`] does; gives the file that is
    /// queued now.
    ///
    /// # Errors
    /// Those of [`manage::resend`]; the configuration has its partner no more;
    /// [`HostError::Forked`].
    pub fn resend(&self, key: FileKey, force: bool) -> Result<FileRow, HostError> {
        let folder = self.folder();
        self.steer(|journal, config| {
            let old = journal
                .read(|connection| file::get(connection, key))
                .map_err(ManageError::from)?;
            let only = partner_of(config, &old.partner)?.seconds_only;
            let first = Stamp::now();
            Ok(manage::resend(journal, folder, key, first, only, force)?)
        })
    }

    /// Stops a partner (`held`): it is not called, and nothing is sent to it; or lets it go on.
    ///
    /// # Errors
    /// [`HostError::NoPartner`]; the journal cannot be written; [`HostError::Forked`].
    pub fn hold_partner(&self, name: &str, held: bool) -> Result<(), HostError> {
        self.steer(|journal, config| {
            let name = &partner_of(config, name)?.name;
            Ok(manage::hold_partner(journal, name, held)?)
        })
    }

    /// All partners, and how it goes with them.
    ///
    /// # Errors
    /// The journal cannot be read; [`HostError::Forked`].
    pub fn partners(&self) -> Result<Vec<PartnerView>, HostError> {
        let (inside, config) = (self.inside()?, self.config()?);
        let sessions = {
            let state = inside.state();
            let running = state.running.as_ref().filter(|running| !running.is_over());
            running.map(|running| running.shared().all_sessions())
        };
        let journal = inside.journal();
        Ok(PartnerView::all(&journal, &config, sessions.as_ref())?)
    }

    /// The station as a whole.
    ///
    /// # Errors
    /// The journal cannot be read, or the system does not tell the free space;
    /// [`HostError::Forked`].
    pub fn status(&self) -> Result<Status, HostError> {
        let inside = self.inside()?;
        Ok(manage::status(&inside.journal(), &inside.folder)?)
    }

    fn steer<T>(
        &self,
        work: impl FnOnce(&Journal, &Config) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        let (inside, config) = (self.inside()?, self.config()?);
        let done = work(&inside.journal(), &config)?;
        inside.written();
        Ok(done)
    }
}

impl Inside {
    fn order(&self, order: Order) -> Result<(), HostError> {
        self.journal()
            .write(move |connection| order::leave(connection, &order))?;
        Ok(())
    }

    /// There may be something to do for the caller, and to read for those who wait.
    fn written(&self) {
        if let Some(running) = &self.state().running {
            running.shared().wake();
        }
        self.bell.ring();
    }
}

fn partner_of<'a>(config: &'a Config, name: &str) -> Result<&'a Arc<PartnerConfig>, HostError> {
    config.partner(name).ok_or_else(|| {
        let known = config.partners.iter();
        let known: Vec<&str> = known.map(|partner| partner.name.as_str()).collect();
        HostError::NoPartner {
            name: name.to_owned(),
            known: known.join(", "),
        }
    })
}
