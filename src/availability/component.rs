use crate::units::Seconds;

use super::AvailabilityError;

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
    fn neither_up_nor_down_is_refused() {
        assert_eq!(
            instance_unavailability(seconds(0.0), seconds(0.0)).expect_err("refused").to_string(),
            "mean time between failures of 0 is not above 0 when repair takes no time"
        );
    }
}
