//! Numerical methods that know nothing of queues: inversion of transforms, integrals, sums, roots, functions that must
//! not cancel.

mod integral;
mod inversion;
mod log_concave_sum;
mod log_one_plus;
mod poisson;
mod root;
mod scaled_erfc;

pub use integral::{Peak, integrate, integrate_peaked};
pub use inversion::{FEW_NODES, FEW_STAGES, Node, contour, invert};
pub use log_concave_sum::{LogConcaveSum, log_concave_sum};
pub use log_one_plus::x_minus_ln_1p;
pub use nalgebra::Complex;
pub use poisson::ln_poisson;
pub use root::{RootError, bisect_boundary, find_root};
pub use scaled_erfc::erfcx;
