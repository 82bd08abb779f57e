use capplan_queueing::network::{Branch, NetworkError, PathLaw};
use capplan_queueing::queues::{Mgc, MgcService, QueueError, ServiceLaw, SojournLaw};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};
use serde::de::MapAccess;

use crate::CalcError;
use crate::answer::{Answer, Method};
use crate::declare::{Calculator, InputKind, Inputs, inputs};
use crate::error::named;
use crate::read::{Faults, InputValue, ServiceTime, read_part};

/// Service this steady counts as constant: below, its law is too steep to be inverted.
const CONSTANT_SCV: f64 = 1e-4;

inputs! {
    struct PathInput {
        /// requests per second
        arrival_rate: ArrivalRate,
        /// seconds that every request takes besides
        fixed: Seconds = 0,
        /// application servers, which every request visits: {"servers", "service_time", "distribution", "scv"}; the
        /// last two may be left out. `distribution` is exponential (default), deterministic, erlang, gamma, lognormal
        /// or hyperexponential balanced means; all but the first two need `scv`
        app: Station,
        /// share of requests that the cache answers
        hit_ratio: Probability,
        /// seconds of a look-up in the cache
        cache: Seconds = 0,
        /// database, which requests visit that miss the cache; as `app`
        db: Station,
    }
}

pub(crate) const PATH: Calculator = Calculator {
    name: "path",
    summary: "request through application servers, a cache, and on a miss a database: mean and percentiles",
    inputs: PathInput::INPUTS,
    formula: &[
        "λ = {arrival_rate},  d = {fixed} + {cache},  h = {hit_ratio}",
        "app: c = {app.servers},  S = {app.service_time};  db: λ·(1 − h),  c = {db.servers},  S = {db.service_time}",
        "E[e^(−sT)] = e^(−sd)·W*_app(s)·(h + (1 − h)·W*_db(s)), inverted numerically",
        "E[T] = {mean},  p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Burke 1969; Kimura 1986; Whitt 1993; Trefethen et al. 2006",
    answer: |question| question.answer(path),
};

inputs! {
    struct MixtureInput {
        /// share of requests that the cache answers
        hit_ratio: Probability,
        /// seconds that every request takes
        constant: Seconds,
        /// one over the mean time of the first part, above 0
        app_sojourn_rate: ServiceRate,
        /// one over the mean time of the second part, above 0
        db_sojourn_rate: ServiceRate,
    }
}

pub(crate) const PATH_MIXTURE: Calculator = Calculator {
    name: "path_mixture",
    summary: "a constant and an exponential time, and on a miss another exponential: mean and percentiles",
    inputs: MixtureInput::INPUTS,
    formula: &[
        "T = {constant} + Exp({app_sojourn_rate}),  and + Exp({db_sojourn_rate}) with probability 1 − {hit_ratio}",
        "E[T] = {mean},  p50 = {p50},  p90 = {p90},  p95 = {p95},  p99 = {p99},  p99.9 = {p99_9}",
    ],
    reference: "Trefethen et al. 2006",
    answer: |question| question.answer(mixture),
};

inputs! {
    /// A station of a path.
    struct Station {
        servers: Servers,
        service_time: ServiceTime,
        distribution: Option<String>,
        scv: Option<f64>,
    }
}

impl InputValue for Station {
    const KIND: InputKind = InputKind::Station;

    fn from_object<'de, A: MapAccess<'de>>(fields: A, faults: &Faults) -> Result<Self, A::Error> {
        read_part("a station", fields, faults)
    }
}

/// Laws of service by name, with their scv where the name says it.
const LAWS: [(&str, Option<f64>); 6] = [
    ("exponential", Some(1.0)),
    ("deterministic", Some(0.0)),
    ("erlang", None),
    ("gamma", None),
    ("lognormal", None),
    ("hyperexponential balanced means", None),
];

impl Station {
    fn scv(&self, name: &str) -> Result<f64, CalcError> {
        let known = || LAWS.map(|(law, _)| format!("\"{law}\"")).join(", ");
        let by_name = match &self.distribution {
            None => None,
            Some(given) => {
                let law = LAWS.iter().find(|(law, _)| law == given);
                let unknown =
                    || CalcError::invalid(format!("`{name}.distribution` is \"{given}\", not one of {}", known()));
                Some(law.ok_or_else(unknown)?)
            }
        };
        match (by_name, self.scv) {
            (Some((law, Some(fixed))), Some(scv)) if *fixed != scv => {
                Err(CalcError::invalid(format!("`{name}.scv` is {scv}, but a law called \"{law}\" has {fixed}")))
            }
            (_, Some(scv)) => Ok(scv),
            (Some((_, Some(fixed))), None) => Ok(*fixed),
            (Some((law, None)), None) => {
                Err(CalcError::invalid(format!("`{name}` needs `scv`: \"{law}\" does not say how variable service is")))
            }
            (None, None) => Ok(1.0),
        }
    }
}

/// The law of a visit, and the constant part of it.
struct Visit {
    law: SojournLaw,
    constant: f64,
    scv: f64,
}

fn visit(name: &str, place: usize, station: &Station, arrivals: ArrivalRate) -> Result<Visit, CalcError> {
    let scv = station.scv(name)?;
    let queue = Mgc::new(arrivals, station.service_time.rate, station.servers, MgcService::TwoMoments(scv)).map_err(
        |source| match source {
            QueueError::Domain { value, domain, .. } => {
                CalcError::invalid(format!("`{name}.scv` of {value} is not {domain}"))
            }
            QueueError::Unstable { .. } | QueueError::BelowDouble { .. } => {
                NetworkError::Station { station: place, source }.into()
            }
        },
    )?;
    let law = queue.sojourn_law();
    if scv < CONSTANT_SCV {
        let constant = station.service_time.seconds;
        return Ok(Visit { law: SojournLaw { service: ServiceLaw::Instant, ..law }, constant, scv });
    }
    Ok(Visit { law, constant: 0.0, scv })
}

/// The mean and the percentiles of a path.
fn percentiles(method: Method, path: &PathLaw) -> Result<Answer, CalcError> {
    let percentiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99_9", 0.999)];
    Answer::by(method).with("mean", path.mean()).percentiles(&percentiles, |p| path.quantile(p))
}

/// Requests that the cache answers, and requests that visit the database besides.
fn hit_and_miss(hit_ratio: Probability, constant: f64, miss_constant: f64) -> Vec<Branch> {
    let hit_ratio = hit_ratio.get();
    vec![
        Branch { probability: hit_ratio, fixed_time: constant, visits: vec![1, 0] },
        Branch { probability: 1.0 - hit_ratio, fixed_time: constant + miss_constant, visits: vec![1, 1] },
    ]
}

fn path(input: &PathInput) -> Result<Answer, CalcError> {
    let misses = input.arrival_rate.get() * (1.0 - input.hit_ratio.get());
    let app = visit("app", 0, &input.app, input.arrival_rate)?;
    let db = visit("db", 1, &input.db, named("db", ArrivalRate::new(misses))?)?;
    let fixed = input.fixed.get() + input.cache.get() + app.constant;
    let branches = hit_and_miss(input.hit_ratio, fixed, db.constant);
    let method = if app.scv == 1.0 && db.scv == 1.0 {
        Method::Exact("exact: M/M/c in a row without overtaking, numerical inversion")
    } else {
        Method::Approximate("approximate: stations by two moments (Kimura, Whitt), independent; numerical inversion")
    };
    percentiles(method, &PathLaw::new(branches, vec![app.law, db.law])?)
}

fn mixture(input: &MixtureInput) -> Result<Answer, CalcError> {
    let rates = [input.app_sojourn_rate, input.db_sojourn_rate];
    let laws = rates.map(|rate| SojournLaw::without_waiting(ServiceLaw::Exponential { mean: 1.0 / rate.get() }));
    let branches = hit_and_miss(input.hit_ratio, input.constant.get(), 0.0);
    percentiles(Method::Exact("exact: numerical inversion"), &PathLaw::new(branches, laws.to_vec())?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    fn message(app: &serde_json::Value) -> String {
        let input =
            json!({"arrival_rate": 10, "hit_ratio": 0.5, "app": app, "db": {"servers": 1, "service_time": 0.01}});
        run("path", &input).expect_err("refused").message
    }

    #[test]
    fn a_law_and_its_scv_must_agree() {
        assert_eq!(
            message(&json!({"servers": 2, "service_time": 0.01, "distribution": "exponential", "scv": 2})),
            "`app.scv` is 2, but a law called \"exponential\" has 1"
        );
        assert_eq!(
            message(&json!({"servers": 2, "service_time": 0.01, "distribution": "erlang"})),
            "`app` needs `scv`: \"erlang\" does not say how variable service is"
        );
        assert_eq!(
            message(&json!({"servers": 2, "service_time": 0.01, "distribution": "pareto"})),
            "`app.distribution` is \"pareto\", not one of \"exponential\", \"deterministic\", \"erlang\", \"gamma\", \
             \"lognormal\", \"hyperexponential balanced means\""
        );
        assert_eq!(
            message(&json!({"servers": 2, "service_time": 0.01, "scv": -1})),
            "`app.scv` of -1 is not finite and at least 0"
        );
    }

    #[test]
    fn the_overloaded_station_is_named() {
        let input = json!({"arrival_rate": 1000, "hit_ratio": 0, "app": {"servers": 20, "service_time": 0.01},
                           "db": {"servers": 2, "service_time": 0.01}});
        let error = run("path", &input).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unstable);
        assert_eq!(error.message, "station 1: offered load of 10 is too much for 2 servers; at least 11 are needed");
    }
}
