use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::check::MAX_COUNT;
use super::twins::WithoutTwins;
use super::{Calculator, InputKind, Need};

/// Whether a text is an input of the calculator's table, written the usual way.
///
/// What fits here also passes [`checked`](super::check::checked), unchanged. The reverse does not hold: counts written as
/// decimals, and names and words with escapes, only pass there.
pub(super) fn fits(calculator: &Calculator, input: &str) -> bool {
    Fields(calculator).deserialize(&mut serde_json::Deserializer::from_str(input)).is_ok()
}

/// The fields of an input.
struct Fields<'a>(&'a Calculator);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the inputs of `{}`", self.0.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut missing = self.0.inputs.iter().filter(|input| input.need == Need::Required).count();
        while let Some(name) = fields.next_key::<&str>()? {
            let input = self.0.input(name).ok_or_else(|| A::Error::custom("unknown"))?;
            let given = fields.next_value_seed(Shape(input.kind))?;
            if given == Given::Value && input.need == Need::Required {
                // A name that stands there twice is refused by whoever reads the values.
                missing = missing.saturating_sub(1);
            }
        }
        if missing == 0 { Ok(()) } else { Err(A::Error::custom("missing")) }
    }
}

/// What stands for a field.
#[derive(PartialEq, Eq)]
enum Given {
    Value,
    Null,
}

/// One value of a kind.
struct Shape(InputKind);

impl Shape {
    /// The kind of the entries, if this is a list.
    const fn entries(&self) -> Option<InputKind> {
        match self.0 {
            InputKind::Numbers => Some(InputKind::Number),
            InputKind::Counts => Some(InputKind::Count),
            InputKind::ServerCounts => Some(InputKind::ServerCount),
            InputKind::Matrix => Some(InputKind::Numbers),
            _ => None,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = Given;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The answer for a value that fits, or not; the message is never shown.
fn value_if<E: Error>(fits: impl FnOnce() -> bool) -> Result<Given, E> {
    if fits() { Ok(Given::Value) } else { Err(E::custom("another kind")) }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Given, E> {
        value_if(|| match self.0 {
            InputKind::Number => true,
            InputKind::Count | InputKind::ServerCount => value <= MAX_COUNT,
            _ => false,
        })
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Given, E> {
        value_if(|| self.0 == InputKind::Number)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Given, E> {
        value_if(|| self.0 == InputKind::Number)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Given, E> {
        value_if(|| self.0 == InputKind::Switch)
    }

    fn visit_unit<E: Error>(self) -> Result<Given, E> {
        Ok(Given::Null)
    }

    fn visit_borrowed_str<E: Error>(self, word: &'de str) -> Result<Given, E> {
        value_if(|| match self.0 {
            InputKind::Word => true,
            InputKind::Choice(words) => words.contains(&word),
            InputKind::ServerCount => word == "inf",
            _ => false,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        if let Some(kind) = self.entries() {
            while let Some(given) = items.next_element_seed(Shape(kind))? {
                value_if::<A::Error>(|| given == Given::Value)?;
            }
        } else {
            value_if::<A::Error>(|| matches!(self.0, InputKind::Popularity | InputKind::Stages))?;
            while items.next_element::<WithoutTwins>()?.is_some() {}
        }
        Ok(Given::Value)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Given, A::Error> {
        value_if::<A::Error>(|| matches!(self.0, InputKind::Popularity | InputKind::Tree))?;
        WithoutTwins::of_map(fields).map(|_| Given::Value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::check::checked;
    use crate::find;

    #[test]
    fn what_fits_is_what_the_table_takes_unchanged() {
        for (name, input, expected) in [
            ("erlang_b", r#"{"servers": 2, "offered_load": -1.5}"#, true),
            ("erlang_b", r#"{"servers": 9007199254740992, "offered_load": -1}"#, true),
            ("erlang_b", r#"{"servers": 9007199254740994, "offered_load": 1}"#, false),
            ("erlang_b", r#"{"servers": 2.5, "offered_load": 1}"#, false),
            ("erlang_b", r#"{"servers": -2, "offered_load": 1}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": null}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": "1"}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": true}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": [1]}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": {}}"#, false),
            ("erlang_b", r#"{"servers": 2, "offered_load": 1, "load": 1}"#, false),
            ("erlang_b", r#"{"servers": 2}"#, false),
            ("erlang_b", "[2, 1]", false),
            ("mmc", r#"{"arrival_rate": 1, "service_rate": 1, "servers": 2, "quantiles": [0.5, 1]}"#, true),
            ("mmc", r#"{"arrival_rate": 1, "service_rate": 1, "servers": 2, "quantiles": [0.5, null]}"#, false),
            ("min_servers", r#"{"arrival_rate": 1, "service_rate": 1, "metric": "w", "limit": 2}"#, true),
            (
                "jackson",
                r#"{"external_arrival_rates": [1], "routing": [[0]], "service_rates": [1], "servers": ["inf"]}"#,
                true,
            ),
            (
                "jackson",
                r#"{"external_arrival_rates": [1], "routing": [0], "service_rates": [1], "servers": ["two"]}"#,
                false,
            ),
            ("cache", r#"{"popularity": {"type": [1]}, "policy": "lru", "renew_on_hit": false}"#, true),
            ("cache", r#"{"popularity": [[1, 2]], "policy": "fifo"}"#, true),
            ("cache", r#"{"popularity": 3}"#, false),
            ("cache", r#"{"popularity": [], "policy": "mru"}"#, false),
            ("structure", r#"{"tree": {"series": []}}"#, true),
            ("structure", r#"{"tree": []}"#, false),
            ("canary_blast_radius", r#"{"stages": {}}"#, false),
            (
                "canary_blast_radius",
                r#"{"arrival_rate": 1, "error_rate_increase": 1, "stages": [{}], "rollback": 1, "full_detect": 1, "slo": 1}"#,
                true,
            ),
        ] {
            let calculator = find(name).expect("known");
            let value: Value = serde_json::from_str(input).expect("JSON");
            assert_eq!(fits(calculator, input), expected, "{input}");
            assert_eq!(checked(calculator, &value).is_ok_and(|checked| checked == value), expected, "{input}");
        }
    }
}
