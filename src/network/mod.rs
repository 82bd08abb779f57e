//! Networks: how requests flow between stations, and how long they take end to end.
//!
//! A network knows stations by number; names belong to the layers above.

mod error;
mod jackson;
mod layered;
mod path;
mod traffic;

pub use error::NetworkError;
pub use jackson::{Jackson, JacksonStation};
pub use layered::{Layered, WorkerPool, connection_pool, layered};
pub use path::{Branch, MAX_VISITS, PathLaw};
pub use traffic::arrival_rates;
