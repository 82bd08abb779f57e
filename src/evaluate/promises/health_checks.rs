use crate::availability::{
    CheckedFleet, DetectionErrors, DetectionTime, FalseRemoval, HealthCheck, ProbeFailure, ProbeNoise,
    detection_errors, false_removal,
};
use crate::evaluate::evaluation::solve;
use crate::evaluate::{Condition, Evaluation, Prepared, fixed_time};
use crate::model::{Choice, Deployment, Fleet, FleetRole, ProbeRule};
use crate::network::{Branch, PathLaw};
use crate::units::{ArrivalRate, Probability, Seconds};

/// The least share of slow probes that is told from none: the absolute error of the law of a visit.
const RESOLUTION: f64 = 1e-9;

/// The health checks of a service of several instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedTier {
    /// Index of the tier.
    pub tier: usize,
    /// Instances.
    pub instances: u32,
    /// How it is checked.
    pub rule: ProbeRule,
    /// Until an instance that does not answer is removed, in seconds.
    pub detection: DetectionTime,
    /// What fails until then: visits to the tier.
    pub errors: DetectionErrors,
    /// Working instances that are removed; `None` where the rule is beyond the formula.
    pub false_removals: Option<FalseRemovals>,
    /// What becomes of the others when some are removed.
    pub cascade: Cascade,
}

/// Instances that work and are removed because probes were slow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseRemovals {
    /// Share of probes that take longer than the timeout, at least the resolution of the law.
    pub slow_share: f64,
    /// Whether the share is the law's own.
    pub known: Known,
    /// What it does.
    pub removal: FalseRemoval,
}

/// Whether a share is the law's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is.
    Exactly,
    /// It is smaller than the law can tell from none: what follows from it is an upper bound.
    AtMost,
}

/// What becomes of the other instances when some are removed, all of them working, at the same load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cascade {
    /// Busy share of the others when one is removed; `None` where they are overloaded.
    pub utilization_without_one: Option<f64>,
    /// The fewest instances out with which the checks take out more of the others than they bring back; with all of them out
    /// the balancer sends to all again.
    pub begins_at: u32,
}

/// The health checks of every service of at least two instances.
///
/// # Method
///
/// An instance that fails does not answer at all, the slowest to be noticed. A probe takes as long as a visit, so that the
/// share of slow probes is the tail of the law of a visit at the timeout, with nothing lost. The cascade: with `m` of `n`
/// instances in rotation probes are slow with probability `p(m)`, and the checks would remove `n·r(p(m))` on average; it
/// begins at the largest `m` for which that is more than the `n − m` that are out. Overloaded instances answer no probe in
/// time.
///
/// # Accuracy
///
/// Shares of slow probes below 10⁻⁹ are taken as that.
///
/// # References
///
/// [Feller68](crate::references#feller68) §XIII.7, runs of slow probes.
pub(super) fn checked_tiers(prepared: &Prepared<'_>, deployment: &Deployment, normal: &Evaluation) -> Vec<CheckedTier> {
    let checked = |(tier, choice): (usize, &Option<Choice>)| {
        let fleet = prepared.system.tiers().get(tier)?.fleet()?;
        let choice = choice.filter(|choice| choice.count > 1 && matches!(fleet.role, FleetRole::Service))?;
        Subject { prepared, deployment, normal, tier, fleet, choice }.checked()
    };
    deployment.choices.iter().enumerate().filter_map(checked).collect()
}

/// What all figures of a tier are about.
struct Subject<'a> {
    prepared: &'a Prepared<'a>,
    deployment: &'a Deployment,
    normal: &'a Evaluation,
    tier: usize,
    fleet: &'a Fleet,
    choice: Choice,
}

/// A tier with some of its instances in rotation.
struct Rotation {
    utilization: Option<f64>,
    /// Share of probes slower than the timeout.
    slow: f64,
}

impl Subject<'_> {
    fn checked(&self) -> Option<CheckedTier> {
        let rule = self.prepared.system.reactions().health_check;
        let check = HealthCheck {
            interval: rule.interval,
            timeout: rule.timeout,
            unhealthy_threshold: u64::from(rule.unhealthy_threshold),
        };
        let fleet = CheckedFleet {
            targets: u64::from(self.choice.count),
            arrival_rate: ArrivalRate::new(self.normal.tiers.get(self.tier)?.arrival_rate).ok()?,
            mtbf: Seconds::new(self.fleet.instance.mtbf()).ok()?,
            mttr: Seconds::new(self.fleet.instance.mttr()).ok()?,
        };
        Some(CheckedTier {
            tier: self.tier,
            instances: self.choice.count,
            rule,
            detection: check.detection_time(ProbeFailure::Hang).ok()?,
            errors: detection_errors(&check, ProbeFailure::Hang, &fleet).ok()?,
            false_removals: self.false_removals(rule),
            cascade: self.cascade(rule)?,
        })
    }

    fn false_removals(&self, rule: ProbeRule) -> Option<FalseRemovals> {
        let slow = self.rotation(self.choice.count, rule)?.slow;
        let slow_share = slow.max(RESOLUTION);
        let known = if slow > RESOLUTION { Known::Exactly } else { Known::AtMost };
        Some(FalseRemovals { slow_share, known, removal: self.removal(slow_share, rule)? })
    }

    fn removal(&self, slow_share: f64, rule: ProbeRule) -> Option<FalseRemoval> {
        let noise = ProbeNoise {
            failure_probability: Probability::new(slow_share).ok()?,
            unhealthy_threshold: u64::from(rule.unhealthy_threshold),
            healthy_threshold: u64::from(rule.healthy_threshold),
            interval: rule.interval,
            targets: u64::from(self.choice.count),
        };
        false_removal(&noise).ok()
    }

    fn cascade(&self, rule: ProbeRule) -> Option<Cascade> {
        let all = self.choice.count;
        // More are out, fewer are left, and those are slower: one change between the two.
        let spirals = |left: u32| {
            let slow = self.rotation(left, rule).map_or(1.0, |rotation| rotation.slow).max(RESOLUTION);
            // Where the formula has no answer nearly all probes are slow, or nearly none.
            let extreme = if slow > 0.5 { f64::from(all) } else { 0.0 };
            let removed = self.removal(slow, rule).map_or(extreme, |removal| removal.expected_removed);
            removed > f64::from(all - left)
        };
        let (mut low, mut high) = (0, all);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if spirals(middle) { low = middle } else { high = middle }
        }
        Some(Cascade { utilization_without_one: self.rotation(all - 1, rule)?.utilization, begins_at: all - low })
    }

    /// The tier with `left` instances in rotation at the load of now; `None` without an answer.
    fn rotation(&self, left: u32, rule: ProbeRule) -> Option<Rotation> {
        let overloaded = Rotation { utilization: None, slow: 1.0 };
        let mut deployment = self.deployment.clone();
        *deployment.choices.get_mut(self.tier)? = Some(Choice { count: left, ..self.choice });
        let Ok(steady) = solve(self.prepared, &deployment, self.normal.arrival_rate, Condition::AllUp) else {
            return Some(overloaded);
        };
        let state = steady.states.get(self.tier)?;
        let visit = Branch {
            probability: 1.0,
            fixed_time: fixed_time(self.prepared.system.tiers().get(self.tier)?),
            visits: vec![1],
        };
        let law = PathLaw::new(vec![visit], [state.laws.read.clone()]).ok()?;
        Some(Rotation { utilization: state.utilization, slow: law.tail(rule.timeout.get()) })
    }
}
