use crate::evaluate::{Breakdown, per_zone};
use crate::model::{FleetRole, Scenario, ScenarioKind, Standby, TierKind};
use capplan_queueing::units::Seconds;

use super::evaluator::{Script, Step};
use super::impact::{LossKind, RetryStorm, Rollout, ScaleOut, ScenarioError, TierLoss};
use super::losses::{Loss, Names, PrimaryFate};
use super::refill::Refill;
use super::summary::{ScenarioSection, summarize};
use super::{Impact, ScenarioEvaluator};

/// Nano-dollars in a dollar.
const NANO: f64 = 1e9;
/// How long a spike lasts, in seconds.
const SPIKE: f64 = 600.0;
/// How long the load of a retry storm lasts, in seconds.
const STORM: f64 = 60.0;

/// A script and what is known of it without following it.
#[derive(Debug, Default)]
struct Plot {
    script: Script,
    strikes: Vec<TierLoss>,
    scale_outs: Vec<ScaleOut>,
    storm: Option<RetryStorm>,
    rollout: Option<Rollout>,
}

/// Follows a scenario; of several tiers that it may happen to, the one that fares worst.
pub(super) fn impact(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Impact, ScenarioError> {
    let plots = plots(evaluator, scenario)?;
    let mut worst: Option<Impact> = None;
    for plot in plots {
        let record = evaluator.follow(&plot.script, scenario)?;
        let told = ScenarioSection {
            strikes: plot.strikes,
            scale_outs: plot.scale_outs,
            storm: plot.storm,
            rollout: plot.rollout,
        };
        let impact = summarize(evaluator, scenario, record, told);
        if worst.as_ref().is_none_or(|known| is_worse(&impact, known)) {
            worst = Some(impact);
        }
    }
    worst.ok_or(ScenarioError::NoTarget(wanted(scenario.kind)))
}

fn is_worse(one: &Impact, other: &Impact) -> bool {
    let missed = |impact: &Impact| impact.missed_time.unwrap_or(f64::INFINITY);
    let busiest = |impact: &Impact| {
        impact.phases.iter().flat_map(|phase| phase.peak_load.iter().flatten()).copied().fold(0.0, f64::max)
    };
    one.verdict
        .cmp(&other.verdict)
        .then(missed(one).total_cmp(&missed(other)))
        .then(one.failed().total_cmp(&other.failed()))
        .then(busiest(one).total_cmp(&busiest(other)))
        .is_gt()
}

/// What a scenario needs of a system.
const fn wanted(kind: ScenarioKind) -> &'static str {
    match kind {
        ScenarioKind::CacheLost | ScenarioKind::CacheCold => "cache",
        ScenarioKind::DbFailover => "database",
        ScenarioKind::Deploy => "service",
        ScenarioKind::ZoneLost | ScenarioKind::InstanceLost | ScenarioKind::Spike | ScenarioKind::RetryStorm => {
            "tier with instances"
        }
    }
}

fn plots(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Vec<Plot>, Breakdown> {
    let each = |plot: &dyn Fn(usize) -> Result<Plot, Breakdown>, kind: Option<TierKind>| {
        let tiers = evaluator.prepared.system.tiers();
        (0..tiers.len())
            .filter(|&tier| evaluator.deployment.choices[tier].is_some())
            .filter(|&tier| kind.is_none_or(|kind| tiers[tier].kind == kind))
            .filter(|&tier| scenario.tier.is_none_or(|wanted| wanted == tier))
            .map(plot)
            .collect::<Result<Vec<Plot>, Breakdown>>()
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

fn lost(evaluator: &ScenarioEvaluator<'_>, losses: &[Loss], duration: f64, names: Names) -> Result<Plot, Breakdown> {
    let script = evaluator.losses(losses, duration, names)?;
    let strikes = losses.iter().filter_map(|loss| evaluator.strike(*loss)).filter(|strike| strike.instances > 0);
    Ok(Plot { script, strikes: strikes.collect(), ..Plot::default() })
}

fn zone_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Plot, Breakdown> {
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
    lost(evaluator, &losses, duration, Names { during: "without the zone", after: "the zone is back" })
}

/// How long a tier lacks what it lost: what the scenario says, else its own time to repair.
fn repair_time(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> f64 {
    let own = evaluator.prepared.system.tiers()[tier].fleet().map_or(0.0, |fleet| fleet.instance.mttr());
    scenario.duration.map_or(own, Seconds::get)
}

fn count(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> u32 {
    evaluator.deployment.choices[tier].map_or(0, |choice| choice.count)
}

fn instance_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Plot, Breakdown> {
    let count = count(evaluator, tier);
    let is_database = evaluator.prepared.system.tiers()[tier].kind == TierKind::Database;
    // A database loses replicas first: its primary is another scenario.
    let (instances, primary) = match (is_database, count) {
        (true, 0 | 1) => (0, PrimaryFate::Fails),
        (true, _) => (scenario.instances.min(count - 1), PrimaryFate::Stays),
        (false, _) => (scenario.instances.min(count), PrimaryFate::Stays),
    };
    let names = Names { during: "one instance fewer", after: "the instance is back" };
    let more = Names { during: "fewer instances", after: "the instances are back" };
    let names = if instances > 1 { more } else { names };
    lost(evaluator, &[Loss { tier, instances, zones: 0, primary }], repair_time(evaluator, scenario, tier), names)
}

fn cache_lost(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Plot, Breakdown> {
    let loss = Loss { tier, instances: count(evaluator, tier), zones: 0, primary: PrimaryFate::Stays };
    let names = Names { during: "without the cache", after: "the cache is back" };
    lost(evaluator, &[loss], repair_time(evaluator, scenario, tier), names)
}

fn failover(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Result<Plot, Breakdown> {
    let loss = Loss { tier, instances: 0, zones: 0, primary: PrimaryFate::Fails };
    let names = if evaluator.has_successor(loss) {
        Names { during: "on the new primary", after: "the old primary is back" }
    } else {
        Names { during: "no successor: until the primary is repaired", after: "the primary is back" }
    };
    lost(evaluator, &[loss], repair_time(evaluator, scenario, tier), names)
}

fn last(evaluator: &ScenarioEvaluator<'_>, name: &str) -> Step {
    Step {
        name: name.to_owned(),
        length: f64::INFINITY,
        situation: evaluator.normal.clone(),
        load_factor: 1.0,
        refill: None,
    }
}

fn cache_cold(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> Result<Plot, Breakdown> {
    let mut script = Script::default();
    let mut step = last(evaluator, "the cache refills");
    if let Some(choice) = evaluator.deployment.choices[tier]
        && let Some(cold) = evaluator.cold_start(tier, choice, choice.count)?
    {
        script.refills.push(Refill::new(tier, 1.0, cold));
        step.refill = Some((0, "the cache is warm".to_owned()));
    }
    script.steps.push(step);
    let name = evaluator.prepared.system.tiers()[tier].name.clone();
    let of = count(evaluator, tier);
    let strikes = vec![TierLoss { tier: name, instances: of, of, reach: LossKind::Objects }];
    Ok(Plot { script, strikes, ..Plot::default() })
}

/// The batches of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Batches {
    /// Instances that serve in each of them.
    serving: u32,
    /// Old instances out of service in each.
    out: u32,
    /// New ones beside the old in each, the last one left out.
    beside: u32,
    /// New instances in each.
    each: u32,
    number: u32,
    /// New instances in the last one.
    last: u32,
}

/// The batches by the rule of Kubernetes: shares are rounded down out of service, up beside the old ones, and at least one
/// of the two is an instance. What is ready serves, so that all but those out of service always do.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn batches(count: u32, out: f64, beside: f64) -> Batches {
    let surge = ((f64::from(count) * beside - 1e-9).ceil() as u32).min(count);
    let out = ((f64::from(count) * out + 1e-9).floor() as u32).min(count);
    let (out, beside) = if out + surge == 0 { (1.min(count), 0) } else { (out, surge) };
    let each = out.saturating_add(beside).min(count).max(1);
    let number = count.div_ceil(each).max(1);
    Batches { serving: count - out, out, beside, each, number, last: count - (number - 1) * each }
}

impl Batches {
    /// Instances beside the usual number, added up over the batches.
    fn extra(self) -> f64 {
        let last = self.last.saturating_sub(self.out).min(self.beside);
        f64::from(self.number - 1) * f64::from(self.beside) + f64::from(last)
    }

    fn name(self) -> String {
        match self {
            Self { number: 1, each, .. } => format!("1 batch of {each}"),
            Self { number, each, last, .. } if each == last => format!("{number} batches of {each}"),
            Self { number, each, .. } => format!("{number} batches of up to {each}"),
        }
    }
}

fn deploy(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario, tier: usize) -> Plot {
    let system = evaluator.prepared.system;
    let count = count(evaluator, tier);
    let batches = batches(count, scenario.batch.get(), system.reactions().deploy_surge.get());
    // The first health checks are part of it.
    let ready = system.scaling().boot_time.get();
    let length = f64::from(batches.number) * ready;
    let mut situation = evaluator.normal.clone();
    let part = &mut situation.tiers[tier];
    part.left.serving = batches.serving;
    if part.left.serving == 0 {
        part.reads_served = 0.0;
    }
    let mut script = Script::default();
    script.steps.push(Step { name: batches.name(), length, situation, load_factor: 1.0, refill: None });
    script.steps.push(last(evaluator, "deployed"));
    let name = system.tiers()[tier].name.clone();
    let rollout = Rollout {
        tier: name.clone(),
        batches: batches.number,
        beside: batches.beside,
        length,
        cost: instance_price(evaluator, tier) / 3600.0 * batches.extra() * ready,
    };
    let strikes = vec![TierLoss { tier: name, instances: batches.out, of: count, reach: LossKind::Replaced }];
    Plot { script, strikes, rollout: Some(rollout), ..Plot::default() }
}

/// USD an hour for one instance of a tier.
fn instance_price(evaluator: &ScenarioEvaluator<'_>, tier: usize) -> f64 {
    let fleet = evaluator.prepared.system.tiers()[tier].fleet();
    let choice = evaluator.deployment.choices[tier];
    fleet
        .zip(choice)
        .map_or(0.0, |(fleet, choice)| fleet.types[choice.instance_type].price.nano_usd_per_hour() as f64 / NANO)
}

/// What a service tier is scaled to when the load is multiplied: the same utilization as before, as target tracking does.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count times at most 1000; saturates")]
fn scale_outs(evaluator: &ScenarioEvaluator<'_>, factor: f64) -> Vec<(usize, ScaleOut)> {
    let tiers = evaluator.prepared.system.tiers().iter().zip(&evaluator.deployment.choices).enumerate();
    tiers
        .filter_map(|(index, (tier, choice))| {
            let (fleet, choice) = (tier.fleet()?, (*choice)?);
            let wanted = (f64::from(choice.count) * factor - 1e-9).ceil() as u32;
            let most = fleet.counts.max.max(choice.count);
            (tier.kind == TierKind::Service)
                .then(|| (index, ScaleOut { tier: tier.name.clone(), from: choice.count, wanted, most }))
        })
        .collect()
}

fn spike(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Plot {
    let scaling = evaluator.prepared.system.scaling();
    let reaction = scaling.alarm_time.get() + scaling.boot_time.get();
    let duration = scenario.duration.map_or(SPIKE, Seconds::get);
    let outs = scale_outs(evaluator, scenario.factor);
    let mut scaled = evaluator.normal.clone();
    for (tier, out) in &outs {
        scaled.tiers[*tier].left.serving = out.reached();
    }
    let mut script = Script::default();
    let mut step = |name: &str, length: f64, situation| {
        script.steps.push(Step {
            name: name.to_owned(),
            length,
            situation,
            load_factor: scenario.factor,
            refill: None,
        });
    };
    step("before new instances serve", reaction.min(duration), evaluator.normal.clone());
    if duration > reaction {
        step("with new instances", duration - reaction, scaled);
    }
    script.steps.push(last(evaluator, "the load is back"));
    Plot { script, scale_outs: outs.into_iter().map(|(_, out)| out).collect(), ..Plot::default() }
}

fn retry_storm(evaluator: &ScenarioEvaluator<'_>, scenario: &Scenario) -> Result<Plot, Breakdown> {
    let duration = scenario.duration.map_or(STORM, Seconds::get);
    let mut script = Script::default();
    let situation = evaluator.normal.clone();
    let name = "more load than usual".to_owned();
    script.steps.push(Step { name, length: duration, situation, load_factor: scenario.factor, refill: None });
    script.steps.push(last(evaluator, "the load is back"));
    let capacity = evaluator.capacity()?;
    let worst = evaluator.normal_flow(scenario)?.worst_attempt_rate();
    let storm = RetryStorm {
        capacity,
        worst_attempt_rate: worst,
        recovers_below: capacity / worst,
        shed_to_recover: (1.0 - capacity / worst).max(0.0),
    };
    Ok(Plot { script, storm: Some(storm), ..Plot::default() })
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
