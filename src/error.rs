use crate::evaluate::Breakdown;
use crate::model_file::{Diagnostics, HistogramError, VaryError};
use crate::review::ScenarioError;
use crate::sweep::SweepError;

/// Any failure of the planner, for code that crosses its rooms: each room's error turns into it by `?`.
///
/// # Examples
///
/// ```
/// use capplan::evaluate::{Condition, Prepared, evaluate_at};
/// use capplan::model_file::{REFERENCE_MODEL, parse};
///
/// fn response_time(arrival_rate: f64) -> Result<f64, capplan::Error> {
///     let system = parse("web", REFERENCE_MODEL, &[])?.system;
///     let prepared = Prepared::new(&system)?;
///     let deployment = system.current_deployment();
///     Ok(evaluate_at(&prepared, &deployment, arrival_rate, Condition::AllUp)?.overall.mean)
/// }
///
/// assert!(response_time(1000.0)? < 0.1);
/// let error = response_time(1e6).expect_err("overload");
/// assert!(matches!(error, capplan::Error::Breakdown(_)), "{error}");
/// # Ok::<(), capplan::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model file with faults.
    #[error(transparent)]
    Model(#[from] Diagnostics),
    /// A range of values that cannot be varied.
    #[error(transparent)]
    Vary(#[from] VaryError),
    /// A histogram that cannot be read.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
    /// A system without a steady state.
    #[error(transparent)]
    Breakdown(#[from] Breakdown),
    /// A scenario that cannot be followed.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A sweep without an answer.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// A formula without an answer.
    #[error(transparent)]
    Formula(#[from] capplan_queueing::Error),
}
