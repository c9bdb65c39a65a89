//! What other processes want of the running station: `oftp call`, `oftp reload`, `oftp stop`.

use rusqlite::{Connection, params};

use super::{JournalError, now};

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Call this partner, whether something waits for it or not, and whatever its schedule says.
    Call(String),
    /// Read the configuration again.
    Reload,
    /// End in good order.
    Stop,
}

/// Leaves an order. A station that does not run finds it when it begins, and carries out calls
/// alone.
///
/// # Errors
/// The journal cannot be written.
pub fn leave(connection: &Connection, order: &Order) -> Result<(), JournalError> {
    let (kind, partner) = match order {
        Order::Call(partner) => ("call", Some(partner)),
        Order::Reload => ("reload", None),
        Order::Stop => ("stop", None),
    };
    let mut insert =
        connection.prepare_cached("INSERT INTO orders (at, kind, partner) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![now(), kind, partner])?;
    Ok(())
}

/// Whether there is an order.
///
/// # Errors
/// The journal cannot be read.
pub fn is_any(connection: &Connection) -> Result<bool, JournalError> {
    let mut select = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM orders)")?;
    Ok(select.query_row([], |row| row.get(0))?)
}

/// Takes all orders, the first first.
///
/// # Errors
/// The journal cannot be written.
pub fn take(connection: &Connection) -> Result<Vec<Order>, JournalError> {
    let mut delete = connection.prepare_cached("DELETE FROM orders RETURNING id, kind, partner")?;
    let rows = delete.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<String>>(2)?,
        ))
    })?;
    let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    rows.sort_by_key(|(id, _, _)| *id);
    let orders = rows.into_iter().filter_map(|(_, kind, partner)| {
        match (kind.as_str(), partner) {
            ("call", Some(partner)) => Some(Order::Call(partner)),
            ("reload", _) => Some(Order::Reload),
            ("stop", _) => Some(Order::Stop),
            // Of a newer version.
            _ => None,
        }
    });
    Ok(orders.collect())
}
