use crate::availability::AvailabilityError;
use crate::units::{Probability, Seconds};

const YEAR: f64 = 8760.0 * 3600.0;

/// How often a service is changed, and how that ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePractice {
    /// Deployments in a year, at least 0.
    pub deploys_per_year: f64,
    /// Share of them that fail.
    pub change_failure_rate: Probability,
    /// Mean time to recover from a failed one.
    pub recovery: Seconds,
    /// Share of requests that a failed one hits.
    pub blast_fraction: Probability,
    /// Planned downtime of each deployment.
    pub planned: Seconds,
    /// The objective whose budget pays; below 1.
    pub slo: Probability,
}

/// What changes cost in availability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeFailure {
    /// Share of requests lost, computed for itself.
    pub unavailability: f64,
    /// Failed changes in a year.
    pub failed_changes_per_year: f64,
    /// Share of the objective's budget that changes spend; above 1 they break it alone.
    pub budget_fraction: f64,
    /// Largest share of failed changes that the objective allows, at most 1; `None` when planned downtime alone breaks it.
    pub max_change_failure_rate: Option<f64>,
}

/// Returns the unavailability that changes bring.
///
/// # Formula
///
/// ```text
/// U = deploys per year·(CFR·recovery·blast fraction + planned)/8760 h
/// largest CFR = ((1 − SLO)·8760 h/deploys per year − planned)/(recovery·blast fraction)
/// ```
///
/// # Accuracy
///
/// To first order: changes do not overlap.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a negative number of deployments, an objective of 1 or changes that fill more
/// than the year.
///
/// # References
///
/// [Dora24](crate::references#dora24).
pub fn change_failure(practice: &ChangePractice) -> Result<ChangeFailure, AvailabilityError> {
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    let deploys = practice.deploys_per_year;
    if !(deploys >= 0.0 && deploys.is_finite()) {
        return refused("number of deployments in a year", deploys, "finite and at least 0");
    }
    let budget = 1.0 - practice.slo.get();
    if budget == 0.0 {
        return refused("objective", 1.0, "below 1; it leaves no budget");
    }
    let (failing, planned) = (practice.change_failure_rate.get(), practice.planned.get());
    let cost = practice.recovery.get() * practice.blast_fraction.get();
    let unavailability = deploys * (failing * cost + planned) / YEAR;
    if unavailability > 1.0 {
        return refused(
            "share of the year lost to changes",
            unavailability,
            "at most 1; deploy less or recover faster",
        );
    }
    let left = budget * YEAR - deploys * planned;
    let max_change_failure_rate = if left < 0.0 {
        None
    } else if left >= deploys * cost {
        Some(1.0)
    } else {
        Some(left / (deploys * cost))
    };
    Ok(ChangeFailure {
        unavailability,
        failed_changes_per_year: deploys * failing,
        budget_fraction: unavailability / budget,
        max_change_failure_rate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn practice(deploys_per_year: f64, planned: f64) -> ChangePractice {
        let p = |value| Probability::new(value).expect("a probability");
        ChangePractice {
            deploys_per_year,
            change_failure_rate: p(0.1),
            recovery: Seconds::new(3600.0).expect("a time"),
            blast_fraction: p(0.5),
            planned: Seconds::new(planned).expect("a time"),
            slo: p(0.999),
        }
    }

    #[test]
    fn the_largest_failure_rate_spends_the_whole_budget() {
        let first = change_failure(&practice(50.0, 10.0)).expect("an answer");
        let limit = first.max_change_failure_rate.expect("planned downtime fits");
        let rate = Probability::new(limit).expect("a probability");
        let at_limit = change_failure(&ChangePractice { change_failure_rate: rate, ..practice(50.0, 10.0) });
        assert!((at_limit.expect("an answer").budget_fraction - 1.0).abs() < 1e-12);
    }

    #[test]
    fn planned_downtime_alone_may_break_the_promise() {
        assert_eq!(change_failure(&practice(50.0, 3600.0)).expect("an answer").max_change_failure_rate, None);
    }

    #[test]
    fn no_change_costs_nothing() {
        let still = change_failure(&practice(0.0, 3600.0)).expect("an answer");
        assert_eq!((still.unavailability, still.max_change_failure_rate), (0.0, Some(1.0)));
    }

    #[test]
    fn more_changes_than_time_are_refused() {
        assert_eq!(
            change_failure(&practice(8760.0, 3600.0)).expect_err("refused").to_string(),
            "share of the year lost to changes of 1.05 is not at most 1; deploy less or recover faster"
        );
        assert_eq!(
            change_failure(&practice(-1.0, 0.0)).expect_err("refused").to_string(),
            "number of deployments in a year of -1 is not finite and at least 0"
        );
    }
}
