//! stub
use super::Shared;
use super::config::PartnerConfig;
use super::journal::file::FileRow;
use crate::outbox::Source;
/// stub
pub enum PrepareFault {
    /// a
    Permanent(String),
    /// b
    Later(String),
}
/// stub
pub fn prepare(_: &Shared, row: &FileRow, _: &PartnerConfig) -> Result<FileRow, PrepareFault> {
    Ok(row.clone())
}
/// stub
pub fn source(shared: &Shared, row: &FileRow) -> Result<Source, PrepareFault> {
    let plan = super::plan::Plan::from_json(&row.plan)
        .map_err(|e| PrepareFault::Permanent(e.to_string()))?;
    Source::open(
        &shared.folder().spool_out().join(&row.spool),
        plan.format,
        row.layout,
    )
    .map_err(|e| PrepareFault::Permanent(e.to_string()))
}
