use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::units::Probability;

use super::CalcError;
use super::calculator::{Input, InputKind};
use super::error::listed;

/// The probabilities whose quantiles are wanted.
pub(super) const QUANTILES: Input = Input::optional(
    "quantiles",
    InputKind::Numbers,
    "probabilities of the quantiles, each below 1 (default 0.5, 0.9, 0.95, 0.99, 0.999)",
);

/// The quantiles that are given unasked.
const USUAL: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Quantiles under their probabilities: `{"0.5": …, "0.99": …}`.
pub(super) struct Quantiles(Vec<(Probability, f64)>);

impl Serialize for Quantiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (probability, quantile) in &self.0 {
            map.serialize_entry(&probability.get().to_string(), quantile)?;
        }
        map.end()
    }
}

/// Returns the probabilities of the quantiles that are asked for, or the usual five.
pub(super) fn quantile_probabilities(given: Option<&[f64]>) -> Result<Vec<Probability>, CalcError> {
    listed("quantiles", given.unwrap_or(&USUAL), Probability::new)
}

/// Returns quantiles under their probabilities, in the order given.
pub(super) fn keyed(
    probabilities: &[Probability],
    quantile: impl Fn(Probability) -> Result<f64, CalcError>,
) -> Result<Quantiles, CalcError> {
    let pairs = probabilities.iter().map(|&p| Ok((p, quantile(p)?))).collect::<Result<Vec<_>, CalcError>>()?;
    Ok(Quantiles(pairs))
}
