use std::fmt;

/// A number as messages show it: by its shortest digits, in powers of ten where these would be a row of zeros.
///
/// # Examples
///
/// ```
/// use capplan_queueing::units::Shown;
///
/// assert_eq!(Shown(1_250_000.5).to_string(), "1250000.5");
/// assert_eq!(Shown(1e300).to_string(), "1e300");
/// assert_eq!(Shown(-2.5e-12).to_string(), "-2.5e-12");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown(pub f64);

/// Numbers from here on are written in powers of ten, and those below the second one.
const LARGE: f64 = 1e21;
const SMALL: f64 = 1e-9;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size.is_finite() && size != 0.0 && !(SMALL..LARGE).contains(&size) {
            write!(f, "{:e}", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}
