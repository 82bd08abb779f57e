use crate::evaluate::{Condition, Evaluation, Prepared, fixed_time, tier_state_at};
use crate::model::{Choice, Deployment, Fleet, FleetRole, ProbeRule};
use capplan_queueing::availability::{
    CheckedFleet, DetectionErrors, DetectionTime, FalseRemoval, HealthCheck, ProbeFailure, ProbeNoise,
    detection_errors, false_removal,
};
use capplan_queueing::network::{Branch, PathLaw};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds};

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
/// [Feller68](capplan_queueing::references#feller68) §XIII.7, runs of slow probes.
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
        // Where most probes are slow with all in rotation nobody has to be out first.
        if self.rotation(all, rule)?.slow > 0.5 {
            low = all;
        }
        Some(Cascade { utilization_without_one: self.rotation(all - 1, rule)?.utilization, begins_at: all - low })
    }

    /// The tier with `left` instances in rotation at the load of now; `None` without an answer.
    fn rotation(&self, left: u32, rule: ProbeRule) -> Option<Rotation> {
        let overloaded = Rotation { utilization: None, slow: 1.0 };
        let mut deployment = self.deployment.clone();
        *deployment.choices.get_mut(self.tier)? = Some(Choice { count: left, ..self.choice });
        let rate = self.normal.arrival_rate;
        let Ok(state) = tier_state_at(self.prepared, &deployment, self.tier, rate, Condition::AllUp) else {
            return Some(overloaded);
        };
        let visit = Branch {
            probability: 1.0,
            fixed_time: fixed_time(self.prepared.system.tiers().get(self.tier)?),
            visits: vec![1],
        };
        let law = PathLaw::new(vec![visit], [state.laws.read]).ok()?;
        Some(Rotation { utilization: state.utilization, slow: law.tail(rule.timeout.get()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;
    use crate::model::System;
    use crate::model_file::{Override, REFERENCE_MODEL, parse};

    fn system(changes: &[&str]) -> System {
        parsed(REFERENCE_MODEL, changes)
    }

    fn parsed(text: &str, changes: &[&str]) -> System {
        let overrides: Vec<Override> = changes.iter().map(|text| Override::parse(text).expect("an override")).collect();
        parse("web", text, &overrides).expect("no faults").system
    }

    fn with<T>(system: &System, look: impl FnOnce(&Subject<'_>) -> T) -> T {
        let prepared = Prepared::new(system).expect("prepared");
        let deployment = system.current_deployment();
        let normal = evaluate(&prepared, &deployment, Condition::AllUp).expect("a steady state");
        let fleet = system.tiers()[2].fleet().expect("a fleet");
        let choice = deployment.choices[2].expect("a choice");
        look(&Subject { prepared: &prepared, deployment: &deployment, normal: &normal, tier: 2, fleet, choice })
    }

    #[test]
    fn a_dead_instance_is_noticed_after_its_probes() {
        with(&system(&[]), |subject| {
            let checked = subject.checked().expect("figures");
            // Every 30 s, 5 s to answer, two in a row: (2 − 1/2)·30 + 5 on average, 2·30 + 5 at most.
            assert_eq!((checked.detection.mean, checked.detection.max), (50.0, 65.0));
            let per_instance = subject.normal.tiers[2].arrival_rate / 60.0;
            assert!((checked.errors.failed_per_failure_mean / (per_instance * 50.0) - 1.0).abs() < 1e-12);
            assert!((checked.errors.failure_rate * (720.0 * 3600.0 + 300.0) / 60.0 - 1.0).abs() < 1e-12);
            // Whatever the number of instances: 50 s of every 720 h and 5 min.
            assert!((checked.errors.first_order_error_share / (50.0 / 2_592_300.0) - 1.0).abs() < 1e-12);
            let slow = checked.false_removals.expect("figures");
            assert_eq!((slow.slow_share, slow.known), (RESOLUTION, Known::AtMost));
        });
    }

    #[test]
    fn slow_probes_are_the_tail_of_the_law_of_a_visit() {
        // One server in order of arrival: P(T > t) = e^(−(μ − λ)t) with what the round trip leaves of 60 ms.
        let changes = [
            "tiers.app.discipline=fcfs",
            "tiers.app.round_trip=0 ms",
            "tiers.app.routing=random",
            "tiers.app.instance_type=one",
            "tiers.app.instances=120",
            "health_check.timeout=60 ms",
        ];
        let one = "\n[instance_types.one]\nservers = 1\nprice = \"0.1 USD/h\"\n";
        let text = REFERENCE_MODEL.replace("candidate_types = [\"m7g.large\",", "candidate_types = [\"one\",") + one;
        with(&parsed(&text, &changes), |subject| {
            let checked = subject.checked().expect("figures");
            let rate = subject.normal.tiers[2].arrival_rate / 120.0;
            let p = (-(1.0 / 0.012 - rate) * 0.06).exp();
            let found = checked.false_removals.expect("figures");
            assert!((found.slow_share / p - 1.0).abs() < 1e-6, "{} {p}", found.slow_share);
            assert_eq!(found.known, Known::Exactly);
            // Two slow ones in a row come after (1/p + 1)/p probes, five good ones after them.
            let away = (1.0 / p + 1.0) / p;
            let back = (1..=5).map(|run| (1.0 - p).powi(-run)).sum::<f64>();
            assert!((found.removal.fraction_removed / (back / (away + back)) - 1.0).abs() < 1e-5);
        });
    }

    #[test]
    fn the_cascade_begins_where_a_scan_finds_it() {
        for timeout in ["5 s", "200 ms", "60 ms"] {
            let change = format!("health_check.timeout={timeout}");
            with(&system(&[change.as_str()]), |subject| {
                let rule = subject.prepared.system.reactions().health_check;
                let found = subject.cascade(rule).expect("figures");
                let spirals = |out: &u32| {
                    let slow = subject.rotation(60 - out, rule).map_or(1.0, |rotation| rotation.slow).max(RESOLUTION);
                    subject.removal(slow, rule).is_none_or(|removal| removal.expected_removed > f64::from(*out))
                };
                assert_eq!((1..60).find(spirals), Some(found.begins_at), "{timeout}");
                // 29.96 instances' worth of work arrives; 29 would be overloaded.
                assert!(found.begins_at <= 31);
                let busy = found.utilization_without_one.expect("they carry it");
                assert!((busy / (subject.normal.tiers[2].arrival_rate * 0.012 / 118.0) - 1.0).abs() < 1e-9);
            });
        }
    }

    #[test]
    fn one_of_two_that_is_overloaded_alone_begins_a_cascade() {
        let changes = ["workload.users=5000", "tiers.app.instances=2", "tiers.app.redundancy=none"];
        with(&system(&changes), |subject| {
            let found = subject.checked().expect("figures").cascade;
            assert_eq!(found, Cascade { utilization_without_one: None, begins_at: 1 });
        });
        // With 1 ms for an answer of 12 ms of work nobody has to be out first.
        with(&system(&["health_check.timeout=1 ms"]), |subject| {
            assert_eq!(subject.checked().expect("figures").cascade.begins_at, 0);
        });
    }
}
