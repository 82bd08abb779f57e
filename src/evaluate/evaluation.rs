use crate::model::{Deployment, PERCENTILES, TierKind};
use capplan_queueing::network::{Branch, PathLaw};
use capplan_queueing::queues::VisitLaw;
use capplan_queueing::units::Probability;

use super::condition::Primary;
use super::served::{Served, ServedShares};
use super::steady_state::SteadyState;
use super::users::{offered_rate, on_the_stable_side, workload_rate};
use super::{Breakdown, Condition, DatabaseFigures, Flow, LayerLoads, Method, Prepared, Refusal, Situation, TierState};

/// A system in a steady state.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Requests per second over all classes.
    pub arrival_rate: f64,
    /// By tier.
    pub tiers: Vec<TierFigures>,
    /// By class.
    pub classes: Vec<ClassFigures>,
    /// All requests together.
    pub overall: ResponseTimes,
    /// Index of the tier with the highest utilization; `None` where nothing queues.
    pub bottleneck: Option<usize>,
}

/// Figures of one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierFigures {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: TierKind,
    /// Instances left to serve; `None` for a managed service.
    pub instances: Option<u32>,
    /// Visits of a request, on average.
    pub visits: f64,
    /// Visits per second.
    pub arrival_rate: f64,
    /// Busy share of its servers.
    pub utilization: Option<f64>,
    /// Probability that a visit waits.
    pub wait_probability: f64,
    /// Mean wait of a visit in seconds.
    pub waiting_time: f64,
    /// Mean time of a visit in seconds: wait, service and fixed time.
    pub sojourn_time: f64,
    /// Mean wait if all servers had one queue.
    pub pooled_waiting_time: Option<f64>,
    /// Share of look-ups that a cache answers.
    pub hit_ratio: Option<f64>,
    /// Look-ups per second that it does not answer.
    pub miss_rate: Option<f64>,
    /// Loads of its layers; `None` where workers and connections are not limited.
    pub layers: Option<LayerLoads>,
    /// Visits per second over those that a managed service takes; `None` where there is no such limit.
    pub request_load: Option<f64>,
    /// Primary and replicas of a database; `None` elsewhere.
    pub database: Option<DatabaseFigures>,
    /// Method of the figures.
    pub method: Method,
}

impl TierFigures {
    /// The arrival rate as a share of the largest rate that the tier carries: the highest load among its servers, workers,
    /// connections and storage, or the load of a managed service's request limit; `None` where nothing is limited.
    pub fn load(&self) -> Option<f64> {
        let layers =
            self.layers.map_or(0.0, |layers| layers.workers.unwrap_or(0.0).max(layers.connections.unwrap_or(0.0)));
        let storage = self.database.and_then(|database| database.storage()).unwrap_or(0.0);
        self.request_load.or_else(|| self.utilization.map(|utilization| utilization.max(layers).max(storage)))
    }
}

/// Response times of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFigures {
    /// Name.
    pub name: String,
    /// Share of requests.
    pub share: f64,
    /// Response times.
    pub times: ResponseTimes,
}

/// The distribution of the response time, and the figures that are shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseTimes {
    /// Mean in seconds.
    pub mean: f64,
    /// The percentiles of [`PERCENTILES`] in seconds.
    pub percentiles: [f64; PERCENTILES.len()],
    /// The law.
    pub law: PathLaw,
}

/// A system in a situation.
#[derive(Debug, Clone, PartialEq)]
pub struct InSituation {
    /// Figures of the requests that are served.
    pub evaluation: ServedFigures,
    /// Which requests are served and which fail.
    pub shares: ServedShares,
    /// Share of requests within the limit of each response-time objective; failing requests are not within.
    pub objective_shares: Vec<f64>,
    /// The first tier that refuses more visits than it may, as an index.
    pub too_many_refused: Option<usize>,
}

impl InSituation {
    /// Whether the objectives hold: enough requests are fast enough, and no tier refuses more visits than it may.
    pub fn holds(&self, prepared: &Prepared<'_>) -> bool {
        self.too_many_refused.is_none() && all_met(prepared, &self.objective_shares)
    }
}

/// Figures of the requests that are served, all classes together: what a review shows of a situation.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedFigures {
    /// Requests per second, failing ones included.
    pub arrival_rate: f64,
    /// By tier.
    pub tiers: Vec<TierFigures>,
    /// Median of the response time in seconds.
    pub median: f64,
    /// 99th percentile of the response time in seconds.
    pub p99: f64,
}

/// Evaluates a deployment at a given arrival rate, as an open system.
///
/// # Method
///
/// Hit ratios by the characteristic time, flows by the traffic equations, each tier M/M/c (M/G/c for other than
/// exponential service) in order of arrival or by processor sharing, the response time as a mixture of shifted sums,
/// inverted numerically.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded or down.
pub fn evaluate_at(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> Result<Evaluation, Breakdown> {
    let situation = Situation::at(prepared, deployment, condition, arrival_rate)?;
    let steady = situation.solve(prepared, deployment, arrival_rate)?;
    let served = Served::new(prepared, &situation, &[]);
    let laws = steady.laws();
    let classes = served.classes.iter().map(|part| {
        let (name, share) = (part.class.name.clone(), part.class.share.get());
        let times = response_times(part.branches.clone(), laws.clone(), &name)?;
        Ok(ClassFigures { name, share, times })
    });
    let classes = classes.collect::<Result<_, Breakdown>>()?;
    let overall = response_times(served.branches(), laws, prepared.system.name())?;
    let tiers = tier_figures(prepared, deployment, &steady, arrival_rate);
    let bottleneck = busiest(&tiers);
    Ok(Evaluation { arrival_rate, tiers, classes, overall, bottleneck })
}

/// Evaluates a deployment under the system's workload.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded or down.
pub fn evaluate(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    condition: Condition,
) -> Result<Evaluation, Breakdown> {
    let rate = offered_rate(prepared, deployment, condition)?;
    on_the_stable_side(prepared, rate, |rate| evaluate_at(prepared, deployment, rate, condition))
}

/// The state of one tier of a deployment at `arrival_rate` requests per second, limits on workers and connections included.
///
/// # Errors
///
/// [`Breakdown`] when any tier is overloaded or down.
pub fn tier_state_at(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    tier: usize,
    arrival_rate: f64,
    condition: Condition,
) -> Result<TierState, Breakdown> {
    let situation = Situation::at(prepared, deployment, condition, arrival_rate)?;
    Ok(situation.solve(prepared, deployment, arrival_rate)?.states.swap_remove(tier))
}

/// Evaluates a deployment in a situation under `load_factor` times its workload.
///
/// # Method
///
/// The steady state that the situation would reach. A request fails when one of its visits fails: a path with `v` visits
/// to a tier that serves the share `s` of them passes with probability `s^v`. Figures and response times are those of the
/// requests that pass. A request that fails at a tier does not reach the tiers after it, in the order of the system; it
/// has loaded the tiers before.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded, or nothing is served at all.
pub fn evaluate_situation(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    load_factor: f64,
) -> Result<InSituation, Breakdown> {
    let rate = workload_rate(prepared, load_factor, |rate| situation.solve(prepared, deployment, rate))?;
    on_the_stable_side(prepared, rate, |rate| situation_at(prepared, deployment, situation, rate))
}

fn situation_at(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    arrival_rate: f64,
) -> Result<InSituation, Breakdown> {
    let system = prepared.system;
    let steady = situation.solve(prepared, deployment, arrival_rate)?;
    let refusal = |state: &TierState| state.database.map_or_else(Refusal::default, |figures| figures.refusal());
    let refusals: Vec<Refusal> = steady.states.iter().map(refusal).collect();
    let served = Served::new(prepared, situation, &refusals);
    if served.shares.served <= 0.0 {
        let failing = served.shares.failing.iter().enumerate();
        let worst = failing.max_by(|one, other| one.1.total().total_cmp(&other.1.total()));
        let tier = worst.map_or(0, |(tier, _)| tier);
        return Err(Breakdown::Down { tier: system.tiers()[tier].name.clone() });
    }
    let laws = steady.laws();
    let objective_shares = served.objective_shares(system, &laws)?;
    let law = path_law(served.branches(), laws, system.name())?;
    let tiers = tier_figures(prepared, deployment, &steady, arrival_rate);
    let (median, p99) = (quantile(&law, 0.5, system.name())?, quantile(&law, 0.99, system.name())?);
    let evaluation = ServedFigures { arrival_rate, tiers, median, p99 };
    let too_many_refused = steady.refuses_too_many(prepared);
    Ok(InSituation { evaluation, shares: served.shares, objective_shares, too_many_refused })
}

/// The share of requests within the limit of each response-time objective, in the order of the objectives.
///
/// # Errors
///
/// [`Breakdown`] when a tier is overloaded or down.
pub fn objective_shares(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> Result<Vec<f64>, Breakdown> {
    let situation = Situation::at(prepared, deployment, condition, arrival_rate)?;
    let steady = situation.solve(prepared, deployment, arrival_rate)?;
    Served::new(prepared, &situation, &[]).objective_shares(prepared.system, &steady.laws())
}

/// Whether every response-time objective holds and no database refuses more visits than it may; `false` without a steady
/// state.
pub fn meets_response_times(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> bool {
    Situation::at(prepared, deployment, condition, arrival_rate).is_ok_and(|situation| {
        let steady = situation.solve(prepared, deployment, arrival_rate);
        steady.is_ok_and(|steady| keeps_promises(prepared, &situation, &steady))
    })
}

/// Whether a steady state keeps every response-time objective and refuses no more visits than it may.
pub(super) fn keeps_promises(prepared: &Prepared<'_>, situation: &Situation, steady: &SteadyState) -> bool {
    let shares = || Served::new(prepared, situation, &[]).objective_shares(prepared.system, &steady.laws());
    steady.refuses_too_many(prepared).is_none() && shares().is_ok_and(|shares| all_met(prepared, &shares))
}

/// Whether each share reaches the percentile of its objective.
pub fn all_met(prepared: &Prepared<'_>, shares: &[f64]) -> bool {
    let objectives = &prepared.system.objectives().response_times;
    objectives.iter().zip(shares).all(|(objective, &share)| share >= objective.percentile)
}

/// The tier with the highest utilization, the first of equal ones.
fn busiest(tiers: &[TierFigures]) -> Option<usize> {
    let mut bottleneck: Option<usize> = None;
    for (index, tier) in tiers.iter().enumerate() {
        let highest = bottleneck.and_then(|found| tiers[found].load());
        if tier.load() > highest {
            bottleneck = Some(index);
        }
    }
    bottleneck
}

fn response_times(branches: Vec<Branch>, laws: Vec<VisitLaw>, name: &str) -> Result<ResponseTimes, Breakdown> {
    let law = path_law(branches, laws, name)?;
    let mut percentiles = [0.0; PERCENTILES.len()];
    for (value, percentile) in percentiles.iter_mut().zip(PERCENTILES) {
        *value = quantile(&law, percentile, name)?;
    }
    Ok(ResponseTimes { mean: law.mean(), percentiles, law })
}

fn path_law(branches: Vec<Branch>, laws: Vec<VisitLaw>, name: &str) -> Result<PathLaw, Breakdown> {
    PathLaw::new(branches, laws).map_err(|error| Breakdown::unsolved(name, error))
}

fn quantile(law: &PathLaw, share: f64, name: &str) -> Result<f64, Breakdown> {
    let probability = Probability::new(share).map_err(|error| Breakdown::unsolved(name, error))?;
    law.quantile(probability).map_err(|error| Breakdown::unsolved(name, error))
}

fn tier_figures(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    steady: &SteadyState,
    arrival_rate: f64,
) -> Vec<TierFigures> {
    prepared
        .system
        .tiers()
        .iter()
        .enumerate()
        .map(|(index, tier)| {
            let state = &steady.states[index];
            let Flow { reads, writes } = steady.flows[index];
            let visits = reads + writes;
            // Figures of a visit are means over reads and writes.
            let mean = |figure: fn(&VisitLaw) -> f64| {
                if visits > 0.0 {
                    (reads * figure(&state.laws.read) + writes * figure(&state.laws.write)) / visits
                } else {
                    figure(&state.laws.read)
                }
            };
            let left = steady.left[index];
            let primary = u32::from(left.primary == Primary::Present);
            TierFigures {
                name: tier.name.clone(),
                kind: tier.kind,
                instances: deployment.choices[index].map(|_| left.serving + primary),
                visits: visits / arrival_rate,
                arrival_rate: visits,
                utilization: state.utilization,
                wait_probability: mean(VisitLaw::wait_probability),
                waiting_time: mean(VisitLaw::waiting_time),
                sojourn_time: mean(VisitLaw::mean) + super::fixed_time(tier),
                pooled_waiting_time: state.pooled_waiting_time,
                hit_ratio: steady.hit_ratios[index],
                miss_rate: steady.hit_ratios[index].map(|ratio| reads * (1.0 - ratio)),
                layers: state.layers,
                request_load: super::request_load(tier, visits),
                database: state.database,
                method: state.method,
            }
        })
        .collect()
}
