//! Closed networks: a fixed number of jobs of each class that never leave.

mod convolution;
mod finite_parts;
mod lattice;
mod lattice_convolution;
mod lattice_mva;
mod linearizer;
mod network;
mod schweitzer;
mod single_class;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod markov_chain;

pub(super) use network::Seen;
pub use network::{ClosedAlgorithm, ClosedMethod, ClosedNetwork, ClosedSolution};
