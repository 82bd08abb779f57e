//! Networks: how requests flow between stations, and how long they take end to end.
//!
//! A network knows stations by number; names belong to the layers above.
//!
//! | question | model |
//! |---|---|
//! | **Open networks of one class** | |
//! | Poisson arrivals, exponential service | [`Jackson`]: exact |
//! | any arrivals and service, by two moments | [`Qna`]; several classes: [`MultiClassQna`] |
//! | **Several classes** | |
//! | open, shared processors | [`open_multiclass()`]: exact |
//! | closed: a fixed number of jobs or users | [`ClosedNetwork`]: exact MVA, convolution, or approximate |
//! | open and closed together | [`mixed_multiclass()`] |
//! | **Without solving** | |
//! | limits of throughput and response time | [`bounds_closed()`], [`bounds_open()`] |
//! | users, rates and think times into one another | [`interactive_law()`], [`users_to_load()`], [`partly_open()`] |
//! | **Law of the response time: percentiles** | |
//! | a request that makes fixed visits, one after the other | [`PathLaw`], its branches by [`with_retries()`], … |
//! | a request that wanders by routing probabilities | [`RoutedLaw`] |
//! | parallel calls of which the slowest counts | [`Slowest`], [`FanOut`], [`slow_share()`] |
//! | parts at parallel queues that share their arrivals | [`ForkJoin`] |
//! | whether a path law is exact | [`visits_independent()`] |
//! | **Layers** | |
//! | workers that are held while they call other tiers | [`layered()`] |
//! | connections that calls wait for | [`connection_pool()`] |

mod bounds;
mod call_station;
mod calls;
mod closed;
mod connection_pool;
mod error;
mod fan_out;
mod fork_join;
mod jackson;
mod layered;
mod mixed;
#[cfg(test)]
mod mixed_laws;
mod open_load;
mod open_multiclass;
mod overtaking;
mod path;
mod qna;
mod qna_classes;
mod response;
mod routed;
mod scaled;
#[cfg(test)]
mod simulation;
mod slowest;
mod station;
mod traffic;
mod users;

pub use bounds::{Bounds, ClosedBounds, OpenBounds, bounds_closed, bounds_open};
pub use call_station::CallStation;
pub use calls::{
    Alternative, Call, MAX_BRANCHES, Retries, mean_visits, with_alternatives, with_optional_call, with_retries,
};
pub use closed::{ClosedAlgorithm, ClosedMethod, ClosedNetwork, ClosedSolution};
pub use connection_pool::connection_pool;
pub use error::NetworkError;
pub use fan_out::{CallLaw, FanOut, slow_share};
pub use fork_join::ForkJoin;
pub use jackson::{Jackson, JacksonStation};
pub use layered::{CallTimes, Layered, WorkerPool, layered};
pub use mixed::{MixedSolution, mixed_multiclass};
pub use open_multiclass::{OpenSolution, open_multiclass};
pub use overtaking::visits_independent;
pub use path::{Branch, MAX_VISITS, PathLaw};
pub use qna::{Qna, QnaFigures, QnaStation};
pub use qna_classes::{MultiClassQna, QnaClass, QnaClassFigures};
pub use response::ResponseLaw;
pub use routed::RoutedLaw;
pub use slowest::{Racer, Slowest};
pub use station::StationKind;
pub use traffic::{arrival_rates, mean_moves};
pub use users::{
    Behaviour, CLOSED_FROM, DailyLoad, DailyUsers, OPEN_UP_TO, PartlyOpen, interactive_law, partly_open, users_to_load,
};
