use crate::queues::QueueError;

/// The most users within a limit and what they see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MostUsers {
    /// Number of users.
    pub users: u64,
    /// The figure that the limit is for, with that many.
    pub value: f64,
}

/// Returns the greatest number of users up to `ceiling` for which `figure` is at most `limit`, `None` where one user
/// alone misses it.
///
/// `figure` grows with the number of users.
///
/// # Method
///
/// Doubling, then halving: `O(log N)` solutions.
///
/// # Errors
///
/// Those of `figure`.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{FiniteUsers, StationFigures, most_users};
/// use capplan_queueing::units::{Seconds, ServiceRate, Servers};
///
/// // One server of rate 10 and users who think for 1 s: beyond some ten of them the server is full.
/// let (think_time, rate) = (Seconds::new(1.0)?, ServiceRate::new(10.0)?);
/// let most = most_users(1_000, 0.3, |users| Ok(FiniteUsers::new(users, think_time, rate, Servers::ONE)?.sojourn_time()))?;
/// assert_eq!(most.map(|most| most.users), Some(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn most_users(
    ceiling: u64,
    limit: f64,
    figure: impl Fn(u64) -> Result<f64, QueueError>,
) -> Result<Option<MostUsers>, QueueError> {
    let met = |users: u64| -> Result<Option<MostUsers>, QueueError> {
        let value = figure(users)?;
        Ok((value <= limit).then_some(MostUsers { users, value }))
    };
    let Some(mut best) = met(1)? else { return Ok(None) };
    let mut too_many = loop {
        let next = best.users.saturating_mul(2).min(ceiling);
        if next <= best.users {
            return Ok(Some(best));
        }
        match met(next)? {
            Some(more) => best = more,
            None => break next,
        }
    };
    while too_many - best.users > 1 {
        let middle = u64::midpoint(best.users, too_many);
        match met(middle)? {
            Some(more) => best = more,
            None => too_many = middle,
        }
    }
    Ok(Some(best))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_more_misses_the_limit() {
        for limit in [1.0, 7.5, 64.0, 999.9] {
            let most = most_users(1_000, limit, |users| Ok(users as f64)).expect("no error").expect("one keeps it");
            assert_eq!(most.users as f64, limit.floor());
            assert_eq!(most.value, limit.floor());
        }
    }

    #[test]
    fn nobody_and_everybody_are_answers() {
        assert_eq!(most_users(1_000, 0.5, |users| Ok(users as f64)), Ok(None));
        let all = most_users(1_000, 2.0, |_| Ok(1.0));
        assert_eq!(all, Ok(Some(MostUsers { users: 1_000, value: 1.0 })));
    }
}
