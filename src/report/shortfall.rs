use crate::plan::{Missed, Shortfall};
use crate::sweep::Point;

use super::format::{availability, availability_beside, count, duration, money, percent, significant_percent};

/// A missed objective in words: what is reached, and what the objective is.
pub(super) fn shortfall_line(missed: &Shortfall) -> String {
    let (actual, limit) = (shown(missed, missed.actual), shown(missed, missed.limit));
    match &missed.objective {
        Missed::ResponseTime { .. } => format!("{}; the objective is {limit}", within(missed)),
        Missed::Capacity { tier } => format!(
            "{tier} would need {actual} of its capacity after the designed loss; allow more instances or a larger type"
        ),
        Missed::Survivors { tier } => {
            format!("{tier} has no instance left after the designed loss; allow more instances")
        }
        Missed::Refused { tier } => {
            format!("{tier} refuses {actual} of its visits for lack of connections; the limit is {limit}")
        }
        Missed::Addresses { subnet } => format!(
            "the {subnet} subnet of a zone has {limit} addresses, the largest scale-out needs {actual}; use a shorter prefix"
        ),
        Missed::SlowRecovery { scenario } => {
            format!("{scenario}: objectives are missed for {actual}; the limit is {limit}")
        }
        Missed::NoRecovery { scenario } => format!("{scenario}: the system does not recover by itself"),
        Missed::Availability => format!("availability is {}; the objective is {limit}", apart(missed)),
        Missed::TimeWithin => {
            format!("response-time objectives are met {} of the time; the objective is {limit}", apart(missed))
        }
        Missed::MonthlyCost => format!("{actual} USD a month; the budget is {limit}"),
    }
}

/// The share of requests that finish within the time of an objective, in words.
pub(super) fn within(missed: &Shortfall) -> String {
    let actual = shown(missed, missed.actual);
    match &missed.objective {
        Missed::ResponseTime { class: Some(class), within } => {
            format!("{actual} of {class} requests finish within {}", duration(within.get()))
        }
        Missed::ResponseTime { class: None, within } => {
            format!("{actual} of requests finish within {}", duration(within.get()))
        }
        _ => actual,
    }
}

fn apart(missed: &Shortfall) -> String {
    availability_beside(1.0 - missed.actual, 1.0 - missed.limit)
}

/// The limit of an objective, or what is reached of it, in its unit.
pub(super) fn shown(missed: &Shortfall, value: f64) -> String {
    match missed.objective {
        Missed::SlowRecovery { .. } => duration(value),
        Missed::ResponseTime { .. } | Missed::Refused { .. } => significant_percent(value),
        Missed::Capacity { .. } => percent(value, 1),
        Missed::NoRecovery { .. } | Missed::Survivors { .. } | Missed::Addresses { .. } => count(value),
        Missed::Availability | Missed::TimeWithin => availability(1.0 - value),
        Missed::MonthlyCost => money(value),
    }
}

/// The candidate of a point that comes closest to its objectives, in words, and what it misses.
pub(super) fn nearest(point: &Point) -> (String, Vec<String>) {
    let Some(nearest) = &point.outcome.nearest else { return ("the grid has no candidate".to_owned(), Vec::new()) };
    let tiers = point.system.tiers().iter().zip(&nearest.found.deployment.choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        Some(format!("{} {} x {}", tier.name, choice.count, fleet.types[choice.instance_type].name))
    });
    let closest = format!("closest candidate: {}", tiers.collect::<Vec<_>>().join(", "));
    (closest, nearest.shortfalls.iter().map(shortfall_line).collect())
}

#[cfg(test)]
mod tests {
    use capplan_queueing::units::Seconds;

    use super::*;

    fn line(objective: Missed, limit: f64, actual: f64) -> String {
        shortfall_line(&Shortfall { objective, limit, actual })
    }

    #[test]
    fn a_missed_objective_says_what_is_reached_and_what_was_asked() {
        let within = Seconds::new(0.25).expect("a time");
        assert_eq!(
            line(Missed::ResponseTime { class: None, within }, 0.95, 0.319_89),
            "31.989 % of requests finish within 250 ms; the objective is 95 %"
        );
        assert_eq!(
            line(Missed::ResponseTime { class: Some("search".to_owned()), within }, 0.99, 0.9),
            "90 % of search requests finish within 250 ms; the objective is 99 %"
        );
        assert_eq!(line(Missed::MonthlyCost, 900.0, 1_234.5), "1,234 USD a month; the budget is 900");
        assert_eq!(
            line(Missed::Addresses { subnet: "private" }, 11.0, 40.0),
            "the private subnet of a zone has 11 addresses, the largest scale-out needs 40; use a shorter prefix"
        );
    }

    #[test]
    fn an_availability_that_rounds_to_its_objective_shows_the_digits_that_differ() {
        assert_eq!(line(Missed::Availability, 0.999, 0.998_96), "availability is 99.896 %; the objective is 99.9 %");
        assert_eq!(
            line(Missed::TimeWithin, 0.999, 0.998_999_9),
            "response-time objectives are met 99.89999 % of the time; the objective is 99.9 %"
        );
    }
}
