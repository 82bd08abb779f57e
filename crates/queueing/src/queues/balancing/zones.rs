use crate::queues::QueueError;
use crate::units::{ArrivalRate, ServiceRate};

/// Whether a load balancer's node hands requests to targets of other zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneRouting {
    /// Every target gets the same share, whatever its zone.
    Crossed,
    /// Zones with targets get equal shares, by name resolution, and keep them.
    Kept,
}

/// How a load falls on targets in several zones.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneBalance {
    /// Share of the requests that each zone gets.
    pub zone_shares: Vec<f64>,
    /// Share of each target, by zone; `None` for a zone without targets.
    pub target_shares: Vec<Option<f64>>,
    /// Utilization of the targets, by zone; 1 and more is overload.
    pub utilizations: Vec<Option<f64>>,
}

impl ZoneBalance {
    /// Utilization of the busiest targets.
    pub fn max_utilization(&self) -> f64 {
        self.utilizations.iter().flatten().copied().fold(0.0, f64::max)
    }
}

/// Returns how a load falls on targets in several zones.
///
/// # Formula
///
/// ```text
/// crossed: share of a target 1/Σn,   kept: 1/(Z·n_z) with Z zones that have targets
/// u_z = λ·share/μ
/// ```
///
/// Each zone is a fleet of its own with the rate `λ·n_z·share`; [`balanced`](crate::queues::balanced) gives its times.
///
/// # Accuracy
///
/// The balancer's rule, with name resolution that spreads clients evenly. A zone without targets is taken out of it;
/// until that has happened, requests that reach it fail.
///
/// # Errors
///
/// [`QueueError::Domain`] without any target.
///
/// # References
///
/// [Elb](crate::references#elb).
pub fn zone_balance(
    arrival_rate: ArrivalRate,
    target_rate: ServiceRate,
    targets_per_zone: &[u64],
    routing: ZoneRouting,
) -> Result<ZoneBalance, QueueError> {
    let all: f64 = targets_per_zone.iter().map(|&targets| targets as f64).sum();
    if all == 0.0 {
        return Err(QueueError::Domain {
            parameter: "number of targets in all zones",
            value: 0.0,
            domain: "at least 1",
        });
    }
    let zones = targets_per_zone.iter().filter(|&&targets| targets > 0).count() as f64;
    let target_share = |targets: u64| match routing {
        ZoneRouting::Crossed => 1.0 / all,
        ZoneRouting::Kept => 1.0 / (zones * targets as f64),
    };
    let target_shares: Vec<Option<f64>> =
        targets_per_zone.iter().map(|&targets| (targets > 0).then(|| target_share(targets))).collect();
    let zone_shares = targets_per_zone
        .iter()
        .zip(&target_shares)
        .map(|(&targets, share)| share.map_or(0.0, |share| targets as f64 * share))
        .collect();
    let utilization = |share: f64| arrival_rate.get() * share / target_rate.get();
    let utilizations = target_shares.iter().map(|share| share.map(utilization)).collect();
    Ok(ZoneBalance { zone_shares, target_shares, utilizations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(targets: &[u64], routing: ZoneRouting) -> Result<ZoneBalance, QueueError> {
        zone_balance(ArrivalRate::new(90.0).expect("rate"), ServiceRate::new(10.0).expect("rate"), targets, routing)
    }

    #[test]
    fn an_empty_zone_gets_nothing() {
        let kept = balance(&[3, 0, 6], ZoneRouting::Kept).expect("targets");
        assert_eq!(kept.zone_shares, [0.5, 0.0, 0.5]);
        assert_eq!(kept.utilizations, [Some(1.5), None, Some(0.75)]);
        assert_eq!(kept.max_utilization(), 1.5);
        let crossed = balance(&[3, 0, 6], ZoneRouting::Crossed).expect("targets");
        assert_eq!(crossed.utilizations, [Some(1.0), None, Some(1.0)]);
    }

    #[test]
    fn zones_without_targets_are_refused() {
        assert_eq!(
            balance(&[0, 0], ZoneRouting::Crossed).expect_err("refused").to_string(),
            "number of targets in all zones of 0 is not at least 1"
        );
    }
}
