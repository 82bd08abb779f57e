//! Keys that stand twice in one object of JSON, which a map would lose.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads any value, and notes the first key that stands twice in one object.
pub(super) struct Watched<'a>(pub &'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Watched<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Watched<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Watched(&mut *self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(Watched(&mut *self.0))?;
            if map.insert(name.clone(), value).is_some() && self.0.is_none() {
                *self.0 = Some(name);
            }
        }
        Ok(Value::Object(map))
    }
}

/// Any value without a key that stands twice in one object; nothing is kept of it.
pub(super) struct WithoutTwins;

impl<'de> Deserialize<'de> for WithoutTwins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = WithoutTwins;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value without a key that stands twice")
    }

    fn visit_unit<E: Error>(self) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<WithoutTwins, E> {
        Ok(WithoutTwins)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WithoutTwins, A::Error> {
        while items.next_element::<WithoutTwins>()?.is_some() {}
        Ok(WithoutTwins)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<WithoutTwins, A::Error> {
        WithoutTwins::of_map(fields)
    }
}

impl WithoutTwins {
    /// Reads the fields of an object.
    pub(super) fn of_map<'de, A: MapAccess<'de>>(mut fields: A) -> Result<Self, A::Error> {
        let mut names: Vec<Cow<str>> = Vec::new();
        while let Some(name) = fields.next_key::<Cow<str>>()? {
            if names.contains(&name) {
                return Err(A::Error::custom("a key stands twice"));
            }
            names.push(name);
            fields.next_value::<Self>()?;
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(text: &str) -> Option<String> {
        let mut twin = None;
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Watched(&mut twin).deserialize(&mut reader).expect("JSON");
        assert_eq!(value, serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(twin.is_some(), serde_json::from_str::<WithoutTwins>(text).is_err(), "{text}");
        twin
    }

    #[test]
    fn a_key_may_stand_once_in_each_object() {
        assert_eq!(twin(r#"{"a": 1, "b": [{"a": 2.5}, {"a": -2}], "c": {"a": null}}"#), None);
        assert_eq!(twin(r#"{"a": 1, "b": [{"a": 2, "x": 1, "x": "y"}]}"#), Some("x".to_owned()));
        assert_eq!(twin(r#"{"a": true, "\u0061": 1}"#), Some("a".to_owned()));
    }
}
