//! Files that are put into `outbox/PARTNER`: each is taken once, whenever the station is stopped.
//!
//! A file is taken in steps, each of which is on the disk before the next begins:
//!
//! ```text
//! 1  its row is in the journal, state taking, with its path and its name in the spool
//! 2  it is moved into the spool (or, from another file system, copied and removed)
//! 3  its octets are on the disk, its records and characters as they are sent
//! 4  its row is queued
//! ```
//!
//! What was begun is finished at the next start: the entries of the spool tell how far it came.
//!
//! ```text
//! scan     which files lie there and have been left alone long enough
//! take     the steps, and how they are finished later
//! taking   what is remembered meanwhile
//! refuse   files that cannot be sent, put aside with the reason
//! ```

mod refuse;
mod scan;
mod take;
mod taking;

pub use scan::{Look, Scanner};
pub use take::{Recovered, recover_taking};

#[cfg(test)]
mod tests;
