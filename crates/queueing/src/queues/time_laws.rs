use crate::numeric::Complex;
use crate::units::Seconds;

use crate::queues::QueueError;

/// The laws of the wait and of the time at a station.
pub trait TimeLaws {
    /// Probability that a wait is longer than `time`.
    ///
    /// # Errors
    ///
    /// [`QueueError::BelowDouble`] for a tail that is above 0 and below the doubles.
    fn waiting_time_tail(&self, time: Seconds) -> Result<f64, QueueError>;

    /// Probability that wait and service together are longer than `time`.
    ///
    /// # Errors
    ///
    /// As [`TimeLaws::waiting_time_tail`].
    fn sojourn_time_tail(&self, time: Seconds) -> Result<f64, QueueError>;

    /// Laplace–Stieltjes transform `E e^(−s·W_q)` of the wait, `Re s ≥ 0` in 1/s.
    ///
    /// # Errors
    ///
    /// [`QueueError`] where the transform has no value.
    fn waiting_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError>;

    /// Laplace–Stieltjes transform `E e^(−s·W)` of wait and service together, `Re s ≥ 0` in 1/s.
    ///
    /// # Errors
    ///
    /// [`QueueError`] where the transform has no value.
    fn sojourn_time_transform(&self, s: Complex<f64>) -> Result<Complex<f64>, QueueError>;
}
