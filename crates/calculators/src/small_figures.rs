//! Figures that are above 0 and below the doubles: a 0 in their place would be false.

use capplan_queueing::units::ArrivalRate;

use super::quantiles::Keyed;
use super::{CalcError, ErrorKind};

/// What an answer says of figures below the doubles.
///
/// Each such figure is `null`, and its name stands in `below_double_precision`.
#[derive(Debug)]
pub(super) struct SmallFigures {
    /// Without arrivals a 0 is a 0.
    idle: bool,
    names: Vec<&'static str>,
    broken: Option<&'static str>,
}

impl SmallFigures {
    /// Figures of a station with these arrivals; each is above 0 where there are any.
    pub fn of(arrival_rate: ArrivalRate) -> Self {
        Self { idle: arrival_rate.get() == 0.0, names: Vec::new(), broken: None }
    }

    /// Figures of a station where a 0 is a 0.
    pub const fn idle() -> Self {
        Self { idle: true, names: Vec::new(), broken: None }
    }

    /// Returns a figure, or nothing where it is above 0 and below the doubles.
    pub fn figure(&mut self, name: &'static str, value: f64) -> Option<f64> {
        if value >= f64::MIN_POSITIVE && value.is_finite() {
            return Some(value);
        }
        if !(0.0..f64::MIN_POSITIVE).contains(&value) {
            self.broken = self.broken.or(Some(name));
            return Some(value);
        }
        if self.idle {
            return Some(value);
        }
        self.missing(name);
        None
    }

    /// Returns a figure that is computed from another, and is missing where that one is.
    pub fn following(&mut self, name: &'static str, value: f64, cause: Option<f64>) -> Option<f64> {
        if cause.is_none() {
            self.missing(name);
            return None;
        }
        self.figure(name, value)
    }

    /// Notes the gaps in figures under their numbers.
    pub fn note(&mut self, name: &'static str, figures: Option<&Keyed>) {
        let Some(figures) = figures else { return };
        if figures.has_gaps() {
            self.missing(name);
        }
        if figures.is_broken() {
            self.broken = self.broken.or(Some(name));
        }
    }

    /// Returns the probabilities of the states that are asked for, in their order; `None` is a state that never is.
    pub fn states(
        &mut self,
        states: Option<&[u64]>,
        probability: impl Fn(u64) -> Option<f64>,
    ) -> Option<Vec<Option<f64>>> {
        let name = "state_probabilities";
        let states = states?;
        Some(states.iter().map(|&jobs| probability(jobs).map_or(Some(0.0), |value| self.figure(name, value))).collect())
    }

    /// The names of the missing figures.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] with the name of a figure that is infinite or no number.
    pub fn names(self) -> Result<Vec<&'static str>, CalcError> {
        match self.broken {
            Some(name) => {
                let message = format!("`{name}` is not a finite number for this input");
                Err(CalcError::new(ErrorKind::OutOfRange, message))
            }
            None => Ok(self.names),
        }
    }

    /// Notes that a figure is missing.
    pub fn missing(&mut self, name: &'static str) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> ArrivalRate {
        ArrivalRate::new(value).expect("rate")
    }

    #[test]
    fn a_small_figure_is_missing_and_named_once() {
        let mut small = SmallFigures::of(rate(1.0));
        assert_eq!(small.figure("fine", 2.3e-308), Some(2.3e-308));
        assert_eq!(small.figure("denormal", 2e-308), None);
        assert_eq!(small.figure("zero", 0.0), None);
        assert_eq!(small.following("mean", 1e-300, None), None);
        assert_eq!(small.following("other", 1.0, Some(1.0)), Some(1.0));
        let states = small
            .states(Some(&[0, 1, 2, 3]), |jobs| if jobs == 2 { None } else { Some(if jobs == 0 { 0.5 } else { 0.0 }) });
        assert_eq!(states, Some(vec![Some(0.5), None, Some(0.0), None]));
        small.note("tail", Some(&Keyed::with_gaps([(1.0, Some(0.5)), (2.0, None)])));
        assert_eq!(small.names(), Ok(vec!["denormal", "zero", "mean", "state_probabilities", "tail"]));
    }

    #[test]
    fn without_arrivals_nothing_is_missing() {
        let mut small = SmallFigures::of(rate(0.0));
        assert_eq!(small.figure("wait_probability", 0.0), Some(0.0));
        assert_eq!(small.names(), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_number_is_an_error_and_no_gap() {
        for value in [f64::NAN, f64::INFINITY, -1.0] {
            let mut small = SmallFigures::of(rate(1.0));
            small.figure("waiting_time", value);
            let message = "`waiting_time` is not a finite number for this input";
            assert_eq!(small.names().map_err(|error| error.message), Err(message.to_owned()));
        }
    }
}
