//! Stations whose jobs are all served at once, each at an equal share of the servers.

pub(super) mod law;
pub(super) mod mgc;
pub(super) mod mm1;
mod tagged_chain;
