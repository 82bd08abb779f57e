//! Networks: how requests flow between stations, and how long they take end to end.
//!
//! A network knows stations by number; names belong to the layers above.

mod closed;
mod error;
mod jackson;
mod path;
mod station;
mod traffic;

pub use closed::{ClosedMethod, ClosedNetwork, ClosedSolution};
pub use error::NetworkError;
pub use jackson::{Jackson, JacksonStation};
pub use path::{Branch, MAX_VISITS, PathLaw};
pub use station::StationKind;
pub use traffic::arrival_rates;
