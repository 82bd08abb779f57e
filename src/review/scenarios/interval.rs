use crate::model::{System, TierKind};
use capplan_queueing::overload::{BacklogRegime, FluidBacklog, FluidClients, FluidInterval, FluidQueue};

use super::evaluator::{LoadedSituation, bottleneck, load_of};
use super::impact::{Cause, Failures, Phase};

/// Limits within this relative distance of the smallest are the smallest.
const AT_LIMIT: f64 = 1e-9;

/// One interval of a scenario: a situation, and the backlog in it.
#[derive(Debug)]
pub(super) struct ScenarioInterval<'a> {
    pub loaded: &'a LoadedSituation,
    pub queue: FluidQueue,
    pub before: FluidBacklog,
    pub fluid: FluidInterval,
    /// Limits of the tiers at the worst moment of the interval.
    pub worst_limits: Vec<Option<f64>>,
}

impl ScenarioInterval<'_> {
    /// The phase that starts at `start`; `holds` is whether the steady state keeps the objectives.
    pub fn phase(&self, name: String, start: f64, holds: bool) -> Phase {
        let Self { loaded, fluid, .. } = self;
        let throughput = self.queue.throughput();
        let wait = |backlog: f64| if throughput > 0.0 && backlog > 0.0 { backlog / throughput } else { 0.0 };
        // Clients who do not retry leave the queue before anything else happens.
        let most = match self.queue.clients {
            FluidClients::GiveUp { .. } => self.queue.tolerated_backlog(),
            FluidClients::WaitForever | FluidClients::Retry { .. } => f64::INFINITY,
        };
        let backlog = [self.before.attempts.min(most), fluid.after.attempts];
        let (served_rate, failed_rate) = self.rates();
        let load = self.mean_loads();
        Phase {
            name,
            start,
            duration: fluid.duration.is_finite().then_some(fluid.duration),
            arrival_rate: fluid.arrival_rate,
            served_rate,
            failed_rate,
            backlog,
            waiting: [self.before.pending.min(most), fluid.after.pending],
            backlog_wait: backlog.map(wait),
            peak_load: self.peak_loads(&load),
            load,
            hit_ratios: loaded.situation.tiers.iter().map(|tier| tier.hit_ratio).collect(),
            evaluation: loaded.steady_state.clone(),
            holds: holds && fluid.regime == BacklogRegime::Empty,
        }
    }

    /// Mean rates of requests that are served and that fail.
    fn rates(&self) -> (f64, f64) {
        let fluid = &self.fluid;
        if fluid.duration.is_finite() && fluid.duration > 0.0 {
            let failed = fluid.failed_on_arrival + fluid.timed_out;
            return (fluid.served / fluid.duration, failed / fluid.duration);
        }
        let admitted = self.queue.served_share * fluid.arrival_rate;
        let timed_out = match fluid.regime {
            BacklogRegime::Empty | BacklogRegime::Changing => 0.0,
            BacklogRegime::AtTimeout | BacklogRegime::RetryStorm | BacklogRegime::Down => {
                (admitted - fluid.served_rate).max(0.0)
            }
        };
        (fluid.served_rate, (1.0 - self.queue.served_share) * fluid.arrival_rate + timed_out)
    }

    fn mean_loads(&self) -> Vec<Option<f64>> {
        let FluidInterval { attempt_rate, work_rate, .. } = self.fluid;
        self.loads(&self.loaded.limits, attempt_rate.max(work_rate), work_rate.min(self.queue.capacity))
    }

    /// Loads at the moment of most attempts and least capacity.
    fn peak_loads(&self, mean: &[Option<f64>]) -> Vec<Option<f64>> {
        let attempts = self.fluid.peak_attempt_rate;
        let passed = attempts.min(self.least_limit(&self.worst_limits));
        let peak = self.loads(&self.worst_limits, attempts, passed);
        peak.into_iter().zip(mean).map(|(peak, mean)| peak.zip(*mean).map(|(one, other)| one.max(other))).collect()
    }

    /// The limit of a tier at which requests wait.
    fn queueing_limit(&self, limits: &[Option<f64>], tier: usize) -> Option<f64> {
        self.loaded.queueing_limits[tier].and(limits[tier])
    }

    fn least_limit(&self, limits: &[Option<f64>]) -> f64 {
        (0..limits.len()).filter_map(|tier| self.queueing_limit(limits, tier)).fold(f64::INFINITY, f64::min)
    }

    /// Offered load of each tier as a share of its limit.
    ///
    /// The bottleneck holds back requests: it gets all attempts, and the other tiers at which requests wait get the rate
    /// that it passes on. A tier that refuses requests holds back none and gets all attempts.
    fn loads(&self, limits: &[Option<f64>], attempt_rate: f64, passed_rate: f64) -> Vec<Option<f64>> {
        let least = self.least_limit(limits);
        let load = |tier: usize| {
            let held_back = self.fluid.regime != BacklogRegime::Down
                && self.queueing_limit(limits, tier).is_some_and(|limit| limit > least * (1.0 + AT_LIMIT));
            Some(load_of(if held_back { passed_rate } else { attempt_rate }, limits[tier]?))
        };
        (0..limits.len()).map(load).collect()
    }

    /// Requests that fail in an interval with an end, by cause and tier.
    pub fn failures(&self, system: &System) -> Vec<Failures> {
        let mut failures = Vec::new();
        let mut fail = |cause: Cause, tier: usize, requests: f64| {
            if requests > 0.0 {
                failures.push(Failures { cause, tier: system.tiers()[tier].name.clone(), requests });
            }
        };
        let LoadedSituation { situation, shares, queueing_limits, .. } = self.loaded;
        let missing = 1.0 - shares.served;
        if missing > 0.0 {
            for (tier, share) in shares.failing.iter().enumerate() {
                let part = &situation.tiers[tier];
                let reads = match (part.reads_served <= 0.0, system.tiers()[tier].kind) {
                    (true, TierKind::Database) if part.writes_served <= 0.0 => Cause::NoPrimary,
                    (true, _) => Cause::NothingLeft,
                    (false, _) => Cause::DeadInstance,
                };
                let requests = |share: f64| self.fluid.failed_on_arrival * share / missing;
                fail(reads, tier, requests(share.reads));
                fail(Cause::NoPrimary, tier, requests(share.writes));
                fail(Cause::Refused, tier, requests(share.refused));
            }
        }
        // Clients wait for the bottleneck; without one, for the tier that has just failed.
        let failed = || shares.failing.iter().position(|share| share.total() > 0.0);
        if let Some(tier) = bottleneck(queueing_limits).map(|(tier, _)| tier).or_else(failed) {
            fail(Cause::TimedOut, tier, self.fluid.timed_out);
        }
        failures
    }
}
