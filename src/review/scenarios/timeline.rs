use crate::evaluate::{Breakdown, FormulaError, Situation, load_limits};
use crate::model::Scenario;
use capplan_queueing::overload::{BacklogRegime, FluidBacklog, FluidInterval, FluidQueue};

use super::ScenarioEvaluator;
use super::evaluator::LoadedSituation;
use super::impact::{Failures, Timeline, WarmUpTime};
use super::interval::ScenarioInterval;
use super::refill::Refill;
use super::scripts::{Script, Step};

/// Most phases of one step; more would be a backlog that changes without end.
const MAX_PHASES: usize = 1000;

impl ScenarioEvaluator<'_> {
    /// Follows a script to its end.
    pub(super) fn follow(&self, script: &Script, scenario: &Scenario) -> Result<Timeline, Breakdown> {
        let mut follower = Follower {
            evaluator: self,
            scenario,
            now: 0.0,
            backlog: FluidBacklog::default(),
            refilling: None,
            lookups: 0.0,
            timeline: Timeline::default(),
        };
        for step in &script.steps {
            follower.step(step, &script.refills)?;
        }
        // All sums end with the last phase but one: the last has no end.
        follower.timeline.waiting = follower.backlog.pending;
        Ok(follower.timeline)
    }
}

/// The state of a script that is being followed.
struct Follower<'a> {
    evaluator: &'a ScenarioEvaluator<'a>,
    scenario: &'a Scenario,
    now: f64,
    backlog: FluidBacklog,
    /// Number of the refill that goes on, and the look-ups since its start.
    refilling: Option<usize>,
    lookups: f64,
    timeline: Timeline,
}

impl Follower<'_> {
    fn step(&mut self, step: &Step, refills: &[Refill]) -> Result<(), Breakdown> {
        let number = step.refill.as_ref().map(|(number, _)| *number);
        if number.is_some() && number != self.refilling {
            self.refilling = number;
            self.lookups = 0.0;
        }
        let refill = number.and_then(|number| refills.get(number));
        let lookups_per_request =
            refill.map_or(0.0, |refill| self.evaluator.before.evaluation.tiers[refill.tier].visits);
        let mut left = step.duration;
        let mut had_backlog = false;
        for _ in 0..MAX_PHASES {
            if left <= 0.0 {
                return Ok(());
            }
            let (situation, lookups_left) = self.situation(step, refill);
            let loaded = self.evaluator.loaded(&situation, step.load_factor)?;
            let queue = self.evaluator.fluid_queue(&loaded, self.scenario);
            let fluid = self.advance(&queue, left, lookups_left, lookups_per_request);
            // Without a steady state the name of the step says what goes on.
            let drains = loaded.steady_state.is_ok() && fluid.regime != BacklogRegime::Empty;
            had_backlog |= drains;
            let name = match (&step.refill, lookups_left) {
                (Some((_, warm)), None) => warm,
                _ => &step.name,
            };
            let name = if drains && fluid.regime == BacklogRegime::Changing {
                format!("{name}, backlog drains")
            } else if drains {
                format!("{name}, attempts time out")
            } else if had_backlog && step.duration.is_infinite() && lookups_left.is_none() {
                "as before".to_owned()
            } else {
                name.clone()
            };
            let worst_limits = self.worst_limits(step, refill, &loaded)?;
            self.add(name, &ScenarioInterval { loaded: &loaded, queue, before: self.backlog, fluid, worst_limits });
            if fluid.duration.is_infinite() {
                return Ok(());
            }
            let lookups = self.lookups + fluid.work_rate * lookups_per_request * fluid.duration;
            if let Some(refill) = refill {
                self.note_warm_up(refill, lookups, fluid.duration);
            }
            self.lookups = lookups;
            self.backlog = fluid.after;
            self.now += fluid.duration;
            left -= fluid.duration;
        }
        let source = FormulaError::Unsettled { step: step.name.clone() };
        Err(Breakdown::Unsolved { tier: self.evaluator.prepared.system.name().to_owned(), source })
    }

    /// The situation of a step at the hit ratio that a refill has reached, and the look-ups until the next hit ratio.
    fn situation(&self, step: &Step, refill: Option<&Refill>) -> (Situation, Option<f64>) {
        let mut situation = step.situation.clone();
        let Some(refill) = refill else { return (situation, None) };
        let (hit_ratio, lookups_left) = refill.step(self.lookups);
        situation.tiers[refill.tier].hit_ratio = Some(hit_ratio);
        (situation, lookups_left)
    }

    /// The next interval of the backlog, at most until the hit ratio of a refill changes.
    fn advance(&self, queue: &FluidQueue, left: f64, lookups_left: Option<f64>, per_request: f64) -> FluidInterval {
        let longest = match lookups_left {
            Some(lookups) if per_request > 0.0 => {
                // How fast a cache refills depends on the requests that are served meanwhile.
                let work_rate = queue.advance(self.backlog, left).work_rate;
                if work_rate > 0.0 { left.min(lookups / (work_rate * per_request)) } else { left }
            }
            _ => left,
        };
        queue.advance(self.backlog, longest.min(queue.resolution(self.backlog)))
    }

    /// Limits at the worst moment of an interval: at its start, when a cache refills.
    fn worst_limits(
        &self,
        step: &Step,
        refill: Option<&Refill>,
        loaded: &LoadedSituation,
    ) -> Result<Vec<Option<f64>>, Breakdown> {
        let Some(refill) = refill else { return Ok(loaded.limits.clone()) };
        let mut situation = step.situation.clone();
        situation.tiers[refill.tier].hit_ratio = Some(refill.hit_ratio_after(self.lookups));
        load_limits(self.evaluator.prepared, self.evaluator.deployment, &situation)
    }

    /// Notes when a cache is nearly warm; `lookups` is their number after another `duration` seconds.
    fn note_warm_up(&mut self, refill: &Refill, lookups: f64, duration: f64) {
        let tier = &self.evaluator.prepared.system.tiers()[refill.tier].name;
        let warm_up = self.timeline.warm_up.get_or_insert_with(|| WarmUpTime {
            tier: tier.clone(),
            hit_ratio: refill.last_hit_ratio(),
            ninety_percent_after: (refill.nearly() <= 0.0).then_some(self.now),
        });
        if warm_up.ninety_percent_after.is_none() && lookups >= refill.nearly() * (1.0 - 1e-9) {
            warm_up.ninety_percent_after = Some(self.now + duration);
        }
    }

    /// Adds an interval to the timeline.
    fn add(&mut self, name: String, interval: &ScenarioInterval<'_>) {
        let prepared = self.evaluator.prepared;
        let holds = interval.loaded.steady_state.as_ref().is_ok_and(|found| found.holds(prepared));
        self.timeline.phases.push(interval.phase(name, self.now, holds));
        self.timeline.arrivals += interval.fluid.arrivals;
        self.timeline.served += interval.fluid.served;
        if interval.fluid.duration.is_infinite() {
            return;
        }
        for Failures { cause, tier, requests } in interval.failures(prepared.system) {
            let failures = &mut self.timeline.failures;
            match failures.iter_mut().find(|known| known.cause == cause && known.tier == tier) {
                Some(known) => known.requests += requests,
                None => failures.push(Failures { cause, tier, requests }),
            }
        }
    }
}
