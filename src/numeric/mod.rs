//! Numerical methods that know nothing of queues: inversion of transforms, roots, functions that must not cancel.

mod inversion;
mod log_one_plus;
mod root;
mod scaled_erfc;

pub use inversion::{FEW_NODES, FEW_STAGES, Node, contour, invert};
pub use log_one_plus::x_minus_ln_1p;
pub use nalgebra::Complex;
pub use root::{RootError, bisect_boundary, find_root};
pub use scaled_erfc::erfcx;
