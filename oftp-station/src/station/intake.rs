//! stub
use super::Shared;
use super::journal::file::FileRow;
/// stub
pub fn dispose(_: &Shared, _: &FileRow) -> Result<(), String> {
    Ok(())
}
