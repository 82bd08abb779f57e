//! What a calculator is, and how its inputs are declared.

mod calculator;
mod inputs;

pub use calculator::{Calculator, Input, InputKind, Need};
pub(crate) use inputs::{Inputs, choices, default_value, documented, inputs, joined};
