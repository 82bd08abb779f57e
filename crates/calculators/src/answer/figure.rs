use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// A figure of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Figure {
    /// A figure that has no meaning here, as the utilization of a delay station: `null`.
    None,
    /// A figure above 0 that a double cannot hold: `null`, and named in the answer.
    BelowDouble,
    Switch(bool),
    Count(u64),
    Number(f64),
    Word(Cow<'static, str>),
    List(Vec<Self>),
    /// Figures under names or numbers: quantiles under their probabilities, tails under their times.
    Keyed(Vec<(Key, Self)>),
}

/// What a figure stands under.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Name(Cow<'static, str>),
    Number(f64),
}

impl Figure {
    /// A figure of which is known that it is above 0.
    pub(crate) const fn above_zero(value: f64) -> Self {
        if value >= f64::MIN_POSITIVE {
            Self::Number(value)
        } else if value >= 0.0 {
            Self::BelowDouble
        } else {
            // What is negative here is no figure.
            Self::Number(f64::NAN)
        }
    }

    /// Figures under names.
    pub(crate) fn named<T: Into<Self>, const N: usize>(figures: [(&'static str, T); N]) -> Self {
        Self::Keyed(figures.map(|(name, figure)| (Key::Name(name.into()), figure.into())).into())
    }

    /// Where the first number is that is not finite, as a path behind the figure's name.
    pub(super) fn broken(&self) -> Option<String> {
        match self {
            Self::Number(value) => (!value.is_finite()).then(String::new),
            Self::List(items) => items.iter().find_map(Self::broken),
            Self::Keyed(figures) => figures.iter().find_map(|(key, figure)| {
                let inner = figure.broken()?;
                Some(match key {
                    Key::Name(name) => format!(".{name}{inner}"),
                    Key::Number(number) => format!(".{number}{inner}"),
                })
            }),
            _ => None,
        }
    }

    /// Whether it, or a figure in it, is above 0 and below the doubles.
    pub(super) fn is_below_double(&self) -> bool {
        match self {
            Self::BelowDouble => true,
            Self::List(items) => items.iter().any(Self::is_below_double),
            Self::Keyed(figures) => figures.iter().any(|(_, figure)| figure.is_below_double()),
            _ => false,
        }
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None | Self::BelowDouble => serializer.serialize_none(),
            Self::Switch(switch) => serializer.serialize_bool(*switch),
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Word(word) => serializer.serialize_str(word),
            Self::List(items) => serializer.collect_seq(items),
            Self::Keyed(figures) => {
                let mut map = serializer.serialize_map(Some(figures.len()))?;
                for (key, figure) in figures {
                    match key {
                        Key::Name(name) => map.serialize_entry(name, figure)?,
                        Key::Number(number) => map.serialize_entry(&Digits(number), figure)?,
                    }
                }
                map.end()
            }
        }
    }
}

/// What is written by its digits.
struct Digits<T>(T);

impl<T: Display> Serialize for Digits<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Types that are a figure of one kind.
macro_rules! figures {
    ($( $type:ty: $value:ident => $figure:expr; )+) => {
        $( impl From<$type> for Figure {
            fn from($value: $type) -> Self {
                $figure
            }
        } )+
    };
}

figures! {
    bool: switch => Self::Switch(switch);
    u64: count => Self::Count(count);
    u32: count => Self::Count(count.into());
    usize: count => Self::Count(count as u64);
    f64: number => Self::Number(number);
    &'static str: word => Self::Word(word.into());
}

impl<T: Into<Self>> From<Option<T>> for Figure {
    fn from(figure: Option<T>) -> Self {
        figure.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Figure {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>> From<BTreeMap<String, T>> for Figure {
    fn from(figures: BTreeMap<String, T>) -> Self {
        Self::Keyed(figures.into_iter().map(|(name, figure)| (Key::Name(name.into()), figure.into())).collect())
    }
}

/// A value of a record all of whose fields have one: JSON has no NaN and no infinity, they have become `null`.
impl From<Value> for Figure {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Number(f64::NAN),
            Value::Bool(switch) => Self::Switch(switch),
            Value::Number(number) => match number.as_u64() {
                Some(count) => Self::Count(count),
                None => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(word) => Self::Word(word.into()),
            Value::Array(items) => items.into(),
            Value::Object(fields) => {
                Self::Keyed(fields.into_iter().map(|(name, value)| (Key::Name(name.into()), value.into())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_below_the_doubles_is_none_of_zero() {
        assert_eq!(Figure::above_zero(2.3e-308), Figure::Number(2.3e-308));
        assert_eq!(Figure::above_zero(2e-308), Figure::BelowDouble);
        assert_eq!(Figure::above_zero(0.0), Figure::BelowDouble);
        for value in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(Figure::above_zero(value).broken(), Some(String::new()), "{value}");
        }
    }

    #[test]
    fn the_first_number_that_is_not_finite_is_found_by_its_path() {
        let deep = Figure::Keyed(vec![
            (Key::Name("fine".into()), vec![0.0, 1.0].into()),
            (Key::Number(0.5), vec![0.0, f64::NAN].into()),
        ]);
        assert_eq!(deep.broken(), Some(".0.5".to_owned()));
        assert_eq!(Figure::from(Some(vec![Some(1.0), None])).broken(), None);
    }
}
