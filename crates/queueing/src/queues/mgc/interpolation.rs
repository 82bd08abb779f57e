use crate::queues::laws::gamma_wait::{GammaWait, VisitService};
use crate::queues::{Mdc, Mmc, QueueError, StationFigures};
use crate::units::{ArrivalRate, Seconds, Servers};

/// The most servers for which M/D/c is solved; with more, Kimura's factor stands for its mean, and its probability to wait
/// is that of M/M/c.
pub(super) const MOST_SERVERS: u64 = 10_000;

/// The largest squared coefficient of variation for which Kimura's mean is better than Whitt's.
const KIMURA_LIMIT: f64 = 5.0;

/// A service as the interpolation needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Service {
    /// Squared coefficient of variation.
    pub scv: f64,
    /// In units of the cube of the mean.
    pub third_moment: f64,
    pub law: VisitService,
}

/// A wait and what it was interpolated from besides M/M/c.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct InterpolatedWait {
    pub wait: GammaWait,
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

/// Returns the wait of an M/G/c queue by the formulas of [`Mgc`](crate::queues::Mgc); none where nobody waits.
///
/// # Errors
///
/// Those of M/D/c, but for more servers than its method takes.
pub(super) fn interpolated_wait(
    exponential: &Mmc,
    servers: Servers,
    service: &Service,
) -> Result<Option<InterpolatedWait>, QueueError> {
    if exponential.arrival_rate() == 0.0 {
        return Ok(None);
    }
    if exponential.wait_probability() < f64::MIN_POSITIVE {
        return Ok(Some(InterpolatedWait { wait: GammaWait::from_moments(0.0, 0.0, 1.0), constant: None }));
    }
    let scv = service.scv;
    let constant = constant_service(exponential, servers, scv)?;
    let probability = constant.map_or(exponential.wait_probability(), |constant| {
        between(scv, exponential.wait_probability(), constant.wait_probability)
    });
    let deviation = deviation(exponential, servers);
    let mean = if scv > KIMURA_LIMIT && servers.get() > 1 {
        whitt_ratio(exponential, scv, deviation) / exponential.spare_rate() * exponential.wait_probability()
    } else {
        let by_factor = 0.5 * (1.0 + deviation.min(0.25)) * exponential.waiting_time();
        between(scv, exponential.waiting_time(), constant.map_or(by_factor, |constant| constant.waiting_time))
    };
    let wait = GammaWait::from_moments(probability, mean, conditional_scv(exponential, servers, service));
    Ok(Some(InterpolatedWait { wait, constant }))
}

/// Returns the probability to wait at an M/G/c queue, as [`interpolated_wait`] has it.
///
/// # Errors
///
/// Those of [`interpolated_wait`].
pub(in crate::queues) fn interpolated_probability(
    exponential: &Mmc,
    servers: Servers,
    scv: f64,
) -> Result<f64, QueueError> {
    let plain = exponential.wait_probability();
    let constant = constant_service(exponential, servers, scv)?;
    Ok(constant.map_or(plain, |constant| between(scv, plain, constant.wait_probability)))
}

/// The interpolation of Kimura, exact at both ends and for one server: `(1 + s)/(2s/M + (1 − s)/D)`.
fn between(scv: f64, exponential: f64, constant: f64) -> f64 {
    (1.0 + scv) / (2.0 * scv / exponential + (1.0 - scv) / constant)
}

/// `g` of Kimura and Whitt: twice the mean wait of M/D/c over that of M/M/c is about `1 + g`.
fn deviation(exponential: &Mmc, servers: Servers) -> f64 {
    let (c, rho) = (servers.get() as f64, exponential.utilization());
    (1.0 - rho) * (c - 1.0) * ((4.0 + 5.0 * c).sqrt() - 2.0) / (16.0 * c * rho)
}

/// Mean wait over that of M/M/c, Whitt.
fn whitt_ratio(exponential: &Mmc, scv: f64, deviation: f64) -> f64 {
    let rho = exponential.utilization();
    let phi = (1.0 - 4.0 * deviation.min(0.24)) * (-2.0 * (1.0 - rho) / (3.0 * rho)).exp();
    0.5 * (1.0 + scv) * ((scv - 1.0) * phi + scv + 3.0) / (2.0 + 2.0 * scv)
}

/// A wait that varies less or more than this does not occur.
const LEAST_SCV: f64 = 0.01;
const GREATEST_SCV: f64 = 1e4;

/// Squared coefficient of variation of the wait of those who wait: that of `X + Y` of Tijms, van Hoorn and Federgruen, and
/// for lognormal services, of which it says less than three moments do, that of Whitt. Both are exact for one server.
pub(super) fn conditional_scv(exponential: &Mmc, servers: Servers, service: &Service) -> f64 {
    let (c, rho, third) = (servers.get() as f64, exponential.utilization(), service.third_moment);
    let least = if servers.get() == 1 { None } else { service.law.least_residual(c) };
    let Some(first) = least else {
        let excess = 4.0 * (1.0 - rho) * third / (3.0 * (service.scv + 1.0) * (service.scv + 1.0));
        return (2.0 * rho - 1.0 + excess).clamp(LEAST_SCV, GREATEST_SCV);
    };
    // In units of the mean service.
    let share = rho / exponential.spare_share();
    let later = 0.5 * share * (1.0 + service.scv) / c;
    let later_square = 2.0 * later * later + share * third / (3.0 * c * c);
    let mean = first.mean + later;
    let variance = first.second_moment - first.mean * first.mean + later_square - later * later;
    (variance / (mean * mean)).clamp(LEAST_SCV, GREATEST_SCV)
}

fn constant_service(exponential: &Mmc, servers: Servers, scv: f64) -> Result<Option<ConstantService>, QueueError> {
    if scv == 1.0 || servers.get() == 1 || servers.get() > MOST_SERVERS {
        return Ok(None);
    }
    let refuse = |parameter, value| QueueError::Domain { parameter, value, domain: "finite" };
    let rate = exponential.arrival_rate();
    let arrivals = ArrivalRate::new(rate).map_err(|_| refuse("arrival rate", rate))?;
    let time = 1.0 / exponential.service_rate();
    let time = Seconds::new(time).map_err(|_| refuse("service time", time))?;
    let queue = match Mdc::new(arrivals, time, servers) {
        Ok(queue) => queue,
        // Too many servers near saturation for its list.
        Err(QueueError::Domain { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let figures = ConstantService { wait_probability: queue.wait_probability(), waiting_time: queue.waiting_time() };
    let known = figures.wait_probability >= f64::MIN_POSITIVE && figures.waiting_time >= f64::MIN_POSITIVE;
    Ok(known.then_some(figures))
}
