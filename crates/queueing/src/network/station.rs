use crate::units::Servers;

use super::NetworkError;

/// How fast a station works as jobs gather there.
#[derive(Debug, Clone, PartialEq)]
pub enum StationKind {
    /// One queue in front of parallel servers.
    Servers(Servers),
    /// Every job is served at once: think time, a wire, a fixed pause.
    Delay,
    /// A speed for each number of jobs, in units of the speed at which the service time is meant.
    ///
    /// The first entry holds for one job, the last for its own number of jobs and every larger one.
    LoadDependent(Vec<f64>),
}

impl StationKind {
    /// A queue with one server.
    pub const SINGLE: Self = Self::Servers(Servers::ONE);

    /// Whether it is a queue with one server.
    pub(super) fn is_single(&self) -> bool {
        *self == Self::SINGLE
    }

    /// The number of jobs from which the speed no longer changes, at least 1.
    pub(super) fn saturation(&self) -> u64 {
        match self {
            Self::Servers(servers) => servers.get(),
            Self::Delay => u64::MAX,
            Self::LoadDependent(speeds) => speeds.len() as u64,
        }
    }

    /// The speed with 1, 2, …, `most` jobs; shorter when it is constant earlier.
    pub(super) fn speeds(&self, most: usize) -> Vec<f64> {
        let length = usize::try_from(self.saturation()).map_or(most, |saturation| saturation.min(most)).max(1);
        match self {
            Self::Servers(_) | Self::Delay => (1..=length).map(|jobs| jobs as f64).collect(),
            Self::LoadDependent(speeds) => speeds.iter().copied().take(length).collect(),
        }
    }

    /// The highest speed, `None` for a delay station, which has none.
    pub(super) fn highest_speed(&self) -> Option<f64> {
        match self {
            Self::Servers(servers) => Some(servers.get() as f64),
            Self::Delay => None,
            Self::LoadDependent(speeds) => Some(speeds.iter().copied().fold(0.0, f64::max)),
        }
    }

    /// Service times that a job stays where it is alone.
    pub(super) fn stretch_alone(&self) -> f64 {
        match self {
            Self::Servers(_) | Self::Delay => 1.0,
            Self::LoadDependent(speeds) => speeds.first().map_or(1.0, |speed| speed.recip()),
        }
    }

    pub(super) fn check(&self, station: usize) -> Result<(), NetworkError> {
        let Self::LoadDependent(speeds) = self else { return Ok(()) };
        if speeds.is_empty() {
            return Err(NetworkError::Empty { what: "a station's list of speeds" });
        }
        match speeds.iter().find(|speed| !(**speed > 0.0 && speed.is_finite())) {
            None => Ok(()),
            Some(&value) => Err(NetworkError::Value { what: "a speed", station, value, domain: "finite and above 0" }),
        }
    }
}
