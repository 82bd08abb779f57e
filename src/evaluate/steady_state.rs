use crate::model::Deployment;
use capplan_queueing::queues::VisitLaw;

use super::layers::apply_layers;
use super::{Breakdown, Flows, HitRatios, Prepared, Survivors, TierState};

/// The state of every tier at one arrival rate, without percentiles: all that a fixed point needs.
#[derive(Debug, Clone)]
pub(super) struct SteadyState {
    pub flows: Flows,
    pub hit_ratios: HitRatios,
    pub left: Vec<Survivors>,
    pub states: Vec<TierState>,
    /// The states without the limits on workers and connections.
    pub base: Vec<TierState>,
}

impl SteadyState {
    /// The laws of all stations: reads and writes of each tier.
    pub fn laws(&self) -> Vec<VisitLaw> {
        self.states.iter().flat_map(|state| [state.laws.read.clone(), state.laws.write.clone()]).collect()
    }

    /// Computes the states anew from [`SteadyState::base`], with the effect of limits on workers and connections.
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
                self.flows[index].reads * (laws.read.mean() + fixed)
                    + self.flows[index].writes * (laws.write.mean() + fixed)
            })
            .sum::<f64>()
            / arrival_rate
    }

    /// The first tier that refuses more visits than it may for want of connections.
    pub fn refuses_too_many(&self, prepared: &Prepared<'_>) -> Option<usize> {
        let mut tiers = prepared.system.tiers().iter().zip(&self.states);
        tiers.position(|(tier, state)| {
            tier.fleet().is_some_and(|fleet| super::too_many_refused(fleet, state.database.as_ref()).is_some())
        })
    }
}
