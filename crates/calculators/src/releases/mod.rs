//! Releases: roll-outs, canaries, and the failures that changes bring.

mod canary;
mod deployment;

pub(crate) use canary::{CANARY_SAMPLE_SIZE, CANARY_SPRT};
pub(crate) use deployment::{CANARY_BLAST_RADIUS, CHANGE_FAILURE, DEPLOYMENT};
