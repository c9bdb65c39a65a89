//! stub
use super::Shared;
use super::journal::file::FileRow;
use oftp_core::wire::NerpReason;
use std::path::Path;
/// stub
pub enum Verdict {
    /// a
    Deliver,
    /// b
    Refuse(NerpReason, String),
    /// c
    Later(String),
}
/// stub
pub fn judge(_: &Shared, _: &FileRow, _: &Path) -> Verdict {
    Verdict::Deliver
}
