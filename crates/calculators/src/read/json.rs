//! JSON of any shape, and the keys that stand twice in it, which a map would lose.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Returns a whole number of at least 0 that every reader of JSON keeps exact, however it is written: `3`, `3.0` or `3e0`.
pub(crate) fn whole(number: f64) -> Option<u64> {
    const MAX_COUNT: u64 = 1 << 53;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and at most 2⁵³")]
    ((0.0..=MAX_COUNT as f64).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// Any value in which each key stands once.
pub(crate) struct Json(pub(crate) Value);

impl Json {
    /// Reads an object.
    pub(crate) fn object<'de, A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        let mut twice = None;
        let value = Watched(&mut twice).deserialize(MapAccessDeserializer::new(fields))?;
        match twice {
            None => Ok(Self(value)),
            Some(key) => Err(A::Error::custom(format!("`{key}` stands twice"))),
        }
    }
}

/// Reads a text, with the first key that stands twice in one object.
pub(crate) fn read_any(text: &str) -> Result<(Value, Option<String>), serde_json::Error> {
    let mut twice = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Watched(&mut twice).deserialize(&mut reader)?;
    reader.end()?;
    Ok((value, twice))
}

/// Reads any value, and notes the first key that stands twice in one object.
struct Watched<'a>(&'a mut Option<String>);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(text: &str) -> Option<String> {
        let (value, twice) = read_any(text).expect("JSON");
        assert_eq!(value, serde_json::from_str::<Value>(text).expect("JSON"));
        twice
    }

    #[test]
    fn a_key_may_stand_once_in_each_object() {
        assert_eq!(twice(r#"{"a": 1, "b": [{"a": 2.5}, {"a": -2}], "c": {"a": null}}"#), None);
        assert_eq!(twice(r#"{"a": 1, "b": [{"a": 2, "x": 1, "x": "y"}]}"#), Some("x".to_owned()));
        assert_eq!(twice(r#"{"a": true, "\u0061": 1}"#), Some("a".to_owned()));
    }
}
