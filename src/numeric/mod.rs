//! Numerical methods that know nothing of queues: inversion of transforms, roots, functions that must not cancel.

mod gauss_rule;
mod inversion;
mod killed_chain;
mod log_one_plus;
mod root;
mod scaled_erfc;

pub use gauss_rule::{GaussNode, gauss_rule};
pub use inversion::{FEW_NODES, FEW_STAGES, Node, contour, invert};
pub use killed_chain::{KilledChain, Phase};
pub use log_one_plus::x_minus_ln_1p;
pub use nalgebra::Complex;
pub use root::{RootError, bisect_boundary, find_root};
pub use scaled_erfc::erfcx;
