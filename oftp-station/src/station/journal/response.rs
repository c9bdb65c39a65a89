//! End responses in the journal: those that we owe until RTR comes, and those that came.

use oftp_core::mailbox::Response;
use oftp_core::wire::{Command, Level, Quirks, decode};
use rusqlite::{Connection, params};

use super::file::{FileKey, Way};
use super::{JournalError, event, now};

/// The number of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseKey(pub i64);

/// A response in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseRow {
    /// Its number.
    pub key: ResponseKey,
    /// In: it came. Out: it is ours to send.
    pub way: Way,
    /// Out: until RTR.
    pub open: bool,
    /// The file that it is for.
    pub file: FileKey,
    /// From or to which partner, by its name in the configuration.
    pub partner: String,
    /// The response.
    pub response: Response,
    /// When it was made or came, ms since 1970.
    pub created: i64,
    /// When RTR came, where `open` is over; ms since 1970.
    pub changed: i64,
}

/// Queues a response of ours. The same one once more, after a crash, takes its place. `None`: no
/// level can express it, such as a NERP for a file whose stamps are no digits (levels 1.2 and 1.3
/// allow that, and have no NERP); the history says so.
///
/// # Errors
/// The journal cannot be written.
pub fn queue(
    connection: &Connection,
    file: FileKey,
    partner: &str,
    response: &Response,
) -> Result<Option<ResponseKey>, JournalError> {
    let mut delete =
        connection.prepare_cached("DELETE FROM response WHERE file = ?1 AND direction = 'out'")?;
    delete.execute([file.0])?;
    match insert(connection, Way::Out, "ready", file, partner, response) {
        Err(JournalError::State(why)) => {
            let detail = serde_json::json!({ "trouble": why });
            let kind = event::Kind::ResponseDoubtful;
            event::note(connection, kind, Some(partner), Some(file), &detail)?;
            Ok(None)
        }
        queued => queued.map(Some),
    }
}

/// Keeps a response that came.
///
/// # Errors
/// It cannot be encoded, or the journal not be written.
pub fn keep(
    connection: &Connection,
    file: FileKey,
    partner: &str,
    response: &Response,
) -> Result<ResponseKey, JournalError> {
    insert(connection, Way::In, "taken", file, partner, response)
}

fn insert(
    connection: &Connection,
    way: Way,
    state: &str,
    file: FileKey,
    partner: &str,
    response: &Response,
) -> Result<ResponseKey, JournalError> {
    let kind = match response {
        Response::Eerp(_) => "EERP",
        Response::Nerp(_) => "NERP",
    };
    let (level, octets) = encoded(response)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO response (direction, state, open, file, partner, kind, command, created, \
         changed, level) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)",
    )?;
    let open = (way == Way::Out).then_some(1);
    insert.execute(params![
        way.name(),
        state,
        open,
        file.0,
        partner,
        kind,
        octets,
        now(),
        level.digit(),
    ])?;
    Ok(ResponseKey(connection.last_insert_rowid()))
}

/// What we owe to a partner, at most `most`, the oldest first.
///
/// # Errors
/// The journal cannot be read.
pub fn owed(
    connection: &Connection,
    partner: &str,
    most: u32,
) -> Result<Vec<ResponseRow>, JournalError> {
    select(
        connection,
        "WHERE open = 1 AND partner = ?1 AND state = 'ready' ORDER BY id LIMIT ?2",
        params![partner, most],
    )
}

/// The responses to a file, and of it.
///
/// # Errors
/// The journal cannot be read.
pub fn of_file(connection: &Connection, file: FileKey) -> Result<Vec<ResponseRow>, JournalError> {
    select(connection, "WHERE file = ?1 ORDER BY id", [file.0])
}

/// The partner has confirmed a response (RTR). Gives the file that it is for.
///
/// # Errors
/// [`JournalError::NotThere`].
pub fn close(connection: &Connection, key: ResponseKey) -> Result<FileKey, JournalError> {
    let mut update = connection.prepare_cached(
        "UPDATE response SET state = 'closed', open = NULL, changed = ?2 WHERE id = ?1 \
         RETURNING file",
    )?;
    let mut rows = update.query(params![key.0, now()])?;
    match rows.next()? {
        Some(row) => Ok(FileKey(row.get(0)?)),
        None => Err(JournalError::NotThere(format!("no response {}", key.0))),
    }
}

fn select(
    connection: &Connection,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<ResponseRow>, JournalError> {
    let sql = format!(
        "SELECT id, direction, open, file, partner, command, created, changed, level FROM response \
         {rest}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut responses = Vec::new();
    while let Some(row) = rows.next()? {
        let command: Vec<u8> = row.get(5)?;
        let level: u8 = row.get(8)?;
        let level = Level::from_digit(level)
            .ok_or_else(|| JournalError::Content(format!("a response of level {level}")))?;
        let way = match row.get_ref(1)?.as_str().unwrap_or_default() {
            "in" => Way::In,
            _ => Way::Out,
        };
        responses.push(ResponseRow {
            key: ResponseKey(row.get(0)?),
            way,
            open: row.get::<_, Option<i64>>(2)?.is_some(),
            file: FileKey(row.get(3)?),
            partner: row.get(4)?,
            response: decoded(&command, level)?,
            created: row.get(6)?,
            changed: row.get(7)?,
        });
    }
    Ok(responses)
}

/// The octets of a response, at the highest level that can say it: one for a file of level 1.2 or
/// 1.3 whose stamp is no digits has no other.
fn encoded(response: &Response) -> Result<(Level, Vec<u8>), JournalError> {
    match (at_level(response, Level::V2_0), response) {
        (Err(_), Response::Eerp(_)) => Ok((Level::V1_3, at_level(response, Level::V1_3)?)),
        (octets, _) => Ok((Level::V2_0, octets?)),
    }
}

/// The octets of a response as level 2.0 sends them; as level 1.3 does where that alone can say it:
/// an EERP for a file whose stamp is no digits.
///
/// # Errors
/// It cannot be encoded.
pub fn octets_of(response: &Response) -> Result<Vec<u8>, JournalError> {
    encoded(response).map(|(_, octets)| octets)
}

fn at_level(response: &Response, level: Level) -> Result<Vec<u8>, JournalError> {
    let command = match response {
        Response::Eerp(eerp) => Command::Eerp((**eerp).clone()),
        Response::Nerp(nerp) => Command::Nerp((**nerp).clone()),
    };
    let mut octets = Vec::new();
    command
        .encode(level, &mut octets)
        .map_err(|error| JournalError::State(format!("a response cannot be kept: {error}")))?;
    Ok(octets)
}

/// The response that [`octets_of`] gave these octets of.
///
/// # Errors
/// [`JournalError::Content`]: they are none.
pub fn response_of(octets: &[u8]) -> Result<Response, JournalError> {
    let old = || decoded(octets, Level::V1_3).ok();
    decoded(octets, Level::V2_0).or_else(|error| old().ok_or(error))
}

fn decoded(octets: &[u8], level: Level) -> Result<Response, JournalError> {
    let wrong = |what: String| JournalError::Content(format!("a response: {what}"));
    let decoded = decode(octets, level, Quirks::TOLERANT);
    match decoded.map_err(|error| wrong(error.to_string()))?.command {
        Command::Eerp(eerp) => Ok(Response::Eerp(Box::new(eerp))),
        Command::Nerp(nerp) => Ok(Response::Nerp(Box::new(nerp))),
        other => Err(wrong(format!("{other:?}"))),
    }
}
