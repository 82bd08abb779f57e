use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::evaluate::{
    Breakdown, ColdStart, Condition, FormulaError, InSituation, Prepared, ServedShares, Situation, accepted_shares,
    evaluate_situation, load_limits, refusals, served_shares, system_has_layers,
};
use crate::model::{Choice, Deployment, Scenario, TierKind, Workload};
use capplan_queueing::overload::{BacklogRegime, FluidBacklog, FluidClients, FluidDemand, FluidInterval, FluidQueue};

use super::impact::{Cause, Failures, Phase, ScenarioError, WarmUpTime};
use super::refill::Refill;
use super::{Impact, scripts};

/// Stretches of one step; more would be an impact that turns on the spot.
const MOST_STRETCHES: usize = 1000;

/// Limits within this relative width of the smallest are the smallest.
const AT_LIMIT: f64 = 1e-9;

/// A part of a scenario: a situation of the system, for a time.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub name: String,
    /// In seconds; infinite for the last one.
    pub length: f64,
    pub situation: Situation,
    pub load_factor: f64,
    /// Number of the refill that goes on, and what the step is called when it is over.
    pub refill: Option<(usize, String)>,
}

/// What a scenario does, one step after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub steps: Vec<Step>,
    pub refills: Vec<Refill>,
}

/// What a script led to.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub phases: Vec<Phase>,
    pub failures: Vec<Failures>,
    pub arrivals: f64,
    pub served: f64,
    pub waiting: f64,
    pub warm_up: Option<WarmUpTime>,
}

/// A situation under a load, evaluated.
#[derive(Debug, Clone)]
struct Findings {
    situation: Situation,
    load_factor: f64,
    /// The requests per second that saturate each tier.
    limits: Vec<Option<f64>>,
    /// The same of the tiers at which requests wait: one that refuses what is too much is none of them.
    waits_at: Vec<Option<f64>>,
    shares: ServedShares,
    outcome: Result<Arc<InSituation>, Breakdown>,
}

/// A deployment to which things are done. Situations that scenarios have in common are evaluated once.
#[derive(Debug)]
pub struct ScenarioEvaluator<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    pub(super) deployment: &'a Deployment,
    pub(super) normal: Situation,
    pub(super) before: Arc<InSituation>,
    known: Mutex<Vec<Arc<Findings>>>,
}

impl<'a> ScenarioEvaluator<'a> {
    /// Evaluates a deployment with nothing lost.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Before`] when it has no steady state then.
    pub fn new(prepared: &'a Prepared<'a>, deployment: &'a Deployment) -> Result<Self, ScenarioError> {
        let normal = Situation::of(prepared, deployment, Condition::AllUp).map_err(ScenarioError::Before)?;
        let before = evaluate_situation(prepared, deployment, &normal, 1.0).map_err(ScenarioError::Before)?;
        Ok(Self { prepared, deployment, normal, before: Arc::new(before), known: Mutex::new(Vec::new()) })
    }

    /// What a scenario does to the deployment.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::NoTarget`] when there is nothing that it can happen to.
    pub fn impact(&self, scenario: &Scenario) -> Result<Impact, ScenarioError> {
        scripts::impact(self, scenario)
    }

    /// Requests per second that saturate the system in its normal state.
    pub(super) fn capacity(&self) -> Result<f64, Breakdown> {
        Ok(least(&self.findings(&self.normal, 1.0)?.limits))
    }

    /// The hit ratio of a cache of which so many nodes hold objects, at the rate of requests before.
    pub(super) fn hit_ratio_of(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<f64>, Breakdown> {
        self.prepared.hit_ratio_of_nodes(tier, choice, nodes, self.before.evaluation.arrival_rate)
    }

    /// How a cache of so many nodes fills that starts empty; `None` where nothing hits in the end.
    pub(super) fn cold_start(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<ColdStart>, Breakdown> {
        let warm = self.hit_ratio_of(tier, choice, nodes)?;
        Ok(self.prepared.cache(tier).zip(warm).and_then(|(cache, warm)| ColdStart::new(cache, warm)))
    }

    /// The flow of the normal state under a scenario's clients.
    pub(super) fn normal_flow(&self, scenario: &Scenario) -> Result<FluidQueue, Breakdown> {
        let findings = self.findings(&self.normal, 1.0)?;
        Ok(self.flow(&findings, scenario))
    }

    /// What is known already; a thread that panicked has left it whole.
    fn known(&self) -> MutexGuard<'_, Vec<Arc<Findings>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn findings(&self, situation: &Situation, load_factor: f64) -> Result<Arc<Findings>, Breakdown> {
        let is_this = |known: &&Arc<Findings>| known.load_factor == load_factor && known.situation == *situation;
        let known = self.known().iter().find(is_this).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (prepared, deployment) = (self.prepared, self.deployment);
        let limits = load_limits(prepared, deployment, situation)?;
        let shares = served_shares(prepared, situation);
        let offered = self.before.evaluation.arrival_rate * load_factor;
        let outcome = match overloaded(&limits, offered) {
            Some((tier, load)) if shares.served > 0.0 => {
                Err(Breakdown::Overloaded { tier: prepared.system.tiers()[tier].name.clone(), utilization: load })
            }
            _ if load_factor == 1.0 && *situation == self.normal => Ok(self.before.clone()),
            _ => evaluate_situation(prepared, deployment, situation, load_factor).map(Arc::new),
        };
        let mut waits_at = limits.clone();
        let shares = match &outcome {
            Ok(found) => found.shares.clone(),
            Err(Breakdown::Overloaded { .. }) => self.shed(situation, offered, &mut waits_at)?.unwrap_or(shares),
            Err(_) => shares,
        };
        let findings = Findings { situation: situation.clone(), load_factor, limits, waits_at, shares, outcome };
        let findings = Arc::new(findings);
        self.known().push(findings.clone());
        Ok(findings)
    }

    /// What is served of an overload where a tier has only so many connections: it refuses the rest, so that nothing waits
    /// for it. `None` where nothing is refused, or where callers wait for a connection of their own.
    fn shed(
        &self,
        situation: &Situation,
        rate: f64,
        waits_at: &mut [Option<f64>],
    ) -> Result<Option<ServedShares>, Breakdown> {
        if system_has_layers(self.prepared) {
            return Ok(None);
        }
        let refusals = refusals(self.prepared, self.deployment, situation, rate)?;
        for (limit, refusal) in waits_at.iter_mut().zip(&refusals) {
            if refusal.most() > 0.0 {
                *limit = None;
            }
        }
        let refuses = refusals.iter().any(|refusal| refusal.most() > 0.0);
        Ok(refuses.then(|| accepted_shares(self.prepared, situation, &refusals)))
    }

    fn flow(&self, findings: &Findings, scenario: &Scenario) -> FluidQueue {
        let offered = self.before.evaluation.arrival_rate;
        let demand = match self.prepared.system.workload() {
            Workload::Arrivals { .. } => FluidDemand::Open { arrival_rate: offered * findings.load_factor },
            Workload::Users { users, think_time } => {
                let settled = findings.outcome.as_ref().ok().map(|found| found.evaluation.arrival_rate);
                let users = users * findings.load_factor;
                let rate = settled.unwrap_or(offered * findings.load_factor);
                FluidDemand::Closed { users, cycle_time: users / rate, think_time: think_time.get() }
            }
        };
        let capacity = least(&findings.waits_at);
        let timeout = scenario.timeout.get();
        FluidQueue {
            demand,
            // Where a tier serves nothing every request fails on arrival.
            served_share: if capacity > 0.0 { findings.shares.served } else { 0.0 },
            capacity,
            clients: match scenario.retries {
                0 => FluidClients::GiveUp { timeout },
                retries => FluidClients::Retry { timeout, max_retries: u64::from(retries) },
            },
        }
    }

    /// Follows a script to its end.
    pub(super) fn follow(&self, script: &Script, scenario: &Scenario) -> Result<Record, Breakdown> {
        let mut run = Run {
            evaluator: self,
            now: 0.0,
            queue: FluidBacklog::default(),
            refilling: None,
            lookups: 0.0,
            record: Record {
                phases: Vec::new(),
                failures: Vec::new(),
                arrivals: 0.0,
                served: 0.0,
                waiting: 0.0,
                warm_up: None,
            },
        };
        for step in &script.steps {
            run.step(step, &script.refills, scenario)?;
        }
        // Sums are those until the last phase, which has no end.
        run.record.waiting = run.queue.pending;
        Ok(run.record)
    }
}

/// A script that is being followed.
struct Run<'a> {
    evaluator: &'a ScenarioEvaluator<'a>,
    now: f64,
    queue: FluidBacklog,
    refilling: Option<usize>,
    lookups: f64,
    record: Record,
}

impl Run<'_> {
    fn step(&mut self, step: &Step, refills: &[Refill], scenario: &Scenario) -> Result<(), Breakdown> {
        let number = step.refill.as_ref().map(|(number, _)| *number);
        if number.is_some() && number != self.refilling {
            self.refilling = number;
            self.lookups = 0.0;
        }
        let refill = number.and_then(|number| refills.get(number));
        let mut left = step.length;
        let mut drained = false;
        for _ in 0..MOST_STRETCHES {
            if left <= 0.0 {
                return Ok(());
            }
            let (situation, to_go) = self.situation(step, refill);
            let findings = self.evaluator.findings(&situation, step.load_factor)?;
            let flow = self.evaluator.flow(&findings, scenario);
            let lookups = refill.map_or(0.0, |refill| self.lookups_of_a_request(refill.tier));
            // How fast a cache fills depends on what is served meanwhile, which is known from a first look.
            let longest = match to_go {
                Some(to_go) if lookups > 0.0 => {
                    let work = flow.advance(self.queue, left).work_rate;
                    if work > 0.0 { left.min(to_go / (work * lookups)) } else { left }
                }
                _ => left,
            };
            let stretch = flow.advance(self.queue, longest.min(flow.resolution(self.queue)));
            let mut name = match (&step.refill, to_go) {
                (Some((_, warm)), None) => warm.clone(),
                _ => step.name.clone(),
            };
            let works_it_off = findings.outcome.is_ok() && stretch.regime != BacklogRegime::Empty;
            drained |= works_it_off;
            if works_it_off && stretch.regime == BacklogRegime::Changing {
                name.push_str(", backlog drains");
            } else if works_it_off {
                name.push_str(", attempts time out");
            } else if drained && !step.length.is_finite() && to_go.is_none() {
                "as before".clone_into(&mut name);
            }
            let worst = self.worst_limits(step, refill, &findings)?;
            self.push(&name, &findings, &flow, &stretch, &worst);
            if !stretch.duration.is_finite() {
                return Ok(());
            }
            self.note_warm_up(refill, lookups, &stretch);
            self.lookups += stretch.work_rate * lookups * stretch.duration;
            self.queue = stretch.after;
            self.now += stretch.duration;
            left -= stretch.duration;
        }
        let unsettled = FormulaError::Unsettled { step: step.name.clone() };
        Err(Breakdown::unsolved(self.evaluator.prepared.system.name(), unsettled))
    }

    /// The situation of a step, with the hit ratio that a refill has reached, and the look-ups until it has the next.
    fn situation(&self, step: &Step, refill: Option<&Refill>) -> (Situation, Option<f64>) {
        let mut situation = step.situation.clone();
        let Some(refill) = refill else { return (situation, None) };
        let (hit_ratio, to_go) = refill.step(self.lookups);
        situation.tiers[refill.tier].hit_ratio = Some(hit_ratio);
        (situation, to_go)
    }

    /// The limits at the worst moment of a stretch: its begin, where a cache refills.
    fn worst_limits(
        &self,
        step: &Step,
        refill: Option<&Refill>,
        findings: &Findings,
    ) -> Result<Vec<Option<f64>>, Breakdown> {
        let Some(refill) = refill else { return Ok(findings.limits.clone()) };
        let mut situation = step.situation.clone();
        situation.tiers[refill.tier].hit_ratio = Some(refill.hit_ratio_after(self.lookups));
        load_limits(self.evaluator.prepared, self.evaluator.deployment, &situation)
    }

    fn lookups_of_a_request(&self, tier: usize) -> f64 {
        self.evaluator.before.evaluation.tiers[tier].visits
    }

    /// Notes when a cache is nearly warm.
    fn note_warm_up(&mut self, refill: Option<&Refill>, lookups: f64, stretch: &FluidInterval) {
        let Some(refill) = refill else { return };
        let tier = &self.evaluator.prepared.system.tiers()[refill.tier].name;
        let begun = self.record.warm_up.get_or_insert_with(|| WarmUpTime {
            tier: tier.clone(),
            hit_ratio: refill.last_hit_ratio(),
            ninety_percent_after: (refill.nearly() <= 0.0).then_some(self.now),
        });
        let reached = self.lookups + stretch.work_rate * lookups * stretch.duration;
        if begun.ninety_percent_after.is_none() && reached >= refill.nearly() * (1.0 - 1e-9) {
            begun.ninety_percent_after = Some(self.now + stretch.duration);
        }
    }

    fn push(
        &mut self,
        name: &str,
        findings: &Findings,
        flow: &FluidQueue,
        stretch: &FluidInterval,
        worst: &[Option<f64>],
    ) {
        let objectives_hold = findings.outcome.as_ref().is_ok_and(|found| found.holds(self.evaluator.prepared));
        let throughput = flow.throughput();
        let wait = |backlog: f64| if throughput > 0.0 && backlog > 0.0 { backlog / throughput } else { 0.0 };
        // Without retries what waits for too long is given up before anything else happens.
        let most = match flow.clients {
            FluidClients::GiveUp { .. } => flow.tolerated_backlog(),
            FluidClients::WaitForever | FluidClients::Retry { .. } => f64::INFINITY,
        };
        let backlog = [self.queue.attempts.min(most), stretch.after.attempts];
        let timed_out_rate = (flow.served_share * stretch.arrival_rate - stretch.served_rate).max(0.0);
        let (served_rate, failed_rate) = if stretch.duration.is_finite() && stretch.duration > 0.0 {
            let failed = stretch.failed_on_arrival + stretch.timed_out;
            (stretch.served / stretch.duration, failed / stretch.duration)
        } else {
            let given_up = match stretch.regime {
                BacklogRegime::Empty | BacklogRegime::Changing => 0.0,
                BacklogRegime::AtTimeout | BacklogRegime::RetryStorm | BacklogRegime::Down => timed_out_rate,
            };
            (stretch.served_rate, (1.0 - flow.served_share) * stretch.arrival_rate + given_up)
        };
        let finite = stretch.duration.is_finite();
        let waiting = [self.queue.pending.min(most), stretch.after.pending];
        let (come, through) = (stretch.attempt_rate, stretch.work_rate);
        let mean = loads(findings, &findings.limits, stretch.regime, (come.max(through), through.min(flow.capacity)));
        // A tier is at its worst when most comes and it can serve least.
        let least_served = findings.waits_at.iter().zip(worst).filter_map(|(waits, limit)| waits.and(*limit));
        let most = least_served.fold(f64::INFINITY, f64::min);
        let peak =
            loads(findings, worst, stretch.regime, (stretch.peak_attempt_rate, stretch.peak_attempt_rate.min(most)));
        let peak = peak.into_iter().zip(&mean).map(|(peak, mean)| peak.zip(*mean).map(|(one, other)| one.max(other)));
        let peak_load = peak.collect();
        self.record.arrivals += stretch.arrivals;
        self.record.served += stretch.served;
        if finite {
            self.note_failures(findings, stretch);
        }
        self.record.phases.push(Phase {
            name: name.to_owned(),
            start: self.now,
            duration: finite.then_some(stretch.duration),
            arrival_rate: stretch.arrival_rate,
            served_rate,
            failed_rate,
            backlog,
            waiting,
            backlog_wait: backlog.map(wait),
            load: mean,
            peak_load,
            hit_ratios: findings.situation.tiers.iter().map(|tier| tier.hit_ratio).collect(),
            evaluation: findings.outcome.clone(),
            holds: objectives_hold && stretch.regime == BacklogRegime::Empty,
        });
    }

    fn note_failures(&mut self, findings: &Findings, stretch: &FluidInterval) {
        let system = self.evaluator.prepared.system;
        let missing = 1.0 - findings.shares.served;
        if missing > 0.0 {
            for (index, share) in findings.shares.failing.iter().enumerate() {
                let (tier, part) = (&system.tiers()[index], &findings.situation.tiers[index]);
                let reads = match (part.reads_served <= 0.0, tier.kind) {
                    (true, TierKind::Database) if part.writes_served <= 0.0 => Cause::NoPrimary,
                    (true, _) => Cause::NothingLeft,
                    (false, _) => Cause::DeadInstance,
                };
                self.fail(reads, &tier.name, stretch.failed_on_arrival * share.reads / missing);
                self.fail(Cause::NoPrimary, &tier.name, stretch.failed_on_arrival * share.writes / missing);
                self.fail(Cause::Refused, &tier.name, stretch.failed_on_arrival * share.refused / missing);
            }
        }
        if stretch.timed_out > 0.0 {
            let tightest = tightest(&findings.waits_at).map_or(0, |(tier, _)| tier);
            self.fail(Cause::TimedOut, &system.tiers()[tightest].name, stretch.timed_out);
        }
    }

    fn fail(&mut self, cause: Cause, tier: &str, requests: f64) {
        let failures = &mut self.record.failures;
        match failures.iter_mut().find(|known| known.cause == cause && known.tier == tier) {
            Some(known) => known.requests += requests,
            None if requests > 0.0 => failures.push(Failures { cause, tier: tier.to_owned(), requests }),
            None => {}
        }
    }
}

/// What comes over what each tier can serve. All of it comes to a tier that nothing holds up, or that holds up the others;
/// to those behind it comes what gets through, the second of the rates.
fn loads(
    findings: &Findings,
    limits: &[Option<f64>],
    impact: BacklogRegime,
    (come, through): (f64, f64),
) -> Vec<Option<f64>> {
    let waited_for = |tier: usize| findings.waits_at[tier].and(limits[tier]);
    let least = (0..limits.len()).filter_map(waited_for).fold(f64::INFINITY, f64::min);
    let rate = |tier: usize| match waited_for(tier) {
        Some(limit) if limit > least * (1.0 + AT_LIMIT) && impact != BacklogRegime::Down => through,
        _ => come,
    };
    (0..limits.len()).map(|tier| limits[tier].map(|limit| load_of(rate(tier), limit))).collect()
}

/// The tier that saturates first, and at which rate.
fn tightest(limits: &[Option<f64>]) -> Option<(usize, f64)> {
    let known = limits.iter().enumerate().filter_map(|(tier, limit)| limit.map(|limit| (tier, limit)));
    known.min_by(|one, other| one.1.total_cmp(&other.1))
}

fn least(limits: &[Option<f64>]) -> f64 {
    tightest(limits).map_or(f64::MAX, |(_, limit)| limit)
}

/// What comes over what can be served; a tier that serves nothing is as overloaded as can be told.
fn load_of(rate: f64, limit: f64) -> f64 {
    if limit > 0.0 { rate / limit } else { f64::MAX }
}

/// The tier that a rate overloads the most, and its load.
fn overloaded(limits: &[Option<f64>], rate: f64) -> Option<(usize, f64)> {
    tightest(limits).filter(|(_, limit)| rate >= *limit).map(|(tier, limit)| (tier, load_of(rate, limit)))
}
