use crate::evaluate::{Breakdown, Situation, per_zone};
use crate::model::{FleetRole, Scenario, ScenarioKind, Standby, TierKind};
use capplan_queueing::overload::FluidQueue;
use capplan_queueing::units::Seconds;

use super::ScenarioEvaluator;
use super::evaluator::bottleneck;
use super::impact::{LossKind, RetryStorm, Rollout, ScaleOut, TierLoss};
use super::losses::{Loss, PrimaryFate, StepNames};
use super::refill::Refill;

/// Nano-dollars in a dollar.
const NANO: f64 = 1e9;
/// Default duration of a spike, in seconds.
const SPIKE: f64 = 600.0;
/// Default duration of the load that starts a retry storm, in seconds.
const STORM: f64 = 60.0;

/// A part of a scenario: a situation of the system, for a time.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub name: String,
    /// In seconds; infinite for the last step.
    pub duration: f64,
    pub situation: Situation,
    pub load_factor: f64,
    /// Number of the refill that goes on, and the name of the step once the cache is full.
    pub refill: Option<(usize, String)>,
}

impl Step {
    /// A step at the normal load, without a refill.
    pub fn new(name: &str, duration: f64, situation: Situation) -> Self {
        Self { name: name.to_owned(), duration, situation, load_factor: 1.0, refill: None }
    }
}

/// The steps of a scenario on one deployment, and what is known before they are evaluated.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub steps: Vec<Step>,
    pub refills: Vec<Refill>,
    pub losses: Vec<TierLoss>,
    pub scale_outs: Vec<ScaleOut>,
    pub retry_storm: Option<RetryStorm>,
    pub rollout: Option<Rollout>,
}

/// What a scenario needs in a system.
pub(super) const fn target(kind: ScenarioKind) -> &'static str {
    match kind {
        ScenarioKind::CacheLost | ScenarioKind::CacheCold => "cache",
        ScenarioKind::DbFailover => "database",
        ScenarioKind::Deploy => "service",
        ScenarioKind::ZoneLost | ScenarioKind::InstanceLost | ScenarioKind::Spike | ScenarioKind::RetryStorm => {
            "tier with instances"
        }
    }
}

/// The scripts of a scenario, one for each tier that it can affect.
pub(super) fn scripts(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Vec<Script>, Breakdown> {
    let each = |script: &dyn Fn(usize) -> Result<Script, Breakdown>, kind: Option<TierKind>| {
        let tiers = evaluator.prepared.system.tiers();
        (0..tiers.len())
            .filter(|&tier| evaluator.choice(tier).is_some())
            .filter(|&tier| kind.is_none_or(|kind| tiers[tier].kind == kind))
            .filter(|&tier| scenario.tier.is_none_or(|wanted| wanted == tier))
            .map(script)
            .collect::<Result<Vec<Script>, Breakdown>>()
    };
    match scenario.kind {
        ScenarioKind::ZoneLost => Ok(vec![zone_lost(evaluator, scenario)?]),
        ScenarioKind::InstanceLost => each(&|tier| instance_lost(evaluator, scenario, tier), None),
        ScenarioKind::CacheLost => each(&|tier| cache_lost(evaluator, scenario, tier), Some(TierKind::Cache)),
        ScenarioKind::CacheCold => each(&|tier| cache_cold(evaluator, tier), Some(TierKind::Cache)),
        ScenarioKind::DbFailover => each(&|tier| failover(evaluator, scenario, tier), Some(TierKind::Database)),
        ScenarioKind::Deploy => each(&|tier| Ok(deploy(evaluator, scenario, tier)), Some(TierKind::Service)),
        ScenarioKind::Spike => Ok(vec![spike(evaluator, scenario)]),
        ScenarioKind::RetryStorm => Ok(vec![retry_storm(evaluator, scenario)?]),
    }
}

fn zone_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Script, Breakdown> {
    let system = evaluator.prepared.system;
    let zones = system.region().zones;
    let in_lost_zones =
        |count: u32| per_zone(count, zones).into_iter().take(scenario.zones as usize).sum::<u32>().min(count);
    let mut losses = Vec::new();
    for (tier, (part, choice)) in system.tiers().iter().zip(&evaluator.deployment.choices).enumerate() {
        let (Some(fleet), Some(choice)) = (part.fleet(), choice) else { continue };
        losses.push(match &fleet.role {
            FleetRole::Service | FleetRole::Cache(_) => Loss {
                tier,
                instances: in_lost_zones(choice.count),
                zones: scenario.zones,
                primary: PrimaryFate::Stays,
            },
            FleetRole::Database(role) => {
                let primary = if scenario.zones > 1 { PrimaryFate::FailsWithStandby } else { PrimaryFate::Fails };
                let instances = match role.standby {
                    Standby::Synchronous => in_lost_zones(choice.count.saturating_sub(1)),
                    Standby::None => in_lost_zones(choice.count).saturating_sub(1),
                };
                Loss { tier, instances, zones: scenario.zones, primary }
            }
        });
    }
    let duration = scenario.duration.map_or_else(|| system.region().zone.mttr(), Seconds::get);
    evaluator.losses(&losses, duration, StepNames { during: "without the zone", after: "the zone is back" })
}

/// Duration of a loss: that of the scenario, else the time to repair of the tier.
fn repair_time(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> f64 {
    let own = evaluator.prepared.system.tiers()[tier].fleet().map_or(0.0, |fleet| fleet.instance.mttr());
    scenario.duration.map_or(own, Seconds::get)
}

fn count(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> u32 {
    evaluator.choice(tier).map_or(0, |choice| choice.count)
}

fn instance_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Script, Breakdown> {
    let count = count(evaluator, tier);
    let is_database = evaluator.prepared.system.tiers()[tier].kind == TierKind::Database;
    // A database loses replicas first: the loss of its primary is another scenario.
    let (instances, primary) = match (is_database, count) {
        (true, 0 | 1) => (0, PrimaryFate::Fails),
        (true, _) => (scenario.instances.min(count - 1), PrimaryFate::Stays),
        (false, _) => (scenario.instances.min(count), PrimaryFate::Stays),
    };
    let names = StepNames { during: "one instance fewer", after: "the instance is back" };
    let more = StepNames { during: "fewer instances", after: "the instances are back" };
    let names = if instances > 1 { more } else { names };
    let loss = Loss { tier, instances, zones: 0, primary };
    evaluator.losses(&[loss], repair_time(evaluator, scenario, tier), names)
}

fn cache_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Script, Breakdown> {
    let loss = Loss { tier, instances: count(evaluator, tier), zones: 0, primary: PrimaryFate::Stays };
    let names = StepNames { during: "without the cache", after: "the cache is back" };
    evaluator.losses(&[loss], repair_time(evaluator, scenario, tier), names)
}

fn failover(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Script, Breakdown> {
    let loss = Loss { tier, instances: 0, zones: 0, primary: PrimaryFate::Fails };
    let names = if evaluator.has_successor(loss) {
        StepNames { during: "on the new primary", after: "the old primary is back" }
    } else {
        StepNames { during: "no primary until it is repaired", after: "the primary is back" }
    };
    evaluator.losses(&[loss], repair_time(evaluator, scenario, tier), names)
}

/// The last step: the normal situation, without an end.
fn last(evaluator: &ScenarioEvaluator<'_>, name: &str) -> Step {
    Step::new(name, f64::INFINITY, evaluator.normal.clone())
}

fn cache_cold(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> Result<Script, Breakdown> {
    let Some(choice) = evaluator.choice(tier) else { return Ok(Script::default()) };
    let (tier_name, of) = (evaluator.prepared.system.tiers()[tier].name.clone(), choice.count);
    let losses = vec![TierLoss { tier: tier_name, instances: of, of, kind: LossKind::Objects }];
    let mut step = last(evaluator, "the cache refills");
    let mut refills = Vec::new();
    if let Some(cold) = evaluator.cold_start(tier, choice, of)? {
        refills.push(Refill::new(tier, 1.0, cold));
        step.refill = Some((0, "the cache is warm".to_owned()));
    }
    Ok(Script { steps: vec![step], refills, losses, ..Script::default() })
}

/// The batches of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Batches {
    /// Instances that serve during each batch.
    serving: u32,
    /// Old instances out of service during each batch.
    out: u32,
    /// New instances in excess of the usual number during each batch but the last.
    surge: u32,
    /// New instances of each batch.
    each: u32,
    number: u32,
    /// New instances of the last batch.
    last: u32,
}

/// Batches by the rule of Kubernetes: the share out of service is rounded down, the surge up, and one of the two is at least
/// one instance. All instances but those out of service serve at any time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn batches(count: u32, out: f64, surge: f64) -> Batches {
    let surge = ((f64::from(count) * surge - 1e-9).ceil() as u32).min(count);
    let out = ((f64::from(count) * out + 1e-9).floor() as u32).min(count);
    let (out, surge) = if out + surge == 0 { (1.min(count), 0) } else { (out, surge) };
    let each = out.saturating_add(surge).min(count).max(1);
    let number = count.div_ceil(each).max(1);
    Batches { serving: count - out, out, surge, each, number, last: count - (number - 1) * each }
}

impl Batches {
    /// Instances in excess of the usual number, summed over the batches.
    fn extra(self) -> f64 {
        let last = self.last.saturating_sub(self.out).min(self.surge);
        f64::from(self.number - 1) * f64::from(self.surge) + f64::from(last)
    }

    fn name(self) -> String {
        match self {
            Self { number: 1, each, .. } => format!("1 batch of {each}"),
            Self { number, each, last, .. } if each == last => format!("{number} batches of {each}"),
            Self { number, each, .. } => format!("{number} batches of up to {each}"),
        }
    }
}

fn deploy(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Script {
    let system = evaluator.prepared.system;
    let count = count(evaluator, tier);
    let batches = batches(count, scenario.batch.get(), system.reactions().deploy_surge.get());
    // The boot time includes the first health checks.
    let ready = system.scaling().boot_time.get();
    let duration = f64::from(batches.number) * ready;
    let mut situation = evaluator.normal.clone();
    let part = &mut situation.tiers[tier];
    part.left.serving = batches.serving;
    if part.left.serving == 0 {
        part.reads_served = 0.0;
    }
    let name = system.tiers()[tier].name.clone();
    let rollout = Rollout {
        tier: name.clone(),
        batches: batches.number,
        surge: batches.surge,
        duration,
        cost: instance_price(evaluator, tier) / 3600.0 * batches.extra() * ready,
    };
    Script {
        steps: vec![Step::new(&batches.name(), duration, situation), last(evaluator, "deployed")],
        losses: vec![TierLoss { tier: name, instances: batches.out, of: count, kind: LossKind::Replaced }],
        rollout: Some(rollout),
        ..Script::default()
    }
}

/// USD an hour for one instance of a tier.
fn instance_price(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> f64 {
    let fleet = evaluator.prepared.system.tiers()[tier].fleet();
    fleet
        .zip(evaluator.choice(tier))
        .map_or(0.0, |(fleet, choice)| fleet.types[choice.instance_type].price.nano_usd_per_hour() as f64 / NANO)
}

/// Instances that target tracking adds to each service tier when the load is multiplied: the utilization stays the same.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count times at most 1000; saturates")]
fn scale_outs(evaluator: &ScenarioEvaluator<'_>, factor: f64) -> Vec<(usize, ScaleOut)> {
    let tiers = evaluator.prepared.system.tiers().iter().enumerate().filter(|(_, tier)| tier.kind == TierKind::Service);
    tiers
        .filter_map(|(index, tier)| {
            let (fleet, choice) = (tier.fleet()?, evaluator.choice(index)?);
            let wanted = (f64::from(choice.count) * factor - 1e-9).ceil() as u32;
            let max = fleet.counts.max.max(choice.count);
            Some((index, ScaleOut { tier: tier.name.clone(), from: choice.count, wanted, max }))
        })
        .collect()
}

fn spike(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Script {
    let scaling = evaluator.prepared.system.scaling();
    let reaction = scaling.alarm_time.get() + scaling.boot_time.get();
    let duration = scenario.duration.map_or(SPIKE, Seconds::get);
    let scale_outs = scale_outs(evaluator, scenario.factor);
    let mut scaled = evaluator.normal.clone();
    for (tier, scale_out) in &scale_outs {
        scaled.tiers[*tier].left.serving = scale_out.reached();
    }
    let step = |name: &str, duration: f64, situation: Situation| Step {
        load_factor: scenario.factor,
        ..Step::new(name, duration, situation)
    };
    let mut steps = vec![step("before new instances serve", reaction.min(duration), evaluator.normal.clone())];
    if duration > reaction {
        steps.push(step("with new instances", duration - reaction, scaled));
    }
    steps.push(last(evaluator, "load is normal again"));
    Script { steps, scale_outs: scale_outs.into_iter().map(|(_, scale_out)| scale_out).collect(), ..Script::default() }
}

fn retry_storm(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Script, Breakdown> {
    let duration = scenario.duration.map_or(STORM, Seconds::get);
    let overload =
        Step { load_factor: scenario.factor, ..Step::new("more load than usual", duration, evaluator.normal.clone()) };
    let normal = evaluator.loaded(&evaluator.normal, 1.0)?;
    let retry_storm = bottleneck(&normal.limits).map(|(_, capacity)| {
        let queue = FluidQueue { capacity, ..evaluator.fluid_queue(&normal, scenario) };
        let worst_attempt_rate = queue.worst_attempt_rate();
        let recovers_below = capacity / worst_attempt_rate;
        RetryStorm { capacity, worst_attempt_rate, recovers_below, shed_to_recover: queue.shed_to_recover() }
    });
    Ok(Script { steps: vec![overload, last(evaluator, "load is normal again")], retry_storm, ..Script::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_those_of_kubernetes() {
        let words = |count, out, beside| {
            let found = batches(count, out, beside);
            (found.name(), found.serving, found.extra())
        };
        assert_eq!(words(60, 0.25, 0.0), ("4 batches of 15".to_owned(), 45, 0.0));
        // 25 % of 10 is 2 out of service and 3 beside them.
        assert_eq!(words(10, 0.25, 0.25), ("2 batches of 5".to_owned(), 8, 6.0));
        // Blue/green: all instances twice, once.
        assert_eq!(words(60, 0.0, 1.0), ("1 batch of 60".to_owned(), 60, 60.0));
        // No more is started than is replaced.
        assert_eq!(words(60, 0.25, 1.0), ("1 batch of 60".to_owned(), 45, 45.0));
        // The last of 4 batches of 3 replaces the one that is left, out of service.
        assert_eq!(words(10, 0.1, 0.2), ("4 batches of up to 3".to_owned(), 9, 6.0));
        assert_eq!(words(3, 0.0, 0.0), ("3 batches of 1".to_owned(), 2, 0.0));
        assert_eq!(words(1, 1.0, 0.0), ("1 batch of 1".to_owned(), 0, 0.0));
    }
}
