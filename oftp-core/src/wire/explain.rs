//! Explains.
/// E
pub struct Explained;
/// E
pub struct ExplainedField;
/// E
pub fn explain() {}
