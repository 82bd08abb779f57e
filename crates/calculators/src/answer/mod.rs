//! What a calculator answers: figures by name, how they came about, and the formula with the numbers in it.

mod explanation;
mod figure;

use std::borrow::Cow;

use capplan_queueing::units::{ArrivalRate, Probability};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

pub use explanation::Explanation;
pub(crate) use figure::{Figure, Key};

use crate::error::named;
use crate::{CalcError, ErrorKind};

/// The answer of a calculator: its figures in their order, and the method that they came about by.
///
/// # Figures that a double cannot hold
///
/// A figure that is above 0 and below 2.2e-308 is `null`, since 0 in its place would be false, and its name stands in
/// `below_double_precision`. Infinity and NaN are no answer at all.
#[derive(Debug)]
pub(crate) struct Answer {
    figures: Vec<(Cow<'static, str>, Figure)>,
    /// Whether a figure of 0 is 0, and not above it by less than a double can say.
    zero: Zero,
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zero {
    True,
    BelowDouble,
}

/// How an answer comes about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Method {
    Exact(&'static str),
    Approximate(&'static str),
}

impl Answer {
    /// An answer without figures so far.
    pub(crate) fn by(method: Method) -> Self {
        Self { figures: Vec::with_capacity(16), zero: Zero::BelowDouble, method }
    }

    /// An answer of a formula that is exact.
    pub(crate) fn exact(method: &'static str) -> Self {
        Self::by(Method::Exact(method))
    }

    /// An answer of a formula that is not.
    pub(crate) fn approximate(method: &'static str) -> Self {
        Self::by(Method::Approximate(method))
    }

    /// Takes figures of 0 for true where nothing arrives.
    pub(crate) fn at_rate(self, arrival_rate: ArrivalRate) -> Self {
        if arrival_rate.get() == 0.0 { self.with_true_zeros() } else { self }
    }

    /// Takes figures of 0 for true.
    pub(crate) fn with_true_zeros(mut self) -> Self {
        self.zero = Zero::True;
        self
    }

    /// Adds a figure.
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, figure: impl Into<Figure>) -> Self {
        self.figures.push((name.into(), figure.into()));
        self
    }

    /// Adds a figure if there is one.
    pub(crate) fn with_some(self, name: &'static str, figure: Option<impl Into<Figure>>) -> Self {
        match figure {
            Some(figure) => self.with(name, figure),
            None => self,
        }
    }

    /// Adds a figure that is above 0 unless nothing arrives.
    pub(crate) fn positive(self, name: &'static str, value: f64) -> Self {
        let figure = self.above_zero(value);
        self.with(name, figure)
    }

    /// Adds a figure as [`positive`](Self::positive) does, if there is one.
    pub(crate) fn positive_some(self, name: &'static str, value: Option<f64>) -> Self {
        let figure = value.map(|value| self.above_zero(value));
        self.with_some(name, figure)
    }

    /// Adds a figure as [`positive`](Self::positive) does; it is 0 where it has no value.
    pub(crate) fn positive_or_zero(self, name: &'static str, value: Option<f64>) -> Self {
        let figure = value.map_or(Figure::Number(0.0), |value| self.above_zero(value));
        self.with(name, figure)
    }

    /// Adds a figure that is computed from `cause`: where that is 0 it is 0, and below the doubles where that is.
    pub(crate) fn following(self, cause: &str, name: &'static str, value: f64) -> Self {
        match self.figures.iter().find(|(other, _)| other == cause) {
            Some((_, Figure::BelowDouble)) => self.with(name, Figure::BelowDouble),
            Some((_, Figure::Number(0.0))) => self.with(name, value),
            _ => self.positive(name, value),
        }
    }

    /// Adds quantiles under names of their own.
    pub(crate) fn percentiles<E>(
        mut self,
        percentiles: &[(&'static str, f64)],
        quantile: impl Fn(Probability) -> Result<f64, E>,
    ) -> Result<Self, CalcError>
    where
        CalcError: From<E>,
    {
        for &(name, percentile) in percentiles {
            let probability = named(name, Probability::new(percentile))?;
            self = self.with(name, quantile(probability)?);
        }
        Ok(self)
    }

    /// Returns a value as a figure that is above 0 unless nothing arrives.
    pub(crate) const fn above_zero(&self, value: f64) -> Figure {
        match self.zero {
            Zero::BelowDouble => Figure::above_zero(value),
            Zero::True if value >= 0.0 => Figure::Number(value),
            Zero::True => Figure::Number(f64::NAN),
        }
    }

    /// Adds the fields of a record of the library, all of which have a value.
    pub(crate) fn record(mut self, record: &impl Serialize) -> Self {
        // A record is a struct of numbers, whose conversion cannot fail.
        if let Ok(Value::Object(fields)) = serde_json::to_value(record) {
            self.figures.extend(fields.into_iter().map(|(name, value)| (name.into(), Figure::from(value))));
        }
        self
    }

    /// Returns the answer if every number in it is finite.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] with the name of the first that is not.
    pub(crate) fn checked(self) -> Result<Self, CalcError> {
        let broken = |(name, figure): &(Cow<'static, str>, Figure)| Some((name.clone(), figure.broken()?));
        let Some((name, inner)) = self.figures.iter().find_map(broken) else { return Ok(self) };
        let message = format!("`{name}{inner}` is not a finite number for this input");
        Err(CalcError::new(ErrorKind::OutOfRange, message))
    }

    /// The names of the figures that are above 0 and below the doubles: the wait, its distributions, and then the figures
    /// that follow from them.
    fn below_double(&self) -> Vec<&str> {
        let below = self.figures.iter().filter(|(_, figure)| figure.is_below_double());
        let mut names: Vec<&str> = below.map(|(name, _)| name.as_ref()).collect();
        names.sort_by_key(|name| match *name {
            "wait_probability" => 0,
            "waiting_time" => 1,
            name if name.ends_with("_tail") || name.ends_with("_transform") => 2,
            _ => 3,
        });
        names
    }

    pub(crate) fn to_json(&self) -> Value {
        // Every key of an answer is a string, and no other step of the conversion can fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A formula that always has an answer.
impl From<Answer> for Result<Answer, CalcError> {
    fn from(answer: Answer) -> Self {
        Ok(answer)
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, figure) in &self.figures {
            map.serialize_entry(name, figure)?;
        }
        let below = self.below_double();
        if !below.is_empty() {
            map.serialize_entry("below_double_precision", &below)?;
        }
        let (method, exact) = match self.method {
            Method::Exact(text) => (text, true),
            Method::Approximate(text) => (text, false),
        };
        map.serialize_entry("method", method)?;
        map.serialize_entry("exact", &exact)?;
        map.end()
    }
}
