use serde::{Deserialize, Serialize};

use crate::queues::{
    ExponentialVisit, Fleet, Mmc, PriorityClass, PriorityTimes, QueueError, RoundRobin, priority_mg1, priority_mmc,
};
use crate::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::error::{listed, named};
use super::law_inputs::{TIMES, distribution};
use super::quantiles::{Keyed, QUANTILES, Quantiles, keyed, quantile_probabilities};
use super::small_figures::SmallFigures;
use super::stations::{ARRIVAL_RATE, SERVICE_RATE};

pub(super) const PRIORITY: Calculator = Calculator {
    name: "priority",
    summary: "mean times of the classes of a station with priorities, non-preemptive and preemptive-resume",
    inputs: &[
        Input::required("model", InputKind::Choice(&["mg1", "mmc"]), "one server of any service, or c of one rate"),
        Input::required("arrival_rates", InputKind::Numbers, "arrivals per second of each class, most urgent first"),
        Input::optional("service_times", InputKind::Numbers, "mean service seconds of each class, for `mg1`"),
        Input::optional(
            "service_scvs",
            InputKind::Numbers,
            "squared coefficients of variation of the services, for `mg1` (default 1 each)",
        ),
        Input::optional("service_rate", InputKind::Number, "completions per second of one busy server, for `mmc`"),
        Input::optional("servers", InputKind::Count, "number of parallel servers, for `mmc`"),
    ],
    formula: &[
        "σ_k = utilization of the classes 1 … k,  arrivals {arrival_rates} per second",
        "mg1: R_k = ½·Σ_(i≤k) λ_i·S_i²·(1 + s_i),  W_q,k = R_n/((1 − σ_(k−1))(1 − σ_k))",
        "mg1, preemptive: W_k = S_k/(1 − σ_(k−1)) + R_k/((1 − σ_(k−1))(1 − σ_k))",
        "mmc: W_q,k = C(c, a)/(cμ)/((1 − σ_(k−1))(1 − σ_k)),  preemptive: W_k = 1/μ + (L_q(Λ_k) − L_q(Λ_(k−1)))/λ_k",
        "W_q: {nonpreemptive_waiting_time},  W: {nonpreemptive_sojourn_time}",
        "preemptive W: {preemptive_resume_sojourn_time}",
    ],
    reference: "Cobham 1954; Kleinrock 1976, §3.6",
    answer: |input| typed(input, priority),
};

pub(super) const DISPATCH: Calculator = Calculator {
    name: "dispatch",
    summary: "single-server instances behind one queue, a random split or round robin: means and quantiles",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        Input::required("instances", InputKind::Count, "number of single-server instances, at least 1"),
        QUANTILES,
        TIMES,
    ],
    formula: &[
        "one queue: M/M/n with n = {instances}:  W_q = {pooled_waiting_time},  W = {pooled_sojourn_time}",
        "random split: M/M/1 with λ/n each:  W_q = {random_waiting_time},  W = {random_sojourn_time}",
        "round robin: E_n/M/1,  σ = (λ/(λ + μ(1 − σ)))^n = {round_robin_sigma}",
        "W_q = σ/(μ(1 − σ)) = {round_robin_waiting_time},  W = 1/(μ(1 − σ)) = {round_robin_sojourn_time}",
        "P(W > t), one queue: {pooled_sojourn_time_tail},  random split: {random_sojourn_time_tail}",
        "P(W > t), round robin: {round_robin_sojourn_time_tail}",
        "quantiles of W, one queue: {pooled_sojourn_time_quantiles}",
        "random split: {random_sojourn_time_quantiles}",
        "round robin: {round_robin_sojourn_time_quantiles}",
    ],
    reference: "Kleinrock 1975, §6.4; Bolch et al. 2006, ch. 6",
    answer: |input| typed_with_gaps(&DISPATCH_GAPS, input, dispatch),
};

/// Figures that may be below the doubles.
const DISPATCH_GAPS: [&str; 7] = [
    "pooled_waiting_time",
    "random_waiting_time",
    "round_robin_sigma",
    "round_robin_waiting_time",
    "pooled_sojourn_time_tail",
    "random_sojourn_time_tail",
    "round_robin_sojourn_time_tail",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriorityInput {
    model: String,
    arrival_rates: Vec<f64>,
    service_times: Option<Vec<f64>>,
    service_scvs: Option<Vec<f64>>,
    service_rate: Option<f64>,
    servers: Option<u64>,
}

#[derive(Serialize)]
struct PriorityAnswer {
    nonpreemptive_waiting_time: Vec<f64>,
    nonpreemptive_sojourn_time: Vec<f64>,
    preemptive_resume_sojourn_time: Vec<f64>,
    method: &'static str,
    exact: bool,
}

fn priority(input: &PriorityInput) -> Result<PriorityAnswer, CalcError> {
    let single = input.model == "mg1";
    let times = if single { classes_of_mg1(input)? } else { classes_of_mmc(input)? };
    let column = |figure: fn(&PriorityTimes) -> f64| times.iter().map(figure).collect();
    Ok(PriorityAnswer {
        nonpreemptive_waiting_time: column(|times| times.nonpreemptive_waiting_time),
        nonpreemptive_sojourn_time: column(|times| times.nonpreemptive_sojourn_time),
        preemptive_resume_sojourn_time: column(|times| times.preemptive_resume_sojourn_time),
        method: if single {
            "exact: M/G/1 with priorities, Cobham and preemptive-resume"
        } else {
            "exact: M/M/c with priorities, Cobham and nested M/M/c"
        },
        exact: true,
    })
}

fn classes_of_mg1(input: &PriorityInput) -> Result<Vec<PriorityTimes>, CalcError> {
    not_of("mg1", "service_rate", input.service_rate.is_some())?;
    not_of("mg1", "servers", input.servers.is_some())?;
    let rates = listed("arrival_rates", &input.arrival_rates, ArrivalRate::new)?;
    let times = needed("mg1", "service_times", input.service_times.as_ref())?;
    let times = listed("service_times", times, Seconds::new)?;
    same_length("service_times", times.len(), rates.len())?;
    let scvs = input.service_scvs.clone().unwrap_or_else(|| vec![1.0; rates.len()]);
    same_length("service_scvs", scvs.len(), rates.len())?;
    let classes: Vec<PriorityClass> = rates
        .into_iter()
        .zip(times)
        .zip(scvs)
        .map(|((arrival_rate, service_time), service_scv)| PriorityClass { arrival_rate, service_time, service_scv })
        .collect();
    Ok(priority_mg1(&classes)?)
}

fn classes_of_mmc(input: &PriorityInput) -> Result<Vec<PriorityTimes>, CalcError> {
    not_of("mmc", "service_times", input.service_times.is_some())?;
    not_of("mmc", "service_scvs", input.service_scvs.is_some())?;
    let rates = listed("arrival_rates", &input.arrival_rates, ArrivalRate::new)?;
    let rate = needed("mmc", "service_rate", input.service_rate.as_ref())?;
    let servers = needed("mmc", "servers", input.servers.as_ref())?;
    let rate = named("service_rate", ServiceRate::new(*rate))?;
    Ok(priority_mmc(&rates, rate, named("servers", Servers::new(*servers))?)?)
}

fn needed<'a, T>(model: &str, field: &str, value: Option<&'a T>) -> Result<&'a T, CalcError> {
    value.ok_or_else(|| CalcError::invalid(format!("model `{model}` also needs `{field}`")))
}

fn not_of(model: &str, field: &str, given: bool) -> Result<(), CalcError> {
    if given { Err(CalcError::invalid(format!("model `{model}` takes no `{field}`"))) } else { Ok(()) }
}

fn same_length(field: &str, found: usize, classes: usize) -> Result<(), CalcError> {
    if found == classes {
        Ok(())
    } else {
        Err(CalcError::invalid(format!("`{field}` has {found} entries for {classes} classes")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DispatchInput {
    arrival_rate: f64,
    service_rate: f64,
    instances: u64,
    quantiles: Option<Vec<f64>>,
    times: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct DispatchAnswer {
    pooled_waiting_time: Option<f64>,
    pooled_sojourn_time: f64,
    pooled_sojourn_time_quantiles: Quantiles,
    random_waiting_time: Option<f64>,
    random_sojourn_time: f64,
    random_sojourn_time_quantiles: Quantiles,
    round_robin_sigma: Option<f64>,
    round_robin_waiting_time: Option<f64>,
    round_robin_sojourn_time: f64,
    round_robin_sojourn_time_quantiles: Quantiles,
    #[serde(skip_serializing_if = "Option::is_none")]
    pooled_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    random_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_robin_sojourn_time_tail: Option<Keyed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below_double_precision: Vec<&'static str>,
    method: &'static str,
    exact: bool,
}

fn dispatch(input: &DispatchInput) -> Result<DispatchAnswer, CalcError> {
    let arrivals = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let instances = named("instances", Servers::new(input.instances))?;
    let one = named("instances", Servers::new(1))?;
    let pooled = Mmc::new(arrivals, service_rate, instances)?;
    let share = named("arrival_rate", ArrivalRate::new(arrivals.get() / instances.get() as f64))?;
    let random = Mmc::new(share, service_rate, one)?;
    let turns = RoundRobin::new(&Fleet { arrival_rate: arrivals, service_rate, servers: instances, workers: one })?;
    let dealt = turns.visit();
    let probabilities = quantile_probabilities(input.quantiles.as_deref())?;
    let tail = |visit: ExponentialVisit| {
        let figure = "tail of the sojourn time";
        distribution(input.times.as_deref(), |time| match visit.tail(time.get()) {
            tail if tail < f64::MIN_POSITIVE => Err(QueueError::BelowDouble { figure, logarithm: None }),
            tail => Ok(tail),
        })
    };
    let (pooled_tail, random_tail, dealt_tail) = (tail(pooled.visit())?, tail(random.visit())?, tail(dealt)?);
    let mut small = SmallFigures::of(arrivals);
    small.note("pooled_sojourn_time_tail", pooled_tail.tail.as_ref());
    small.note("random_sojourn_time_tail", random_tail.tail.as_ref());
    small.note("round_robin_sojourn_time_tail", dealt_tail.tail.as_ref());
    let pooled_wait = small.figure("pooled_waiting_time", pooled.wait_probability());
    let sigma = small.figure("round_robin_sigma", turns.sigma());
    Ok(DispatchAnswer {
        pooled_waiting_time: small.following("pooled_waiting_time", pooled.waiting_time(), pooled_wait),
        pooled_sojourn_time: pooled.sojourn_time(),
        pooled_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(pooled.sojourn_time_quantile(p)?))?,
        random_waiting_time: small.figure("random_waiting_time", random.waiting_time()),
        random_sojourn_time: random.sojourn_time(),
        random_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(random.sojourn_time_quantile(p)?))?,
        round_robin_sigma: sigma,
        round_robin_waiting_time: small.following("round_robin_waiting_time", dealt.waiting_time(), sigma),
        round_robin_sojourn_time: dealt.mean(),
        round_robin_sojourn_time_quantiles: keyed(&probabilities, |p| Ok(dealt.quantile(p)?))?,
        pooled_sojourn_time_tail: pooled_tail.tail,
        random_sojourn_time_tail: random_tail.tail,
        round_robin_sojourn_time_tail: dealt_tail.tail,
        below_double_precision: small.names()?,
        method: "exact: M/M/n pooled, M/M/1 each at random, E_n/M/1 each in turn",
        exact: true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::calc::run;

    #[test]
    fn a_model_says_what_it_needs() {
        let message = |input: serde_json::Value| run("priority", &input).expect_err("refused").message;
        assert_eq!(message(json!({"model": "mg1", "arrival_rates": [0.1]})), "model `mg1` also needs `service_times`");
        assert_eq!(
            message(json!({"model": "mg1", "arrival_rates": [0.1, 0.2], "service_times": [1]})),
            "`service_times` has 1 entries for 2 classes"
        );
        assert_eq!(
            message(
                json!({"model": "mmc", "arrival_rates": [1], "service_rate": 1, "servers": 2, "service_scvs": [1]})
            ),
            "model `mmc` takes no `service_scvs`"
        );
    }
}
