//! The station with priorities that a question describes.

use serde::Deserialize;

use capplan_queueing::queues::{ClassLaws, Mmc, PriorityClass, PriorityTimes, priority_laws_mg1, priority_laws_mmc};
use capplan_queueing::queues::{priority_mg1, priority_mmc};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::error::{listed, named};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriorityInput {
    pub model: String,
    pub arrival_rates: Vec<f64>,
    pub service_times: Option<Vec<f64>>,
    pub service_scvs: Option<Vec<f64>>,
    pub service_rate: Option<f64>,
    pub servers: Option<u64>,
    pub quantiles: Option<Vec<f64>>,
    pub times: Option<Vec<f64>>,
    pub transform_at: Option<Vec<f64>>,
    pub states: Option<Vec<u64>>,
}

/// A station as it was solved.
pub(super) struct Solved {
    pub arrival_rates: Vec<ArrivalRate>,
    pub cumulative_utilization: Vec<f64>,
    pub mean_residual_service: f64,
    pub times: Vec<PriorityTimes>,
    pub laws: Vec<ClassLaws>,
    /// All classes together, for several servers of one rate.
    pub together: Option<Mmc>,
    pub server_count: ServerCount,
}

/// One server keeps the order of a class; several may let a later job go first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerCount {
    One,
    Several,
}

pub(super) fn solved_mg1(input: &PriorityInput) -> Result<Solved, CalcError> {
    not_of("mg1", "service_rate", input.service_rate.is_some())?;
    not_of("mg1", "servers", input.servers.is_some())?;
    let arrival_rates = listed("arrival_rates", &input.arrival_rates, ArrivalRate::new)?;
    let times = needed("mg1", "service_times", input.service_times.as_ref())?;
    let times = listed("service_times", times, Seconds::new)?;
    same_length("service_times", times.len(), arrival_rates.len())?;
    let scvs = input.service_scvs.clone().unwrap_or_else(|| vec![1.0; arrival_rates.len()]);
    same_length("service_scvs", scvs.len(), arrival_rates.len())?;
    let classes: Vec<PriorityClass> = arrival_rates
        .iter()
        .zip(times)
        .zip(scvs)
        .map(|((&arrival_rate, service_time), service_scv)| PriorityClass { arrival_rate, service_time, service_scv })
        .collect();
    let load = |class: &PriorityClass| class.arrival_rate.get() * class.service_time.get();
    let residual = |class: &PriorityClass| 0.5 * load(class) * class.service_time.get() * (1.0 + class.service_scv);
    Ok(Solved {
        cumulative_utilization: sums(classes.iter().map(load)),
        mean_residual_service: classes.iter().map(residual).sum(),
        times: priority_mg1(&classes)?,
        laws: priority_laws_mg1(&classes)?,
        together: None,
        server_count: ServerCount::One,
        arrival_rates,
    })
}

pub(super) fn solved_mmc(input: &PriorityInput) -> Result<Solved, CalcError> {
    not_of("mmc", "service_times", input.service_times.is_some())?;
    not_of("mmc", "service_scvs", input.service_scvs.is_some())?;
    let arrival_rates = listed("arrival_rates", &input.arrival_rates, ArrivalRate::new)?;
    let rate = named("service_rate", ServiceRate::new(*needed("mmc", "service_rate", input.service_rate.as_ref())?))?;
    let servers = named("servers", Servers::new(*needed("mmc", "servers", input.servers.as_ref())?))?;
    let total_rate = servers.get() as f64 * rate.get();
    let times = priority_mmc(&arrival_rates, rate, servers)?;
    let laws = priority_laws_mmc(&arrival_rates, rate, servers)?;
    let all = named("arrival_rates", ArrivalRate::new(input.arrival_rates.iter().sum()))?;
    let together = Mmc::new(all, rate, servers)?;
    Ok(Solved {
        cumulative_utilization: sums(arrival_rates.iter().map(|rate| rate.get() / total_rate)),
        mean_residual_service: together.wait_probability() / total_rate,
        times,
        laws,
        together: Some(together),
        server_count: if servers.get() == 1 { ServerCount::One } else { ServerCount::Several },
        arrival_rates,
    })
}

fn sums(parts: impl Iterator<Item = f64>) -> Vec<f64> {
    parts
        .scan(0.0, |sum, part| {
            *sum += part;
            Some(*sum)
        })
        .collect()
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
        Err(CalcError::invalid(format!(
            "`{field}` has {found} entries and `arrival_rates` has {classes}; each class has one in both"
        )))
    }
}
