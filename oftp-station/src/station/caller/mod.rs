//! stub
/// stub
#[derive(Debug, Clone)]
pub enum CallResult {
    /// a
    NoConnection(String),
    /// a
    Tls(String),
    /// a
    Busy,
    /// a
    Refused(String),
    /// a
    Lost(String),
    /// a
    TimedOut,
    /// a
    Done {
        /// a
        files: u32,
    },
}
