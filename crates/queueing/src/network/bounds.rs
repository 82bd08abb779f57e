use crate::units::{ArrivalRate, Seconds};

use super::NetworkError;

/// Lower and upper limits of throughput and response time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Least throughput.
    pub throughput_lower: f64,
    /// Greatest throughput.
    pub throughput_upper: f64,
    /// Least response time.
    pub response_time_lower: f64,
    /// Greatest response time.
    pub response_time_upper: f64,
}

/// Bounds of a closed network of one class at single servers, without solving it.
///
/// # Formula
///
/// With `D = Σ D_k`, `D_max` the largest and `D_avg` the mean demand, `Z` the think time and `N` jobs:
///
/// ```text
/// asymptotic     N/(Z + N·D) ≤ X ≤ min(1/D_max, N/(D + Z)),   N* = (D + Z)/D_max
/// balanced job   N/(D + Z + (N−1)·D_max/(1 + Z/(N·D))) ≤ X ≤ min(1/D_max, N/(D + Z + (N−1)·D_avg/(1 + Z/D)))
/// geometric      y_k = (N−1)·D_k/(Z + D + (N−1)·D_max),  Y_k = D_k·X⁺(N−1)
///                q(y) = (y − y^N)/(1 − y) ≤ L_k(N − 1) ≤ q(Y),   D_k < D_max
///                b = Z + D + D_max·(N−1) − Σ (D_max − D_k)·q
///                X = 2N/(b + √(b² − 4·Z·D_max·(N−1)))   below, with N for N−1 under the root above
/// ```
///
/// and `R = N/X − Z`. `X⁺` is the least of `1/D_max` and the proportional bounds with `D_p = Σ D_k²/D`:
/// `N/(D + Z + (N−1)·D_p/(1 + Z/D))` and the root of `D_p·Z·X² − (Z + D + D_p·(N−1))·X + N`.
///
/// # Accuracy
///
/// Exact throughput always lies between; the geometric bounds are within a few per cent of each other. Table IV of the
/// source is met to its printed digits; with think time, table V, the upper bounds are those printed or tighter.
///
/// # References
///
/// [Lazowska84](crate::references#lazowska84) §5, [Casale08](crate::references#casale08).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedBounds {
    /// Asymptotic.
    pub asymptotic: Bounds,
    /// Balanced job.
    pub balanced: Bounds,
    /// Geometric (square root, with think time).
    pub geometric: Bounds,
    /// The number of jobs at which the asymptotes cross, `N*`.
    pub saturation_population: f64,
    /// The greatest throughput of any number of jobs, `1/D_max`.
    pub greatest_throughput: f64,
    /// The station with the largest demand, the first of several.
    pub bottleneck: usize,
}

/// Returns the bounds of a closed network, as [`ClosedBounds`] says.
///
/// # Units
///
/// Times in seconds, throughput in jobs per second.
///
/// # Errors
///
/// [`NetworkError::Empty`] without a station, [`NetworkError::Value`] for a demand outside its domain,
/// [`NetworkError::Parameter`] for nobody, [`NetworkError::NoWork`] when every demand is 0.
pub fn bounds_closed(population: u64, think_time: Seconds, demands: &[f64]) -> Result<ClosedBounds, NetworkError> {
    let Demands { sum, largest, bottleneck } = Demands::new(demands)?;
    let think_time = think_time.get();
    if population == 0 {
        return Err(NetworkError::Parameter { what: "population", value: 0.0, domain: "at least 1" });
    }
    let jobs = population as f64;
    // The rounding of a long sum may take the mean above the largest.
    let mean = (sum / demands.len() as f64).min(largest);
    let limits = |lower: f64, upper: f64| {
        let upper = upper.min(1.0 / largest);
        let lower = lower.min(upper);
        Bounds {
            throughput_lower: lower,
            throughput_upper: upper,
            // Where think time is nearly all, the difference loses its digits; nobody is faster than without waiting.
            response_time_lower: (jobs / upper - think_time).max(sum),
            response_time_upper: (jobs / lower - think_time).max(sum),
        }
    };
    let asymptotic = Bounds {
        response_time_lower: sum.max(jobs * largest - think_time),
        response_time_upper: jobs * sum,
        ..limits(jobs / (think_time + jobs * sum), jobs / (sum + think_time))
    };
    let heavy = (jobs - 1.0) * largest / (1.0 + think_time / (jobs * sum));
    let light = (jobs - 1.0) * mean / (1.0 + think_time / sum);
    let balanced = Bounds {
        response_time_lower: (sum + light).max(jobs * largest - think_time),
        response_time_upper: sum + heavy,
        ..limits(jobs / (sum + think_time + heavy), jobs / (sum + think_time + light))
    };
    // Queues are those with one job fewer, and so is the throughput that limits them.
    let fastest = proportional_upper(jobs - 1.0, think_time, sum, demands).min(1.0 / largest);
    let geometric_queue = |y: f64| {
        // y + y² + … + y^(N−1)
        if y <= 0.0 {
            0.0
        } else if y >= 1.0 {
            jobs - 1.0
        } else {
            -y * ((jobs - 1.0) * y.ln()).exp_m1() / (1.0 - y)
        }
    };
    let relief = |share: &dyn Fn(f64) -> f64| -> f64 {
        let others = demands.iter().filter(|demand| **demand > 0.0 && **demand < largest);
        others.map(|&demand| (largest - demand) * geometric_queue(share(demand))).sum()
    };
    let slow = think_time + sum + largest * (jobs - 1.0);
    let low = slow - relief(&|demand| (jobs - 1.0) * demand / (think_time + sum + largest * (jobs - 1.0)));
    let high = slow - relief(&|demand| demand * fastest);
    // In shares of b, whose square may overflow.
    let root = |b: f64, other: f64| {
        2.0 * jobs / b / (1.0 + (1.0 - 4.0 * (think_time / b) * (largest * other / b)).max(0.0).sqrt())
    };
    let geometric = limits(root(low, jobs - 1.0), root(high, if think_time > 0.0 { jobs } else { 0.0 }));
    Ok(ClosedBounds {
        asymptotic,
        balanced,
        geometric,
        saturation_population: (sum + think_time) / largest,
        greatest_throughput: 1.0 / largest,
        bottleneck,
    })
}

/// An upper bound in which every station's queue is proportional to its demand, or steeper.
fn proportional_upper(jobs: f64, think_time: f64, sum: f64, demands: &[f64]) -> f64 {
    if jobs <= 0.0 {
        return 0.0;
    }
    // Σ D²/Σ D, without squares that underflow.
    let share: f64 = demands.iter().map(|demand| demand * (demand / sum)).sum();
    let b = think_time + sum + share * (jobs - 1.0);
    let root = 2.0 * jobs / b / (1.0 + (1.0 - 4.0 * (share * jobs / b) * (think_time / b)).max(0.0).sqrt());
    root.min(jobs / (sum + think_time + (jobs - 1.0) * share / (1.0 + think_time / sum)))
}

/// Bounds of an open network of one class at single servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenBounds {
    /// The arrival rate at which the bottleneck is full, `1/D_max`.
    pub throughput_upper: f64,
    /// Response time when nobody waits, `D`.
    pub response_time_lower: f64,
    /// Least response time by balanced jobs, `D/(1 − λ·D_avg)`.
    pub balanced_response_time_lower: f64,
    /// Greatest response time by balanced jobs, `D/(1 − λ·D_max)`.
    pub balanced_response_time_upper: f64,
}

/// Returns the bounds of an open network, as [`OpenBounds`] says.
///
/// # Units
///
/// Times in seconds, rates per second.
///
/// # Errors
///
/// As [`bounds_closed`]; [`NetworkError::Overloaded`] when the bottleneck is full.
///
/// # References
///
/// [Lazowska84](crate::references#lazowska84) §5.
pub fn bounds_open(arrival_rate: ArrivalRate, demands: &[f64]) -> Result<OpenBounds, NetworkError> {
    let Demands { sum, largest, bottleneck } = Demands::new(demands)?;
    let arrival_rate = arrival_rate.get();
    let spare = (-arrival_rate).mul_add(largest, 1.0);
    if spare <= 0.0 {
        return Err(NetworkError::Overloaded { station: bottleneck, load: arrival_rate * largest, speed: 1.0 });
    }
    // The rounding of a long sum may take the mean above the largest.
    let mean = (sum / demands.len() as f64).min(largest);
    Ok(OpenBounds {
        throughput_upper: 1.0 / largest,
        response_time_lower: sum,
        balanced_response_time_lower: sum / (-arrival_rate).mul_add(mean, 1.0),
        balanced_response_time_upper: sum / spare,
    })
}

struct Demands {
    sum: f64,
    largest: f64,
    bottleneck: usize,
}

impl Demands {
    fn new(demands: &[f64]) -> Result<Self, NetworkError> {
        if demands.is_empty() {
            return Err(NetworkError::Empty { what: "the list of service demands" });
        }
        let (mut largest, mut bottleneck) = (0.0, 0);
        for (station, &value) in demands.iter().enumerate() {
            if !(value >= 0.0 && value.is_finite()) {
                let domain = "finite and at least 0";
                return Err(NetworkError::Value { what: "service demand", station, value, domain });
            }
            if value > largest {
                (largest, bottleneck) = (value, station);
            }
        }
        if largest == 0.0 {
            return Err(NetworkError::NoWork);
        }
        Ok(Self { sum: demands.iter().sum(), largest, bottleneck })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::network::{ClosedMethod, ClosedNetwork, StationKind};

    fn time(seconds: f64) -> Seconds {
        Seconds::new(seconds).expect("a time")
    }

    fn rate(per_second: f64) -> ArrivalRate {
        ArrivalRate::new(per_second).expect("a rate")
    }

    /// Casale, Muntz and Serazzi 2008, tables IV (no think time) and V (think time 1), as printed.
    #[test]
    fn geometric_bounds_are_those_published() {
        let demands = [0.1, 0.1, 0.09, 0.08];
        for (think_time, jobs, lower, upper) in [
            (0.0, 2, 4.3040, 4.3174),
            (0.0, 5, 6.6859, 6.7524),
            (0.0, 10, 8.1521, 8.2690),
            (0.0, 20, 9.0947, 9.2431),
            (0.0, 80, 9.8233, 9.8765),
            (1.0, 2, 1.4319, 1.5195),
            (1.0, 5, 3.3432, 3.5582),
            (1.0, 10, 5.7569, 6.1410),
            (1.0, 20, 8.0856, 8.6467),
            (1.0, 80, 9.7147, 9.8594),
        ] {
            let geometric = bounds_closed(jobs, time(think_time), &demands).expect("valid").geometric;
            assert!((geometric.throughput_lower - lower).abs() < 1e-4, "{jobs}: {}", geometric.throughput_lower);
            let slack = upper - geometric.throughput_upper;
            assert!(slack > -1e-4 && (think_time > 0.0 || slack < 1e-4), "{jobs}: {}", geometric.throughput_upper);
        }
    }

    #[test]
    fn think_time_that_is_nearly_all_leaves_the_service() {
        let bounds = bounds_closed(100, time(1e300), &[1e9, 0.5]).expect("valid");
        for one in [bounds.asymptotic, bounds.balanced, bounds.geometric] {
            assert!((one.throughput_upper / 1e-298 - 1.0).abs() < 1e-12);
            assert_eq!(one.response_time_lower, 1e9 + 0.5);
        }
    }

    #[test]
    fn faults_name_the_number() {
        assert_eq!(
            bounds_open(rate(0.5), &[1.0, 2.5]).expect_err("full").to_string(),
            "station 1: offered load of 1.25 is too much for a speed of 1; lower the arrival rates, or give it more servers"
        );
        assert_eq!(
            bounds_closed(0, time(1.0), &[1.0]).expect_err("nobody").to_string(),
            "population is 0; it must be at least 1"
        );
        assert_eq!(
            bounds_closed(1, time(0.0), &[0.0]).expect_err("no work").to_string(),
            "every service demand is 0: no station limits the throughput; one must be above 0"
        );
    }

    #[test]
    fn a_million_equal_demands_have_bounds_in_order() {
        for demand in [0.1, 1.0 / 3.0, 7e-4] {
            let demands = vec![demand; 1_000_000];
            let open = bounds_open(rate(0.9 / demand), &demands).expect("stable");
            assert!(open.balanced_response_time_lower <= open.balanced_response_time_upper);
            assert!(open.response_time_lower <= open.balanced_response_time_lower);
            let closed = bounds_closed(1000, time(2.0), &demands).expect("valid");
            for one in [closed.asymptotic, closed.balanced, closed.geometric] {
                assert!(one.throughput_lower <= one.throughput_upper, "{one:?}");
                assert!(one.response_time_lower <= one.response_time_upper * (1.0 + 1e-12), "{one:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn exact_throughput_lies_within_every_bound(
            jobs in 1..200_u64, think_time in 0.0..20.0_f64, demands in prop::collection::vec(0.01..2.0_f64, 1..8),
        ) {
            let stations = vec![StationKind::SINGLE; demands.len()];
            let network = ClosedNetwork::new(vec![jobs], vec![think_time], vec![demands.clone()], stations);
            let exact = network.expect("valid").solve(ClosedMethod::Exact).expect("small");
            let bounds = bounds_closed(jobs, time(think_time), &demands).expect("valid");
            for (name, one) in
                [("ABA", bounds.asymptotic), ("BJB", bounds.balanced), ("geometric", bounds.geometric)]
            {
                let x = exact.throughput[0];
                prop_assert!(x >= one.throughput_lower * (1.0 - 1e-12), "{name}: {x} {}", one.throughput_lower);
                prop_assert!(x <= one.throughput_upper * (1.0 + 1e-12), "{name}: {x} {}", one.throughput_upper);
                prop_assert!(exact.response_times[0] <= one.response_time_upper + 1e-9, "{name}");
                prop_assert!(exact.response_times[0] >= one.response_time_lower - 1e-9, "{name}");
            }
        }
    }
}
