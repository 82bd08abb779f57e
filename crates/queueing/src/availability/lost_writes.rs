use crate::numeric::poisson_quantile;
use crate::units::{ArrivalRate, Seconds};

use super::AvailabilityError;

/// How far a replica lags behind when its primary fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplicationLag {
    /// The same at every failure; 0 is synchronous replication.
    Fixed(Seconds),
    /// Exponential with this mean.
    Exponential(Seconds),
}

/// The writes that asynchronous replication loses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LostWrites {
    /// Mean lost in one failover.
    pub mean_per_failover: f64,
    /// Probability that a failover loses any.
    pub any_loss_probability: f64,
    /// Writes lost are at most this in 99 % of failovers.
    pub p99: u64,
    /// The lag is at most this in 99 % of failovers, in seconds.
    pub p99_lag: f64,
}

const TAIL: f64 = 0.01;
const MAX_WRITES: f64 = 1e12;

/// Returns how many acknowledged writes a failover loses: those that came within the lag.
///
/// # Formula
///
/// Writes are Poisson with rate `w`. Over a fixed lag `L` the loss is Poisson, over an exponential lag geometric:
///
/// ```text
/// fixed:        N ~ Poisson(wL)
/// exponential:  P(N > n) = (wL/(1 + wL))^(n+1)
/// ```
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for more than 10¹² writes within a lag.
///
/// # References
///
/// [Feller68](crate::references#feller68), mixtures of Poisson laws.
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{ReplicationLag, lost_writes};
/// use capplan_queueing::units::{ArrivalRate, Seconds};
///
/// let lag = ReplicationLag::Exponential(Seconds::new(0.1)?);
/// assert_eq!(lost_writes(ArrivalRate::new(2000.0)?, lag)?.p99, 923);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lost_writes(write_rate: ArrivalRate, lag: ReplicationLag) -> Result<LostWrites, AvailabilityError> {
    let (ReplicationLag::Fixed(length) | ReplicationLag::Exponential(length)) = lag;
    let mean = write_rate.get() * length.get();
    if mean > MAX_WRITES {
        return Err(AvailabilityError::OutOfDomain {
            what: "mean number of writes within the lag",
            value: mean,
            domain: "at most 1e12",
        });
    }
    Ok(match lag {
        ReplicationLag::Fixed(length) => LostWrites {
            mean_per_failover: mean,
            any_loss_probability: -(-mean).exp_m1(),
            p99: poisson_quantile(TAIL, mean),
            p99_lag: length.get(),
        },
        ReplicationLag::Exponential(length) => LostWrites {
            mean_per_failover: mean,
            any_loss_probability: mean / (1.0 + mean),
            p99: geometric_quantile(mean),
            p99_lag: -TAIL.ln() * length.get(),
        },
    })
}

/// The least `n` with `(m/(1 + m))^(n+1) ≤` [`TAIL`].
fn geometric_quantile(mean: f64) -> u64 {
    if mean == 0.0 {
        return 0;
    }
    let failures = TAIL.ln() / -(1.0 / mean).ln_1p();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0 and below 1e13")]
    let count = (failures.ceil() - 1.0).max(0.0) as u64;
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lose(rate: f64, lag: fn(Seconds) -> ReplicationLag, length: f64) -> LostWrites {
        let length = Seconds::new(length).expect("a time");
        lost_writes(ArrivalRate::new(rate).expect("a rate"), lag(length)).expect("an answer")
    }

    #[test]
    fn synchronous_replication_loses_nothing() {
        for lag in [ReplicationLag::Fixed, ReplicationLag::Exponential] {
            let none = lose(1e6, lag, 0.0);
            assert_eq!((none.mean_per_failover, none.any_loss_probability, none.p99), (0.0, 0.0, 0));
        }
    }

    #[test]
    fn the_quantile_is_the_least_count() {
        for mean in [0.001_f64, 0.4, 7.0, 200.0, 1e5] {
            let n = lose(mean, ReplicationLag::Exponential, 1.0).p99;
            let tail = |n: u64| (mean / (1.0 + mean)).powf(n as f64 + 1.0);
            assert!(tail(n) <= TAIL && (n == 0 || tail(n - 1) > TAIL), "{mean}: {n}");
        }
    }

    #[test]
    fn a_rare_loss_keeps_its_digits() {
        let rare = lose(1e-20, ReplicationLag::Fixed, 1.0);
        assert!((rare.any_loss_probability / 1e-20 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_lag_without_end_is_refused() {
        let lag = ReplicationLag::Fixed(Seconds::new(1e9).expect("a time"));
        assert_eq!(
            lost_writes(ArrivalRate::new(1e6).expect("a rate"), lag).expect_err("refused").to_string(),
            "mean number of writes within the lag of 1000000000000000 is not at most 1e12"
        );
    }
}
