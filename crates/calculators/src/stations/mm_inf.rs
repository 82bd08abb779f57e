use capplan_queueing::queues::{MmInf, StationFigures};
use capplan_queueing::units::{ArrivalRate, ServiceRate};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

use super::details::Details;

inputs! {
    struct MmInfInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        ..asked: Details,
    }
}

pub(crate) const MM_INF: Calculator = Calculator {
    name: "mm_inf",
    summary: "station where nobody waits: law of the number of jobs in it (M/M/∞)",
    inputs: MmInfInput::INPUTS,
    formula: &[
        "a = λ/μ = {arrival_rate}/{service_rate} = {offered_load}",
        "N is Poisson with mean a: L = a = {mean_in_system},  P(N = 0) = e^(−a) = {empty_probability}",
        "W_q = 0,  W = 1/μ = {sojourn_time},  P(W > t) = e^(−μt),  E e^(−s·W) = μ/(μ + s)",
        "P(W > t): {sojourn_time_tail}",
        "E e^(−s·W): {sojourn_time_transform}",
        "p_n = e^(−a)·a^n/n!,  n = {states}: {state_probabilities}",
        "quantiles of N: {in_system_quantiles}",
        "quantiles of W: {sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §3.4",
    answer: |question| question.answer(mm_inf),
};

fn mm_inf(input: &MmInfInput) -> Result<Answer, CalcError> {
    let (station, asked) = (MmInf::new(input.arrival_rate, input.service_rate)?, &input.asked);
    let answer = Answer::exact("exact: M/M/∞, Poisson number in the system")
        .at_rate(input.arrival_rate)
        .positive("offered_load", station.offered_load())
        .positive("mean_in_system", station.mean_in_system())
        .with("waiting_time", 0.0)
        .with("sojourn_time", station.sojourn_time())
        .positive("empty_probability", station.empty_probability())
        .quantiles("in_system_quantiles", &asked.quantiles, |p| station.in_system_quantile(p).map(|jobs| jobs as f64))?
        .quantiles("sojourn_time_quantiles", &asked.quantiles, |p| station.sojourn_time_quantile(p))?
        .distributions(&station, asked)?;
    Ok(answer.states(asked.states.as_ref(), |jobs| Some(station.state_probability(jobs))))
}
