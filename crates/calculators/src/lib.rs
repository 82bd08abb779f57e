//! Calculators: each formula of the library behind a name, with JSON in and JSON out.
//!
//! `{"calculator": NAME, "id": …, "input": {…}}` becomes `{"id": …, "calculator": NAME, "result": {…}}` or the same with
//! an `error`. A new calculator is one constant beside its formula and one line in [`CALCULATORS`].

mod asked_station;
mod balancing;
mod bounds;
mod cache;
mod cache_expiry;
mod cache_fit;
mod cache_limits;
mod cache_loss;
mod cache_memory;
mod calculator;
mod canary;
mod changes;
mod check;
mod closed;
mod degradation;
mod disciplines;
mod error;
mod error_budgets;
mod explanation;
mod failover;
mod failures;
mod fan_out;
mod finite_stations;
mod flags;
mod ggc;
mod glance;
mod health;
mod jsonl;
mod law_inputs;
mod mg1;
mod mgc;
mod networks;
mod objectives;
mod overload;
mod paths;
mod popularity;
mod priority;
mod priority_figures;
mod priority_objectives;
mod priority_station;
mod quantiles;
mod question;
mod redundancy;
mod retry_point;
mod sessions;
mod sharing;
mod small_figures;
mod station_objectives;
mod station_sizing;
mod stations;
mod structure;
mod times;
mod twins;
mod user_limits;
mod users;
mod zones;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

pub use calculator::{Calculator, Input, InputKind, Need};
pub use error::{CalcError, ErrorKind};
pub use explanation::Explanation;
pub use flags::input_from_flags;
pub use jsonl::{Line, LineStatus, StreamSummary, answer_line, process_line};

/// Every calculator, in the order in which a list shows them.
pub const CALCULATORS: &[Calculator] = &[
    stations::ERLANG_B,
    stations::ERLANG_C,
    stations::MMC,
    finite_stations::MMCK,
    finite_stations::MM_INF,
    finite_stations::ERLANG_A,
    mg1::MG1,
    ggc::GGC,
    mgc::MGC,
    priority::PRIORITY,
    disciplines::DISPATCH,
    station_objectives::MIN_SERVERS,
    station_objectives::MAX_ARRIVAL_RATE,
    priority_objectives::PRIORITY_MIN_SERVERS,
    priority_objectives::PRIORITY_MAX_ARRIVAL_RATE,
    station_sizing::STAFFING,
    station_sizing::MAX_UTILIZATION,
    station_sizing::HALFIN_WHITT,
    sharing::MG1_PS,
    networks::JACKSON,
    closed::OPEN_MULTICLASS,
    closed::CLOSED,
    closed::CLOSED_MULTICLASS,
    closed::MIXED_MULTICLASS,
    bounds::BOUNDS_CLOSED,
    bounds::BOUNDS_OPEN,
    networks::TANDEM,
    paths::PATH,
    paths::PATH_MIXTURE,
    fan_out::FANOUT,
    fan_out::FANOUT_SLOW_SHARE,
    fan_out::FORK_JOIN,
    users::INTERACTIVE_LAW,
    users::FINITE_USERS,
    user_limits::MAX_USERS,
    users::USERS_TO_LOAD,
    users::PARTLY_OPEN,
    popularity::ZIPF,
    cache::CACHE,
    failures::INSTANCE_AVAILABILITY,
    failures::DOWNTIME_BUDGET,
    cache_limits::CACHE_BOUNDS,
    cache_expiry::CACHE_TTL,
    cache_expiry::TTL_OBJECT,
    cache_expiry::LRU_TTL_OBJECT,
    cache_limits::CACHE_CALIBRATE,
    cache_fit::CACHE_FIT,
    cache_memory::CACHE_MEMORY,
    cache_loss::CACHE_COLD_START,
    cache_loss::CACHE_RESTART,
    cache_loss::CACHE_NODE_LOSS,
    cache_loss::HASH_REMAP,
    cache_limits::STAMPEDE,
    cache_limits::SHARD_IMBALANCE,
    balancing::LOAD_BALANCER,
    balancing::POWER_OF_D,
    sessions::STICKY_SESSIONS,
    sessions::STICKY_SCALE_OUT,
    sessions::ZONE_BALANCE,
    sessions::ZONE_TARGET_SHARE,
    balancing::UNEQUAL_SERVERS,
    redundancy::K_OF_N,
    failures::K_OF_N_REPAIR,
    zones::ZONES,
    zones::ZONE_SIZING,
    structure::STRUCTURE,
    degradation::SOFT_DEPENDENCY,
    failures::SLA_BREACH,
    degradation::PERFORMABILITY,
    overload::OVERLOAD_BACKLOG,
    failover::FAILOVER,
    failover::FAILOVER_LOST_WRITES,
    health::HEALTH_CHECK,
    health::HEALTH_CHECK_FALSE_REMOVAL,
    changes::DEPLOYMENT,
    canary::CANARY_SAMPLE_SIZE,
    canary::CANARY_SPRT,
    changes::CANARY_BLAST_RADIUS,
    changes::CHANGE_FAILURE,
    error_budgets::BURN_RATE,
    error_budgets::BURN_RATE_LOW_TRAFFIC,
    overload::RETRY_AMPLIFICATION,
    retry_point::RETRY_FIXED_POINT,
    overload::METASTABLE_TRIGGER,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Calculator>> =
    LazyLock::new(|| CALCULATORS.iter().map(|calculator| (calculator.name, calculator)).collect());

/// Returns the calculator of a name.
///
/// # Errors
///
/// [`ErrorKind::UnknownCalculator`].
pub fn find(name: &str) -> Result<&'static Calculator, CalcError> {
    BY_NAME.get(name).copied().ok_or_else(|| {
        let known = names().join(", ");
        CalcError::new(ErrorKind::UnknownCalculator, format!("no calculator is called `{name}`; there are {known}"))
    })
}

/// The names of all calculators as they stand in a message.
fn names() -> Vec<String> {
    CALCULATORS.iter().map(|calculator| format!("`{}`", calculator.name)).collect()
}

/// Answers one question: the input is checked against the calculator's table, and the result holds finite numbers only.
///
/// # Errors
///
/// [`ErrorKind::UnknownCalculator`], [`ErrorKind::InvalidInput`] with the input's name, and what the formula says:
/// [`ErrorKind::Unstable`], [`ErrorKind::NotConverged`] or [`ErrorKind::OutOfRange`].
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// let answer = capplan_calculators::run("erlang_c", &json!({"servers": 2, "offered_load": 1.0}))?;
/// assert!((answer["wait_probability"].as_f64().unwrap_or(0.0) - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), capplan_calculators::CalcError>(())
/// ```
pub fn run(name: &str, input: &Value) -> Result<Value, CalcError> {
    find(name)?.run(input)
}
