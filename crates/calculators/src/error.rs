use serde::{Serialize, Serializer};

use capplan_queueing::availability::AvailabilityError;
use capplan_queueing::cache::CacheError;
use capplan_queueing::network::NetworkError;
use capplan_queueing::overload::OverloadError;
use capplan_queueing::queues::QueueError;
use capplan_queueing::units::UnitError;

/// Why there is no answer, as a caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The system has no steady state: more work arrives than can be done.
    Unstable,
    /// An input is missing, unknown, of the wrong type or outside its domain.
    InvalidInput,
    /// No calculator has this name.
    UnknownCalculator,
    /// An iteration did not converge.
    NotConverged,
    /// The inputs are sound, but larger than the formula takes, or the result is not a finite number.
    OutOfRange,
}

impl ErrorKind {
    /// What programs call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unstable => "unstable",
            Self::InvalidInput => "invalid_input",
            Self::UnknownCalculator => "unknown_calculator",
            Self::NotConverged => "not_converged",
            Self::OutOfRange => "out_of_range",
        }
    }
}

impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A question without an answer.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct CalcError {
    /// What went wrong, for a program.
    pub kind: ErrorKind,
    /// What went wrong, for a person.
    pub message: String,
    /// What the formula said, if it was asked.
    #[serde(skip)]
    #[source]
    source: Option<capplan_queueing::Error>,
}

impl CalcError {
    /// A question without an answer.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }
}

/// Names the input that a quantity refused.
pub(crate) fn named<T>(input: &str, result: Result<T, UnitError>) -> Result<T, CalcError> {
    result.map_err(|error| CalcError {
        kind: ErrorKind::InvalidInput,
        message: format!("`{input}`: {error}"),
        source: Some(error.into()),
    })
}

impl From<capplan_queueing::Error> for CalcError {
    fn from(error: capplan_queueing::Error) -> Self {
        Self { kind: kind(&error), message: error.to_string(), source: Some(error) }
    }
}

/// What a caller can do about an error of the library.
const fn kind(error: &capplan_queueing::Error) -> ErrorKind {
    use capplan_queueing::Error;

    match error {
        Error::Queue(QueueError::Unstable { .. })
        | Error::Network(
            NetworkError::Station { source: QueueError::Unstable { .. }, .. } | NetworkError::Overloaded { .. },
        )
        | Error::Overload(OverloadError::Unstable { .. }) => ErrorKind::Unstable,
        Error::Network(NetworkError::NotConverged { .. } | NetworkError::Root(_) | NetworkError::Unit(_))
        | Error::Cache(CacheError::NotConverged { .. } | CacheError::Root(_) | CacheError::Unit(_))
        | Error::Root(_) => ErrorKind::NotConverged,
        Error::Queue(QueueError::BelowDouble { .. })
        | Error::Network(
            NetworkError::TooManyVisits { .. } | NetworkError::TooManyCourses { .. } | NetworkError::TooLarge { .. },
        )
        | Error::Availability(
            AvailabilityError::TooMany { .. } | AvailabilityError::Chain(_) | AvailabilityError::Unit(_),
        )
        | Error::Chain(_) => ErrorKind::OutOfRange,
        _ => ErrorKind::InvalidInput,
    }
}

/// Errors of the library's rooms, each by way of the library's own.
macro_rules! from_library {
    ($( $error:ty ),+) => {
        $( impl From<$error> for CalcError {
            fn from(error: $error) -> Self {
                capplan_queueing::Error::from(error).into()
            }
        } )+
    };
}

from_library!(QueueError, NetworkError, CacheError, AvailabilityError, OverloadError);

#[cfg(test)]
mod tests {
    use std::error::Error;

    use serde_json::json;

    use crate::run;

    #[test]
    fn the_error_of_the_formula_is_the_source() {
        let error = run("erlang_c", &json!({"servers": 2, "offered_load": 2.5})).expect_err("overload");
        let source = error.source().expect("the formula's").to_string();
        assert_eq!(source, "offered load of 2.5 is too much for 2 servers; at least 3 are needed");
    }
}
