use crate::model::{Choice, Deployment, Fleet, FleetRole, Resource, Standby};
use capplan_queueing::availability::{ZoneState, ZoneStates, conditional_unavailability, up_probabilities};
use capplan_queueing::units::Probability;

use super::availability::{combined, failover_unavailability, spread, zone_states};
use super::situation::{Duty, Situation};
use super::{Breakdown, Condition, Prepared, Primary, Survivors, all_met, evaluate_situation, offered_rate};

/// Service that users get while instances and zones fail and recover: "available" means fast enough, not just up.
#[derive(Debug, Clone, PartialEq)]
pub struct Performability {
    /// Share of time in which some response-time objective is missed, or something is down.
    pub time_outside: f64,
    /// By response-time objective the share of all requests within its limit, over all states.
    pub requests_within: Vec<f64>,
}

/// States less likely than this are not evaluated; they count as time outside.
const RARE: f64 = 1e-13;

/// Returns how much of the time, and of the requests, is within the response-time objectives: a Markov reward over the
/// instances and zones that are up.
///
/// # Formula
///
/// With the states `s` of the zones, the law `π_i(m|s)` of the number of instances of tier `i` up in the zones left, and
/// `F(s)`, `F_i(m|s)` the share of requests within an objective with all that is left, and with `m` of tier `i`:
///
/// ```text
/// time     = A_region·Σ_s P(s)·[F(s) ≥ p]·Π_i Σ_m π_i(m|s)·[F_i(m|s) ≥ p]
/// requests = A_region·Σ_s P(s)·F(s)·Π_i Σ_m π_i(m|s)·F_i(m|s)/F(s)
/// ```
///
/// A cache of which no node is left is passed by; its misses go on. Failovers and managed services count as in
/// [`system_availability`](super::system_availability()).
///
/// # Accuracy
///
/// Zones are exact. Within a state of the zones a tier that lost instances meets the others with all that is left to them:
/// two tiers that lose instances at the same time each count for themselves. In a state without a steady state no request
/// counts as within. Each state is in its steady state, since instances change far more slowly than requests come.
///
/// # Errors
///
/// [`Breakdown`] where the system has no steady state with nothing lost.
///
/// # References
///
/// [Trivedi17](capplan_queueing::references#trivedi17) ch. 9, Markov reward models.
pub fn performability(prepared: &Prepared<'_>, deployment: &Deployment) -> Result<Performability, Breakdown> {
    let states = zone_states(prepared.system)?;
    let rate = offered_rate(prepared, deployment, Condition::AllUp)?;
    let normal = Situation::of(prepared, deployment, Condition::AllUp)?;
    let fleets = fleets(prepared, deployment, &states);
    let course = Course { prepared, deployment, normal: &normal, rate };
    let objectives = prepared.system.objectives().response_times.len();
    let mut known: Vec<(Vec<u64>, InState)> = Vec::new();
    let mut time_outside = 0.0;
    let mut requests_within = vec![0.0; objectives];
    for (number, (state, probability)) in states.iter().enumerate() {
        let left: Vec<u64> = fleets.iter().map(|fleet| state.instances_left(&fleet.spread)).collect();
        let same = known.iter().find(|(same, _)| *same == left).map(|(_, found)| found.clone());
        let found = if let Some(found) = same {
            found
        } else {
            let found = course.in_state(&fleets, &left, state)?;
            known.push((left, found.clone()));
            found
        };
        let fixed = combined(fleets.iter().map(|fleet| fleet.fixed[number]));
        time_outside += probability * combined([found.outside, fixed]);
        for (sum, share) in requests_within.iter_mut().zip(&found.within) {
            *sum += probability * share * (1.0 - fixed);
        }
    }
    let region = prepared.system.region().availability.get();
    let managed = prepared.system.tiers().iter().filter_map(|tier| match &tier.resource {
        Resource::Managed(managed) => Some(managed.availability.get()),
        Resource::Fleet(_) => None,
    });
    let others = combined(managed.chain([region]).map(|availability| 1.0 - availability));
    Ok(Performability {
        time_outside: combined([time_outside, others]),
        requests_within: requests_within.into_iter().map(|share| share * (1.0 - others)).collect(),
    })
}

/// A tier whose instances fail and recover.
struct Part<'a> {
    tier: usize,
    fleet: &'a Fleet,
    choice: Choice,
    /// Instances in each zone, without a primary that has a standby.
    spread: Vec<u64>,
    /// Unavailability that no count changes, by state of the zones.
    fixed: Vec<f64>,
}

fn fleets<'a>(prepared: &Prepared<'a>, deployment: &Deployment, states: &ZoneStates) -> Vec<Part<'a>> {
    let system = prepared.system;
    let zones = system.region().zones;
    let part = |(tier, choice): (usize, &Option<Choice>)| {
        let (fleet, choice) = (system.tiers()[tier].fleet()?, (*choice)?);
        let (counted, first) = match &fleet.role {
            FleetRole::Database(role) if role.standby == Standby::Synchronous => (choice.count.saturating_sub(1), 2),
            _ => (choice.count, 0),
        };
        let failover = failover_unavailability(system, fleet, choice);
        let pair = match &fleet.role {
            FleetRole::Database(role) if role.standby == Standby::Synchronous => Some(spread(2, zones, 0)),
            _ => None,
        };
        let instance = Probability::new(fleet.instance.unavailability());
        let fixed = states.iter().map(|(state, _)| {
            let pair = pair.as_ref().map_or(0.0, |pair| {
                instance.as_ref().map_or(1.0, |instance| conditional_unavailability(pair, state, 1, *instance))
            });
            combined([pair, failover])
        });
        Some(Part { tier, fleet, choice, spread: spread(counted, zones, first), fixed: fixed.collect() })
    };
    deployment.choices.iter().enumerate().filter_map(part).collect()
}

/// Figures of one state of the zones.
#[derive(Debug, Clone)]
struct InState {
    /// Probability that an objective is missed.
    outside: f64,
    /// By objective the mean share of requests within it.
    within: Vec<f64>,
}

struct Course<'a> {
    prepared: &'a Prepared<'a>,
    deployment: &'a Deployment,
    normal: &'a Situation,
    rate: f64,
}

impl Course<'_> {
    fn in_state(&self, fleets: &[Part<'_>], left: &[u64], state: ZoneState) -> Result<InState, Breakdown> {
        let zones = state.zones_up();
        let mut whole = self.normal.clone();
        for (part, &count) in fleets.iter().zip(left) {
            self.leave(&mut whole, part, count, zones)?;
        }
        let base = self.shares(&whole);
        if !all_met(self.prepared, &base) {
            return Ok(InState { outside: 1.0, within: base });
        }
        let mut outside = 0.0;
        let mut within = base.clone();
        for (part, &count) in fleets.iter().zip(left) {
            let name = &self.prepared.system.tiers()[part.tier].name;
            let down = Probability::new(part.fleet.instance.unavailability())
                .map_err(|error| Breakdown::unsolved(name, error))?;
            let law = up_probabilities(count, down).map_err(|error| Breakdown::unsolved(name, error))?;
            let (mut missed, mut reached) = (0.0, vec![0.0; base.len()]);
            for (&share, up) in law.iter().rev().zip((0..=count).rev()) {
                if share == 0.0 {
                    continue;
                }
                if share < RARE {
                    missed += share;
                    continue;
                }
                let mut situation = whole.clone();
                if up < count {
                    self.leave(&mut situation, part, up, zones)?;
                }
                let shares = if up < count { self.shares(&situation) } else { base.clone() };
                if !all_met(self.prepared, &shares) {
                    missed += share;
                }
                for (sum, within) in reached.iter_mut().zip(&shares) {
                    *sum += share * within;
                }
            }
            outside = combined([outside, missed]);
            for ((within, reached), base) in within.iter_mut().zip(&reached).zip(&base) {
                *within *= reached / base;
            }
        }
        Ok(InState { outside, within })
    }

    /// The share of requests within each objective; zeros without a steady state.
    fn shares(&self, situation: &Situation) -> Vec<f64> {
        match evaluate_situation(self.prepared, self.deployment, situation, 1.0) {
            Ok(found) => found.objective_shares,
            Err(_) => vec![0.0; self.prepared.system.objectives().response_times.len()],
        }
    }

    /// Leaves `count` instances of a tier.
    fn leave(&self, situation: &mut Situation, part: &Part<'_>, count: u64, zones: u32) -> Result<(), Breakdown> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let Some(tier) = situation.tiers.get_mut(part.tier) else { return Ok(()) };
        match &part.fleet.role {
            FleetRole::Service => {
                tier.left = Survivors { serving: count, primary: Primary::NotApplicable, zones };
            }
            FleetRole::Cache(_) if count == 0 => {
                tier.duty = Duty::Bypassed;
                tier.hit_ratio = Some(0.0);
                tier.left = Survivors { serving: part.choice.count, primary: Primary::NotApplicable, zones };
            }
            FleetRole::Cache(_) => {
                tier.left = Survivors { serving: count, primary: Primary::NotApplicable, zones };
                if count != part.choice.count {
                    tier.hit_ratio = self.prepared.hit_ratio_of_nodes(part.tier, part.choice, count, self.rate)?;
                }
            }
            FleetRole::Database(role) => {
                let (serving, primary) = match role.standby {
                    Standby::Synchronous => (count, Primary::Present),
                    Standby::None if count == 0 => (0, Primary::Lost),
                    Standby::None => (count - 1, Primary::Present),
                };
                tier.left = Survivors { serving, primary, zones };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{Flows, evaluate, system_availability};
    use crate::model_file::{REFERENCE_MODEL, parse};
    use capplan_queueing::availability;
    use capplan_queueing::queues::Mmc;
    use capplan_queueing::queues::StationLaws;
    use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};

    const ONE_TIER: &str = r#"
capplan = 1
name = "one"
[workload]
arrival_rate = "70 /s"
[region]
zones = 1
zone_mtbf = "10000 y"
zone_mttr = "1 ns"
availability = "100%"
[objectives.response_time]
p95 = "450 ms"
[classes.all]
share = 1.0
visits = { app = 1 }
[tiers.app]
kind = "service"
service_time = "100 ms"
discipline = "fcfs"
routing = "shared_queue"
round_trip = "0 ms"
instance_type = "small"
instances = 10
mtbf = "100 h"
mttr = "10 h"
[instance_types.small]
servers = 1
memory = "1 GiB"
price = "0.1 USD/h"
"#;

    /// One tier behind one queue is the Markov reward over M/M/m, which has a calculator of its own.
    #[test]
    fn one_tier_is_the_markov_reward_over_its_queue() {
        let system = parse("one", ONE_TIER, &[]).map_err(|faults| faults.to_string()).expect("no faults").system;
        let prepared = Prepared::new(&system).expect("prepared");
        let found = performability(&prepared, &system.current_deployment()).expect("steady");
        let down = Probability::new(10.0 / 110.0).expect("a probability");
        let law = up_probabilities(10, down).expect("a law");
        let within = |up: u64| {
            let queue = Mmc::new(
                ArrivalRate::new(70.0).expect("a rate"),
                ServiceRate::new(10.0).expect("a rate"),
                Servers::new(up).ok()?,
            );
            queue.ok()?.sojourn_time_within(Seconds::new(0.45).expect("a time")).ok()
        };
        let percentile = Probability::new(0.95).expect("a probability");
        let exact = availability::performability(&law, percentile, |up| Ok::<_, ()>(within(up))).expect("an answer");
        assert!((found.time_outside / exact.time_outside_objective - 1.0).abs() < 1e-6, "{found:?} {exact:?}");
        assert!((found.requests_within[0] / exact.requests_within_objective - 1.0).abs() < 1e-6);
    }

    #[test]
    fn fast_enough_is_seldomer_than_up() {
        let system = parse("web", REFERENCE_MODEL, &[]).expect("no faults").system;
        let prepared = Prepared::new(&system).expect("prepared");
        let deployment = system.current_deployment();
        let found = performability(&prepared, &deployment).expect("steady");
        let normal = evaluate(&prepared, &deployment, Condition::AllUp).expect("steady");
        let hits = normal.tiers.iter().map(|tier| tier.hit_ratio).collect();
        let flows: Flows = prepared.flows(normal.arrival_rate, &hits).expect("flows");
        let up = system_availability(&system, &deployment, &flows).expect("an availability");
        assert!(found.time_outside >= up.unavailability && found.time_outside < 1e-3, "{found:?} {up:?}");
        for (within, objective) in found.requests_within.iter().zip(&system.objectives().response_times) {
            assert!(*within < 1.0 && *within > objective.percentile, "{found:?}");
        }
    }
}
