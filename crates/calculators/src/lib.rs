//! Calculators: each formula of the library behind a name, with JSON in and JSON out.

mod answer;
mod availability;
mod balancing;
mod caches;
mod declare;
mod error;
mod networks;
mod overload;
mod read;
mod releases;
mod sizing;
mod stations;
mod stream;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

pub use answer::Explanation;
pub use declare::{Calculator, Input, InputKind, Need};
pub use error::{CalcError, ErrorKind};
pub use read::input_from_flags;
pub use stream::{Line, LineStatus, StreamSummary, answer_line, process_line};

/// Every calculator, in the order in which a list shows them.
pub const CALCULATORS: &[Calculator] = &[
    stations::ERLANG_B,
    stations::ERLANG_C,
    stations::MMC,
    stations::MMCK,
    stations::MM_INF,
    stations::ERLANG_A,
    stations::MG1,
    stations::GGC,
    stations::MGC,
    stations::PRIORITY,
    stations::DISPATCH,
    sizing::MIN_SERVERS,
    sizing::MAX_ARRIVAL_RATE,
    sizing::PRIORITY_MIN_SERVERS,
    sizing::PRIORITY_MAX_ARRIVAL_RATE,
    sizing::STAFFING,
    sizing::MAX_UTILIZATION,
    sizing::HALFIN_WHITT,
    stations::MG1_PS,
    networks::JACKSON,
    networks::OPEN_MULTICLASS,
    networks::CLOSED,
    networks::CLOSED_MULTICLASS,
    networks::MIXED_MULTICLASS,
    networks::BOUNDS_CLOSED,
    networks::BOUNDS_OPEN,
    networks::TANDEM,
    networks::PATH,
    networks::PATH_MIXTURE,
    networks::FANOUT,
    networks::FANOUT_SLOW_SHARE,
    networks::FORK_JOIN,
    networks::INTERACTIVE_LAW,
    stations::FINITE_USERS,
    sizing::MAX_USERS,
    networks::USERS_TO_LOAD,
    networks::PARTLY_OPEN,
    caches::ZIPF,
    caches::CACHE,
    availability::INSTANCE_AVAILABILITY,
    availability::DOWNTIME_BUDGET,
    caches::CACHE_BOUNDS,
    caches::CACHE_TTL,
    caches::TTL_OBJECT,
    caches::LRU_TTL_OBJECT,
    caches::CACHE_CALIBRATE,
    caches::CACHE_FIT,
    caches::CACHE_MEMORY,
    caches::CACHE_COLD_START,
    caches::CACHE_RESTART,
    caches::CACHE_NODE_LOSS,
    caches::HASH_REMAP,
    caches::STAMPEDE,
    caches::SHARD_IMBALANCE,
    balancing::LOAD_BALANCER,
    balancing::POWER_OF_D,
    balancing::STICKY_SESSIONS,
    balancing::STICKY_SCALE_OUT,
    balancing::ZONE_BALANCE,
    balancing::ZONE_TARGET_SHARE,
    balancing::UNEQUAL_SERVERS,
    availability::K_OF_N,
    availability::K_OF_N_REPAIR,
    availability::ZONES,
    availability::ZONE_SIZING,
    availability::STRUCTURE,
    availability::SOFT_DEPENDENCY,
    availability::SLA_BREACH,
    availability::PERFORMABILITY,
    overload::OVERLOAD_BACKLOG,
    availability::FAILOVER,
    availability::FAILOVER_LOST_WRITES,
    availability::HEALTH_CHECK,
    availability::HEALTH_CHECK_FALSE_REMOVAL,
    releases::DEPLOYMENT,
    releases::CANARY_SAMPLE_SIZE,
    releases::CANARY_SPRT,
    releases::CANARY_BLAST_RADIUS,
    releases::CHANGE_FAILURE,
    availability::BURN_RATE,
    availability::BURN_RATE_LOW_TRAFFIC,
    overload::RETRY_AMPLIFICATION,
    overload::RETRY_FIXED_POINT,
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
        let known = listed_names(CALCULATORS.iter().map(|calculator| calculator.name));
        CalcError::new(ErrorKind::UnknownCalculator, format!("no calculator is called `{name}`; there are {known}"))
    })
}

/// Names as they stand in a message.
fn listed_names<N: std::fmt::Display>(names: impl Iterator<Item = N>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
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
