use std::f64::consts::{PI, SQRT_2};

use crate::units::Probability;

use crate::queues::QueueError;
use crate::queues::laws::quantile::time_of_tail;

/// Returns the limit of the probability to wait in an M/M/c queue with `a + β·√a` servers as the load `a` grows.
///
/// # Formula
///
/// ```text
/// P(wait) → 1 / (1 + β·Φ(β)/φ(β))
/// ```
///
/// # Units
///
/// `beta ≥ 0`, dimensionless.
///
/// # Accuracy
///
/// The limit to 1e-14; as an approximation of Erlang C its relative error falls as `1/√a`: 2.2 % too low at a load of
/// 100 and `β = 0.5`, 0.2 % at 10,000.
///
/// # Errors
///
/// [`QueueError::Domain`] for a negative or infinite `beta`, [`QueueError::BelowDouble`] from a `beta` of 37.4 on, with the
/// logarithm.
///
/// # References
///
/// [Halfin81](crate::references#halfin81).
///
/// # Examples
///
/// ```
/// assert!((capplan_queueing::queues::halfin_whitt(0.5)? - 0.504_538_640_998).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn halfin_whitt(beta: f64) -> Result<f64, QueueError> {
    if beta >= 0.0 && beta.is_finite() {
        QueueError::unless_below_double("probability to wait", limit(beta), || Some(ln_limit(beta)))
    } else {
        Err(QueueError::Domain { parameter: "beta", value: beta, domain: "finite and at least 0" })
    }
}

/// Returns the `β` at which the limit [`halfin_whitt`] is `wait_probability`.
///
/// # Errors
///
/// [`QueueError::Domain`] for a probability below 1e-300.
pub fn halfin_whitt_beta(wait_probability: Probability) -> Result<f64, QueueError> {
    let target = wait_probability.get();
    if target < 1e-300 {
        return Err(QueueError::Domain { parameter: "wait probability", value: target, domain: "at least 1e-300" });
    }
    Ok(time_of_tail(limit, target, 1.0))
}

fn limit(beta: f64) -> f64 {
    let density = (-0.5 * beta * beta).exp() / (2.0 * PI).sqrt();
    density / (density + beta * 0.5 * libm::erfc(-beta / SQRT_2))
}

/// Its logarithm, where the density itself may underflow.
fn ln_limit(beta: f64) -> f64 {
    let density = (-0.5 * beta * beta).exp() / (2.0 * PI).sqrt();
    -0.5 * beta * beta - 0.5 * (2.0 * PI).ln() - (density + beta * 0.5 * libm::erfc(-beta / SQRT_2)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::erlang_c;
    use crate::units::{Erlangs, Servers};

    #[test]
    fn many_servers_come_to_the_limit() {
        let servers = 100_000_000_u64;
        for beta in [0.1, 0.5, 1.0, 2.0] {
            // c = a + β·√a
            let root = 0.5 * ((beta * beta + 4.0 * servers as f64).sqrt() - beta);
            let load = Erlangs::new(root * root).expect("load");
            let wait = erlang_c(Servers::new(servers).expect("count"), load).expect("stable").get();
            assert!((wait / halfin_whitt(beta).expect("in the domain") - 1.0).abs() < 3e-4, "{beta}: {wait}");
        }
    }

    #[test]
    fn beta_comes_back() {
        for beta in [0.0, 1e-6, 0.3, 3.0, 30.0] {
            let wait = Probability::new(halfin_whitt(beta).expect("in the domain")).expect("probability");
            let back = halfin_whitt_beta(wait).expect("in the domain");
            assert!((back - beta).abs() <= 1e-10 * beta, "{beta}: {back}");
        }
    }

    #[test]
    fn where_doubles_end_there_is_the_logarithm() {
        for beta in [0.0, 0.5, 10.0, 37.0] {
            let limit = halfin_whitt(beta).expect("in the domain");
            assert!((ln_limit(beta) - limit.ln()).abs() < 1e-13 * (1.0 + limit.ln().abs()), "{beta}");
        }
        // −½·50² − ½·ln 2π − ln 50
        assert_eq!(
            halfin_whitt(50.0).map_err(|error| error.to_string()),
            Err("probability to wait is below 2.2e-308, where double precision ends; its natural logarithm is \
                 -1254.8310"
                .to_owned())
        );
    }

    #[test]
    fn a_negative_beta_is_refused() {
        assert_eq!(
            halfin_whitt(-1.0).map_err(|error| error.to_string()),
            Err("beta of -1 is not finite and at least 0".to_owned())
        );
    }
}
