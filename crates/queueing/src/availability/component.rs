use crate::units::{Probability, Seconds};

use super::AvailabilityError;

/// What passes from a failure until the part serves again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepairSteps {
    /// Until the failure is noticed.
    pub detection: Seconds,
    /// Until the part is repaired, restarted or replaced.
    pub replacement: Seconds,
    /// Until the new part does full work: code loaded, caches filled, checks passed.
    pub warm_up: Seconds,
}

impl RepairSteps {
    /// The mean time to repair as availability counts it: the whole time without service.
    ///
    /// # Errors
    ///
    /// [`AvailabilityError::OutOfDomain`] when the sum is past the largest number.
    pub fn mttr(self) -> Result<Seconds, AvailabilityError> {
        let total = self.detection.get() + self.replacement.get() + self.warm_up.get();
        Seconds::new(total).map_err(|_| AvailabilityError::OutOfDomain {
            what: "time to repair",
            value: total,
            domain: "a finite number of seconds",
        })
    }
}

/// Returns the unavailability of one repairable part, from its mean up time and its mean down time.
///
/// # Formula
///
/// ```text
/// u = MTTR / (MTBF + MTTR)
/// ```
///
/// where MTBF is the mean time *up* between failures and MTTR includes detection, replacement and warm-up.
/// Only the means matter, whatever the distributions.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] when both times are 0.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 6.
pub fn instance_unavailability(mtbf: Seconds, mttr: Seconds) -> Result<f64, AvailabilityError> {
    let (up, down) = (mtbf.get(), mttr.get());
    if up == 0.0 && down == 0.0 {
        return Err(AvailabilityError::OutOfDomain {
            what: "mean time between failures",
            value: 0.0,
            domain: "above 0 when repair takes no time",
        });
    }
    // Halves, so that two huge times do not overflow in their sum.
    Ok(0.5 * down / (0.5 * up + 0.5 * down))
}

/// Returns the availability of one repairable part, `MTBF / (MTBF + MTTR)`.
///
/// It keeps its relative precision where the part is down most of the time, as [`instance_unavailability`] does where it
/// is up.
///
/// # Errors
///
/// As [`instance_unavailability`].
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 6.
pub fn instance_availability(mtbf: Seconds, mttr: Seconds) -> Result<f64, AvailabilityError> {
    instance_unavailability(mttr, mtbf)
}

/// Returns the mean time between failures of a part of which a share fails within a `period`, in constant hazard.
///
/// # Formula
///
/// ```text
/// MTBF = T / −ln(1 − q)
/// ```
///
/// with `q` = `failed_share` within `T` = `period`; an annual failure rate is `q` over a year.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] for a share of 0, which never fails, or of 1, which says only that all failed.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 3.
pub fn mtbf_from_failed_share(failed_share: Probability, period: Seconds) -> Result<Seconds, AvailabilityError> {
    let (share, value) = (failed_share.get(), failed_share.get());
    let refused = AvailabilityError::OutOfDomain { what: "share that fails", value, domain: "above 0 and below 1" };
    if share == 0.0 || share == 1.0 {
        return Err(refused);
    }
    Seconds::new(period.get() / -(-share).ln_1p()).map_err(|_| refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(value: f64) -> Seconds {
        Seconds::new(value).expect("a time")
    }

    #[test]
    fn a_month_up_and_five_minutes_down_is_three_nines_and_a_half() {
        let u = instance_unavailability(seconds(720.0 * 3600.0), seconds(300.0)).expect("an answer");
        assert!((u - 300.0 / 2_592_300.0).abs() < 1e-18);
    }

    #[test]
    fn instant_repair_is_never_down() {
        assert_eq!(instance_unavailability(seconds(1.0), seconds(0.0)), Ok(0.0));
    }

    #[test]
    fn repair_lasts_until_the_part_serves_again() {
        let steps = RepairSteps { detection: seconds(50.0), replacement: seconds(180.0), warm_up: seconds(70.0) };
        assert_eq!(steps.mttr(), Ok(seconds(300.0)));
        let endless = RepairSteps { detection: seconds(f64::MAX), replacement: seconds(f64::MAX), ..steps };
        assert_eq!(
            endless.mttr().expect_err("refused").to_string(),
            "time to repair of inf is not a finite number of seconds"
        );
    }

    #[test]
    fn neither_up_nor_down_is_refused() {
        assert_eq!(
            instance_unavailability(seconds(0.0), seconds(0.0)).expect_err("refused").to_string(),
            "mean time between failures of 0 is not above 0 when repair takes no time"
        );
    }

    #[test]
    fn a_rare_failure_is_as_rare_as_its_share() {
        let share = |value| Probability::new(value).expect("a probability");
        let mtbf = mtbf_from_failed_share(share(1e-12), seconds(1.0)).expect("a time").get();
        assert!((mtbf * 1e-12 - 1.0).abs() < 1e-12);
        assert_eq!(
            mtbf_from_failed_share(share(1.0), seconds(1.0)).expect_err("refused").to_string(),
            "share that fails of 1 is not above 0 and below 1"
        );
    }
}
