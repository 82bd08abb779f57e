use std::collections::HashSet;

use capplan_queueing::units::Probability;
use serde::de::SeqAccess;

use crate::CalcError;
use crate::answer::{Answer, Figure, Key};
use crate::declare::{InputKind, Need};
use crate::read::{Faults, InputValue};

/// The probabilities of the quantiles that are asked for, each once: the usual five unless others are given.
#[derive(Debug)]
pub(crate) struct Quantiles(Vec<Probability>);

/// The quantiles that are given unasked, and their names.
const USUAL: [(f64, &str); 5] = [(0.5, "0.5"), (0.9, "0.9"), (0.95, "0.95"), (0.99, "0.99"), (0.999, "0.999")];

impl InputValue for Quantiles {
    const KIND: InputKind = InputKind::Numbers;
    const NEED: Need = Need::Optional;
    const DOC: &'static str = "probabilities of the quantiles, each below 1 (default 0.5, 0.9, 0.95, 0.99, 0.999)";

    fn absent() -> Option<Self> {
        USUAL.iter().map(|&(value, _)| Probability::new(value).ok()).collect::<Option<_>>().map(Self)
    }

    fn from_list<'de, A: SeqAccess<'de>>(items: A, faults: &Faults) -> Result<Self, A::Error> {
        Vec::from_list(items, faults).map(|probabilities| Self(each_once(probabilities, Probability::get)))
    }
}

/// Returns values in their order without those that stand before.
pub(super) fn each_once<T: Copy>(mut values: Vec<T>, number: impl Fn(T) -> f64) -> Vec<T> {
    let mut seen = HashSet::new();
    values.retain(|&value| seen.insert(number(value).to_bits()));
    values
}

impl Quantiles {
    /// Returns the quantiles under their probabilities.
    pub(crate) fn figure<E>(&self, quantile: impl Fn(Probability) -> Result<f64, E>) -> Result<Figure, CalcError>
    where
        CalcError: From<E>,
    {
        let pair = |&p: &Probability| {
            // The usual names are at hand; to find the shortest digits of any other takes as long as its quantile.
            let usual = USUAL.iter().find(|(usual, _)| *usual == p.get());
            let key = usual.map_or(Key::Number(p.get()), |&(_, name)| Key::Name(name.into()));
            Ok((key, quantile(p)?.into()))
        };
        self.0.iter().map(pair).collect::<Result<_, CalcError>>().map(Figure::Keyed)
    }
}

impl Answer {
    /// Adds quantiles under their probabilities.
    pub(crate) fn quantiles<E>(
        self,
        name: &'static str,
        asked: &Quantiles,
        quantile: impl Fn(Probability) -> Result<f64, E>,
    ) -> Result<Self, CalcError>
    where
        CalcError: From<E>,
    {
        Ok(self.with(name, asked.figure(quantile)?))
    }
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
        let asked = each_once(
            [0.25, 0.5, 0.25].map(|p| Probability::new(p).expect("a probability")).to_vec(),
            Probability::get,
        );
        let quantiles = Quantiles(asked).figure(|p| Ok::<f64, CalcError>(p.get() * 2.0)).expect("quantiles");
        assert_eq!(serde_json::to_string(&quantiles).expect("JSON"), r#"{"0.25":0.5,"0.5":1.0}"#);
    }
}
