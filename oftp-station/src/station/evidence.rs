//! stub
use super::Shared;
use super::journal::file::FileRow;
use crate::security::{Checked, Keys};
use oftp_core::mailbox::Response;
/// stub
pub fn keep(_: &Shared, _: &FileRow, _: &Response, _: &Checked, _: &Keys) -> std::io::Result<()> {
    Ok(())
}
