//! What a calculator of a station says of its laws when it is asked: at these times, at these points of the transform.

use serde::Serialize;

use capplan_queueing::numeric::Complex;
use capplan_queueing::queues::{QueueError, TimeLaws};
use capplan_queueing::units::Seconds;

use super::CalcError;
use super::calculator::{Input, InputKind};
use super::error::listed;
use super::quantiles::Keyed;
use super::small_figures::SmallFigures;

/// The times at which distributions are wanted.
pub(super) const TIMES: Input = Input::optional(
    "times",
    InputKind::Numbers,
    "seconds, each at least 0, at which the distributions are asked for: P(T ≤ t) as `cdf`, P(T > t) as `tail`",
);

/// The points at which transforms are wanted.
pub(super) const TRANSFORM_AT: Input = Input::optional(
    "transform_at",
    InputKind::Numbers,
    "points s, per second and each at least 0, at which the transforms E e^(−s·T) are asked for",
);

/// A law of times at the times that are asked for.
#[derive(Debug, Default)]
pub(super) struct Distribution {
    /// `P(T ≤ t)`.
    pub cdf: Option<Keyed>,
    /// `P(T > t)`, with the relative precision of the law.
    pub tail: Option<Keyed>,
}

/// Returns a law at the times that are asked for, nothing without any; a tail below the doubles is a gap.
pub(super) fn distribution(
    times: Option<&[f64]>,
    tail: impl Fn(Seconds) -> Result<f64, QueueError>,
) -> Result<Distribution, CalcError> {
    let Some(times) = times else { return Ok(Distribution::default()) };
    let times = listed("times", times, Seconds::new)?;
    let tail = |time| match tail(time) {
        // Sums of positive terms may round to a hair above 1.
        Ok(tail) => Ok(Some(tail.min(1.0))),
        Err(QueueError::BelowDouble { .. }) => Ok(None),
        Err(error) => Err(CalcError::from(error)),
    };
    let tails = times.iter().map(|&time| Ok((time.get(), tail(time)?))).collect::<Result<Vec<_>, CalcError>>()?;
    Ok(Distribution {
        cdf: Some(Keyed::new(tails.iter().map(|&(time, tail)| (time, 1.0 - tail.unwrap_or(0.0))))),
        tail: Some(Keyed::with_gaps(tails)),
    })
}

/// Returns a transform at the points that are asked for, nothing without any; a value below the doubles is a gap, since it
/// is above 0 at every point.
pub(super) fn transform(
    points: Option<&[f64]>,
    transform: impl Fn(Complex<f64>) -> Result<Complex<f64>, QueueError>,
) -> Result<Option<Keyed>, CalcError> {
    let Some(points) = points else { return Ok(None) };
    let point = |value: f64| if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(value) };
    let values = points
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            let s = point(value).map_err(|value| {
                CalcError::invalid(format!("`transform_at[{index}]` is {value}; it must be finite and at least 0"))
            })?;
            let value = transform(Complex::new(s, 0.0))?.re;
            Ok((s, (!(0.0..f64::MIN_POSITIVE).contains(&value)).then_some(value)))
        })
        .collect::<Result<Vec<_>, CalcError>>()?;
    Ok(Some(Keyed::with_gaps(values)))
}

/// What a station in order of arrival says of its laws.
#[derive(Debug, Serialize)]
pub(super) struct LawFigures {
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_cdf: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_transform: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sojourn_time_transform: Option<Keyed>,
}

/// The fields of [`LawFigures`] that may have gaps.
pub(super) const LAW_GAPS: [&str; 4] =
    ["waiting_time_tail", "sojourn_time_tail", "waiting_time_transform", "sojourn_time_transform"];

impl LawFigures {
    /// Notes the figures that are below the doubles.
    pub fn note(&self, small: &mut SmallFigures) {
        let fields = [
            &self.waiting_time_tail,
            &self.sojourn_time_tail,
            &self.waiting_time_transform,
            &self.sojourn_time_transform,
        ];
        for (name, figures) in LAW_GAPS.into_iter().zip(fields) {
            small.note(name, figures.as_ref());
        }
    }
}

/// Returns the laws of a station at the times and points that are asked for.
pub(super) fn law_figures(
    station: &impl TimeLaws,
    times: Option<&[f64]>,
    points: Option<&[f64]>,
) -> Result<LawFigures, CalcError> {
    let wait = distribution(times, |time| station.waiting_time_tail(time))?;
    let sojourn = distribution(times, |time| station.sojourn_time_tail(time))?;
    Ok(LawFigures {
        waiting_time_cdf: wait.cdf,
        waiting_time_tail: wait.tail,
        sojourn_time_cdf: sojourn.cdf,
        sojourn_time_tail: sojourn.tail,
        waiting_time_transform: transform(points, |s| station.waiting_time_transform(s))?,
        sojourn_time_transform: transform(points, |s| station.sojourn_time_transform(s))?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn mmc(field: &str, value: Value) -> Result<Value, String> {
        let mut input = json!({"arrival_rate": 1, "service_rate": 2, "servers": 1});
        input[field] = value;
        run("mmc", &input).map_err(|error| error.message)
    }

    /// M/M/1 stays an exponential time of rate μ − λ = 1 and waits it with probability ρ = 1/2.
    #[test]
    fn laws_stand_under_their_times_and_points() {
        let number = |value: &Value| value.as_f64().expect("a number");
        let answer = mmc("times", json!([0.5, 2, 0.5])).expect("an answer");
        assert_eq!(answer["sojourn_time_tail"].as_object().expect("a map").len(), 2);
        assert!((number(&answer["sojourn_time_tail"]["2"]) - (-2.0_f64).exp()).abs() < 1e-15);
        assert!((number(&answer["waiting_time_cdf"]["0.5"]) - (1.0 - 0.5 * (-0.5_f64).exp())).abs() < 1e-15);
        let answer = mmc("transform_at", json!([0, 1])).expect("an answer");
        assert_eq!(answer["waiting_time_transform"], json!({"0": 1.0, "1": 0.75}));
        assert_eq!(answer["sojourn_time_transform"], json!({"0": 1.0, "1": 0.5}));
        assert!(answer.get("sojourn_time_tail").is_none());
    }

    #[test]
    fn faults_name_the_entry() {
        assert_eq!(mmc("times", json!([1, -2])), Err("`times[1]`: time of -2 is not finite and at least 0".to_owned()));
        assert_eq!(
            mmc("transform_at", json!([-1])),
            Err("`transform_at[0]` is -1; it must be finite and at least 0".to_owned())
        );
    }
}
