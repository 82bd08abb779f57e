//! Calculators: each formula of [`capplan_queueing`] behind a name, with JSON in and JSON out.
//!
//! # Answer one question
//!
//! [`run`] takes the name of a calculator and its input. Every answer ends with its method and whether it is exact.
//!
//! ```
//! use serde_json::json;
//!
//! let answer = capplan_calculators::run("mmc", &json!({"arrival_rate": 250, "service_rate": 80, "servers": 4}))?;
//! assert_eq!(answer["utilization"], 0.78125);
//! assert_eq!(answer["method"], "exact: M/M/c, birth-death closed form");
//! assert_eq!(answer["exact"], true);
//!
//! let error = capplan_calculators::run("mmc", &json!({"arrival_rate": 250, "service_rate": 80, "servers": 3}));
//! assert_eq!(
//!     error.expect_err("overload").message,
//!     "offered load of 3.125 is too much for 3 servers; at least 4 are needed"
//! );
//! # Ok::<(), capplan_calculators::CalcError>(())
//! ```
//!
//! # Answer a stream
//!
//! [`answer_line`] answers one line of JSON with one line of JSON, whatever it holds; [`StreamSummary`] counts.
//!
//! ```
//! use capplan_calculators::{StreamSummary, answer_line};
//!
//! let questions = [
//!     r#"{"calculator": "erlang_c", "id": "a", "input": {"servers": 2, "offered_load": 1}}"#,
//!     r#"{"calculator": "erlang_c", "id": "b", "input": {"servers": 2, "offered_load": 2}}"#,
//! ];
//! let (mut answers, mut summary) = (Vec::new(), StreamSummary::default());
//! for question in questions {
//!     summary.record(answer_line(question, &mut answers));
//!     answers.push(b'\n');
//! }
//! assert_eq!((summary.answered, summary.unstable, summary.refused), (1, 1, 0));
//! assert!(answers.starts_with(br#"{"id":"a","calculator":"erlang_c","result":{"wait_probability":0.333"#));
//! ```
//!
//! # List the calculators and their inputs
//!
//! [`CALCULATORS`] holds all of them in the order of a list, each with its formula, its source and its [`Input`]s.
//!
//! ```
//! use capplan_calculators::{InputKind, Need};
//!
//! let calculator = capplan_calculators::find("failover")?;
//! assert!(calculator.summary.starts_with("availability of a primary and its standby"));
//! let input = calculator.inputs.iter().find(|input| input.name == "rebuild_hours").expect("an input");
//! assert_eq!((input.kind, input.need), (InputKind::Number, Need::Default("1")));
//! assert_eq!(input.description(), "hours until a lost node is replaced (default 1)");
//! # Ok::<(), capplan_calculators::CalcError>(())
//! ```
//!
//! # How a calculator is declared
//!
//! In one place, the file of its family: a struct of its inputs, a constant and a function. Flags, JSON, CSV, the help,
//! `--explain` and every message about an input follow from them.
//!
//! ```text
//! inputs! {
//!     struct FailoverInput {
//!         /// mean time up of the primary in hours, above 0
//!         mtbf_primary_hours: Hours,
//!         /// hours until a lost node is replaced
//!         rebuild_hours: Hours = 1,
//!         /// the same of the standby (default: the primary's)
//!         mtbf_replica_hours: Option<Hours>,
//!     }
//! }
//!
//! pub(crate) const FAILOVER: Calculator = Calculator {
//!     name: "failover",
//!     summary: "availability of a primary and its standby through detection, promotion, manual recovery and rebuild",
//!     inputs: FailoverInput::INPUTS,
//!     formula: &["availability = 1 − U = {availability}"],
//!     reference: "Trivedi and Bobbio 2017, ch. 9 and 10",
//!     answer: |question| question.answer(failover),
//! };
//!
//! fn failover(input: &FailoverInput) -> Result<Answer, CalcError> {
//!     let solved = failover_availability(…)?;
//!     Ok(Answer::exact("exact: six-state Markov chain, exponential times")
//!         .with("availability", solved.availability)
//!         .with("mttff_hours", solved.mean_time_to_first_outage / HOUR))
//! }
//! ```
//!
//! - A field's doc comment is its line in the help. A type brings its own where it means the same everywhere: `servers:
//!   Servers`, `service_rate: ServiceRate`.
//! - A field's type reads its value and refuses what is outside its domain, by `InputValue` of `read/`: quantities of
//!   [`capplan_queueing::units`], `Hours`, `Availability`, lists of them, words by `choices!`. A new kind of value is one
//!   implementation of that trait.
//! - `= 1` is the default, written as in JSON. `Option<T>` is for what asks for more, or has a default that hangs on other
//!   inputs. `..asked: Details` takes in the inputs of a block that several calculators share.
//! - The function computes nothing itself: it hands the quantities to the library and names the figures in their order.
//!   `with` takes a figure as it is (`None` becomes `null`), `with_some` leaves it out if there is none, `positive` says
//!   that it is above 0 wherever anything arrives (so that 0 is below the range of doubles and becomes `null`), `record`
//!   takes the fields of a record of the library.
//! - Its cases stand in `data/reference/<name>.jsonl`, and its constant in [`CALCULATORS`].

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
