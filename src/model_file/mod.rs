//! The model file: text in, a [`System`](crate::model::System) or every fault of the text out.
//!
//! [`Document`] takes TOML apart and keeps the place of every value. The key table in `keys` says which keys there are,
//! what they hold, their limits, their defaults and where those come from; reading, messages, the list of defaults and
//! the JSON [`schema()`] follow from it. Rules that span several values are the business of the model.

mod build;
mod catalogue;
mod classes;
mod cloud_network;
pub(crate) mod codes;
mod data_table;
pub(crate) mod diagnostic;
pub(crate) mod document;
pub(crate) mod fields;
mod histogram;
mod instance_types;
pub(crate) mod keys;
mod named_files;
pub(crate) mod notes;
mod objectives;
mod overrides;
mod price_list;
pub(crate) mod quantity;
mod scenarios;
mod schema;
#[cfg(feature = "cli")]
mod snippet;
pub(crate) mod suggest;
mod tiers;
pub(crate) mod tree;
pub(crate) mod values;
mod vary;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Place};
pub use document::{Document, Loaded, parse};
pub use histogram::{HistogramError, read_histogram};
pub use named_files::NamedFiles;
pub use notes::{Basis, DefaultInForce};
pub use overrides::{GivenBy, Override, OverrideError, USERS_KEY};
pub use quantity::{Dimension, QuantityError, parse_quantity};
pub use schema::schema;
#[cfg(feature = "cli")]
pub use snippet::Colour;
pub use suggest::did_you_mean;
pub use vary::{Variation, VaryError, users_range, vary};

/// The reference system, `models/web.toml`: what commands use when no file is named.
pub const REFERENCE_MODEL: &str = include_str!("../../models/web.toml");

/// A model that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedModel {
    /// Its name, as `capplan init` takes it.
    pub name: &'static str,
    /// What it shows, in one line.
    pub summary: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

/// Every model that comes with the program, the reference system first.
pub const SHIPPED_MODELS: [ShippedModel; 3] = [
    ShippedModel {
        name: "web",
        summary: "a web site for 100,000 users with load balancer, cache, PostgreSQL and object storage in three zones",
        text: REFERENCE_MODEL,
    },
    ShippedModel {
        name: "single-server",
        summary: "the same site for 100 users on one machine",
        text: include_str!("../../models/single-server.toml"),
    },
    ShippedModel {
        name: "stack-overflow-2016",
        summary: "a real site from the figures that its owners published",
        text: include_str!("../../models/stack-overflow-2016.toml"),
    },
];
