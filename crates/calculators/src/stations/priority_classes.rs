//! What the calculator of priorities says of the distributions of each class.

use capplan_queueing::queues::{ClassLaws, PriorityLaw};
use capplan_queueing::units::{ArrivalRate, Servers};

use crate::CalcError;
use crate::answer::{Answer, Figure};
use crate::declare::InputKind;
use crate::read::{InputValue, Misfit, Token};

use super::details::{above_zero, distribution, transform};
use super::priority::PriorityInput;

/// A number of jobs whose probability is asked for: its cost grows with the number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobCount(pub(crate) u32);

const MOST_JOBS: u32 = 100_000;

impl InputValue for JobCount {
    const KIND: InputKind = InputKind::Count;

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        let jobs = u64::from_token(token)?;
        match u32::try_from(jobs) {
            Ok(jobs) if jobs <= MOST_JOBS => Ok(Self(jobs)),
            _ => Err(Misfit::Said(format!(" is {jobs}; at most {MOST_JOBS} jobs of a class are counted"))),
        }
    }
}

/// A class of a station that was solved.
pub(super) struct Class<'a> {
    pub laws: &'a ClassLaws,
    pub arrival_rate: ArrivalRate,
}

type Law = fn(&ClassLaws) -> &PriorityLaw;

const NONPREEMPTIVE_WAIT: Law = |class| &class.nonpreemptive_wait;
const NONPREEMPTIVE_SOJOURN: Law = |class| &class.nonpreemptive_sojourn;
const PREEMPTIVE_SOJOURN: Law = |class| &class.preemptive_resume_sojourn;

/// The distributions of a class by the names of their times.
const LAWS: [(&str, Law); 3] = [
    ("nonpreemptive_waiting_time", NONPREEMPTIVE_WAIT),
    ("nonpreemptive_sojourn_time", NONPREEMPTIVE_SOJOURN),
    ("preemptive_resume_sojourn_time", PREEMPTIVE_SOJOURN),
];

/// Adds what is asked of the distributions of each class.
pub(super) fn with_classes(
    answer: Answer,
    classes: &[Class],
    servers: Servers,
    input: &PriorityInput,
) -> Result<Answer, CalcError> {
    let each = |figure: &dyn Fn(&Class) -> Result<Figure, CalcError>| {
        classes.iter().map(figure).collect::<Result<_, CalcError>>().map(Figure::List)
    };
    let mut arrivals = 0.0;
    let preemptive_wait = classes.iter().map(|class| {
        arrivals += class.arrival_rate.get();
        unless_idle(arrivals, class.laws.preemptive_wait_probability)
    });
    let mut answer = answer.with("preemptive_resume_wait_probability", Figure::List(preemptive_wait.collect()));
    for (time, law) in LAWS {
        let quantiles = each(&|class| input.quantiles.figure(|p| law(class.laws).quantile(p)))?;
        answer = answer.with(format!("{time}_quantiles"), quantiles);
    }
    if let Some(times) = &input.times {
        let idle = classes.iter().all(|class| class.arrival_rate.get() == 0.0);
        for (time, law) in LAWS {
            let of_class = |class: &Class| {
                let tail = |time| law(class.laws).tail(time);
                distribution(times, |time| if idle { Ok(tail(time)) } else { above_zero(tail(time)) })
            };
            let each = classes.iter().map(of_class).collect::<Result<Vec<_>, _>>()?;
            let (cdfs, tails) = each.into_iter().map(|[cdf, tail]| (cdf, tail)).unzip();
            answer = answer.with(format!("{time}_cdf"), Figure::List(cdfs));
            answer = answer.with(format!("{time}_tail"), Figure::List(tails));
        }
    }
    if let Some(points) = &input.transform_at {
        for (time, law) in LAWS {
            let transforms = each(&|class| transform(points, |s| law(class.laws).transform(s)))?;
            answer = answer.with(format!("{time}_transform"), transforms);
        }
    }
    let Some(states) = &input.states else { return Ok(answer) };
    let numbers = |law: Law| {
        let of_class = |class: &Class| {
            let rate = class.arrival_rate;
            let probability = |jobs: &JobCount| unless_idle(rate.get(), law(class.laws).arrivals(rate, jobs.0));
            Figure::List(states.iter().map(probability).collect())
        };
        Figure::List(classes.iter().map(of_class).collect())
    };
    answer = answer.with("nonpreemptive_waiting_probabilities", numbers(NONPREEMPTIVE_WAIT));
    if servers == Servers::ONE {
        answer = answer
            .with("nonpreemptive_state_probabilities", numbers(NONPREEMPTIVE_SOJOURN))
            .with("preemptive_resume_state_probabilities", numbers(PREEMPTIVE_SOJOURN));
    }
    Ok(answer)
}

/// A probability that is above 0 where anybody arrives.
fn unless_idle(arrival_rate: f64, probability: f64) -> Figure {
    if arrival_rate == 0.0 { Figure::Number(probability) } else { Figure::above_zero(probability) }
}
