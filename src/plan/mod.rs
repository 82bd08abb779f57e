//! The cheapest deployment that meets every objective, with its limits and scaling thresholds.
//!
//! A plan compares figures; the formulas are those of `evaluate`.

mod candidate;
mod descent;
mod frontier;
mod grid;
mod hit_ratio_group;
mod kernel;
mod limits;
mod nearest;
mod options;
mod search;
mod shortfall;
mod survival;
mod thresholds;
mod tree;

pub use candidate::{Candidate, Status};
pub use frontier::{FrontierPoint, frontier};
pub use grid::{Assessed, Grid, Workspace};
pub use hit_ratio_group::{HitRatioGroup, TierOptions};
use kernel::{Factor, Kernel, Products};
pub use limits::{Limits, limits, saturation_rate};
pub use options::{OptionFigures, Verdict};
pub use search::{Found, Nearest, Outcome, brute_force, search, search_surviving};
pub use shortfall::{
    Missed, Shortfall, missed_otherwise, missed_refusals, missed_response_times, missed_time_within, missed_unsurvived,
};
pub use survival::{Survival, Unsurvived};
pub use thresholds::{RULE_IN, RULE_OUT, RuleVerdict, ThresholdRow, TierThresholds, thresholds};
