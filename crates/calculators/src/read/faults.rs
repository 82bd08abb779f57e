use std::cell::RefCell;
use std::fmt;

use capplan_queueing::units::UnitError;
use serde::de;
use serde_json::{Number, Value};

use crate::CalcError;

/// The first fault of an input. It is told beside the error of serde, which knows lines and columns but not inputs.
#[derive(Debug, Default)]
pub(crate) struct Faults(RefCell<Option<Fault>>);

#[derive(Debug)]
enum Fault {
    /// What is wrong with the value at a place: the place, and the rest of the message.
    At(String, String),
    /// What is wrong with the input as a whole.
    Whole(CalcError),
}

impl Faults {
    /// Notes what is wrong with the value that is read: how the message goes on after the name of its place.
    pub(crate) fn refuse<E: de::Error>(&self, rest: String) -> E {
        self.note(Fault::At(String::new(), rest))
    }

    /// Notes what is wrong with a field of the value that is read.
    pub(crate) fn refuse_at<E: de::Error>(&self, field: &str, rest: String) -> E {
        self.note(Fault::At(field.to_owned(), rest))
    }

    /// Notes an error that needs no place.
    pub(crate) fn refuse_whole<E: de::Error>(&self, error: impl Into<CalcError>) -> E {
        self.note(Fault::Whole(error.into()))
    }

    fn note<E: de::Error>(&self, fault: Fault) -> E {
        self.0.borrow_mut().get_or_insert(fault);
        E::custom("refused")
    }

    /// Names the field or the index `[2]` that holds the value at fault.
    pub(crate) fn under(&self, parent: fmt::Arguments) {
        if let Some(Fault::At(path, _)) = self.0.borrow_mut().as_mut() {
            let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            *path = format!("{parent}{dot}{path}");
        }
    }

    pub(crate) fn into_error(self) -> CalcError {
        match self.0.into_inner() {
            Some(Fault::At(path, rest)) => CalcError::invalid(format!("`{path}`{rest}")),
            Some(Fault::Whole(error)) => error,
            None => CalcError::invalid("the input is not JSON"),
        }
    }
}

/// A value as it stands in JSON, lists and objects unopened.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Token<'a> {
    Null,
    Switch(bool),
    Whole(u64),
    Negative(i64),
    Decimal(f64),
    Word(&'a str),
    List,
    Object,
}

/// Why a value is not what an input takes.
#[derive(Debug)]
pub(crate) enum Misfit {
    /// It is of another kind.
    Kind,
    /// It is outside the domain of its quantity.
    Unit(UnitError),
    /// Another reason, as a message goes on after the name of the place.
    Said(String),
}

impl From<UnitError> for Misfit {
    fn from(error: UnitError) -> Self {
        Self::Unit(error)
    }
}

impl Token<'_> {
    pub(crate) const fn number(&self) -> Option<f64> {
        match *self {
            Self::Whole(number) => Some(number as f64),
            Self::Negative(number) => Some(number as f64),
            Self::Decimal(number) => Some(number),
            _ => None,
        }
    }
}

impl<'a> From<&'a Value> for Token<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(switch) => Self::Switch(*switch),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) => Self::Whole(whole),
                (None, Some(negative)) => Self::Negative(negative),
                (None, None) => Self::Decimal(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(word) => Self::Word(word),
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Self::Null => f.write_str("`null`"),
            Self::Switch(switch) => write!(f, "`{switch}`"),
            Self::Whole(number) => write!(f, "`{number}`"),
            Self::Negative(number) => write!(f, "`{number}`"),
            Self::Decimal(number) => match Number::from_f64(number) {
                Some(number) => write!(f, "`{number}`"),
                None => write!(f, "`{number}`"),
            },
            Self::Word(word) => write!(f, "\"{}\"", word.chars().take(40).collect::<String>()),
            Self::List => f.write_str("a list"),
            Self::Object => f.write_str("an object"),
        }
    }
}

/// Says that a value is of the wrong kind, as a message goes on after the name of its place.
pub(crate) fn wrong(value: &Token, wanted: &str) -> String {
    format!(" is {value}, not {wanted}")
}
