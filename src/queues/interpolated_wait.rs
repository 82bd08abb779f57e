use crate::units::{ArrivalRate, Seconds, Servers};

use super::fitted_visit::FittedWait;
use super::mgc::{GammaWait, gamma_wait};
use super::{Mdc, Mmc, StationFigures};

/// The most servers for which M/D/c is solved on the way; with more the factors of [`Mgc`](super::Mgc) stand for it.
const MOST_SERVERS: u64 = 10_000;

/// The largest squared coefficient of variation for which Kimura's mean is the better one.
const KIMURA_LIMIT: f64 = 5.0;

/// Returns the wait of an M/G/c queue whose service has this squared coefficient of variation and third moment, the latter
/// in units of the cube of its mean; none where nobody waits.
///
/// # Formula
///
/// With the exact figures of M/D/c and M/M/c,
///
/// ```text
/// E[W_q] = (1 + s)/(2s/W_M + (1 − s)/W_D)             s ≤ 5   (Kimura), above as in Mgc
/// P(wait) = (1 + s)/(2s/P_M + (1 − s)/P_D)
/// ```
///
/// the latter the same interpolation of the probability: it lies between the two for `s < 1` and grows with `s`.
pub(super) fn interpolated_wait(
    exponential: &Mmc,
    servers: Servers,
    scv: f64,
    third_moment: f64,
) -> Option<FittedWait> {
    let gamma = gamma_wait(exponential, servers, scv, third_moment)?;
    let plain = FittedWait { probability: exponential.wait_probability(), gamma };
    let rates = (ArrivalRate::new(exponential.arrival_rate()), Seconds::new(1.0 / exponential.service_rate()));
    let (Ok(arrivals), Ok(time)) = rates else { return Some(plain) };
    if scv == 1.0 || servers.get() == 1 || servers.get() > MOST_SERVERS {
        return Some(plain);
    }
    let Ok(constant) = Mdc::new(arrivals, time, servers) else { return Some(plain) };
    let between = |exponential: f64, constant: f64| (1.0 + scv) / (2.0 * scv / exponential + (1.0 - scv) / constant);
    if constant.wait_probability() < f64::MIN_POSITIVE {
        return Some(plain);
    }
    let probability = between(exponential.wait_probability(), constant.wait_probability());
    let mean =
        if scv <= KIMURA_LIMIT { between(exponential.waiting_time(), constant.waiting_time()) } else { plain.mean() };
    Some(FittedWait { probability, gamma: GammaWait { shape: gamma.shape, scale: mean / (probability * gamma.shape) } })
}
