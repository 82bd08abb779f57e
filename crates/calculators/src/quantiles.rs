use std::collections::HashSet;
use std::fmt::Display;

use serde::ser::{Serialize, SerializeMap, Serializer};

use capplan_queueing::units::Probability;

use super::CalcError;
use super::calculator::{Input, InputKind};
use super::error::listed;

/// The probabilities whose quantiles are wanted.
pub(super) const QUANTILES: Input = Input::optional(
    "quantiles",
    InputKind::Numbers,
    "probabilities of the quantiles, each below 1 (default 0.5, 0.9, 0.95, 0.99, 0.999)",
);

/// The quantiles that are given unasked, and their names.
const USUAL: [(f64, &str); 5] = [(0.5, "0.5"), (0.9, "0.9"), (0.95, "0.95"), (0.99, "0.99"), (0.999, "0.999")];

/// Figures under the numbers that they belong to: quantiles under their probabilities `{"0.5": …, "0.99": …}`, tails under
/// their times.
#[derive(Debug)]
pub(super) struct Keyed(Vec<(f64, Option<f64>)>);

/// Quantiles under their probabilities.
pub(super) type Quantiles = Keyed;

impl Keyed {
    /// Figures in the order given, each number once.
    pub(super) fn new(figures: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::with_gaps(figures.into_iter().map(|(number, figure)| (number, Some(figure))))
    }

    /// The same, where a figure may be one that a double cannot hold.
    pub(super) fn with_gaps(figures: impl IntoIterator<Item = (f64, Option<f64>)>) -> Self {
        let mut seen = HashSet::new();
        Self(figures.into_iter().filter(|(number, _)| seen.insert(number.to_bits())).collect())
    }

    /// Whether a figure is missing.
    pub(super) fn has_gaps(&self) -> bool {
        self.0.iter().any(|(_, figure)| figure.is_none())
    }

    /// Whether a figure is no number, or infinite.
    pub(super) fn is_broken(&self) -> bool {
        self.0.iter().any(|(_, figure)| figure.is_some_and(|figure| !figure.is_finite()))
    }
}

impl Serialize for Keyed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for &(number, figure) in &self.0 {
            // The usual names are at hand; to find the shortest digits of any other takes as long as its quantile.
            match USUAL.iter().find(|(usual, _)| *usual == number) {
                Some((_, name)) => map.serialize_entry(name, &figure)?,
                None => map.serialize_entry(&Digits(number), &figure)?,
            }
        }
        map.end()
    }
}

/// What is written by its digits.
struct Digits<T>(T);

impl<T: Display> Serialize for Digits<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Returns the probabilities of the quantiles that are asked for, each once, or the usual five.
pub(super) fn quantile_probabilities(given: Option<&[f64]>) -> Result<Vec<Probability>, CalcError> {
    let Some(given) = given else {
        return listed("quantiles", &USUAL, |(value, _)| Probability::new(value));
    };
    let mut probabilities = listed("quantiles", given, Probability::new)?;
    let mut seen = HashSet::new();
    probabilities.retain(|probability| seen.insert(probability.get().to_bits()));
    Ok(probabilities)
}

/// Returns quantiles under their probabilities, in the order given.
pub(super) fn keyed(
    probabilities: &[Probability],
    quantile: impl Fn(Probability) -> Result<f64, CalcError>,
) -> Result<Quantiles, CalcError> {
    let pair = |&p: &Probability| Ok((p.get(), Some(quantile(p)?)));
    Ok(Keyed(probabilities.iter().map(pair).collect::<Result<Vec<_>, CalcError>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_names_are_the_digits_of_their_probabilities() {
        for (value, name) in USUAL {
            assert_eq!(value.to_string(), name);
        }
    }

    #[test]
    fn a_probability_asked_for_twice_is_answered_once() {
        let probabilities = quantile_probabilities(Some(&[0.25, 0.5, 0.25])).expect("probabilities");
        let quantiles = keyed(&probabilities, |p| Ok(p.get() * 2.0)).expect("quantiles");
        assert_eq!(serde_json::to_string(&quantiles).expect("JSON"), r#"{"0.25":0.5,"0.5":1.0}"#);
    }
}
