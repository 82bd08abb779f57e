//! The JSON Schema of a model file, made from the key table.

use serde_json::{Map, Value, json};

use super::keys::{Least, Limits, Need, Row, Section, Shape, root, tier_section};
use super::quantity::Dimension;
use crate::model::TierKind;

const NAME_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";
const NUMBER_PATTERN: &str = r"[+-]?[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?";

/// Returns the JSON Schema (draft 2020-12) of a model file, so that editors complete and check it.
///
/// The limits of a bare number are in the schema; those of a quantity with a unit are in its description, because a
/// schema cannot compare `"2 GiB"` with `"500 MB"`.
pub fn schema() -> Value {
    let mut root = section_schema(&root::SECTION);
    if let Value::Object(object) = &mut root {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!("capplan model file"));
        object.insert("$defs".to_owned(), definitions());
    }
    root
}

/// One definition for each dimension of quantities, so that a pattern stands once.
fn definitions() -> Value {
    let definition = |dimension: Dimension| {
        let text = json!({ "type": "string", "pattern": pattern(dimension), "examples": [dimension.example()] });
        let schema = match dimension {
            Dimension::Ratio => json!({ "anyOf": [text, { "type": "number" }] }),
            _ => text,
        };
        (definition_name(dimension).to_owned(), schema)
    };
    Value::Object(Dimension::ALL.into_iter().map(definition).collect())
}

const fn definition_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Duration => "duration",
        Dimension::Data => "data",
        Dimension::Rate => "rate",
        Dimension::Ratio => "ratio",
        Dimension::Money => "money",
        Dimension::Price => "price",
        Dimension::Throughput => "throughput",
    }
}

fn pattern(dimension: Dimension) -> String {
    let mut units: Vec<&str> = dimension.unit_names().collect();
    match dimension {
        Dimension::Duration => units.push("[µμ]s"),
        Dimension::Data => units.push("KB"),
        Dimension::Rate | Dimension::Ratio | Dimension::Money | Dimension::Price | Dimension::Throughput => {}
    }
    let units = units.join("|");
    match dimension {
        Dimension::Ratio => format!("^ *{NUMBER_PATTERN} *({units})? *$"),
        Dimension::Money => format!("^ *({NUMBER_PATTERN} *({units})|[$] *{NUMBER_PATTERN}) *$"),
        Dimension::Price => format!("^ *({NUMBER_PATTERN} *({units})|[$] *{NUMBER_PATTERN} */(h|month)) *$"),
        Dimension::Duration | Dimension::Data | Dimension::Rate | Dimension::Throughput => {
            format!("^ *{NUMBER_PATTERN} *({units}) *$")
        }
    }
}

fn section_schema(section: &Section) -> Value {
    let properties: Map<String, Value> =
        section.keys.iter().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    let required: Vec<&str> =
        section.keys.iter().filter(|key| matches!(key.need, Need::Required)).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if !section.one_of.is_empty()
        && let Value::Object(object) = &mut schema
    {
        let alternatives: Vec<Value> = section.one_of.iter().map(|keys| json!({ "required": keys })).collect();
        object.insert("oneOf".to_owned(), Value::Array(alternatives));
    }
    schema
}

fn key_schema(key: &Row) -> Value {
    let mut schema = shape_schema(&key.shape);
    if let Value::Object(object) = &mut schema {
        object.insert("description".to_owned(), json!(description(key)));
        if let Some(default) = default_value(key) {
            object.insert("default".to_owned(), default);
        }
    }
    schema
}

fn description(key: &Row) -> String {
    let limits = match key.shape {
        Shape::Quantity(_, limits) | Shape::Quantities(_, limits) | Shape::Percentiles(limits) => match limits.least {
            Least::From(least) => format!("; from {least} to {}", limits.most),
            Least::Above(least) => format!("; above {least}, at most {}", limits.most),
        },
        _ => String::new(),
    };
    let default = match key.need {
        Need::Required => String::new(),
        Need::Published(_, source) => format!("; default published: {source}"),
        Need::Assumed(_, reason) => format!("; default assumed: {reason}"),
        Need::Derived(rule) => format!("; default: {rule}"),
        Need::Unset(meaning) => format!("; if not set: {meaning}"),
    };
    format!("{}{limits}{default}", key.doc)
}

fn default_value(key: &Row) -> Option<Value> {
    let (Need::Published(text, _) | Need::Assumed(text, _)) = key.need else { return None };
    Some(match key.shape {
        Shape::Number(_) | Shape::Count(_) => number(text),
        Shape::Flag => json!(text == "true"),
        _ => json!(text),
    })
}

fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Quantity(dimension, _) => json!({ "$ref": format!("#/$defs/{}", definition_name(*dimension)) }),
        Shape::Number(limits) => number_schema("number", *limits),
        Shape::Count(limits) => number_schema("integer", *limits),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Name => json!({ "type": "string", "pattern": NAME_PATTERN }),
        Shape::TierName | Shape::TypeName | Shape::File => json!({ "type": "string" }),
        Shape::Quantities(dimension, _) => json!({
            "type": "array",
            "items": { "$ref": format!("#/$defs/{}", definition_name(*dimension)) },
            "minItems": 1,
            "uniqueItems": true,
        }),
        Shape::Word(words) => json!({ "type": "string", "enum": words.words() }),
        Shape::Words(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words.words() }, "uniqueItems": true })
        }
        Shape::TypeNames => json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true }),
        Shape::Section(section) => section_schema(section),
        Shape::Sections(section) => json!({ "type": "object", "additionalProperties": section_schema(section) }),
        Shape::Tiers => tiers_schema(),
        Shape::Percentiles(_) => json!({
            "type": "object",
            "patternProperties": { "^p[0-9]+([._][0-9]+)?$": { "$ref": "#/$defs/duration" } },
            "additionalProperties": false,
        }),
        Shape::Visits(section) => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [{ "type": "number", "minimum": 0 }, section_schema(section)] },
        }),
    }
}

/// A tier has the keys of its kind, which `kind` decides.
fn tiers_schema() -> Value {
    let kinds: Vec<Value> = TierKind::ALL
        .into_iter()
        .map(|kind| {
            let mut schema = section_schema(tier_section(kind));
            if let Some(entry) = schema.pointer_mut("/properties/kind") {
                *entry = json!({ "const": kind.name(), "description": format!("keys of {}", tier_section(kind).noun) });
            }
            schema
        })
        .collect();
    json!({
        "type": "object",
        "propertyNames": { "pattern": NAME_PATTERN },
        "minProperties": 1,
        "additionalProperties": { "oneOf": kinds },
    })
}

fn number_schema(kind: &str, limits: Limits) -> Value {
    let (least, text) = match limits.least {
        Least::From(text) => ("minimum", text),
        Least::Above(text) => ("exclusiveMinimum", text),
    };
    json!({ "type": kind, least: number(text), "maximum": number(limits.most) })
}

/// A number of the key table: whole ones without a point, as one would write them.
fn number(text: &str) -> Value {
    match text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2⁵³")]
        Ok(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(number as i64),
        Ok(number) => json!(number),
        Err(_) => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_the_same_every_time() {
        assert_eq!(schema().to_string(), schema().to_string());
    }

    #[test]
    fn every_kind_of_tier_is_in_it_with_all_its_keys() {
        let schema = schema();
        let kinds = schema.pointer("/properties/tiers/additionalProperties/oneOf").and_then(Value::as_array);
        let kinds = kinds.expect("a list of kinds");
        assert_eq!(kinds.len(), TierKind::ALL.len());
        for (kind, schema) in TierKind::ALL.into_iter().zip(kinds) {
            let properties = schema.get("properties").and_then(Value::as_object).expect("properties");
            assert_eq!(properties.len(), tier_section(kind).keys.len(), "{kind:?}");
        }
    }

    #[test]
    fn limits_of_bare_numbers_are_numbers() {
        assert_eq!(
            schema().pointer("/properties/workload/properties/users").expect("the key")["maximum"],
            json!(1_000_000_000)
        );
    }
}
