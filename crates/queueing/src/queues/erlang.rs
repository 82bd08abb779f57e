use std::f64::consts::PI;

use crate::numeric::{erfcx, x_minus_ln_1p};
use crate::units::{Erlangs, Probability, Servers};

use crate::queues::QueueError;

/// From here on the expansion for many servers is exact to double precision; below, the recursion is as fast.
const MANY_SERVERS: u64 = 64;

/// Loads above this multiple of the servers are summed directly: the terms fall geometrically.
const HEAVY_LOAD: f64 = 1.6;

/// Below this `η` only the leading term of the expansion counts: `exp(−c·η²/2) < 1e-16` for every `c ≥` [`MANY_SERVERS`].
const LIGHT_LOAD: f64 = -1.1;

/// Returns the Erlang B probability that an arrival finds all servers busy and is lost (M/M/c/c).
///
/// # Formula
///
/// ```text
/// 1/B(c, a) = 1 + (c / a)·1/B(c − 1, a),   1/B(0, a) = 1
///           = ∫₀^∞ e^(−x)·(1 + x/a)^c dx
/// ```
///
/// with `c` = `servers` and `a` = `offered_load` in erlangs, which may exceed `c`.
///
/// # Method
///
/// Up to 64 servers the recursion. Above, with `ρ = a/c`, `½η² = ρ − 1 − ln ρ` (η with the sign of ρ − 1), Temme's
/// uniform expansion of the integral,
///
/// ```text
/// 1/B = Γ*(c)·√(πc/2)·e^(cη²/2)·erfc(η·√(c/2)) + Σ_k h_k(η)·c^(−k)
/// ```
///
/// where `Γ*` is the scaled gamma function and the `h_k` are power series found by recursion from
/// `v − 1 − ln v = ½η²`. Cost is bounded whatever `c` is.
///
/// # Accuracy
///
/// Relative error below 1e-13 against 60-digit arithmetic for `1 ≤ c ≤ 10⁶` and `B ≥ 1e-300`; smaller values lose up
/// to `|ln B|·2e-16`, and underflow to 0: use [`ln_erlang_b`].
///
/// # Special cases
///
/// `B(1, a) = a / (1 + a)`, `B(c, 0) = 0`.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) ch. 6, [Temme79](crate::references#temme79).
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::erlang_b;
/// use capplan_queueing::units::{Erlangs, Servers};
///
/// let blocking = erlang_b(Servers::new(1)?, Erlangs::new(3.0)?);
/// assert!((blocking.get() - 0.75).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn erlang_b(servers: Servers, offered_load: Erlangs) -> Probability {
    let value = 1.0 / inverse_blocking(servers.get(), offered_load.get());
    Probability::new(value).unwrap_or(Probability::ONE)
}

/// Returns [`erlang_b`], or an error with its logarithm where it is above 0 and below the doubles.
///
/// # Errors
///
/// [`QueueError::BelowDouble`].
pub fn erlang_b_above_zero(servers: Servers, offered_load: Erlangs) -> Result<Probability, QueueError> {
    let value = erlang_b(servers, offered_load);
    if offered_load.get() > 0.0 {
        let logarithm = || Some(ln_erlang_b(servers, offered_load));
        QueueError::unless_below_double("blocking probability", value.get(), logarithm)?;
    }
    Ok(value)
}

/// Returns the busy share of each of `c` servers without a queue.
///
/// # Formula
///
/// ```text
/// ρ = a·(1 − B(c, a)) / c = 1 / (c/a + B(c − 1, a)),   B(0, a) = 1
/// ```
///
/// # Method
///
/// The second form, by one step of Erlang's recursion, has no difference of nearly equal numbers under overload.
///
/// # Special cases
///
/// `ρ = a / (1 + a)` for one server, 0 without load.
///
/// # References
///
/// [Bolch06](crate::references#bolch06) ch. 6.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::loss_utilization;
/// use capplan_queueing::units::{Erlangs, Servers};
///
/// assert_eq!(loss_utilization(Servers::new(1)?, Erlangs::new(3.0)?), 0.75);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn loss_utilization(servers: Servers, offered_load: Erlangs) -> f64 {
    let fewer = Servers::new(servers.get() - 1).map_or(1.0, |fewer| erlang_b(fewer, offered_load).get());
    1.0 / (servers.get() as f64 / offered_load.get() + fewer)
}

/// Returns the natural logarithm of [`erlang_b`], finite where `B` itself underflows; `−∞` for no load.
pub fn ln_erlang_b(servers: Servers, offered_load: Erlangs) -> f64 {
    let (c, a) = (servers.get(), offered_load.get());
    let inverse = inverse_blocking(c, a);
    if inverse.is_finite() { -inverse.ln() } else { -ln_inverse_blocking_light(c, a) }
}

/// Returns the Erlang C probability that an arrival has to wait in an M/M/c queue.
///
/// # Formula
///
/// ```text
/// C(c, a) = B(c, a) / (1 − ρ·(1 − B(c, a))),   ρ = a / c
/// ```
///
/// where `B` is [`erlang_b`], `c ≥ 1` is `servers` and `0 ≤ a < c` is `offered_load` in erlangs.
///
/// # Method
///
/// `1/C = (1 − ρ)/B + ρ`, a sum of positive terms, with `1 − ρ = (c − a)/c`.
///
/// # Accuracy
///
/// That of [`erlang_b`]; `c − a` loses the digits that `a` shares with `c`.
///
/// # Special cases
///
/// `C(1, a) = a`, `C(2, a) = 2ρ² / (1 + ρ)`, `C(c, 0) = 0`.
///
/// # Errors
///
/// [`QueueError::Unstable`] when `a ≥ c`: there is no steady state. [`QueueError::BelowDouble`] where `C > 0` is below the
/// doubles, with [`ln_erlang_c`].
///
/// # References
///
/// [Bolch06](crate::references#bolch06) ch. 6.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::erlang_c;
/// use capplan_queueing::units::{Erlangs, Servers};
///
/// let wait = erlang_c(Servers::new(2)?, Erlangs::new(1.8)?)?;
/// assert!((wait.get() - 2.0 * 0.9 * 0.9 / 1.9).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn erlang_c(servers: Servers, offered_load: Erlangs) -> Result<Probability, QueueError> {
    let (c, a) = (servers.get() as f64, offered_load.get());
    if a >= c {
        return Err(QueueError::Unstable { offered_load, servers });
    }
    let value = wait_probability(servers.get(), a, (c - a) / c);
    if a > 0.0 {
        QueueError::unless_below_double("probability to wait", value, || ln_erlang_c(servers, offered_load).ok())?;
    }
    Ok(Probability::new(value).unwrap_or(Probability::ONE))
}

/// Returns the natural logarithm of [`erlang_c`], finite where `C` itself underflows; `−∞` for no load.
///
/// # Method
///
/// `C = B/(1 − ρ)` to the last digit where `B` underflows, and the logarithm of `C` elsewhere.
///
/// # Errors
///
/// [`QueueError::Unstable`] when `a ≥ c`.
pub fn ln_erlang_c(servers: Servers, offered_load: Erlangs) -> Result<f64, QueueError> {
    let (c, a) = (servers.get() as f64, offered_load.get());
    if a >= c {
        return Err(QueueError::Unstable { offered_load, servers });
    }
    let value = wait_probability(servers.get(), a, (c - a) / c);
    let spare = (c - a) / c;
    Ok(if value >= f64::MIN_POSITIVE { value.ln() } else { ln_erlang_b(servers, offered_load) - spare.ln() })
}

/// Returns the Erlang C probability for `spare = 1 − ρ` that the caller knows better than `(c − a)/c`.
pub(in crate::queues) fn wait_probability(servers: u64, offered_load: f64, spare: f64) -> f64 {
    let inverse = inverse_blocking(servers, offered_load);
    let utilization = offered_load / servers as f64;
    (1.0 / (spare * inverse + utilization)).min(1.0)
}

/// Returns `1/B(c, a) ≥ 1`; infinite where that exceeds the largest double.
pub(in crate::queues) fn inverse_blocking(servers: u64, offered_load: f64) -> f64 {
    if offered_load == 0.0 {
        return f64::INFINITY;
    }
    if servers < MANY_SERVERS {
        return by_recursion(servers, offered_load);
    }
    let c = servers as f64;
    if offered_load >= HEAVY_LOAD * c {
        return by_falling_sum(servers, offered_load);
    }
    by_expansion(c, offered_load)
}

/// `y_k = 1 + (k/a)·y_(k−1)`: every term is positive, so nothing cancels.
fn by_recursion(servers: u64, offered_load: f64) -> f64 {
    let mut inverse = 1.0;
    let mut k = 0.0;
    for _ in 0..servers {
        k += 1.0;
        inverse = 1.0 + k / offered_load * inverse;
    }
    inverse
}

/// `1/B = 1 + c/a + c(c−1)/a² + …`, cut where the rest no longer counts.
fn by_falling_sum(servers: u64, offered_load: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut left = servers as f64;
    while left > 0.0 && term > 0.1 * f64::EPSILON * sum {
        term *= left / offered_load;
        sum += term;
        left -= 1.0;
    }
    sum
}

/// Temme's uniform expansion, for `c ≥` [`MANY_SERVERS`] and `a <` [`HEAVY_LOAD`]`·c`.
fn by_expansion(c: f64, offered_load: f64) -> f64 {
    let excess = (offered_load - c) / c;
    let half_square = half_square(c, offered_load);
    let eta = (2.0 * half_square).sqrt().copysign(excess);
    // Γ*(c)·√(πc/2); Stirling's series needs three terms for c ≥ 64.
    let square = 1.0 / (c * c);
    let scaled_gamma = ((1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0)) / c).exp();
    let leading = scaled_gamma * (0.5 * PI * c).sqrt();
    let z = (0.5 * c).sqrt() * eta;
    if eta < LIGHT_LOAD {
        return leading * 2.0 * (c * half_square).exp();
    }
    let leading = if z > 0.0 { leading * erfcx(z) } else { leading * (c * half_square).exp() * libm::erfc(z) };
    if !leading.is_finite() {
        return f64::INFINITY;
    }
    leading + remainder(c, eta)
}

/// `½η² = ρ − 1 − ln ρ`: from `ρ − 1` where the load is near the servers, from `ρ` where it is light.
fn half_square(c: f64, offered_load: f64) -> f64 {
    let rho = offered_load / c;
    if rho < 0.5 { rho - 1.0 - rho.ln() } else { x_minus_ln_1p((offered_load - c) / c) }
}

/// `ln 1/B` where `1/B` overflows, so that the load is light and only the leading terms count.
fn ln_inverse_blocking_light(servers: u64, offered_load: f64) -> f64 {
    if offered_load == 0.0 {
        return f64::INFINITY;
    }
    let c = servers as f64;
    // B = (a^c / c!) / Σ a^k/k!, and the sum is e^a but for a share of the order of B itself.
    if servers < MANY_SERVERS {
        return libm::lgamma(c + 1.0) - c * offered_load.ln() + offered_load;
    }
    let square = 1.0 / (c * c);
    let ln_scaled_gamma = (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0)) / c;
    c * half_square(c, offered_load) + ln_scaled_gamma + 0.5 * (2.0 * PI * c).ln()
}

/// Number of series `h_k`, and of terms kept of each.
const ROWS: usize = 7;
const TERMS: [usize; ROWS] = [20, 16, 13, 10, 8, 6, 4];
const LONGEST: usize = 20;

/// `Σ_k h_k(η)·c^(−k)`, the part of the expansion beside the error function.
fn remainder(c: f64, eta: f64) -> f64 {
    let mut sum = 0.0;
    let mut scale = 1.0;
    for (row, terms) in SERIES.iter().zip(TERMS) {
        sum += scale * horner(&row[..terms], eta);
        scale /= c;
        if scale < 1e-16 {
            break;
        }
    }
    sum
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &coefficient| sum * x + coefficient)
}

/// The power series of the `h_k`.
static SERIES: [[f64; LONGEST]; ROWS] = series();

/// Derives the series.
///
/// `v(η) = 1 + Σ a_n·ηⁿ` solves `v − 1 − ln v = ½η²`, hence `(v − 1)·v' = η·v`, hence `a_1 = 1` and
/// `a_n = a_(n−1)/(n+1) − ½·Σ_(i=2)^(n−1) a_i·a_(n+1−i)`. The integrand is `g_0 = v'`; integrating by parts,
/// `h_k = (g_k − g_k(0))/η` and `g_(k+1) = h_k'`.
const fn series() -> [[f64; LONGEST]; ROWS] {
    const COUNT: usize = LONGEST + 2 * ROWS + 2;
    let mut a = [0.0; COUNT + 1];
    a[1] = 1.0;
    let mut n = 2;
    while n <= COUNT {
        let mut sum = 0.0;
        let mut i = 2;
        while i < n {
            sum += a[i] * a[n + 1 - i];
            i += 1;
        }
        a[n] = a[n - 1] / (n + 1) as f64 - 0.5 * sum;
        n += 1;
    }
    let mut g = [0.0; COUNT];
    n = 0;
    while n < COUNT {
        g[n] = (n + 1) as f64 * a[n + 1];
        n += 1;
    }
    let mut rows = [[0.0; LONGEST]; ROWS];
    let mut k = 0;
    while k < ROWS {
        n = 0;
        while n < LONGEST {
            rows[k][n] = g[n + 1];
            n += 1;
        }
        let mut next = [0.0; COUNT];
        n = 0;
        while n + 2 < COUNT {
            next[n] = (n + 1) as f64 * g[n + 2];
            n += 1;
        }
        g = next;
        k += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to compute `1/B` are rounded: the recursion in each of its steps, the expansion in its last.
    const AGREEMENT: f64 = 2e-13;

    fn relative_error(got: f64, want: f64) -> f64 {
        (got / want - 1.0).abs()
    }

    #[test]
    fn one_server_waits_with_probability_rho() {
        for a in [1e-9, 0.3, 0.999_999] {
            let wait = erlang_c(Servers::new(1).expect("count"), Erlangs::new(a).expect("load")).expect("stable");
            assert!(relative_error(wait.get(), a) < 1e-15);
        }
    }

    #[test]
    fn the_expansion_meets_the_recursion() {
        for servers in [64_u64, 65, 100, 173, 500, 1000, 4096, 20_000, 1_000_000] {
            let c = servers as f64;
            for rho in
                [0.4, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.999_999, 1.0, 1.001, 1.05, 1.2, 1.5, 1.59, 1.7, 3.0]
            {
                let recursion = by_recursion(servers, rho * c);
                if recursion.is_finite() {
                    let error = relative_error(inverse_blocking(servers, rho * c), recursion);
                    assert!(error < AGREEMENT, "c = {servers}, rho = {rho}: {error:e}");
                }
            }
        }
    }

    #[test]
    fn logarithms_go_on_where_values_end() {
        for servers in [40_u64, 64, 3000] {
            // ln 1/B by the recursion, in logarithms.
            let a: f64 = 1e-8 * servers as f64;
            let mut ln_inverse = 0.0;
            for k in 1..=servers {
                let grown = (k as f64 / a).ln() + ln_inverse;
                ln_inverse = grown + (-grown).exp().ln_1p();
            }
            let count = Servers::new(servers).expect("count");
            let got = -ln_erlang_b(count, Erlangs::new(a).expect("load"));
            assert!(relative_error(got, ln_inverse) < 1e-12, "{servers}: {got} {ln_inverse}");
        }
    }

    #[test]
    fn erlang_c_goes_on_in_logarithms() {
        let at = |servers, load| (Servers::new(servers).expect("count"), Erlangs::new(load).expect("load"));
        for (servers, load) in [(10, 9.0), (300, 60.0), (1000, 300.0), (64, 1e-3)] {
            let (servers, load) = at(servers, load);
            let value = erlang_c(servers, load).expect("a double").get();
            assert!(relative_error(ln_erlang_c(servers, load).expect("stable"), value.ln()) < 1e-13);
        }
        // ln(1/300!) to the first order in the load.
        let (servers, load) = at(300, 1.0);
        let want = -1.0 - libm::lgamma(301.0) - (299.0_f64 / 300.0).ln();
        assert!(relative_error(ln_erlang_c(servers, load).expect("stable"), want) < 1e-14);
        assert_eq!(
            erlang_c(servers, load).expect_err("below the doubles").to_string(),
            "probability to wait is below 2.2e-308, where double precision ends; its natural logarithm is -1415.9025"
        );
        let (servers, nothing) = at(300, 0.0);
        assert_eq!(erlang_c(servers, nothing).expect("stable").get(), 0.0);
        assert_eq!(ln_erlang_c(servers, nothing), Ok(f64::NEG_INFINITY));
    }

    #[test]
    fn overload_says_how_many_servers_are_needed() {
        let error = erlang_c(Servers::new(4).expect("count"), Erlangs::new(6.25).expect("load")).expect_err("unstable");
        assert_eq!(error.to_string(), "offered load of 6.25 is too much for 4 servers; at least 7 are needed");
    }
}
