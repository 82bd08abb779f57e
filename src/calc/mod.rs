//! Calculators: each formula of the library behind a name, with JSON in and JSON out.
//!
//! `{"calculator": NAME, "id": …, "input": {…}}` becomes `{"id": …, "calculator": NAME, "result": {…}}` or the same with
//! an `error`. A new calculator is one constant beside its formula and one line in [`CALCULATORS`].

mod cache;
mod calculator;
mod canary;
mod changes;
mod check;
mod degradation;
mod error;
mod error_budgets;
mod explanation;
mod failover;
mod failures;
mod flags;
mod glance;
mod health;
mod jsonl;
mod networks;
mod overload;
mod popularity;
mod quantiles;
mod question;
mod redundancy;
mod stations;
mod structure;
mod times;
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
    stations::MIN_SERVERS,
    networks::JACKSON,
    networks::TANDEM,
    popularity::ZIPF,
    cache::CACHE,
    failures::INSTANCE_AVAILABILITY,
    failures::DOWNTIME_BUDGET,
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
/// let answer = capplan::calc::run("erlang_c", &json!({"servers": 2, "offered_load": 1.0}))?;
/// assert!((answer["wait_probability"].as_f64().unwrap_or(0.0) - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), capplan::calc::CalcError>(())
/// ```
pub fn run(name: &str, input: &Value) -> Result<Value, CalcError> {
    find(name)?.run(input)
}
