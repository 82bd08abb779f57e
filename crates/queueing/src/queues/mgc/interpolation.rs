use crate::units::{ArrivalRate, Seconds, Servers};

use crate::queues::laws::gamma_wait::{FittedService, FittedWait};
use crate::queues::mgc::two_moments::{GammaWait, gamma_wait};
use crate::queues::{Mdc, Mmc, StationFigures};

/// The most servers for which M/D/c is solved on the way; with more the factors of [`Mgc`](crate::queues::Mgc) stand for it.
pub(in crate::queues) const MOST_SERVERS: u64 = 10_000;

/// The largest squared coefficient of variation for which Kimura's mean is the better one.
const KIMURA_LIMIT: f64 = 5.0;

/// A service as the fit needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct FittedMoments {
    /// Squared coefficient of variation.
    pub scv: f64,
    /// In units of the cube of the mean.
    pub third_moment: f64,
    pub service: FittedService,
}

/// Returns the wait of an M/G/c queue; none where nobody waits.
///
/// # Formula
///
/// With the exact figures of M/D/c and M/M/c,
///
/// ```text
/// E[W_q] = (1 + s)/(2s/W_M + (1 − s)/W_D)             s ≤ 5   (Kimura), above as in Mgc
/// P(wait) = (1 + s)/(2s/P_M + (1 − s)/P_D)
/// cv²(W_q | wait) = that of X + Y                     lognormal service: as in Mgc
/// ```
///
/// the second the same interpolation of the probability: it lies between the two for `s < 1` and grows with `s`. `X` is the
/// least of `c` residual services and `Y` the wait at one server that is `c` times as fast: the wait of those who wait in the
/// approximation of [Tijms81](crate::references#tijms81).
pub(in crate::queues) fn interpolated_wait(
    exponential: &Mmc,
    servers: Servers,
    moments: &FittedMoments,
) -> Option<InterpolatedWait> {
    let scv = moments.scv;
    let gamma = gamma_wait(exponential, servers, scv, moments.third_moment)?;
    let variation = conditional_scv(exponential, servers, moments).unwrap_or(1.0 / gamma.shape);
    let constant = constant_service(exponential, servers, scv);
    let plain = exponential.wait_probability() * gamma.shape * gamma.scale;
    let (probability, mean) = match constant {
        None => (exponential.wait_probability(), plain),
        Some(constant) if scv > KIMURA_LIMIT => {
            (between(scv, exponential.wait_probability(), constant.wait_probability), plain)
        }
        Some(constant) => (
            between(scv, exponential.wait_probability(), constant.wait_probability),
            between(scv, exponential.waiting_time(), constant.waiting_time),
        ),
    };
    let gamma = GammaWait { shape: 1.0 / variation, scale: mean / probability * variation };
    Some(InterpolatedWait { wait: FittedWait { probability, gamma }, constant })
}

/// Returns the probability to wait at an M/G/c queue, as [`interpolated_wait`] has it.
pub(in crate::queues) fn interpolated_probability(exponential: &Mmc, servers: Servers, scv: f64) -> f64 {
    let plain = exponential.wait_probability();
    constant_service(exponential, servers, scv).map_or(plain, |constant| between(scv, plain, constant.wait_probability))
}

fn between(scv: f64, exponential: f64, constant: f64) -> f64 {
    (1.0 + scv) / (2.0 * scv / exponential + (1.0 - scv) / constant)
}

/// A wait that varies less or more than this does not occur.
const LEAST_SCV: f64 = 0.01;
const GREATEST_SCV: f64 = 1e4;

fn conditional_scv(exponential: &Mmc, servers: Servers, moments: &FittedMoments) -> Option<f64> {
    let c = servers.get() as f64;
    let first = moments.service.least_residual(c)?;
    // In units of the mean service.
    let share = exponential.utilization() / exponential.spare_share();
    let later = 0.5 * share * (1.0 + moments.scv) / c;
    let later_square = 2.0 * later * later + share * moments.third_moment / (3.0 * c * c);
    let mean = first.mean + later;
    let variance = first.second_moment - first.mean * first.mean + later_square - later * later;
    Some((variance / (mean * mean)).clamp(LEAST_SCV, GREATEST_SCV))
}

/// A wait and what it was interpolated from besides M/M/c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::queues) struct InterpolatedWait {
    pub wait: FittedWait,
    /// None where M/M/c alone determines the wait or M/D/c is beyond reach.
    pub constant: Option<ConstantService>,
}

/// The wait of the station if its service were constant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConstantService {
    /// Probability to wait.
    pub wait_probability: f64,
    /// Mean wait in seconds.
    pub waiting_time: f64,
}

fn constant_service(exponential: &Mmc, servers: Servers, scv: f64) -> Option<ConstantService> {
    if scv == 1.0 || servers.get() == 1 || servers.get() > MOST_SERVERS {
        return None;
    }
    let arrivals = ArrivalRate::new(exponential.arrival_rate()).ok()?;
    let time = Seconds::new(1.0 / exponential.service_rate()).ok()?;
    let queue = Mdc::new(arrivals, time, servers).ok()?;
    let figures = ConstantService { wait_probability: queue.wait_probability(), waiting_time: queue.waiting_time() };
    (figures.wait_probability >= f64::MIN_POSITIVE && figures.waiting_time >= f64::MIN_POSITIVE).then_some(figures)
}
