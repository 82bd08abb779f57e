//! The model file: text in, a [`System`](crate::model::System) or every fault of the text out.
//!
//! [`Document`] takes TOML apart and keeps the place of every value. The key table in `keys` says which keys there are,
//! what they hold, their limits, their defaults and where those come from; reading, messages, the list of defaults and
//! the JSON [`schema`] follow from it. Rules that span several values are the business of the model.

mod build;
mod catalogue;
mod codes;
mod diagnostic;
mod document;
mod fields;
mod keys;
mod overrides;
mod quantity;
mod suggest;
mod tiers;
mod tree;
mod types;

pub use codes::Code;
pub use diagnostic::{Colour, Diagnostic, Diagnostics, Place};
pub use document::{Document, Loaded, parse};
pub use fields::{Basis, DefaultInForce};
pub use overrides::{Override, OverrideError};
pub use quantity::{Dimension, QuantityError, parse_quantity};

/// The reference system, `models/web.toml`: what commands use when no file is named.
pub const REFERENCE_MODEL: &str = include_str!("../../models/web.toml");
