use serde::Serialize;
use serde_json::{Map, Value};

/// A JSON object whose fields stand in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(in crate::report) struct Object(Map<String, Value>);

impl Object {
    pub(in crate::report) fn new() -> Self {
        Self::default()
    }

    /// Adds a field; a figure that does not exist is `null`.
    pub(in crate::report) fn field(mut self, name: &str, value: impl Serialize) -> Self {
        // Records of numbers, texts and lists always have a JSON form.
        self.0.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    /// Adds a field if there is something in it.
    pub(in crate::report) fn field_if_some(self, name: &str, value: Option<impl Serialize>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds a list.
    pub(in crate::report) fn list<T: Serialize>(self, name: &str, items: impl IntoIterator<Item = T>) -> Self {
        self.field(name, items.into_iter().collect::<Vec<T>>())
    }

    /// Adds a list unless it is empty.
    pub(in crate::report) fn list_if_any<T: Serialize>(self, name: &str, items: impl IntoIterator<Item = T>) -> Self {
        let items: Vec<T> = items.into_iter().collect();
        self.field_if_some(name, (!items.is_empty()).then_some(items))
    }

    /// Adds the fields of another object.
    pub(in crate::report) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order_and_a_missing_figure_is_null() {
        let inner = Object::new().field("b", 0.1).field("a", None::<f64>);
        let object = Object::new()
            .field("z", inner)
            .field_if_some("routing", None::<&str>)
            .field_if_some("limit", Some(3))
            .list_if_any("points", [] as [f64; 0])
            .and(Object::new().field("x", f64::NAN).list("list", [1.0, 2.5]));
        assert_eq!(
            serde_json::to_string(&object).expect("JSON"),
            r#"{"z":{"b":0.1,"a":null},"limit":3,"x":null,"list":[1.0,2.5]}"#
        );
    }
}
