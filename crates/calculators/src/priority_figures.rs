//! What the calculator of priorities says of the laws of each class.

use serde::Serialize;

use capplan_queueing::queues::{ClassLaws, PriorityLaw, QueueError};
use capplan_queueing::units::{ArrivalRate, Seconds};

use super::CalcError;
use super::law_inputs::{distribution, transform};
use super::priority_station::ServerCount;
use super::quantiles::{Keyed, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;

/// The largest number of jobs whose probability is computed: its cost grows with the number.
const MOST_JOBS: u32 = 100_000;

#[derive(Serialize)]
pub(super) struct ClassFigures {
    preemptive_resume_wait_probability: Vec<Option<f64>>,
    nonpreemptive_waiting_time_quantiles: Vec<Quantiles>,
    nonpreemptive_sojourn_time_quantiles: Vec<Quantiles>,
    preemptive_resume_sojourn_time_quantiles: Vec<Quantiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_waiting_time_cdf: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_waiting_time_tail: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_sojourn_time_cdf: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_sojourn_time_tail: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptive_resume_sojourn_time_cdf: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptive_resume_sojourn_time_tail: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_waiting_time_transform: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_sojourn_time_transform: Option<Vec<Keyed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptive_resume_sojourn_time_transform: Option<Vec<Keyed>>,
    /// Jobs of each class that wait, in the order of `states`.
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_waiting_probabilities: Option<Vec<Vec<Option<f64>>>>,
    /// Jobs of each class at a single server.
    #[serde(skip_serializing_if = "Option::is_none")]
    nonpreemptive_state_probabilities: Option<Vec<Vec<Option<f64>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptive_resume_state_probabilities: Option<Vec<Vec<Option<f64>>>>,
}

impl ClassFigures {
    /// Notes the figures that are below the doubles.
    pub fn note(&self, small: &mut SmallFigures) {
        for (name, law) in [
            ("nonpreemptive_waiting_time_tail", &self.nonpreemptive_waiting_time_tail),
            ("nonpreemptive_sojourn_time_tail", &self.nonpreemptive_sojourn_time_tail),
            ("preemptive_resume_sojourn_time_tail", &self.preemptive_resume_sojourn_time_tail),
            ("nonpreemptive_waiting_time_transform", &self.nonpreemptive_waiting_time_transform),
            ("nonpreemptive_sojourn_time_transform", &self.nonpreemptive_sojourn_time_transform),
            ("preemptive_resume_sojourn_time_transform", &self.preemptive_resume_sojourn_time_transform),
        ] {
            law.iter().flatten().for_each(|class| small.note(name, Some(class)));
        }
        if self.preemptive_resume_wait_probability.iter().any(Option::is_none) {
            small.missing("preemptive_resume_wait_probability");
        }
        for (name, classes) in [
            ("nonpreemptive_waiting_probabilities", &self.nonpreemptive_waiting_probabilities),
            ("nonpreemptive_state_probabilities", &self.nonpreemptive_state_probabilities),
            ("preemptive_resume_state_probabilities", &self.preemptive_resume_state_probabilities),
        ] {
            if classes.iter().flatten().flatten().any(Option::is_none) {
                small.missing(name);
            }
        }
    }
}

/// Whether anybody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrivals {
    None,
    Some,
}

/// The tail of a law, which is above 0 at any time where there is anything to wait for.
fn above_zero(law: &PriorityLaw, time: Seconds, arrivals: Arrivals) -> Result<f64, QueueError> {
    match law.tail(time) {
        tail if tail < f64::MIN_POSITIVE && arrivals == Arrivals::Some => {
            Err(QueueError::BelowDouble { figure: "tail", logarithm: None })
        }
        tail => Ok(tail),
    }
}

/// One law of every class at the times that are asked for.
struct Distributions {
    cdf: Option<Vec<Keyed>>,
    tail: Option<Vec<Keyed>>,
}

/// What a question asks of the laws.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub quantiles: Option<&'a [f64]>,
    pub times: Option<&'a [f64]>,
    /// Points of the transforms.
    pub points: Option<&'a [f64]>,
    pub states: Option<&'a [u64]>,
}

type Law = fn(&ClassLaws) -> &PriorityLaw;

pub(super) fn class_figures(
    classes: &[ClassLaws],
    arrival_rates: &[ArrivalRate],
    servers: ServerCount,
    asked: Asked,
) -> Result<ClassFigures, CalcError> {
    let Asked { quantiles, times, points, states } = asked;
    let (wait, sojourn, interrupted): (Law, Law, Law) = (
        |class| &class.nonpreemptive_wait,
        |class| &class.nonpreemptive_sojourn,
        |class| &class.preemptive_resume_sojourn,
    );
    let arrivals = if arrival_rates.iter().any(|rate| rate.get() > 0.0) { Arrivals::Some } else { Arrivals::None };
    let probabilities = quantile_probabilities(quantiles)?;
    let quantiles_of = |law: Law| -> Result<Vec<Quantiles>, CalcError> {
        classes.iter().map(|class| keyed(&probabilities, |p| Ok(law(class).quantile(p)?))).collect()
    };
    let distributions_of = |law: Law| -> Result<Distributions, CalcError> {
        let each = classes
            .iter()
            .map(|class| distribution(times, |time| above_zero(law(class), time, arrivals)))
            .collect::<Result<Vec<_>, CalcError>>()?;
        let (cdf, tail): (Vec<_>, Vec<_>) = each.into_iter().map(|law| (law.cdf, law.tail)).unzip();
        Ok(Distributions { cdf: cdf.into_iter().collect(), tail: tail.into_iter().collect() })
    };
    let transforms_of = |law: Law| -> Result<Option<Vec<Keyed>>, CalcError> {
        classes.iter().map(|class| transform(points, |s| law(class).transform(s))).collect()
    };
    let states = states.map(counted).transpose()?;
    let numbers_of = |law: Law| -> Option<Vec<Vec<Option<f64>>>> {
        let numbers = states.as_ref()?;
        let of_class = |(class, &rate): (&ClassLaws, &ArrivalRate)| {
            let gap = |&value: &f64| rate.get() == 0.0 || value >= f64::MIN_POSITIVE;
            numbers.iter().map(|&jobs| Some(law(class).arrivals(rate, jobs)).filter(gap)).collect()
        };
        Some(classes.iter().zip(arrival_rates).map(of_class).collect())
    };
    let at_server = |law: Law| if servers == ServerCount::One { numbers_of(law) } else { None };
    let up_to_class = arrival_rates.iter().scan(0.0, |sum, rate| {
        *sum += rate.get();
        Some(*sum)
    });
    let (waits, sojourns, interruptions) =
        (distributions_of(wait)?, distributions_of(sojourn)?, distributions_of(interrupted)?);
    Ok(ClassFigures {
        preemptive_resume_wait_probability: classes
            .iter()
            .zip(up_to_class)
            .map(|(class, rate)| (rate, class.preemptive_wait_probability))
            .map(|(rate, waits)| (rate == 0.0 || waits >= f64::MIN_POSITIVE).then_some(waits))
            .collect(),
        nonpreemptive_waiting_time_quantiles: quantiles_of(wait)?,
        nonpreemptive_sojourn_time_quantiles: quantiles_of(sojourn)?,
        preemptive_resume_sojourn_time_quantiles: quantiles_of(interrupted)?,
        nonpreemptive_waiting_time_cdf: waits.cdf,
        nonpreemptive_waiting_time_tail: waits.tail,
        nonpreemptive_sojourn_time_cdf: sojourns.cdf,
        nonpreemptive_sojourn_time_tail: sojourns.tail,
        preemptive_resume_sojourn_time_cdf: interruptions.cdf,
        preemptive_resume_sojourn_time_tail: interruptions.tail,
        nonpreemptive_waiting_time_transform: transforms_of(wait)?,
        nonpreemptive_sojourn_time_transform: transforms_of(sojourn)?,
        preemptive_resume_sojourn_time_transform: transforms_of(interrupted)?,
        nonpreemptive_waiting_probabilities: numbers_of(wait),
        nonpreemptive_state_probabilities: at_server(sojourn),
        preemptive_resume_state_probabilities: at_server(interrupted),
    })
}

/// Returns numbers of jobs that are small enough.
fn counted(states: &[u64]) -> Result<Vec<u32>, CalcError> {
    states
        .iter()
        .enumerate()
        .map(|(index, &jobs)| {
            u32::try_from(jobs).ok().filter(|&jobs| jobs <= MOST_JOBS).ok_or_else(|| {
                CalcError::invalid(format!(
                    "`states[{index}]` is {jobs}; at most {MOST_JOBS} jobs of a class are counted"
                ))
            })
        })
        .collect()
}
