use crate::model::{Deployment, PERCENTILES, TierKind};
use capplan_queueing::network::{Branch, PathLaw};
use capplan_queueing::queues::VisitLaw;
use capplan_queueing::units::Probability;

use super::condition::Primary;
use super::layers::apply_layers;
use super::{
    Breakdown, Condition, DatabaseFigures, Flows, HitRatios, LayerLoads, Method, Prepared, Survivors, TierState,
    class_branches, survivors,
};

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

/// What one tier does.
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
    /// How near its layers are to their ends; `None` where workers and connections are not limited.
    pub layers: Option<LayerLoads>,
    /// Visits per second over those that a managed service takes; `None` where there is no such limit.
    pub request_load: Option<f64>,
    /// Primary and replicas of a database; `None` elsewhere.
    pub database: Option<DatabaseFigures>,
    /// How the figures were computed.
    pub method: Method,
}

impl TierFigures {
    /// The arrival rate over the largest one that the tier would carry: of its servers, workers, connections and storage
    /// the nearest to its end, of a managed service its limit on requests; `None` where there is no end.
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

/// The response time as a law and as the figures that are shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseTimes {
    /// Mean in seconds.
    pub mean: f64,
    /// The percentiles of [`PERCENTILES`] in seconds.
    pub percentiles: [f64; PERCENTILES.len()],
    /// The law.
    pub law: PathLaw,
}

/// The state of every tier, without percentiles: what a fixed point needs.
#[derive(Debug, Clone)]
pub(crate) struct Steady {
    pub flows: Flows,
    pub hit_ratios: HitRatios,
    pub left: Vec<Survivors>,
    pub states: Vec<TierState>,
    /// The states without the limits on workers and connections.
    pub base: Vec<TierState>,
}

impl Steady {
    /// The laws of all stations: reads and writes of each tier.
    pub fn laws(&self) -> Vec<VisitLaw> {
        self.states.iter().flat_map(|state| [state.laws.read.clone(), state.laws.write.clone()]).collect()
    }

    /// Sets the states to the single tiers' and adds what limits on workers and connections do.
    pub fn apply_layers(&mut self, prepared: &Prepared<'_>, deployment: &Deployment) -> Result<(), Breakdown> {
        self.states.clone_from(&self.base);
        apply_layers(prepared, deployment, &self.left, &self.flows, &self.hit_ratios, &mut self.states)
    }

    /// Mean response time over all requests, without the think time.
    pub fn response_time(&self, prepared: &Prepared<'_>, arrival_rate: f64) -> f64 {
        let tiers = prepared.system.tiers();
        (0..tiers.len())
            .map(|index| {
                let laws = &self.states[index].laws;
                let fixed = super::fixed_time(&tiers[index]);
                self.flows.reads[index] * (laws.read.mean() + fixed)
                    + self.flows.writes[index] * (laws.write.mean() + fixed)
            })
            .sum::<f64>()
            / arrival_rate
    }
}

pub(crate) fn solve(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    arrival_rate: f64,
    condition: Condition,
) -> Result<Steady, Breakdown> {
    let tiers = prepared.system.tiers();
    let zones = prepared.system.region().zones;
    let hit_ratios = deployment
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            choice.map_or(Ok(None), |choice| prepared.hit_ratio(index, choice, condition, arrival_rate))
        })
        .collect::<Result<HitRatios, _>>()?;
    let flows = prepared.flows(arrival_rate, &hit_ratios)?;
    let left: Vec<Survivors> = tiers
        .iter()
        .zip(&deployment.choices)
        .map(|(tier, choice)| match (tier.fleet(), choice) {
            (Some(fleet), Some(choice)) => survivors(fleet, *choice, condition, zones),
            _ => Survivors { serving: 0, primary: Primary::NotApplicable, zones },
        })
        .collect();
    let base = (0..tiers.len())
        .map(|index| {
            prepared.tier_state(index, deployment.choices[index], left[index], flows.reads[index], flows.writes[index])
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut steady = Steady { flows, hit_ratios, left, states: base.clone(), base };
    steady.apply_layers(prepared, deployment)?;
    Ok(steady)
}

/// Evaluates a deployment at a given arrival rate, as an open system.
///
/// # Method
///
/// Hit ratios by the characteristic time, flows by the traffic equations, each tier M/M/c (M/G/c for other than
/// exponential service) in order of arrival or by processor sharing, the response time as a mixture of shifted sums, inverted numerically.
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
    let system = prepared.system;
    let steady = solve(prepared, deployment, arrival_rate, condition)?;
    let laws = steady.laws();
    let mut all: Vec<Branch> = Vec::new();
    let mut classes = Vec::new();
    for class in system.classes() {
        let branches = class_branches(prepared, class, &steady.hit_ratios);
        all.extend(
            branches
                .iter()
                .map(|branch| Branch { probability: branch.probability * class.share.get(), ..branch.clone() }),
        );
        let times = response_times(branches, laws.clone(), &class.name)?;
        classes.push(ClassFigures { name: class.name.clone(), share: class.share.get(), times });
    }
    let overall = response_times(all, laws, system.name())?;
    let tiers = tier_figures(prepared, deployment, &steady, arrival_rate);
    let bottleneck = busiest(&tiers);
    Ok(Evaluation { arrival_rate, tiers, classes, overall, bottleneck })
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
    let unsolved = |reason: String| Breakdown::Unsolved { tier: name.to_owned(), reason };
    let law = PathLaw::new(branches, laws).map_err(|error| unsolved(error.to_string()))?;
    let mut percentiles = [0.0; PERCENTILES.len()];
    for (value, percentile) in percentiles.iter_mut().zip(PERCENTILES) {
        let probability = Probability::new(percentile).map_err(|error| unsolved(error.to_string()))?;
        *value = law.quantile(probability).map_err(|error| unsolved(error.to_string()))?;
    }
    Ok(ResponseTimes { mean: law.mean(), percentiles, law })
}

pub(super) fn tier_figures(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    steady: &Steady,
    arrival_rate: f64,
) -> Vec<TierFigures> {
    prepared
        .system
        .tiers()
        .iter()
        .enumerate()
        .map(|(index, tier)| {
            let state = &steady.states[index];
            let (reads, writes) = (steady.flows.reads[index], steady.flows.writes[index]);
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
