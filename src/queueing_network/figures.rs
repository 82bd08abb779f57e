use serde::{Serialize, Serializer};

/// The percentiles of a response time: name and probability.
pub const RESPONSE_PERCENTILES: [(&str, f64); 5] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)];

/// Values of the [`RESPONSE_PERCENTILES`].
pub type Percentiles = [f64; RESPONSE_PERCENTILES.len()];

/// Figures of a solved network. They are serialized as `calc network --format json` prints them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetworkFigures {
    /// Name of the network.
    pub network: String,
    /// The classes, in the order of the network.
    pub classes: Vec<ClassFigures>,
    /// How the figures were found.
    pub method: &'static str,
    /// Whether they are exact.
    pub exact: bool,
}

/// Figures of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Name of the class.
    pub name: String,
    /// Jobs per second that are done.
    pub throughput: f64,
    /// Mean time of a job at the stations and in the certain times of its path, without think time and without the station
    /// where it thinks.
    pub response_time: f64,
    /// From one start of a job to the next, with all think time; `None` for an open class, whose jobs do not return.
    pub cycle_time: Option<f64>,
    /// Name of the station whose time is think time.
    pub thinks_at: Option<String>,
    /// Mean number of jobs between their arrival and their end, without those that think.
    #[serde(skip)]
    pub mean_in_system: f64,
    /// Figures at each station.
    pub stations: Vec<StationFigures>,
    /// The law of the response time; `None` where the file does not say enough for one.
    #[serde(flatten)]
    pub response: Option<Response>,
}

impl ClassFigures {
    /// The law of the response time, if it is known.
    pub const fn law(&self) -> Option<&ResponseFigures> {
        match &self.response {
            Some(Response::Known(law)) => Some(law),
            Some(Response::Unknown(_)) | None => None,
        }
    }
}

/// Figures of a class at a station.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationFigures {
    /// Name of the station.
    pub name: String,
    /// Visits of a job.
    pub visits: f64,
    /// Share of the station's capacity; `None` where it has no limit.
    pub utilization: Option<f64>,
    /// Mean number of jobs.
    pub mean_in_system: f64,
    /// Mean time of a job over all visits.
    pub residence_time: f64,
}

/// The law of a response time, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Response {
    /// The law.
    #[serde(rename = "response")]
    Known(ResponseFigures),
    /// No method here has it, for this reason.
    #[serde(rename = "no_percentiles")]
    Unknown(&'static str),
}

/// The law of a response time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseFigures {
    /// Mean in seconds.
    pub mean: f64,
    /// Standard deviation in seconds.
    pub standard_deviation: f64,
    /// The [`RESPONSE_PERCENTILES`] in seconds.
    #[serde(flatten, serialize_with = "named")]
    pub percentiles: Percentiles,
    /// Shares of the jobs that are done within the times of the network.
    pub within: Vec<ShareWithin>,
    /// How the law was found.
    pub method: &'static str,
    /// Whether it is exact.
    pub exact: bool,
}

/// The share of the jobs that are done within a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ShareWithin {
    /// The time in seconds.
    pub time: f64,
    /// The share.
    pub share: f64,
}

fn named<S: Serializer>(percentiles: &Percentiles, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(RESPONSE_PERCENTILES.iter().map(|(name, _)| name).zip(percentiles))
}
