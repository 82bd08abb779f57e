use crate::numeric::RootError;
use crate::queues::QueueError;
use crate::units::{Shown, UnitError};

/// Why a network has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    /// Lists of different lengths.
    #[error("{what} has {found} entries for {stations} stations")]
    Shape {
        /// Name of the list.
        what: &'static str,
        /// Entries that the list has.
        found: usize,
        /// Number of stations.
        stations: usize,
    },
    /// A rate or share that cannot be.
    #[error("{what} of station {station} is {}; it must be {domain}", Shown(*value))]
    Value {
        /// Name of the quantity.
        what: &'static str,
        /// Index of the station.
        station: usize,
        /// The value that was refused.
        value: f64,
        /// What it must be.
        domain: &'static str,
    },
    /// More jobs leave a station than visit it.
    #[error("station {station} routes {} of its jobs; shares must sum to at most 1", Shown(*sum))]
    Leak {
        /// Index of the station.
        station: usize,
        /// Sum of its row.
        sum: f64,
    },
    /// Jobs that can never leave.
    #[error(
        "jobs cannot leave the network from station {station}: it routes {}, and no path from it leads out",
        all_but(*routed)
    )]
    Trapped {
        /// Index of the station.
        station: usize,
        /// Sum of its row.
        routed: f64,
    },
    /// A station without a steady state.
    #[error("station {station}: {source}")]
    Station {
        /// Index of the station.
        station: usize,
        /// What is wrong with it.
        source: QueueError,
    },
    /// Work arrives as fast as a station does it, or faster.
    #[error(
        "station {station}: offered load of {} is too much for a speed of {}; lower the arrival rates, or give it more servers",
        Shown(*load),
        Shown(*speed)
    )]
    Overloaded {
        /// Index of the station.
        station: usize,
        /// Offered load.
        load: f64,
        /// Speed under load.
        speed: f64,
    },
    /// A request that visits more stations than can be followed.
    #[error("a request makes {visits} visits; the limit is {limit}")]
    TooManyVisits {
        /// Visits of one request.
        visits: u64,
        /// The most that is accepted.
        limit: u64,
    },
    /// A request that may take more courses than can be followed.
    #[error(
        "a request may take more than {limit} different courses; the limit is {limit}: have fewer optional steps, fewer \
         attempts, or the same pause before each of them"
    )]
    TooManyCourses {
        /// The most that is accepted.
        limit: usize,
    },
    /// A list that holds nothing.
    #[error("{what} is empty; a network needs at least one station and one class")]
    Empty {
        /// Name of the list.
        what: &'static str,
    },
    /// Lists of different lengths.
    #[error("{what}: {found} for {expected} {of}")]
    Lengths {
        /// Name of the list.
        what: &'static str,
        /// Entries that the list has.
        found: usize,
        /// The length it should have.
        expected: usize,
        /// What it should have an entry for.
        of: &'static str,
    },
    /// A number of a class that cannot be.
    #[error("{what} of class {class} is {}; it must be {domain}", Shown(*value))]
    ClassValue {
        /// Name of the quantity.
        what: &'static str,
        /// Index of the class.
        class: usize,
        /// The value that was refused.
        value: f64,
        /// What it must be.
        domain: &'static str,
    },
    /// A parameter that is neither a station's nor a class's.
    #[error("{what} is {}; it must be {domain}", Shown(*value))]
    Parameter {
        /// Name of the quantity.
        what: &'static str,
        /// The value that was refused.
        value: f64,
        /// What it must be.
        domain: &'static str,
    },
    /// A class whose jobs take no time: its throughput would be infinite.
    #[error("class {class} has neither think time nor service demand; its throughput would be infinite")]
    NoDemand {
        /// Index of the class.
        class: usize,
    },
    /// Stations that have nothing to do.
    #[error("every service demand is 0: no station limits the throughput; one must be above 0")]
    NoWork,
    /// More than a method can take.
    #[error("{} {what}; the limit is {limit}: use `schweitzer` or `linearizer`, or fewer jobs", Shown(*value))]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The value that was refused.
        value: f64,
        /// The most that is accepted.
        limit: f64,
    },
    /// A fixed point that does not settle.
    #[error("no fixed point after {iterations} iterations; queues still change by {residual} of their class")]
    NotConverged {
        /// Iterations done.
        iterations: u32,
        /// Largest relative change in the last one.
        residual: f64,
    },
    /// A network that a method does not take.
    #[error("{by} does not take {what}; {instead}")]
    Unsupported {
        /// What it does not take.
        what: &'static str,
        /// The method.
        by: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// A probability for which there is no quantile.
    #[error("quantile of probability {probability}: it must be at least 0 and below 1")]
    Quantile {
        /// The probability.
        probability: f64,
    },
    /// An equation whose root was not found.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A figure that came out as none of its kind.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// Probabilities of the branches that do not sum to 1.
    #[error("the probabilities of the branches sum to {sum}, not 1")]
    BranchSum {
        /// Their sum.
        sum: f64,
    },
}

/// The share of the jobs that a station routes on: all of them, or as good as all.
fn all_but(routed: f64) -> String {
    let leaving = 1.0 - routed;
    if leaving > 0.0 {
        format!("all but {leaving:.1e} of them on, which counts as rounding below 1e-13")
    } else {
        "all of them on".to_owned()
    }
}
