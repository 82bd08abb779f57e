//! Numerical methods that know nothing of queues: inversion of transforms, integrals, sums, roots, small Markov chains,
//! functions that must not cancel.
//!
//! | task | function |
//! |---|---|
//! | a root in a bracket, the edge of a condition | [`find_root()`], [`try_find_root()`], [`bisect_boundary()`] |
//! | an integral | [`integrate()`], [`integrate_peaked()`]; nodes: [`gauss_legendre()`], [`gauss_rule()`] |
//! | a distribution from its transform | [`invert()`] on [`contour()`]; with jumps: [`invert_along_line()`] |
//! | Poisson probabilities and tails | [`poisson_mass()`], [`poisson_at_most()`], [`poisson_above()`], [`poisson_quantile()`] |
//! | shares of time of a semi-Markov chain, times until it is killed | [`SemiMarkov`], [`KilledChain`] |
//! | sums of log-concave terms | [`log_concave_sum()`] |
//! | functions next to a cancellation | [`x_minus_ln_1p()`], [`complex_exp_m1()`], [`complex_ln_1p()`], [`erfcx()`], [`deviance()`] |

mod complex_near_one;
mod gauss_rule;
mod integral;
mod inversion;
mod killed_chain;
mod line_inversion;
mod log_concave_sum;
mod log_one_plus;
mod poisson;
mod poisson_tails;
mod power_of_two;
mod root;
mod saddle_point;
mod scaled_erfc;
mod semi_markov;

pub use complex_near_one::{complex_exp_m1, complex_ln_1p};
pub use gauss_rule::{GaussNode, gauss_legendre, gauss_rule};
pub use integral::{Peak, integrate, integrate_peaked};
pub use inversion::{FEW_NODES, FEW_STAGES, Node, contour, invert};
pub use killed_chain::{KilledChain, Phase};
pub use line_inversion::{Inverted, invert_along_line};
pub use log_concave_sum::{LogConcaveSum, log_concave_sum};
pub use log_one_plus::x_minus_ln_1p;
pub use nalgebra::Complex;
pub use poisson::ln_poisson;
pub use poisson_tails::{poisson_above, poisson_at_most, poisson_mass, poisson_quantile};
pub use power_of_two::power_of_two_below;
pub use root::{RootError, bisect_boundary, find_root, try_find_root};
pub use saddle_point::{deviance, stirling_error};
pub use scaled_erfc::erfcx;
pub use semi_markov::{ChainError, MAX_STATES, SemiMarkov, Transition};
