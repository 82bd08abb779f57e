use crate::evaluate::{
    Breakdown, Condition, Flow, LoadedTier, Prepared, TierLaws, fleet_price, is_layered, survivors,
    tier_unavailability, too_many_refused,
};
use crate::model::{Choice, Fleet};
use capplan_queueing::availability::ZoneStates;
use capplan_queueing::queues::VisitLaw;
use capplan_queueing::units::Price;

/// Figures of one choice for one tier, whatever the other tiers are.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionFigures {
    /// The choice.
    pub choice: Choice,
    /// Its price.
    pub price: Price,
    /// Probability that it cannot carry its load, by state of the zones.
    pub unavailability: Vec<f64>,
    /// Utilization with nothing lost.
    pub utilization: Option<f64>,
    /// Whether it can be used at all, after the loss it is designed for.
    pub verdict: Verdict,
}

/// Whether an option carries its load after the loss that the tier is designed for.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It does, with these laws and this utilization.
    Usable {
        /// The distributions of the time of a visit.
        laws: TierLaws,
        /// Busy share of its servers.
        utilization: f64,
    },
    /// More work arrives than its capacity.
    Overloaded {
        /// Offered work as a share of the capacity.
        utilization: f64,
    },
    /// It refuses more visits than the tier may, for want of connections.
    Refuses {
        /// Share of visits refused.
        share: f64,
    },
    /// No instance is left.
    Down,
}

impl OptionFigures {
    /// Evaluates a choice.
    pub(super) fn new(
        prepared: &Prepared<'_>,
        states: &ZoneStates,
        tier: usize,
        choice: Choice,
        normal: &[Flow],
        design: &[Flow],
    ) -> Option<Self> {
        let system = prepared.system;
        let part = &system.tiers()[tier];
        let fleet = part.fleet()?;
        let zones = system.region().zones;
        let all = survivors(fleet, choice, Condition::AllUp, zones);
        let left = survivors(fleet, choice, Condition::DesignLoss, zones);
        let utilization = LoadedTier { tier: part, choice: Some(choice), left: all, flow: normal[tier] }.utilization();
        let verdict = match (LoadedTier { tier: part, choice: Some(choice), left, flow: design[tier] }).state() {
            Ok(state) => match too_many_refused(fleet, state.database.as_ref()) {
                Some(share) => Verdict::Refuses { share },
                // The time held during calls depends on other tiers; bounds take the law of an idle tier.
                None if is_layered(system, tier) => {
                    let idle = |law: &VisitLaw| VisitLaw::without_waiting(law.service());
                    let laws = TierLaws { read: idle(&state.laws.read), write: idle(&state.laws.write) };
                    Verdict::Usable { laws, utilization: state.utilization.unwrap_or(0.0) }
                }
                None => Verdict::Usable { laws: state.laws, utilization: state.utilization.unwrap_or(0.0) },
            },
            Err(Breakdown::Overloaded { utilization, .. }) => Verdict::Overloaded { utilization },
            Err(Breakdown::Down { .. } | Breakdown::Unsolved { .. }) => Verdict::Down,
        };
        let (unavailability, _) = tier_unavailability(system, states, part, Some(choice), normal[tier]);
        Some(Self { choice, price: fleet_price(fleet, choice), unavailability, utilization, verdict })
    }

    /// The laws, if it is usable.
    pub const fn laws(&self) -> Option<&TierLaws> {
        match &self.verdict {
            Verdict::Usable { laws, .. } => Some(laws),
            Verdict::Overloaded { .. } | Verdict::Refuses { .. } | Verdict::Down => None,
        }
    }
}

/// Every choice of a fleet: types in the order of the model, for each the ways of routing, counts rising.
pub(super) fn choices(fleet: &Fleet) -> impl Iterator<Item = Choice> + '_ {
    (0..fleet.types.len()).flat_map(move |instance_type| {
        fleet.routings.iter().flat_map(move |&routing| {
            (fleet.counts.min..=fleet.counts.max).map(move |count| Choice { instance_type, count, routing })
        })
    })
}
