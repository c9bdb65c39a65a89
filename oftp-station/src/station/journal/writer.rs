//! The thread that writes. What is wanted while it waits for the disk goes into the next
//! transaction together, so that a hundred sessions cost one fsync and not a hundred.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use super::JournalError;
use super::reserve::Reserve;

/// At most so much goes into one transaction.
const MOST: usize = 512;

/// The same without a reserve: a small transaction may fit where a large one does not.
const MOST_WITHOUT_ROOM: usize = 8;

/// What is done within the transaction, or not, where there is none.
type Job = Box<dyn FnOnce(Result<&Connection, JournalError>) -> Done + Send>;

/// What is left of a job.
struct Done {
    /// To be called when the transaction is over.
    finish: Box<dyn FnOnce(Result<(), JournalError>) + Send>,
    /// What failed in it.
    error: Option<JournalError>,
}

/// The handle of the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    changes: watch::Receiver<u64>,
    broken: Arc<Mutex<Option<String>>>,
    observer: Arc<OnceLock<Observer>>,
    reserve: Reserve,
}

/// Hears how long each transaction took to be on the disk.
struct Observer(Box<dyn Fn(Duration) + Send + Sync>);

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

impl Writer {
    pub(super) fn start(connection: Connection, path: &Path) -> Result<Self, JournalError> {
        let (jobs, queue) = mpsc::channel();
        let (tell, changes) = watch::channel(0);
        let broken = Arc::new(Mutex::new(None));
        let observer = Arc::new(OnceLock::new());
        let reserve = Reserve::of(path);
        let mut loop_ = Loop {
            connection,
            queue,
            tell,
            broken: broken.clone(),
            observer: observer.clone(),
            reserve: reserve.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || loop_.run())
            .map_err(|error| JournalError::Open {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            changes,
            broken,
            observer,
            reserve,
        })
    }

    /// Queues work; `done` hears on the writer's thread how it went, when it is on the disk.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
        done: impl FnOnce(Result<T, JournalError>) + Send + 'static,
    ) {
        let job: Job = Box::new(move |connection| {
            // Undone alone where it fails: the others of the transaction have nothing to do with it.
            let result = connection.and_then(|connection| in_savepoint(connection, work));
            Done {
                error: result.as_ref().err().cloned(),
                finish: Box::new(move |committed| {
                    // Its own fault says more than that of the transaction.
                    done(match (result, committed) {
                        (Ok(_), Err(error)) => Err(error),
                        (result, _) => result,
                    });
                }),
            }
        });
        if let Some(jobs) = &self.jobs {
            // A writer that is gone drops the job, whose waiter then hears of it.
            let _ = jobs.send(job);
        }
    }

    pub(super) async fn changed(&self, seen: u64) -> u64 {
        let mut changes = self.changes.clone();
        let number = changes.wait_for(|number| *number > seen).await;
        match number.map(|number| *number) {
            Ok(number) => number,
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn observe(&self, observer: impl Fn(Duration) + Send + Sync + 'static) {
        let _ = self.observer.set(Observer(Box::new(observer)));
    }

    pub(super) fn has_room(&self) -> bool {
        self.reserve.is_whole()
    }

    pub(super) fn broken(&self) -> Option<String> {
        self.broken.lock().ok().and_then(|broken| broken.clone())
    }
}

impl Drop for Writer {
    /// What is queued is written first.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    connection.execute_batch("SAVEPOINT job")?;
    let result = work(connection);
    let end = match result {
        Ok(_) => "RELEASE job",
        Err(_) => "ROLLBACK TO job; RELEASE job",
    };
    let ended = connection.execute_batch(end);
    let result = result?;
    ended?;
    Ok(result)
}

struct Loop {
    connection: Connection,
    queue: mpsc::Receiver<Job>,
    tell: watch::Sender<u64>,
    broken: Arc<Mutex<Option<String>>>,
    observer: Arc<OnceLock<Observer>>,
    reserve: Reserve,
}

impl Loop {
    fn run(&mut self) {
        while let Ok(first) = self.queue.recv() {
            let (done, result) = self.transaction(first);
            self.tell.send_modify(|number| *number += 1);
            for done in done {
                (done.finish)(result.clone());
            }
        }
    }

    fn transaction(&mut self, first: Job) -> (Vec<Done>, Result<(), JournalError>) {
        // Before anything is lost: what is begun here cannot be done a second time.
        let most = if self.reserve.make_way() {
            MOST
        } else {
            MOST_WITHOUT_ROOM
        };
        let mut done = Vec::new();
        let result = self.do_all(first, most, &mut done);
        let failed = done.iter().filter_map(|one| one.error.as_ref());
        let mut failed = failed.chain(result.as_ref().err());
        if let Some(JournalError::Broken(why)) =
            failed.find(|error| matches!(error, JournalError::Broken(_)))
            && let Ok(mut broken) = self.broken.lock()
        {
            broken.get_or_insert_with(|| why.clone());
        }
        let is_full = |error: &JournalError| matches!(error, JournalError::Full);
        if done
            .iter()
            .filter_map(|one| one.error.as_ref())
            .any(is_full)
            || result.as_ref().err().is_some_and(is_full)
        {
            // The disk filled up meanwhile, or a quota that it does not tell of: the next one fits.
            self.reserve.did_not_fit();
        }
        if result.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        (done, result)
    }

    fn do_all(
        &mut self,
        first: Job,
        most: usize,
        done: &mut Vec<Done>,
    ) -> Result<(), JournalError> {
        if let Err(error) = self.begin() {
            done.push(first(Err(error.clone())));
            return Err(error);
        }
        done.push(first(Ok(&self.connection)));
        while done.len() < most
            && !self.connection.is_autocommit()
            && let Ok(job) = self.queue.try_recv()
        {
            done.push(job(Ok(&self.connection)));
        }
        // A full disk or a failing one undoes the whole transaction on the spot.
        if self.connection.is_autocommit() {
            let error = done.last_mut().and_then(|last| last.error.clone());
            return Err(error.unwrap_or(JournalError::Full));
        }
        let began = Instant::now();
        self.connection.execute_batch("COMMIT")?;
        if let Some(Observer(observer)) = self.observer.get() {
            observer(began.elapsed());
        }
        Ok(())
    }

    fn begin(&self) -> Result<(), JournalError> {
        match self.broken.lock().ok().and_then(|broken| broken.clone()) {
            Some(why) => Err(JournalError::Broken(why)),
            None => Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?),
        }
    }
}
