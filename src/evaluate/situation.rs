use crate::model::{Deployment, System};

use super::condition::Primary;
use super::layers::system_has_layers;
use super::refusal::power;
use super::steady_state::SteadyState;
use super::{Breakdown, Condition, Flows, HitRatios, LoadedTier, Prepared, Survivors, TierState, survivors};

/// The capabilities of every tier for a while, such as during a failure that no deployment is designed for.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// By tier.
    pub tiers: Vec<TierSituation>,
}

/// The capabilities of one tier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierSituation {
    /// Instances that serve, possibly more than the deployment has.
    pub left: Survivors,
    /// Share of reads that reach an instance that serves; the rest fails at once.
    pub reads_served: f64,
    /// Share of writes that reach a primary that serves; the rest fails at once.
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
    /// It is bypassed: a lost cache refuses a look-up as fast as an idle one answers it.
    Bypassed,
}

impl Situation {
    /// The tiers after the loss of a condition, with the hit ratios at `arrival_rate` requests per second.
    ///
    /// # Errors
    ///
    /// As [`Prepared::hit_ratio`].
    pub fn at(
        prepared: &Prepared<'_>,
        deployment: &Deployment,
        condition: Condition,
        arrival_rate: f64,
    ) -> Result<Self, Breakdown> {
        let zones = prepared.system.region().zones;
        let tiers = prepared.system.tiers().iter().zip(&deployment.choices).enumerate();
        let tiers = tiers.map(|(index, (tier, choice))| {
            let (left, hit_ratio) = match (tier.fleet(), *choice) {
                (Some(fleet), Some(choice)) => {
                    let left = survivors(fleet, choice, condition, zones);
                    (left, prepared.hit_ratio_of_nodes(index, choice, left.serving, arrival_rate)?)
                }
                _ => (Survivors { serving: 0, primary: Primary::NotApplicable, zones }, None),
            };
            Ok(TierSituation { left, reads_served: 1.0, writes_served: 1.0, hit_ratio, duty: Duty::Serves })
        });
        Ok(Self { tiers: tiers.collect::<Result<_, Breakdown>>()? })
    }

    /// Whether no request fails at any tier, whatever the load.
    fn serves_all(&self) -> bool {
        let serves =
            |tier: &TierSituation| tier.duty == Duty::Serves && tier.reads_served == 1.0 && tier.writes_served == 1.0;
        self.tiers.iter().all(serves)
    }

    /// Visits per second that reach an instance that serves.
    ///
    /// # Errors
    ///
    /// As [`Prepared::flows`].
    pub fn flows(&self, prepared: &Prepared<'_>, arrival_rate: f64) -> Result<Flows, Breakdown> {
        let mut flows = prepared.flows(arrival_rate, &self.hit_ratios())?;
        if self.serves_all() {
            return Ok(flows);
        }
        let reached = self.reached(prepared.system);
        for (index, tier) in self.tiers.iter().enumerate() {
            let serves = if tier.duty == Duty::Serves { reached[index] } else { 0.0 };
            flows[index].reads *= tier.reads_served * serves;
            flows[index].writes *= tier.writes_served * serves;
        }
        Ok(flows)
    }

    /// The share of requests that reaches each tier: all but those that fail at an earlier tier, in the order of the system.
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

    /// The hit ratio of every cache.
    pub fn hit_ratios(&self) -> HitRatios {
        self.tiers.iter().map(|tier| tier.hit_ratio).collect()
    }

    /// Solves every tier at `arrival_rate` requests per second.
    pub(super) fn solve(
        &self,
        prepared: &Prepared<'_>,
        deployment: &Deployment,
        arrival_rate: f64,
    ) -> Result<SteadyState, Breakdown> {
        let flows = self.flows(prepared, arrival_rate)?;
        let serves_all = self.serves_all();
        let state = |(index, part): (usize, &TierSituation)| {
            // No served request waits for a tier at which all fail; its law is that of an idle one.
            let idle = !serves_all && flows[index].total() == 0.0 && part.left.serving == 0;
            let left = if idle { Survivors { serving: 1, ..part.left } } else { part.left };
            prepared.tier_state(index, deployment.choices[index], left, flows[index])
        };
        let base = self.tiers.iter().enumerate().map(state).collect::<Result<Vec<TierState>, _>>()?;
        let left = self.tiers.iter().map(TierSituation::on_duty).collect();
        let mut steady = SteadyState { flows, hit_ratios: self.hit_ratios(), left, states: base.clone(), base };
        steady.apply_layers(prepared, deployment)?;
        Ok(steady)
    }
}

impl TierSituation {
    /// The probability that a request with so many visits to the tier fails at none of them.
    pub(super) fn passes(&self, reads: u32, writes: u32) -> f64 {
        match self.duty {
            Duty::Serves => power(self.reads_served, reads) * power(self.writes_served, writes),
            Duty::Bypassed => 1.0,
        }
    }

    /// The instances that requests meet.
    fn on_duty(&self) -> Survivors {
        match self.duty {
            Duty::Serves => self.left,
            Duty::Bypassed => Survivors { serving: 0, ..self.left },
        }
    }
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
            LoadedTier { tier, choice: deployment.choices[index], left: part.left, flow: per_request[index] }.capacity()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{evaluate, evaluate_situation};
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
