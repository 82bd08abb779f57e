use serde::{Deserialize, Serialize};

use capplan_queueing::network::{Branch, NetworkError, PathLaw};
use capplan_queueing::queues::{Mgc, QueueError, ServiceLaw, SojournLaw};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;

/// Service this steady counts as constant: below, its law is too steep to be inverted.
const CONSTANT_SCV: f64 = 1e-4;

pub(super) const PATH: Calculator = Calculator {
    name: "path",
    summary: "request through application servers, a cache, and on a miss a database: mean and percentiles",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second"),
        Input::optional("fixed", InputKind::Number, "seconds that every request takes besides (default 0)"),
        Input::required(
            "app",
            InputKind::Station,
            "application servers, which every request visits: {\"servers\", \"service_time\", \"distribution\", \"scv\"}; the \
             last two may be left out. `distribution` is exponential (default), deterministic, erlang, gamma, lognormal or \
             hyperexponential balanced means; all but the first two need `scv`",
        ),
        Input::required("hit_ratio", InputKind::Number, "share of requests that the cache answers"),
        Input::optional("cache", InputKind::Number, "seconds of a look-up in the cache (default 0)"),
        Input::required("db", InputKind::Station, "database, which requests visit that miss the cache; as `app`"),
    ],
    formula: &[
        "λ = {arrival_rate},  d = {fixed|0} + {cache|0},  h = {hit_ratio}",
        "app: c = {app.servers},  S = {app.service_time};  db: λ·(1 − h),  c = {db.servers},  S = {db.service_time}",
        "E[e^(−sT)] = e^(−sd)·W*_app(s)·(h + (1 − h)·W*_db(s)), inverted numerically",
        "E[T] = {mean},  p50 = {p50},  p95 = {p95},  p99 = {p99}",
    ],
    reference: "Burke 1969; Kimura 1986; Whitt 1993; Trefethen et al. 2006",
    answer: |input| typed(input, path),
};

pub(super) const PATH_MIXTURE: Calculator = Calculator {
    name: "path_mixture",
    summary: "a constant and an exponential time, and on a miss another exponential: mean and percentiles",
    inputs: &[
        Input::required("hit_ratio", InputKind::Number, "share of requests that the cache answers"),
        Input::required("constant", InputKind::Number, "seconds that every request takes"),
        Input::required("app_sojourn_rate", InputKind::Number, "one over the mean time of the first part, above 0"),
        Input::required("db_sojourn_rate", InputKind::Number, "one over the mean time of the second part, above 0"),
    ],
    formula: &[
        "T = {constant} + Exp({app_sojourn_rate}),  and + Exp({db_sojourn_rate}) with probability 1 − {hit_ratio}",
        "E[T] = {mean},  p50 = {p50},  p90 = {p90},  p95 = {p95},  p99 = {p99},  p99.9 = {p99_9}",
    ],
    reference: "Trefethen et al. 2006",
    answer: |input| typed(input, mixture),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StationInput {
    servers: u64,
    service_time: f64,
    distribution: Option<String>,
    scv: Option<f64>,
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

impl StationInput {
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
    /// Whether the law is exact.
    scv: f64,
}

fn visit(name: &str, place: usize, input: &StationInput, arrival_rate: f64) -> Result<Visit, CalcError> {
    let scv = input.scv(name)?;
    let arrivals = named(name, ArrivalRate::new(arrival_rate))?;
    let time = named(&format!("{name}.service_time"), Seconds::new(input.service_time))?;
    let rate = named(&format!("{name}.service_time"), ServiceRate::new(1.0 / time.get()))?;
    let servers = named(&format!("{name}.servers"), Servers::new(input.servers))?;
    let queue = Mgc::new(arrivals, rate, servers, scv).map_err(|source| match source {
        QueueError::Domain { value, domain, .. } => {
            CalcError::invalid(format!("`{name}.scv` of {value} is not {domain}"))
        }
        QueueError::Unstable { .. } | QueueError::BelowDouble { .. } => {
            NetworkError::Station { station: place, source }.into()
        }
    })?;
    let mut law = *queue.sojourn_law();
    let mut constant = 0.0;
    if scv < CONSTANT_SCV {
        law.service = ServiceLaw::Instant;
        constant = time.get();
    }
    Ok(Visit { law, constant, scv })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PathInput {
    arrival_rate: f64,
    #[serde(default)]
    fixed: f64,
    app: StationInput,
    hit_ratio: f64,
    #[serde(default)]
    cache: f64,
    db: StationInput,
}

#[derive(Serialize)]
struct PathAnswer {
    mean: f64,
    p50: f64,
    p90: f64,
    p95: f64,
    p99: f64,
    p99_9: f64,
    method: &'static str,
    exact: bool,
}

impl PathAnswer {
    fn new(path: &PathLaw, method: &'static str, exact: bool) -> Result<Self, CalcError> {
        let quantile =
            |p: f64| -> Result<f64, CalcError> { Ok(path.quantile(named("quantile", Probability::new(p))?)?) };
        Ok(Self {
            mean: path.mean(),
            p50: quantile(0.5)?,
            p90: quantile(0.9)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            p99_9: quantile(0.999)?,
            method,
            exact,
        })
    }
}

/// Those whom the cache answers, and the others.
fn hit_and_miss(hit_ratio: f64, constant: f64, miss_constant: f64) -> Result<Vec<Branch>, CalcError> {
    let hit_ratio = named("hit_ratio", Probability::new(hit_ratio))?.get();
    Ok(vec![
        Branch { probability: hit_ratio, fixed_time: constant, visits: vec![1, 0] },
        Branch { probability: 1.0 - hit_ratio, fixed_time: constant + miss_constant, visits: vec![1, 1] },
    ])
}

fn path(input: &PathInput) -> Result<PathAnswer, CalcError> {
    let fixed = named("fixed", Seconds::new(input.fixed))?.get() + named("cache", Seconds::new(input.cache))?.get();
    let arrival_rate = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?.get();
    let misses = 1.0 - named("hit_ratio", Probability::new(input.hit_ratio))?.get();
    let app = visit("app", 0, &input.app, arrival_rate)?;
    let db = visit("db", 1, &input.db, arrival_rate * misses)?;
    let branches = hit_and_miss(input.hit_ratio, fixed + app.constant, db.constant)?;
    let exact = app.scv == 1.0 && db.scv == 1.0;
    let method = if exact {
        "exact: M/M/c in a row without overtaking, numerical inversion"
    } else {
        "approximate: stations by two moments (Kimura, Whitt), independent; numerical inversion"
    };
    PathAnswer::new(&PathLaw::new(branches, vec![app.law, db.law])?, method, exact)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MixtureInput {
    hit_ratio: f64,
    constant: f64,
    app_sojourn_rate: f64,
    db_sojourn_rate: f64,
}

fn mixture(input: &MixtureInput) -> Result<PathAnswer, CalcError> {
    let constant = named("constant", Seconds::new(input.constant))?.get();
    let rates = [
        named("app_sojourn_rate", ServiceRate::new(input.app_sojourn_rate))?,
        named("db_sojourn_rate", ServiceRate::new(input.db_sojourn_rate))?,
    ];
    let laws = rates.map(|rate| SojournLaw::without_waiting(ServiceLaw::Exponential { mean: 1.0 / rate.get() }));
    let branches = hit_and_miss(input.hit_ratio, constant, 0.0)?;
    PathAnswer::new(&PathLaw::new(branches, laws.to_vec())?, "exact: numerical inversion", true)
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
