use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::evaluate::{
    Breakdown, ColdStart, Condition, InSituation, Prepared, ServedShares, Situation, accepted_shares,
    evaluate_situation, load_limits, refusals, served_shares, system_has_layers,
};
use crate::model::{Choice, Deployment, Scenario, Workload};
use capplan_queueing::overload::{FluidClients, FluidDemand, FluidQueue};

use super::impact::{Impact, ScenarioError};
use super::{scripts, summary};

/// Evaluates scenarios on one deployment. Situations that scenarios have in common are evaluated once.
#[derive(Debug)]
pub struct ScenarioEvaluator<'a> {
    pub(super) prepared: &'a Prepared<'a>,
    pub(super) deployment: &'a Deployment,
    pub(super) normal: Situation,
    pub(super) before: Arc<InSituation>,
    known: Mutex<Vec<Arc<LoadedSituation>>>,
}

/// A situation under a load.
#[derive(Debug, Clone)]
pub(super) struct LoadedSituation {
    pub situation: Situation,
    load_factor: f64,
    /// Requests per second that saturate each tier; `None` where nothing queues.
    pub limits: Vec<Option<f64>>,
    /// The same, but `None` for a tier that refuses the excess: no request waits for it.
    pub queueing_limits: Vec<Option<f64>>,
    pub shares: ServedShares,
    pub steady_state: Result<Arc<InSituation>, Breakdown>,
}

impl LoadedSituation {
    /// Requests per second that saturate the tiers at which requests wait; infinite if no tier saturates.
    fn capacity(&self) -> f64 {
        bottleneck(&self.queueing_limits).map_or(f64::INFINITY, |(_, limit)| limit)
    }
}

/// The tier that saturates first, and the request rate at which it does; `None` if no tier saturates.
pub(super) fn bottleneck(limits: &[Option<f64>]) -> Option<(usize, f64)> {
    let known = limits.iter().enumerate().filter_map(|(tier, limit)| limit.map(|limit| (tier, limit)));
    known.min_by(|one, other| one.1.total_cmp(&other.1))
}

/// Offered load as a share of the capacity; infinite for a tier without capacity.
pub(super) fn load_of(rate: f64, limit: f64) -> f64 {
    if limit > 0.0 { rate / limit } else { f64::INFINITY }
}

impl<'a> ScenarioEvaluator<'a> {
    /// Evaluates a deployment before any fault.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Before`] when it has no steady state.
    pub fn new(prepared: &'a Prepared<'a>, deployment: &'a Deployment) -> Result<Self, ScenarioError> {
        let normal = Situation::of(prepared, deployment, Condition::AllUp).map_err(ScenarioError::Before)?;
        let before = evaluate_situation(prepared, deployment, &normal, 1.0).map_err(ScenarioError::Before)?;
        Ok(Self { prepared, deployment, normal, before: Arc::new(before), known: Mutex::new(Vec::new()) })
    }

    /// Impact of a scenario. If it can affect one of several tiers, the tier with the worst impact is chosen.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::NoTarget`] when it can affect none, [`ScenarioError::Unsolved`] when a model has no answer.
    pub fn impact(&self, scenario: &Scenario) -> Result<Impact, ScenarioError> {
        let mut worst: Option<Impact> = None;
        for script in scripts::scripts(self, scenario)? {
            let timeline = self.follow(&script, scenario)?;
            let impact = summary::summarize(self, scenario, script, timeline);
            if worst.as_ref().is_none_or(|known| summary::is_worse(&impact, known)) {
                worst = Some(impact);
            }
        }
        worst.ok_or(ScenarioError::NoTarget(scripts::target(scenario.kind)))
    }

    /// The choice for a tier; `None` for a managed service.
    pub(super) fn choice(&self, tier: usize) -> Option<Choice> {
        self.deployment.choices.get(tier).copied().flatten()
    }

    /// Hit ratio of a cache with `nodes` nodes, at the request rate before the fault.
    pub(super) fn hit_ratio_of(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<f64>, Breakdown> {
        self.prepared.hit_ratio_of_nodes(tier, choice, nodes, self.before.evaluation.arrival_rate)
    }

    /// Refill of an empty cache with `nodes` nodes; `None` if no look-up ever hits.
    pub(super) fn cold_start(&self, tier: usize, choice: Choice, nodes: u32) -> Result<Option<ColdStart>, Breakdown> {
        let warm = self.hit_ratio_of(tier, choice, nodes)?;
        Ok(self.prepared.cache(tier).zip(warm).and_then(|(cache, warm)| ColdStart::new(cache, warm)))
    }

    /// Situations that were evaluated before; a thread that panicked has left the list whole.
    fn known(&self) -> MutexGuard<'_, Vec<Arc<LoadedSituation>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Evaluates a situation at a multiple of the normal load.
    pub(super) fn loaded(&self, situation: &Situation, load_factor: f64) -> Result<Arc<LoadedSituation>, Breakdown> {
        let same = |known: &&Arc<LoadedSituation>| known.load_factor == load_factor && known.situation == *situation;
        let known = self.known().iter().find(same).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let loaded = Arc::new(self.evaluate(situation, load_factor)?);
        self.known().push(loaded.clone());
        Ok(loaded)
    }

    fn evaluate(&self, situation: &Situation, load_factor: f64) -> Result<LoadedSituation, Breakdown> {
        let (prepared, deployment) = (self.prepared, self.deployment);
        let limits = load_limits(prepared, deployment, situation)?;
        let mut queueing_limits = limits.clone();
        let mut shares = served_shares(prepared, situation);
        let offered = self.before.evaluation.arrival_rate * load_factor;
        let overload = bottleneck(&limits).filter(|(_, limit)| offered >= *limit && shares.served > 0.0);
        let steady_state = match overload {
            Some((tier, limit)) => Err(Breakdown::Overloaded {
                tier: prepared.system.tiers()[tier].name.clone(),
                utilization: load_of(offered, limit),
            }),
            None if load_factor == 1.0 && *situation == self.normal => Ok(self.before.clone()),
            None => evaluate_situation(prepared, deployment, situation, load_factor).map(Arc::new),
        };
        match &steady_state {
            Ok(found) => shares = found.shares.clone(),
            // Where callers hold a connection of their own, nothing is refused.
            Err(Breakdown::Overloaded { .. }) if !system_has_layers(prepared) => {
                let refusals = refusals(prepared, deployment, situation, offered)?;
                for (limit, refusal) in queueing_limits.iter_mut().zip(&refusals) {
                    *limit = limit.filter(|_| refusal.most() <= 0.0);
                }
                if refusals.iter().any(|refusal| refusal.most() > 0.0) {
                    shares = accepted_shares(prepared, situation, &refusals);
                }
            }
            Err(_) => {}
        }
        let situation = situation.clone();
        Ok(LoadedSituation { situation, load_factor, limits, queueing_limits, shares, steady_state })
    }

    /// The queue of a situation in which the clients of a scenario wait.
    pub(super) fn fluid_queue(&self, loaded: &LoadedSituation, scenario: &Scenario) -> FluidQueue {
        let offered = self.before.evaluation.arrival_rate * loaded.load_factor;
        let demand = match self.prepared.system.workload() {
            Workload::Arrivals { .. } => FluidDemand::Open { arrival_rate: offered },
            Workload::Users { users, think_time } => {
                let settled = loaded.steady_state.as_ref().map(|found| found.evaluation.arrival_rate);
                let users = users * loaded.load_factor;
                // An overload has no steady state: its users start with the cycle of the normal load.
                let cycle_time = users / settled.unwrap_or(offered);
                FluidDemand::Closed { users, cycle_time, think_time: think_time.get() }
            }
        };
        let capacity = loaded.capacity();
        let timeout = scenario.timeout.get();
        FluidQueue {
            demand,
            // Where a tier has no capacity every request fails on arrival.
            served_share: if capacity > 0.0 { loaded.shares.served } else { 0.0 },
            capacity,
            clients: match scenario.retries {
                0 => FluidClients::GiveUp { timeout },
                retries => FluidClients::Retry { timeout, max_retries: u64::from(retries) },
            },
        }
    }
}
