use crate::model::Deployment;

use super::evaluation::keeps_promises;
use super::steady_state::SteadyState;
use super::{Breakdown, Condition, Flows, LoadedTier, Prepared, Situation, TierState, survivors};

/// A deployment under a load in which one tier gets another count and another load.
///
/// An autoscaler sees one tier in this way: the other tiers stay as they are.
#[derive(Debug)]
pub struct OneTier<'a> {
    prepared: &'a Prepared<'a>,
    deployment: &'a Deployment,
    situation: Situation,
    steady: SteadyState,
    /// Flows with nothing lost: a cache that has lost nothing misses less.
    normal: Flows,
    tier: usize,
}

impl<'a> OneTier<'a> {
    /// Fixes the other tiers at `arrival_rate` in `condition`.
    ///
    /// # Errors
    ///
    /// [`Breakdown`] when the deployment has no steady state there.
    pub fn new(
        prepared: &'a Prepared<'a>,
        deployment: &'a Deployment,
        tier: usize,
        arrival_rate: f64,
        condition: Condition,
    ) -> Result<Self, Breakdown> {
        let situation = Situation::at(prepared, deployment, condition, arrival_rate)?;
        let steady = situation.solve(prepared, deployment, arrival_rate)?;
        let normal =
            Situation::at(prepared, deployment, Condition::AllUp, arrival_rate)?.flows(prepared, arrival_rate)?;
        Ok(Self { prepared, deployment, situation, steady, normal, tier })
    }

    /// Utilization of the tier with `count` instances and `scale` times its load, with nothing lost; `None` when it is
    /// overloaded.
    pub fn utilization(&self, count: u32, scale: f64) -> Option<f64> {
        self.state(count, scale, Condition::AllUp)?.utilization
    }

    /// Utilization of the tier with `count` instances and `scale` times its load, after the loss it is designed for;
    /// at least 1 when it is overloaded, `None` when nothing is left of it.
    pub fn utilization_after_loss(&self, count: u32, scale: f64) -> Option<f64> {
        match self.outcome(count, scale, Condition::DesignLoss) {
            Ok(state) => state.utilization,
            Err(Breakdown::Overloaded { utilization, .. }) => Some(utilization),
            Err(Breakdown::Down { .. } | Breakdown::Unsolved { .. }) => None,
        }
    }

    /// Whether the response-time objectives hold with `count` instances and `scale` times the load of the tier, after
    /// the loss it is designed for.
    pub fn holds(&self, count: u32, scale: f64) -> bool {
        let Some(state) = self.state(count, scale, Condition::DesignLoss) else { return false };
        let mut steady = self.steady.clone();
        steady.base[self.tier] = state;
        steady.flows[self.tier] = steady.flows[self.tier].times(scale);
        let mut deployment = self.deployment.clone();
        if let (Some(fleet), Some(choice)) =
            (self.prepared.system.tiers()[self.tier].fleet(), deployment.choices[self.tier].as_mut())
        {
            choice.count = count;
            let zones = self.prepared.system.region().zones;
            steady.left[self.tier] = survivors(fleet, *choice, Condition::DesignLoss, zones);
        }
        if steady.apply_layers(self.prepared, &deployment).is_err() {
            return false;
        }
        keeps_promises(self.prepared, &self.situation, &steady)
    }

    fn state(&self, count: u32, scale: f64, condition: Condition) -> Option<TierState> {
        self.outcome(count, scale, condition).ok()
    }

    fn outcome(&self, count: u32, scale: f64, condition: Condition) -> Result<TierState, Breakdown> {
        let tier = &self.prepared.system.tiers()[self.tier];
        let down = || Breakdown::Down { tier: tier.name.clone() };
        let fleet = tier.fleet().ok_or_else(down)?;
        let mut choice = self.deployment.choices[self.tier].ok_or_else(down)?;
        choice.count = count;
        let left = survivors(fleet, choice, condition, self.prepared.system.region().zones);
        let flows = if condition == Condition::AllUp { &self.normal } else { &self.steady.flows };
        LoadedTier { tier, choice: Some(choice), left, flow: flows[self.tier].times(scale) }.state()
    }
}
