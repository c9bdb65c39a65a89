//! The pauses between attempts.

use std::time::Duration;

use super::Retry;

/// Chance may take away one part of a pause in so many.
const PARTS: u32 = 4;

impl Retry {
    /// The pause after so many failures in a row: the first pause, doubled with every further
    /// failure, never more than the longest one, and up to a quarter shorter, so that stations that
    /// lost their partner at the same moment do not come back at the same moment. `jitter`, 0 to 1,
    /// is drawn by the caller; 0 makes the pause whole. Without a failure there is no pause.
    #[must_use]
    pub fn pause(&self, failures: u32, jitter: f64) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let pause = self.first.saturating_mul(factor).min(self.longest);
        let jitter = if jitter.is_finite() {
            jitter.clamp(0.0, 1.0)
        } else {
            0.0
        };
        // No overflow: it is a part of a part.
        pause.saturating_sub((pause / PARTS).mul_f64(jitter))
    }
}
