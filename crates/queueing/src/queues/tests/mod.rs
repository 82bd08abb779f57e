//! What holds for every station.

mod laws;
mod simulated;
pub mod simulation;
mod transforms;
