use crate::availability::AvailabilityError;
use crate::units::Seconds;

/// How a new version takes the place of the old one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RolloutStrategy {
    /// A Kubernetes Deployment: instances above and below the wanted number, in percent of it.
    Kubernetes {
        /// In percent of the fleet, rounded up to whole instances.
        max_surge_percent: u64,
        /// Rounds down; 1 instance when both come to 0.
        max_unavailable_percent: u64,
    },
    /// An Amazon ECS rolling update: bounds on the number that runs, in percent of the wanted number.
    Ecs {
        /// In percent of the fleet, rounded up to whole instances.
        min_healthy_percent: u64,
        /// In percent of the fleet, rounded down to whole instances.
        max_percent: u64,
    },
    /// A second full fleet, watched for a while before the first one goes.
    BlueGreen {
        /// Time in which both fleets run after the switch.
        bake: Seconds,
        /// Time of the switch itself: the balancer's, or that of names.
        switch: Seconds,
    },
}

/// The course of a roll-out. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rollout {
    /// Instances above the wanted number.
    pub surge: u64,
    /// Instances that may be missing.
    pub unavailable: u64,
    /// Least number that serves.
    pub min_serving: u64,
    /// Largest number that exists.
    pub max_existing: u64,
    /// How it goes on; `None` when it cannot begin: nothing may be added and nothing be missing.
    pub course: Option<RolloutCourse>,
}

/// Batches and time of a roll-out. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RolloutCourse {
    /// Batches, one after the other.
    pub waves: u64,
    /// From the begin to the end.
    pub duration: f64,
    /// Time that instances above the wanted number exist, times their number.
    pub extra_instance_time: f64,
    /// Most instances paid for at the same time, over the wanted number.
    pub peak_cost_factor: f64,
}

/// Returns the batches, the time and the instances left of a roll-out.
///
/// # Formula
///
/// ```text
/// Kubernetes  surge ⌈n·s⌉, unavailable ⌊n·u⌋, 1 if both are 0
/// ECS         surge ⌊n·max⌋ − n, unavailable n − ⌈n·min⌉; blocked if both are 0
/// blue/green  surge n, unavailable 0
/// waves ⌈n/(surge + unavailable)⌉     duration waves·ready, for blue/green ready + bake + switch
/// ```
///
/// `instance_ready` is the time until a new instance serves: start, health checks, draining of the old one.
///
/// # Accuracy
///
/// Whole numbers exactly as the platforms round. A wave waits for its slowest instance.
///
/// # Errors
///
/// [`AvailabilityError::Empty`] without instances, [`AvailabilityError::TooMany`] past 10⁹,
/// [`AvailabilityError::Above`] for a batch larger than the fleet or bounds the wrong way round,
/// [`AvailabilityError::OutOfDomain`] for a highest percentage below 100.
///
/// # References
///
/// [Kubernetes24](crate::references#kubernetes24), [Ecs24](crate::references#ecs24).
///
/// # Examples
///
/// ```
/// use capplan_queueing::availability::{RolloutStrategy, rollout};
/// use capplan_queueing::units::Seconds;
///
/// let default = RolloutStrategy::Kubernetes { max_surge_percent: 25, max_unavailable_percent: 25 };
/// let plan = rollout(10, default, Seconds::new(60.0)?)?;
/// assert_eq!((plan.surge, plan.unavailable, plan.min_serving), (3, 2, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rollout(
    instances: u64,
    strategy: RolloutStrategy,
    instance_ready: Seconds,
) -> Result<Rollout, AvailabilityError> {
    const MAX_INSTANCES: u64 = 1_000_000_000;
    if instances == 0 {
        return Err(AvailabilityError::Empty("instance"));
    }
    if instances > MAX_INSTANCES {
        return Err(AvailabilityError::TooMany { what: "instances", count: instances, limit: MAX_INSTANCES });
    }
    let (surge, unavailable) = match strategy {
        RolloutStrategy::Kubernetes { max_surge_percent, max_unavailable_percent } => {
            within_fleet("surge in percent of the fleet", max_surge_percent)?;
            within_fleet("number unavailable in percent of the fleet", max_unavailable_percent)?;
            let surge = (instances * max_surge_percent).div_ceil(100);
            let unavailable = instances * max_unavailable_percent / 100;
            (surge, if surge + unavailable == 0 { 1 } else { unavailable })
        }
        RolloutStrategy::Ecs { min_healthy_percent, max_percent } => {
            within_fleet("least healthy percentage", min_healthy_percent)?;
            if !(100..=200).contains(&max_percent) {
                return Err(AvailabilityError::OutOfDomain {
                    what: "highest percentage",
                    value: max_percent as f64,
                    domain: "between 100 and 200, a batch as large as the fleet",
                });
            }
            (instances * max_percent / 100 - instances, instances - (instances * min_healthy_percent).div_ceil(100))
        }
        RolloutStrategy::BlueGreen { .. } => (instances, 0),
    };
    let batch = surge + unavailable;
    let course = (batch > 0).then(|| {
        let (waves, duration) = if let RolloutStrategy::BlueGreen { bake, switch } = strategy {
            (1, instance_ready.get() + bake.get() + switch.get())
        } else {
            let waves = instances.div_ceil(batch);
            (waves, waves as f64 * instance_ready.get())
        };
        RolloutCourse {
            waves,
            duration,
            extra_instance_time: surge as f64 * duration,
            peak_cost_factor: (instances + surge) as f64 / instances as f64,
        }
    });
    Ok(Rollout { surge, unavailable, min_serving: instances - unavailable, max_existing: instances + surge, course })
}

fn within_fleet(what: &'static str, percent: u64) -> Result<(), AvailabilityError> {
    if percent > 100 {
        return Err(AvailabilityError::Above { what, value: percent as f64, limit_name: "whole fleet", limit: 100.0 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(instances: u64, strategy: RolloutStrategy) -> Rollout {
        rollout(instances, strategy, Seconds::new(60.0).expect("a time")).expect("a plan")
    }

    fn kubernetes(max_surge_percent: u64, max_unavailable_percent: u64) -> RolloutStrategy {
        RolloutStrategy::Kubernetes { max_surge_percent, max_unavailable_percent }
    }

    fn ecs(min_healthy_percent: u64, max_percent: u64) -> RolloutStrategy {
        RolloutStrategy::Ecs { min_healthy_percent, max_percent }
    }

    #[test]
    fn kubernetes_always_goes_on() {
        let stuck = plan(3, kubernetes(0, 25));
        assert_eq!((stuck.surge, stuck.unavailable), (0, 1));
        assert_eq!(stuck.course.expect("goes on").waves, 3);
    }

    #[test]
    fn ecs_blocks_where_nothing_may_change() {
        assert_eq!(plan(3, ecs(100, 100)).course, None);
        // A third of an instance is none.
        assert_eq!(plan(3, ecs(75, 110)).course, None);
        assert_eq!(plan(3, ecs(100, 200)).course.expect("goes on").waves, 1);
    }

    #[test]
    fn a_fleet_may_be_replaced_at_once() {
        let all = plan(3, kubernetes(0, 100));
        assert_eq!((all.min_serving, all.course.expect("goes on").waves), (0, 1));
    }

    #[test]
    fn batches_larger_than_the_fleet_are_refused() {
        let message =
            |strategy| rollout(4, strategy, Seconds::new(1.0).expect("a time")).expect_err("refused").to_string();
        assert_eq!(
            message(kubernetes(150, 0)),
            "surge in percent of the fleet of 150 is above the whole fleet of 100; it may be at most that"
        );
        assert_eq!(
            message(kubernetes(0, 101)),
            "number unavailable in percent of the fleet of 101 is above the whole fleet of 100; it may be at most that"
        );
        assert_eq!(
            message(ecs(101, 200)),
            "least healthy percentage of 101 is above the whole fleet of 100; it may be at most that"
        );
        assert_eq!(
            message(ecs(50, 90)),
            "highest percentage of 90 is not between 100 and 200, a batch as large as the fleet"
        );
        assert_eq!(
            rollout(0, ecs(50, 100), Seconds::new(1.0).expect("a time")).expect_err("refused").to_string(),
            "no instance given; at least one is needed"
        );
    }
}
