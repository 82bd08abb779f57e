//! One reader of inputs: JSON text, JSON values, flags and cells of a table become the typed input of a calculator.

mod faults;
mod flags;
mod json;
mod question;
mod units;
mod values;

pub(crate) use faults::{Faults, Misfit, Token, wrong};
pub use flags::input_from_flags;
pub(crate) use json::{Json, read_any};
pub(crate) use question::{Question, Unanswered};
pub(crate) use units::{Availability, Days, ExponentialService, HOUR, Hours, MINUTE, Minutes, ServiceTime, YEAR};
pub(crate) use values::{InputValue, ServerCount, read_field, read_part, read_value};
