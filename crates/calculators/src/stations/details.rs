//! What a station says of its distributions when it is asked: quantiles, tails, transforms, states.

use capplan_queueing::numeric::Complex;
use capplan_queueing::queues::{QueueError, StationLaws};
use capplan_queueing::units::Seconds;
use serde::de::SeqAccess;

use crate::CalcError;
use crate::answer::{Answer, Figure, Key};
use crate::declare::{InputKind, inputs};
use crate::read::{Faults, InputValue, Misfit, Token};

use super::quantiles::{Quantiles, each_once};

inputs! {
    /// What is asked of the distributions of a station.
    pub(crate) struct Details {
        quantiles: Quantiles,
        times: Option<Times>,
        transform_at: Option<TransformPoints>,
        states: Option<States>,
    }
}

/// The times at which distributions are wanted.
#[derive(Debug)]
pub(crate) struct Times(Vec<Seconds>);

impl InputValue for Times {
    const KIND: InputKind = InputKind::Numbers;
    const DOC: &'static str =
        "seconds, each at least 0, at which the distributions are asked for: P(T ≤ t) as `cdf`, P(T > t) as `tail`";

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        Vec::from_list(items, faults).map(|times| Self(each_once(times, Seconds::get)))
    }
}

/// The points at which transforms are wanted.
#[derive(Debug)]
pub(crate) struct TransformPoints(Vec<f64>);

/// A point of a transform.
struct Point(f64);

impl InputValue for TransformPoints {
    const KIND: InputKind = InputKind::Numbers;
    const DOC: &'static str =
        "points s, per second and each at least 0, at which the transforms E e^(−s·T) are asked for";

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        let points: Vec<Point> = Vec::from_list(items, faults)?;
        Ok(Self(each_once(points.into_iter().map(|point| point.0).collect(), |point| point)))
    }
}

impl InputValue for Point {
    const KIND: InputKind = InputKind::Number;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        match f64::from_token(token)? {
            point if point >= 0.0 => Ok(Self(point)),
            point => Err(Misfit::Said(format!(" is {point}; it must be finite and at least 0"))),
        }
    }
}

/// The numbers of jobs whose probabilities are wanted.
#[derive(Debug)]
pub(crate) struct States(pub(crate) Vec<u64>);

impl InputValue for States {
    const KIND: InputKind = InputKind::Counts;
    const DOC: &'static str = "numbers of jobs at the station whose probabilities are asked for";

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        Vec::from_list(items, faults).map(Self)
    }
}

/// Returns a tail that is above 0 at any time.
pub(crate) fn above_zero(tail: f64) -> Result<f64, QueueError> {
    if tail < f64::MIN_POSITIVE {
        return Err(QueueError::BelowDouble { figure: "tail", logarithm: None });
    }
    Ok(tail)
}

/// `P(T ≤ t)` and `P(T > t)` under the times that are asked for; a tail has the relative precision of its distribution.
pub(crate) fn distribution(
    times: &Times,
    tail: impl Fn(Seconds) -> Result<f64, QueueError>,
) -> Result<[Figure; 2], CalcError> {
    let (mut cdf, mut tails) = (Vec::new(), Vec::new());
    for &time in &times.0 {
        let tail = match tail(time) {
            // Sums of positive terms may round to a hair above 1.
            Ok(tail) => Some(tail.min(1.0)),
            Err(QueueError::BelowDouble { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        cdf.push((Key::Number(time.get()), (1.0 - tail.unwrap_or(0.0)).into()));
        tails.push((Key::Number(time.get()), tail.map_or(Figure::BelowDouble, Figure::Number)));
    }
    Ok([Figure::Keyed(cdf), Figure::Keyed(tails)])
}

/// A transform under the points that are asked for; it is above 0 at every point.
pub(crate) fn transform(
    points: &TransformPoints,
    transform: impl Fn(Complex<f64>) -> Result<Complex<f64>, QueueError>,
) -> Result<Figure, CalcError> {
    let value = |&point: &f64| match transform(Complex::new(point, 0.0))?.re {
        value if (0.0..f64::MIN_POSITIVE).contains(&value) => Ok((Key::Number(point), Figure::BelowDouble)),
        value => Ok((Key::Number(point), Figure::Number(value))),
    };
    points.0.iter().map(value).collect::<Result<_, CalcError>>().map(Figure::Keyed)
}

impl Answer {
    /// Adds `{time}_cdf` and `{time}_tail`, if times are asked for.
    pub(crate) fn distribution(
        self,
        time: &str,
        times: Option<&Times>,
        tail: impl Fn(Seconds) -> Result<f64, QueueError>,
    ) -> Result<Self, CalcError> {
        let Some(times) = times else { return Ok(self) };
        let [cdf, tail] = distribution(times, tail)?;
        Ok(self.with(format!("{time}_cdf"), cdf).with(format!("{time}_tail"), tail))
    }

    /// Adds `{time}_transform`, if points are asked for.
    pub(crate) fn transform(
        self,
        time: &str,
        points: Option<&TransformPoints>,
        of: impl Fn(Complex<f64>) -> Result<Complex<f64>, QueueError>,
    ) -> Result<Self, CalcError> {
        let Some(points) = points else { return Ok(self) };
        Ok(self.with(format!("{time}_transform"), transform(points, of)?))
    }

    /// Adds the probabilities of the states that are asked for; `None` is a state that never is.
    pub(crate) fn states(self, states: Option<&States>, probability: impl Fn(u64) -> Option<f64>) -> Self {
        let each = |states: &States| {
            let state = |&jobs: &u64| probability(jobs).map_or(Figure::Number(0.0), |value| self.above_zero(value));
            Figure::List(states.0.iter().map(state).collect())
        };
        let probabilities = states.map(each);
        self.with_some("state_probabilities", probabilities)
    }

    /// Adds the quantiles of the wait and of the time at a station in order of arrival, and what is asked of their
    /// distributions and of the states.
    pub(crate) fn station(
        self,
        station: &impl StationLaws,
        asked: &Details,
        probability: impl Fn(u64) -> Option<f64>,
    ) -> Result<Self, CalcError> {
        let answer = self
            .quantiles("waiting_time_quantiles", &asked.quantiles, |p| station.waiting_time_quantile(p))?
            .quantiles("sojourn_time_quantiles", &asked.quantiles, |p| station.sojourn_time_quantile(p))?;
        Ok(answer.distributions(station, asked)?.states(asked.states.as_ref(), probability))
    }

    /// Adds what is asked of the distributions of the wait and of the time at a station in order of arrival.
    pub(crate) fn distributions(self, station: &impl StationLaws, asked: &Details) -> Result<Self, CalcError> {
        let (times, points) = (asked.times.as_ref(), asked.transform_at.as_ref());
        self.distribution("waiting_time", times, |time| station.waiting_time_tail(time))?
            .distribution("sojourn_time", times, |time| station.sojourn_time_tail(time))?
            .transform("waiting_time", points, |s| station.waiting_time_transform(s))?
            .transform("sojourn_time", points, |s| station.sojourn_time_transform(s))
    }
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
