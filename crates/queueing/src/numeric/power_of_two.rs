/// Returns the largest power of two that is at most `value`, as a unit in which nothing is rounded.
///
/// # Units
///
/// `value` is finite and above 0; below the smallest normal double the answer is that double.
#[must_use]
pub fn power_of_two_below(value: f64) -> f64 {
    f64::from_bits(value.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_its_unit_is_between_one_and_two() {
        for value in [1e-300, 0.3, 1.0, 1.999, 2.0, 7e300] {
            assert!((1.0..2.0).contains(&(value / power_of_two_below(value))), "{value:e}");
            assert_eq!(value / power_of_two_below(value) * power_of_two_below(value), value);
        }
        assert_eq!(power_of_two_below(1e-310), f64::MIN_POSITIVE);
    }
}
