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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct CalcError {
    /// What went wrong, for a program.
    pub kind: ErrorKind,
    /// What went wrong, for a person.
    pub message: String,
}

impl CalcError {
    /// A question without an answer.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }
}

/// Names the input that a quantity refused.
pub(crate) fn named<T>(input: &str, result: Result<T, UnitError>) -> Result<T, CalcError> {
    result.map_err(|error| CalcError::invalid(format!("`{input}`: {error}")))
}

impl From<QueueError> for CalcError {
    fn from(error: QueueError) -> Self {
        let kind = match error {
            QueueError::Unstable { .. } => ErrorKind::Unstable,
            QueueError::Domain { .. } => ErrorKind::InvalidInput,
            QueueError::BelowDouble { .. } => ErrorKind::OutOfRange,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<NetworkError> for CalcError {
    fn from(error: NetworkError) -> Self {
        let kind = match error {
            NetworkError::Station { source: QueueError::Unstable { .. }, .. } | NetworkError::Overloaded { .. } => {
                ErrorKind::Unstable
            }
            NetworkError::TooManyVisits { .. }
            | NetworkError::TooManyCourses { .. }
            | NetworkError::TooLarge { .. } => ErrorKind::OutOfRange,
            NetworkError::NotConverged { .. } | NetworkError::Root(_) | NetworkError::Unit(_) => {
                ErrorKind::NotConverged
            }
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<AvailabilityError> for CalcError {
    fn from(error: AvailabilityError) -> Self {
        let kind = match error {
            AvailabilityError::TooMany { .. } | AvailabilityError::Chain(_) | AvailabilityError::Unit(_) => {
                ErrorKind::OutOfRange
            }
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<OverloadError> for CalcError {
    fn from(error: OverloadError) -> Self {
        let kind = match error {
            OverloadError::Unstable { .. } => ErrorKind::Unstable,
            OverloadError::OutOfDomain { .. } => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<CacheError> for CalcError {
    fn from(error: CacheError) -> Self {
        let kind = match error {
            CacheError::NotConverged { .. } | CacheError::Root(_) | CacheError::Unit(_) => ErrorKind::NotConverged,
            _ => ErrorKind::InvalidInput,
        };
        Self::new(kind, error.to_string())
    }
}
