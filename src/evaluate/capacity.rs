use crate::model::{Choice, Tier};

use super::tier_state::tier_work;
use super::{Breakdown, Survivors};

/// Returns the requests per second at which a tier is busy all the time.
///
/// # Formula
///
/// ```text
/// 1/u(1)
/// ```
///
/// with `u(1)` the work that one request per second brings over the work that the fullest servers or storage can do: all
/// loads are in proportion to the rate.
///
/// `None` where nothing queues: a managed service without a limit, or a tier that nobody visits. 0 when nothing is left
/// of the tier.
///
/// # Units
///
/// `reads` and `writes` are visits of a request, on average.
pub fn tier_capacity(tier: &Tier, choice: Option<Choice>, left: Survivors, reads: f64, writes: f64) -> Option<f64> {
    if reads + writes <= 0.0 {
        return None;
    }
    match tier_work(tier, choice, left, reads, writes) {
        Ok(work) => work.filter(|&work| work > 0.0).map(|work| 1.0 / work),
        Err(Breakdown::Down { .. }) => Some(0.0),
        Err(_) => None,
    }
}
