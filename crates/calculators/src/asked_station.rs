//! The station that an inverse question is about: all but its arrivals or its servers.

use serde::Deserialize;

use capplan_queueing::queues::{
    ErlangA, Ggc, MgcMethod, MgcPs, MgcService, MgcTimes, Mmc, Mmck, QueueError, ServerObjective, SojournFigures,
    StationFigures,
};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Input, InputKind};
use super::error::named;
use super::objectives::objective;

pub(super) const STATION: Input = Input::optional(
    "station",
    InputKind::Choice(&["mmc", "mmck", "erlang_a", "mgc", "ggc", "ps"]),
    "`mmc`; `mmck` with `capacity`; `erlang_a` with `abandonment_rate`; `mgc` and processor sharing `ps` with `service_scv`; \
     `ggc` with `arrival_scv` and `service_scv` (default `mmc`)",
);
pub(super) const CAPACITY: Input = Input::optional(
    "capacity",
    InputKind::Count,
    "for `mmck`: room for jobs, those in service included; servers beyond it stay idle",
);
pub(super) const ABANDONMENT_RATE: Input = Input::optional(
    "abandonment_rate",
    InputKind::Number,
    "for `erlang_a`: one over the mean time, in seconds, that a waiting job stays, above 0",
);
pub(super) const SERVICE_SCV: Input = Input::optional(
    "service_scv",
    InputKind::Number,
    "for `mgc`, `ggc`, `ps`: squared coefficient of variation of the service, at least 0 (`ps`: 0.1); 1 is exponential",
);
pub(super) const ARRIVAL_SCV: Input = Input::optional(
    "arrival_scv",
    InputKind::Number,
    "for `ggc`: squared coefficient of variation of the time between arrivals, at least 0; 1 is Poisson",
);
/// What all questions say. The table of inputs has refused other fields.
#[derive(Deserialize)]
pub(super) struct Asked {
    pub arrival_rate: Option<f64>,
    service_rate: f64,
    pub servers: Option<u64>,
    pub metric: String,
    pub limit: f64,
    station: Option<String>,
    capacity: Option<u64>,
    abandonment_rate: Option<f64>,
    arrival_scv: Option<f64>,
    service_scv: Option<f64>,
}

/// A station but for its arrivals and servers.
#[derive(Clone, Copy)]
pub(super) struct Station {
    pub service_rate: ServiceRate,
    pub kind: Kind,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Mmc,
    Mmck { capacity: u64 },
    ErlangA { abandonment_rate: ServiceRate },
    Mgc(MgcService),
    Ggc { arrival_scv: f64, service_scv: f64 },
    Shared { service_scv: f64 },
}

impl Asked {
    pub fn station(&self) -> Result<Station, CalcError> {
        let name = self.station.as_deref().unwrap_or("mmc");
        let only = |field: &str, of: &[&str], given: bool| {
            if !given || of.contains(&name) {
                return Ok(());
            }
            let stations: Vec<String> = of.iter().map(|station| format!("\"{station}\"")).collect();
            Err(CalcError::invalid(format!("`{field}` is only for `station` {}", stations.join(", "))))
        };
        only("capacity", &["mmck"], self.capacity.is_some())?;
        only("abandonment_rate", &["erlang_a"], self.abandonment_rate.is_some())?;
        only("arrival_scv", &["ggc"], self.arrival_scv.is_some())?;
        only("service_scv", &["mgc", "ggc", "ps"], self.service_scv.is_some())?;
        let kind = match name {
            "mmck" => Kind::Mmck { capacity: needed("capacity", name, self.capacity)? },
            "erlang_a" => {
                let rate = needed("abandonment_rate", name, self.abandonment_rate)?;
                Kind::ErlangA { abandonment_rate: named("abandonment_rate", ServiceRate::new(rate))? }
            }
            "mgc" => match needed("service_scv", name, self.service_scv)? {
                0.0 => Kind::Mgc(MgcService::Deterministic),
                scv => Kind::Mgc(MgcService::TwoMoments(scv)),
            },
            "ggc" => Kind::Ggc {
                arrival_scv: needed("arrival_scv", name, self.arrival_scv)?,
                service_scv: needed("service_scv", name, self.service_scv)?,
            },
            "ps" => Kind::Shared { service_scv: self.service_scv.unwrap_or(1.0) },
            _ => Kind::Mmc,
        };
        Ok(Station { service_rate: named("service_rate", ServiceRate::new(self.service_rate))?, kind })
    }

    pub fn objective(&self, kind: Kind) -> Result<ServerObjective, CalcError> {
        let objective = objective(&self.metric, self.limit)?;
        let loses = matches!(kind, Kind::Mmck { .. } | Kind::ErlangA { .. });
        if matches!(objective, ServerObjective::LostShare(_)) && !loses {
            let name = self.station.as_deref().unwrap_or("mmc");
            return Err(CalcError::invalid(format!(
                "`metric` is \"p_loss\", but nobody is lost at `station` \"{name}\"; ask \"mmck\" or \"erlang_a\""
            )));
        }
        let stays = matches!(objective, ServerObjective::SojournTime(_) | ServerObjective::SojournTimeQuantile(..));
        if matches!(kind, Kind::Shared { .. }) && !stays {
            return Err(CalcError::invalid(format!(
                "`metric` is \"{}\", but nobody waits where jobs share the servers; limit `w` or a percentile such as `w_p95`",
                self.metric
            )));
        }
        Ok(objective)
    }
}

fn needed<T>(field: &str, station: &str, value: Option<T>) -> Result<T, CalcError> {
    value.ok_or_else(|| CalcError::invalid(format!("`station` \"{station}\" also needs `{field}`")))
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
            Kind::Mgc(service) => Box::new(MgcTimes::new(arrival_rate, service_rate, servers, service)?),
            Kind::Ggc { arrival_scv, service_scv } => {
                Box::new(Ggc::new(arrival_rate, service_rate, servers, arrival_scv, service_scv)?)
            }
            Kind::Shared { service_scv } => {
                let station = MgcPs::new(arrival_rate, service_rate, servers, service_scv)?;
                return match objective {
                    ServerObjective::SojournTimeQuantile(p, _) => station.time_quantile(p),
                    _ => Ok(station.mean_time()),
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
                // Where all servers have room nobody waits, nor where arrivals and services are regular.
                Kind::Mmck { .. } | Kind::Ggc { .. } => false,
            }
    }

    /// How the figure that is limited comes about.
    pub fn method(self, objective: ServerObjective, found: Option<(ArrivalRate, Servers)>) -> Method {
        match self.kind {
            Kind::Mmc | Kind::Mgc(MgcService::TwoMoments(1.0)) => Method::exact("exact: M/M/c closed form"),
            Kind::Mmck { .. } => {
                Method::exact("exact: M/M/c/K, birth-death closed form, times are those of the accepted")
            }
            Kind::ErlangA { .. } => Method::exact("exact: M/M/c+M (Erlang A), times are those of the served"),
            Kind::Mgc(service) => {
                let solve = |(arrivals, servers)| MgcTimes::new(arrivals, self.service_rate, servers, service).ok();
                match found.and_then(solve).map(|queue| queue.method()) {
                    Some(MgcMethod::Constant) => Method::exact("exact: M/D/c"),
                    _ => Method::near("approximation: M/G/c by two moments, as `mgc`"),
                }
            }
            Kind::Ggc { .. } => Method::near("approximation: GI/G/c by two moments, as `ggc`"),
            Kind::Shared { .. } if matches!(objective, ServerObjective::SojournTime(_)) => {
                Method::exact("exact: the mean under processor sharing is that of M/M/c")
            }
            Kind::Shared { .. } => Method::near("percentiles of M/G/c processor sharing, as `mg1_ps`"),
        }
    }
}

/// Arrivals that a station which sheds load is tried with at most, in units of what its servers can do.
pub(super) const MOST_OVERLOAD: f64 = 1e6;

pub(super) struct Method {
    pub text: &'static str,
    pub exact: bool,
}

impl Method {
    const fn exact(text: &'static str) -> Self {
        Self { text, exact: true }
    }

    const fn near(text: &'static str) -> Self {
        Self { text, exact: false }
    }
}
