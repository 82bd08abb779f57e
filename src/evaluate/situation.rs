use crate::model::{Deployment, RequestClass, System};
use capplan_queueing::network::{Branch, PathLaw};
use capplan_queueing::units::Probability;

use super::condition::Primary;
use super::evaluation::{Steady, tier_figures};
use super::layers::system_has_layers;
use super::users::{on_the_stable_side, workload_rate};
use super::{
    Breakdown, Condition, Flows, HitRatios, Prepared, Refusal, Survivors, TierFigures, TierState, all_met,
    class_branches, design_arrival_rate, max_refused, offered_rate, survivors, tier_capacity, tier_refusal,
};

/// What each tier is able to do for a while: a state of the system that no deployment is designed for.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// By tier.
    pub tiers: Vec<TierSituation>,
}

/// What one tier is able to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierSituation {
    /// Instances that serve; they may be more than the deployment has.
    pub left: Survivors,
    /// Share of reads that reach an instance that serves; the others fail at once.
    pub reads_served: f64,
    /// Share of writes that reach a primary that serves; the others fail at once.
    pub writes_served: f64,
    /// Share of look-ups that a cache answers.
    pub hit_ratio: Option<f64>,
    /// Whether requests wait for the tier at all.
    pub duty: Duty,
}

/// Whether a tier takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It serves.
    Serves,
    /// It is passed by: a lost cache refuses a look-up as fast as an idle one answers it.
    Bypassed,
}

/// A system in a situation.
#[derive(Debug, Clone, PartialEq)]
pub struct InSituation {
    /// Figures of the requests that are served.
    pub evaluation: ServedFigures,
    /// What is served and what fails.
    pub shares: ServedShares,
    /// Share of requests within the limit of each response-time objective; those that fail are not within.
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
    /// Requests per second, those that fail among them.
    pub arrival_rate: f64,
    /// By tier.
    pub tiers: Vec<TierFigures>,
    /// Median of the response time in seconds.
    pub median: f64,
    /// 99th percentile of the response time in seconds.
    pub p99: f64,
}

/// What is served and what fails at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedShares {
    /// Share of all requests that is served.
    pub served: f64,
    /// Share of all requests that fails at each tier; with those that are served they are all.
    pub failing: Vec<FailingShare>,
}

/// The share of all requests that fails at a tier.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FailingShare {
    /// Because a read reached nothing that serves.
    pub reads: f64,
    /// Because a write did, although the reads of the request would have gone through.
    pub writes: f64,
    /// Because a visit found no free connection.
    pub refused: f64,
}

impl FailingShare {
    /// All together.
    pub fn total(self) -> f64 {
        self.reads + self.writes + self.refused
    }
}

impl Situation {
    /// What a condition leaves.
    ///
    /// # Errors
    ///
    /// As [`Prepared::hit_ratio`].
    pub fn of(prepared: &Prepared<'_>, deployment: &Deployment, condition: Condition) -> Result<Self, Breakdown> {
        let zones = prepared.system.region().zones;
        let arrival_rate = if prepared.hits_follow_rate() {
            offered_rate(prepared, deployment, condition)?
        } else {
            design_arrival_rate(prepared.system)
        };
        let tiers = prepared
            .system
            .tiers()
            .iter()
            .enumerate()
            .map(|(index, tier)| {
                let choice = deployment.choices[index];
                let left = match (tier.fleet(), choice) {
                    (Some(fleet), Some(choice)) => survivors(fleet, choice, condition, zones),
                    _ => Survivors { serving: 0, primary: Primary::NotApplicable, zones },
                };
                let hit_ratio =
                    choice.map_or(Ok(None), |choice| prepared.hit_ratio(index, choice, condition, arrival_rate))?;
                Ok(TierSituation { left, reads_served: 1.0, writes_served: 1.0, hit_ratio, duty: Duty::Serves })
            })
            .collect::<Result<_, Breakdown>>()?;
        Ok(Self { tiers })
    }

    /// Visits per second that reach something that serves.
    fn flows(&self, prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Flows, Breakdown> {
        let mut flows = prepared.flows(arrival_rate, &self.hit_ratios())?;
        let reached = self.reached(prepared.system);
        for (index, tier) in self.tiers.iter().enumerate() {
            let serves = if tier.duty == Duty::Serves { reached[index] } else { 0.0 };
            flows.reads[index] *= tier.reads_served * serves;
            flows.writes[index] *= tier.writes_served * serves;
        }
        Ok(flows)
    }

    /// The share of requests that get as far as each tier: those that fail at one before it, in the order of the system,
    /// do not.
    fn reached(&self, system: &System) -> Vec<f64> {
        let mut reached = vec![0.0; self.tiers.len()];
        let mut all = 0.0;
        for class in system.classes() {
            all += class.share.get();
            let mut passing = class.share.get();
            for (index, part) in self.tiers.iter().enumerate() {
                reached[index] += passing;
                if let (Duty::Serves, Some(visits)) = (part.duty, class.visits.iter().find(|one| one.tier == index)) {
                    passing *=
                        pass_share(part.reads_served, visits.reads) * pass_share(part.writes_served, visits.writes);
                }
            }
        }
        reached.iter().map(|share| share / all).collect()
    }

    fn hit_ratios(&self) -> HitRatios {
        self.tiers.iter().map(|tier| tier.hit_ratio).collect()
    }

    fn solve(&self, prepared: &Prepared<'_>, deployment: &Deployment, rate: f64) -> Result<Steady, Breakdown> {
        let flows = self.flows(prepared, rate)?;
        let base = self
            .tiers
            .iter()
            .enumerate()
            .map(|(index, part)| {
                let (reads, writes) = (flows.reads[index], flows.writes[index]);
                // A tier that serves nothing keeps no served request waiting; its law is that of an idle one.
                let idle = reads + writes == 0.0 && part.left.serving == 0;
                let left = if idle { Survivors { serving: 1, ..part.left } } else { part.left };
                prepared.tier_state(index, deployment.choices[index], left, reads, writes)
            })
            .collect::<Result<Vec<TierState>, _>>()?;
        let left = self
            .tiers
            .iter()
            .map(|tier| match tier.duty {
                Duty::Serves => tier.left,
                Duty::Bypassed => Survivors { serving: 0, ..tier.left },
            })
            .collect();
        let mut steady = Steady { flows, hit_ratios: self.hit_ratios(), left, states: base.clone(), base };
        steady.apply_layers(prepared, deployment)?;
        Ok(steady)
    }
}

impl TierSituation {
    fn passes(&self, reads: u32, writes: u32) -> f64 {
        match self.duty {
            Duty::Serves => power(self.reads_served, reads) * power(self.writes_served, writes),
            Duty::Bypassed => 1.0,
        }
    }
}

/// The chance of as many visits in a row.
pub(super) fn power(share: f64, visits: u32) -> f64 {
    share.powi(i32::try_from(visits).unwrap_or(i32::MAX))
}

/// The share of requests of which all visits are served, when each is with probability `served` and a fraction of a visit
/// is made by that share of the requests.
fn pass_share(served: f64, visits: f64) -> f64 {
    let fraction = visits.fract();
    served.powf(visits.floor()) * (1.0 - fraction + fraction * served)
}

/// The requests per second at which each tier is busy all the time; `None` where nothing queues.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] when the traffic equations have no solution.
pub fn load_limits(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
) -> Result<Vec<Option<f64>>, Breakdown> {
    let per_request = situation.flows(prepared, 1.0)?;
    let tiers = prepared.system.tiers();
    let mut limits: Vec<Option<f64>> = tiers
        .iter()
        .zip(&situation.tiers)
        .enumerate()
        .map(|(index, (tier, part))| {
            let (reads, writes) = (per_request.reads[index], per_request.writes[index]);
            tier_capacity(tier, deployment.choices[index], part.left, reads, writes)
        })
        .collect();
    if system_has_layers(prepared) {
        let servers = limits.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        if let Some((tier, rate)) = layer_limit(prepared, deployment, situation, servers) {
            limits[tier] = Some(limits[tier].map_or(rate, |limit| limit.min(rate)));
        }
    }
    Ok(limits)
}

/// The tier whose workers or connections saturate before any servers do, and the requests per second at which they do.
fn layer_limit(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    servers: f64,
) -> Option<(usize, f64)> {
    /// Relative width at which the rate is found.
    const WIDTH: f64 = 1e-6;
    if !servers.is_finite() {
        return None;
    }
    let (mut low, mut high) = (0.0, servers * (1.0 - WIDTH));
    let overloaded = |rate: f64| match situation.solve(prepared, deployment, rate) {
        Err(Breakdown::Overloaded { tier, .. }) => Some(tier),
        _ => None,
    };
    let mut name = overloaded(high)?;
    while high - low > WIDTH * high {
        let middle = f64::midpoint(low, high);
        match overloaded(middle) {
            Some(tier) => (high, name) = (middle, tier),
            None => low = middle,
        }
    }
    let tier = prepared.system.tiers().iter().position(|tier| tier.name == name)?;
    Some((tier, high))
}

/// Evaluates a deployment in a situation under `load_factor` times its workload.
///
/// # Method
///
/// The steady state that the situation would reach. A request fails when one of its visits does: a way with `v` visits to
/// a tier that serves the share `s` of them passes with `s^v`. Figures and response times are those of the requests that
/// pass. What fails at a tier does not get to the tiers after it, in the order of the system; it has loaded those before.
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
    on_the_stable_side(prepared, rate, |rate| evaluate_at(prepared, deployment, situation, rate))
}

/// A class of requests, as far as it is served.
struct ServedClass<'a> {
    class: &'a RequestClass,
    /// Share of the class that is served.
    served: f64,
    /// Its ways; the probabilities sum to 1.
    branches: Vec<Branch>,
}

/// The requests of a situation, as far as they are served.
struct Passing<'a> {
    parts: Vec<ServedClass<'a>>,
    shares: ServedShares,
}

/// Follows every way of a request through the tiers, in the order of the system, until one of its visits fails.
fn passing<'a>(prepared: &Prepared<'a>, situation: &Situation, refusals: &[Refusal]) -> Passing<'a> {
    let system = prepared.system;
    let hit_ratios = situation.hit_ratios();
    let mut failing = vec![FailingShare::default(); system.tiers().len()];
    let mut parts = Vec::new();
    for class in system.classes() {
        let mut branches = class_branches(prepared, class, &hit_ratios);
        let all: f64 = branches.iter().map(|branch| branch.probability).sum();
        for branch in &mut branches {
            for (tier, (lost, part)) in failing.iter_mut().zip(&situation.tiers).enumerate() {
                let (reads, writes) = (branch.visits[2 * tier], branch.visits[2 * tier + 1]);
                let weight = class.share.get() * branch.probability / all;
                let read = part.passes(reads, 0);
                let passes = part.passes(reads, writes);
                let accepted = refusals.get(tier).map_or(1.0, |refusal| refusal.passes(reads, writes));
                lost.reads += weight * (1.0 - read);
                lost.writes += weight * (read - passes);
                lost.refused += weight * passes * (1.0 - accepted);
                branch.probability *= passes * accepted;
            }
        }
        let passing: f64 = branches.iter().map(|branch| branch.probability).sum();
        if passing > 0.0 {
            for branch in &mut branches {
                branch.probability /= passing;
            }
            parts.push(ServedClass { class, served: passing / all, branches });
        }
    }
    let served = parts.iter().map(|part| part.class.share.get() * part.served).sum::<f64>().min(1.0);
    Passing { parts, shares: ServedShares { served, failing } }
}

/// The share of requests that are served, whatever the load.
pub fn served_shares(prepared: &Prepared<'_>, situation: &Situation) -> ServedShares {
    passing(prepared, situation, &[]).shares
}

/// What each tier refuses at a rate of requests, overloaded or not; nothing where connections are not limited.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] when the traffic equations have no solution.
pub fn refusals(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    arrival_rate: f64,
) -> Result<Vec<Refusal>, Breakdown> {
    let flows = situation.flows(prepared, arrival_rate)?;
    let tiers = prepared.system.tiers().iter().zip(&situation.tiers).enumerate();
    Ok(tiers
        .map(|(index, (tier, part))| {
            let (reads, writes) = (flows.reads[index], flows.writes[index]);
            tier_refusal(tier, deployment.choices[index], part.left, reads, writes).unwrap_or_default()
        })
        .collect())
}

/// The share of requests that are served when tiers refuse visits.
pub fn accepted_shares(prepared: &Prepared<'_>, situation: &Situation, refusals: &[Refusal]) -> ServedShares {
    passing(prepared, situation, refusals).shares
}

fn evaluate_at(
    prepared: &Prepared<'_>,
    deployment: &Deployment,
    situation: &Situation,
    arrival_rate: f64,
) -> Result<InSituation, Breakdown> {
    let system = prepared.system;
    let steady = situation.solve(prepared, deployment, arrival_rate)?;
    let refusals: Vec<Refusal> = steady.states.iter().map(|state| Refusal::of(state.database.as_ref())).collect();
    let Passing { parts, shares: ServedShares { served, failing } } = passing(prepared, situation, &refusals);
    if served <= 0.0 {
        let worst = failing.iter().enumerate().max_by(|one, other| one.1.total().total_cmp(&other.1.total()));
        let tier = worst.map_or(0, |(tier, _)| tier);
        return Err(Breakdown::Down { tier: system.tiers()[tier].name.clone() });
    }
    let objective_shares = shares(system, &steady, &parts, served)?;
    let unsolved = |reason: String| Breakdown::Unsolved { tier: system.name().to_owned(), reason };
    let law = PathLaw::new(mixed(&parts, served), steady.laws()).map_err(|error| unsolved(error.to_string()))?;
    let quantile = |share: f64| {
        let probability = Probability::new(share).map_err(|error| unsolved(error.to_string()))?;
        law.quantile(probability).map_err(|error| unsolved(error.to_string()))
    };
    let tiers = tier_figures(prepared, deployment, &steady, arrival_rate);
    let evaluation = ServedFigures { arrival_rate, tiers, median: quantile(0.5)?, p99: quantile(0.99)? };
    let too_many_refused = refuses_too_much(prepared, &refusals);
    Ok(InSituation { evaluation, shares: ServedShares { served, failing }, objective_shares, too_many_refused })
}

/// The first tier that refuses more visits than it may.
fn refuses_too_much(prepared: &Prepared<'_>, refusals: &[Refusal]) -> Option<usize> {
    let mut tiers = prepared.system.tiers().iter().zip(refusals);
    tiers.position(|(tier, refusal)| tier.fleet().is_some_and(|fleet| refusal.most() > max_refused(fleet)))
}

/// The ways of all served requests together.
fn mixed(parts: &[ServedClass<'_>], served: f64) -> Vec<Branch> {
    parts
        .iter()
        .flat_map(|part| {
            let weight = part.class.share.get() * part.served / served;
            part.branches
                .iter()
                .map(move |branch| Branch { probability: branch.probability * weight, ..branch.clone() })
        })
        .collect()
}

fn shares(system: &System, steady: &Steady, parts: &[ServedClass<'_>], served: f64) -> Result<Vec<f64>, Breakdown> {
    system
        .objectives()
        .response_times
        .iter()
        .map(|objective| {
            let (branches, served) = match objective.class.map(|index| &system.classes()[index].name) {
                None => (mixed(parts, served), served),
                Some(name) => match parts.iter().find(|part| part.class.name == *name) {
                    Some(part) => (part.branches.clone(), part.served),
                    None => return Ok(0.0),
                },
            };
            PathLaw::new(branches, steady.laws())
                .map(|law| law.cdf(objective.limit.get()) * served)
                .map_err(|error| Breakdown::Unsolved { tier: system.name().to_owned(), reason: error.to_string() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::model_file::{REFERENCE_MODEL, parse};

    #[test]
    fn a_condition_is_a_situation() {
        let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let deployment = loaded.system.current_deployment();
        for condition in [Condition::AllUp, Condition::ZoneLost, Condition::DesignLoss] {
            let situation = Situation::of(&prepared, &deployment, condition).expect("a situation");
            let here = evaluate_situation(&prepared, &deployment, &situation, 1.0);
            match evaluate(&prepared, &deployment, condition) {
                Ok(evaluation) => {
                    let here = here.expect("a steady state");
                    assert!((here.shares.served - 1.0).abs() < 1e-12);
                    assert_eq!(here.evaluation.tiers, evaluation.tiers);
                    let close = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-9;
                    let [median, _, _, p99, _] = evaluation.overall.percentiles;
                    assert!(close(here.evaluation.median, median) && close(here.evaluation.p99, p99));
                }
                Err(breakdown) => assert_eq!(here.expect_err("a breakdown"), breakdown),
            }
        }
    }

    #[test]
    fn a_request_fails_when_one_of_its_visits_does() {
        let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
        let system = &loaded.system;
        let prepared = Prepared::new(system).expect("prepared");
        let deployment = system.current_deployment();
        let mut situation = Situation::of(&prepared, &deployment, Condition::AllUp).expect("a situation");
        let tier = |name: &str| system.tiers().iter().position(|tier| tier.name == name).expect("a tier");
        situation.tiers[tier("db")].writes_served = 0.0;
        let here = evaluate_situation(&prepared, &deployment, &situation, 1.0).expect("browsing goes on");
        // Orders are a tenth of the requests and write once each.
        assert!((here.shares.served - 0.9).abs() < 1e-12);
        assert!((here.shares.failing[tier("db")].writes - 0.1).abs() < 1e-12);
        assert!(here.objective_shares.iter().all(|&share| share < 0.9));
        situation.tiers[tier("app")].reads_served = 0.0;
        let down = evaluate_situation(&prepared, &deployment, &situation, 1.0).expect_err("nothing is served");
        assert_eq!(down.to_string(), "tier `app` is down: no instance is left");
    }

    #[test]
    fn the_smallest_limit_is_where_the_bottleneck_saturates() {
        let loaded = parse("web", REFERENCE_MODEL, &[]).expect("no faults");
        let prepared = Prepared::new(&loaded.system).expect("prepared");
        let deployment = loaded.system.current_deployment();
        let situation = Situation::of(&prepared, &deployment, Condition::AllUp).expect("a situation");
        let limits = load_limits(&prepared, &deployment, &situation).expect("limits");
        let here = evaluate_situation(&prepared, &deployment, &situation, 1.0).expect("a steady state").evaluation;
        for (tier, limit) in here.tiers.iter().zip(limits) {
            match (tier.utilization, limit) {
                (Some(busy), Some(limit)) => assert!((here.arrival_rate / limit - busy).abs() < 1e-9, "{}", tier.name),
                (busy, limit) => assert_eq!((busy, limit), (None, None)),
            }
        }
    }
}
