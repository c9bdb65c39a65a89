//! What must be true of stations when all is quiet: nothing is lost, nothing is there twice, and
//! nothing is left lying about.

use std::net::SocketAddr;
use std::path::Path;

use oftp_station::station::delivery;
use oftp_station::station::journal::file::{self, FileState, Way};
use oftp_station::station::journal::now;
use rusqlite::Connection;

use super::common::{Site, contents, ring};

/// Longer than any pause of these tests, in milliseconds.
const LATER: i64 = 600_000;

impl Site {
    /// Delivers what is received and in nobody's hands, as the courier does when its time has come.
    pub(crate) fn deliver_rest(&self) {
        let open = |connection: &Connection| file::open(connection, &[FileState::Received]);
        for row in self.shared.journal().read(open).expect("rows") {
            if self.shared.claim_file(row.key) {
                delivery::deliver(&self.shared, row.key, &self.voice);
                self.shared.release_file(row.key);
            }
        }
    }

    /// Whether something waits to be sent to anybody, or to be delivered.
    pub(crate) fn has_work(&self) -> bool {
        self.flush();
        let journal = self.shared.journal();
        let waiting = |connection: &Connection| {
            let waiting = file::waiting_partners(connection, now() + LATER)?;
            let received = file::open(connection, &[FileState::Received])?;
            Ok(!waiting.is_empty() || !received.is_empty())
        };
        journal.read(waiting).expect("rows")
    }

    /// What is waited for is waited for no longer.
    pub(crate) fn all_is_due(&self) {
        let due = |connection: &Connection| {
            connection.execute("UPDATE file SET retry_at = NULL", [])?;
            Ok(())
        };
        self.shared.journal().write(due).expect("due");
    }

    /// The octets of what came from a partner, sorted.
    pub(crate) fn came(&self, partner: &str) -> Vec<Vec<u8>> {
        let inbox = self.inbox(partner).into_iter();
        let mut octets: Vec<_> = inbox.map(|(_, octets)| octets).collect();
        octets.sort();
        octets
    }

    /// How often the history has this line for each file that has it at all.
    pub(crate) fn lines(&self, kind: &str) -> Vec<i64> {
        self.flush();
        let kind = kind.to_owned();
        let count = move |connection: &Connection| {
            let mut statement = connection.prepare(
                "SELECT count(*) FROM event WHERE kind = ?1 AND file IS NOT NULL GROUP BY file",
            )?;
            let rows = statement.query_map([kind], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.shared.journal().read(count).expect("lines")
    }

    /// All is done that was to be done, and nothing is left behind.
    #[track_caller]
    pub(crate) fn is_settled(&self, of: &str) {
        for row in self.files() {
            let wanted = match row.way {
                Way::In => FileState::Closed,
                Way::Out => FileState::Done,
            };
            let words = (&row.name, &row.trouble, self.said());
            assert_eq!(row.state, wanted, "{of}: {words:?}");
            assert!(!self.shared.is_claimed(row.key), "{of}: {words:?}");
        }
        let open = |connection: &Connection| {
            let sql = "SELECT (SELECT count(*) FROM file WHERE open = 1) \
                       + (SELECT count(*) FROM response WHERE open = 1)";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        };
        assert_eq!(self.shared.journal().read(open).expect("rows"), 0, "{of}");
        assert!(self.shared.all_sessions().is_empty(), "{of}");
        self.has_clear_spool(of);
    }

    /// Nothing of what came lies anywhere but in the inbox.
    #[track_caller]
    pub(crate) fn has_clear_spool(&self, of: &str) {
        let spool = self.shared.folder().spool_in();
        let names = |folder: &Path| -> Vec<String> {
            let all = contents(folder).into_iter();
            all.map(|(name, _)| name).collect()
        };
        assert_eq!(names(&spool), [""; 0], "{of}");
        assert_eq!(names(&spool.join(".partial")), [""; 0], "{of}");
    }
}

/// Calls in turn, over a line without faults, until nothing waits at either end. Fails when that
/// takes too many sessions.
pub(crate) async fn until_quiet(
    (near, name_of_near): (&Site, &str),
    (far, name_of_far): (&Site, &str),
    (address_of_near, address_of_far): (Option<SocketAddr>, SocketAddr),
    of: &str,
) -> u32 {
    for sessions in 0..20 {
        for site in [near, far] {
            site.all_is_due();
            site.deliver_rest();
        }
        if !near.has_work() && !far.has_work() {
            return sessions;
        }
        match address_of_near {
            Some(address) if sessions % 2 == 1 => ring(far, name_of_near, address).await,
            _ => ring(near, name_of_far, address_of_far).await,
        };
    }
    panic!(
        "{of}: never quiet: {:?} {:?} {:?} {:?}",
        near.states(),
        far.states(),
        near.said(),
        far.said()
    );
}
