//! What changes do to availability: roll-outs, canaries and the tests that judge them, failed changes.

mod blast_radius;
mod canary_exact;
mod canary_size;
mod change_failure;
mod rollout;
mod sprt;
mod sprt_exact;

pub use blast_radius::{BlastRadius, CanaryStage, Release, blast_radius};
pub use canary_exact::{CanaryTest, ExactCanary, MAX_CANARY_REQUESTS, exact_canary};
pub use canary_size::{CanaryDesign, CanarySize, Sides, canary_size, critical_value};
pub use change_failure::{ChangeFailure, ChangePractice, change_failure};
pub use rollout::{Rollout, RolloutCourse, RolloutStrategy, rollout};
pub use sprt::{Sprt, SprtDesign, sprt};
pub use sprt_exact::{ExactSprt, exact_sprt};
