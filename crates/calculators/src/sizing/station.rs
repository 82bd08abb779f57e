//! The station that an inverse question is about: all but its arrivals or its servers.

use capplan_queueing::queues::{
    ErlangA, Ggc, Mgc, MgcMethod, MgcPs, MgcService, Mmc, Mmck, QueueError, ServerObjective, StationFigures,
};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::CalcError;
use crate::answer::Method;
use crate::declare::{choices, inputs};

use super::objective::Metric;

inputs! {
    /// An objective, and the station that it is set for.
    pub(super) struct StationObjective {
        metric: Metric,
        /// its limit, a probability or seconds
        limit: f64,
        /// `mmc`; `mmck` with `capacity`; `erlang_a` with `abandonment_rate`; `mgc` and processor sharing `ps` with
        /// `service_scv`; `ggc` with `arrival_scv` and `service_scv`
        station: StationName = "mmc",
        /// for `mmck`: room for jobs, those in service included; servers beyond it stay idle
        capacity: Option<u64>,
        /// for `erlang_a`: one over the mean time, in seconds, that a waiting job stays, above 0
        abandonment_rate: Option<ServiceRate>,
        /// for `ggc`: squared coefficient of variation of the time between arrivals, at least 0; 1 is Poisson
        arrival_scv: Option<f64>,
        /// for `mgc`, `ggc`, `ps`: squared coefficient of variation of the service, at least 0 (`ps`: 0.1); 1 is
        /// exponential
        service_scv: Option<f64>,
    }
}

choices! {
    pub(super) enum StationName {
        Mmc = "mmc",
        Mmck = "mmck",
        ErlangA = "erlang_a",
        Mgc = "mgc",
        Ggc = "ggc",
        Shared = "ps",
    }
}

/// A station but for its arrivals and servers.
#[derive(Clone, Copy)]
pub(super) struct Station {
    pub service_rate: ServiceRate,
    pub kind: Kind,
}

/// What a kind of station has of its own.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Mmc,
    Mmck { capacity: u64 },
    ErlangA { abandonment_rate: ServiceRate },
    Mgc(MgcService),
    Ggc { arrival_scv: f64, service_scv: f64 },
    Shared { service_scv: f64 },
}

impl StationObjective {
    /// Returns what the station has of its own; what belongs to another kind is refused.
    pub(super) fn kind(&self) -> Result<Kind, CalcError> {
        let own: &[&str] = match self.station {
            StationName::Mmc => &[],
            StationName::Mmck => &["capacity"],
            StationName::ErlangA => &["abandonment_rate"],
            StationName::Mgc | StationName::Shared => &["service_scv"],
            StationName::Ggc => &["arrival_scv", "service_scv"],
        };
        for (field, stations, given) in [
            ("capacity", "\"mmck\"", self.capacity.is_some()),
            ("abandonment_rate", "\"erlang_a\"", self.abandonment_rate.is_some()),
            ("arrival_scv", "\"ggc\"", self.arrival_scv.is_some()),
            ("service_scv", "\"mgc\", \"ggc\", \"ps\"", self.service_scv.is_some()),
        ] {
            if given && !own.contains(&field) {
                return Err(CalcError::invalid(format!("`{field}` is only for `station` {stations}")));
            }
        }
        Ok(match self.station {
            StationName::Mmc => Kind::Mmc,
            StationName::Mmck => Kind::Mmck { capacity: self.needed("capacity", self.capacity)? },
            StationName::ErlangA => {
                Kind::ErlangA { abandonment_rate: self.needed("abandonment_rate", self.abandonment_rate)? }
            }
            StationName::Mgc => match self.needed("service_scv", self.service_scv)? {
                0.0 => Kind::Mgc(MgcService::Deterministic),
                scv => Kind::Mgc(MgcService::TwoMoments(scv)),
            },
            StationName::Ggc => Kind::Ggc {
                arrival_scv: self.needed("arrival_scv", self.arrival_scv)?,
                service_scv: self.needed("service_scv", self.service_scv)?,
            },
            StationName::Shared => Kind::Shared { service_scv: self.service_scv.unwrap_or(1.0) },
        })
    }

    fn needed<T>(&self, field: &str, value: Option<T>) -> Result<T, CalcError> {
        let station = self.station.name();
        value.ok_or_else(|| CalcError::invalid(format!("`station` \"{station}\" also needs `{field}`")))
    }

    /// Returns the objective, if the station has the figure that is limited.
    pub(super) fn objective(&self, kind: Kind) -> Result<ServerObjective, CalcError> {
        let objective = self.metric.at_most(self.limit)?;
        let loses = matches!(kind, Kind::Mmck { .. } | Kind::ErlangA { .. });
        if matches!(objective, ServerObjective::LostShare(_)) && !loses {
            let name = self.station.name();
            return Err(CalcError::invalid(format!(
                "`metric` is \"p_loss\", but nobody is lost at `station` \"{name}\"; ask \"mmck\" or \"erlang_a\""
            )));
        }
        let stays = matches!(objective, ServerObjective::SojournTime(_) | ServerObjective::SojournTimeQuantile(..));
        if matches!(kind, Kind::Shared { .. }) && !stays {
            let metric = &self.metric.name;
            return Err(CalcError::invalid(format!(
                "`metric` is \"{metric}\", but nobody waits where jobs share the servers; limit `w` or a percentile such as `w_p95`"
            )));
        }
        Ok(objective)
    }
}

impl Station {
    pub fn figure(
        self,
        arrival_rate: ArrivalRate,
        servers: Servers,
        objective: ServerObjective,
    ) -> Result<f64, QueueError> {
        let Self { service_rate, kind } = self;
        let station: Box<dyn StationFigures> = match kind {
            Kind::Mmc => Box::new(Mmc::new(arrival_rate, service_rate, servers)?),
            Kind::Mmck { capacity } => {
                // Servers without room for their jobs change nothing.
                let servers = Servers::new(capacity).map_or(servers, |room| servers.min(room));
                Box::new(Mmck::new(arrival_rate, service_rate, servers, capacity)?)
            }
            Kind::ErlangA { abandonment_rate } => {
                Box::new(ErlangA::new(arrival_rate, service_rate, servers, abandonment_rate)?)
            }
            Kind::Mgc(service) => Box::new(Mgc::new(arrival_rate, service_rate, servers, service)?),
            Kind::Ggc { arrival_scv, service_scv } => {
                Box::new(Ggc::new(arrival_rate, service_rate, servers, arrival_scv, service_scv)?)
            }
            Kind::Shared { service_scv } => {
                let station = MgcPs::new(arrival_rate, service_rate, servers, service_scv)?;
                return match objective {
                    ServerObjective::SojournTimeQuantile(p, _) => station.sojourn_law().quantile(p),
                    _ => Ok(station.exponential().sojourn_time()),
                };
            }
        };
        objective.figure(&*station)
    }

    /// The rate from which on it is overloaded, or for a station that sheds load, beyond any rate of interest.
    pub fn ceiling(self, servers: Servers) -> Result<ArrivalRate, CalcError> {
        let total = servers.get() as f64 * self.service_rate.get();
        let ceiling = match self.kind {
            Kind::Mmck { .. } | Kind::ErlangA { .. } => MOST_OVERLOAD * total,
            Kind::Mmc | Kind::Mgc(_) | Kind::Ggc { .. } | Kind::Shared { .. } => total,
        };
        ArrivalRate::new(ceiling).map_err(|_| {
            let rate = self.service_rate.get();
            CalcError::invalid(format!("`service_rate` of {rate} is too large for {} servers", servers.get()))
        })
    }

    /// Whether the limit is at most what the service alone takes, where somebody waits with any number of servers.
    pub fn is_never_met(self, arrival_rate: ArrivalRate, objective: ServerObjective) -> bool {
        let mean = ServerObjective::is_within_exponential_service;
        arrival_rate.get() > 0.0
            && match self.kind {
                Kind::Mmc | Kind::ErlangA { .. } => mean(objective, self.service_rate),
                Kind::Mgc(_) | Kind::Shared { .. } => {
                    matches!(objective, ServerObjective::SojournTime(_)) && mean(objective, self.service_rate)
                }
                // No job waits where all servers have room, or where arrivals and services are regular.
                Kind::Mmck { .. } | Kind::Ggc { .. } => false,
            }
    }

    /// How the figure that is limited comes about.
    pub fn method(self, objective: ServerObjective, found: Option<(ArrivalRate, Servers)>) -> Method {
        match self.kind {
            Kind::Mmc | Kind::Mgc(MgcService::TwoMoments(1.0)) => Method::Exact("exact: M/M/c closed form"),
            Kind::Mmck { .. } => {
                Method::Exact("exact: M/M/c/K, birth-death closed form, times are those of the accepted")
            }
            Kind::ErlangA { .. } => Method::Exact("exact: M/M/c+M (Erlang A), times are those of the served"),
            Kind::Mgc(service) => {
                let solve = |(arrivals, servers)| Mgc::new(arrivals, self.service_rate, servers, service).ok();
                match found.and_then(solve).map(|queue| queue.method()) {
                    Some(MgcMethod::Constant) => Method::Exact("exact: M/D/c"),
                    _ => Method::Approximate("approximation: M/G/c by two moments, as `mgc`"),
                }
            }
            Kind::Ggc { .. } => Method::Approximate("approximation: GI/G/c by two moments, as `ggc`"),
            Kind::Shared { .. } if matches!(objective, ServerObjective::SojournTime(_)) => {
                Method::Exact("exact: the mean under processor sharing is that of M/M/c")
            }
            Kind::Shared { .. } => Method::Approximate("percentiles of M/G/c processor sharing, as `mg1_ps`"),
        }
    }
}

/// Arrivals that a station which sheds load is tried with at most, in units of what its servers can do.
const MOST_OVERLOAD: f64 = 1e6;
