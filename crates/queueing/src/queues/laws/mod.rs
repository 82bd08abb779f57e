//! Laws of times and numbers that several stations share.

pub(super) mod exponential_visit;
pub(super) mod gamma_wait;
pub(super) mod mixed;
pub(super) mod poisson;
pub(super) mod pooled;
pub(super) mod quantile;
pub(super) mod service;
pub(super) mod service_shape;
mod service_transform;
pub(super) mod sojourn;
pub(super) mod states;
pub(super) mod visit;
