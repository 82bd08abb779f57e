use super::CacheError;

/// How full a cache is at a trial value of the characteristic time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// Mean number of objects (or bytes) inside.
    pub(super) inside: f64,
    /// The same outside, summed for itself.
    pub(super) outside: f64,
    /// Derivative of `inside` by the logarithm of the time.
    pub(super) slope: f64,
}

/// The time at which the mean occupancy is the capacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CharacteristicTime {
    pub(super) requests: f64,
    pub(super) iterations: u32,
    pub(super) residual: f64,
}

/// Steps after which a search has failed; Newton takes fewer than 15.
const MAX_STEPS: u32 = 300;

/// Widest step in `ln T`.
const MAX_STEP: f64 = 8.0;

/// Times are searched within `e^±700`, inside the range of a double.
const MAX_LN: f64 = 700.0;

/// Finds `T` with `inside(T) = capacity`, for `0 < capacity < total`.
///
/// # Method
///
/// Newton in `ln T` on `ln(inside / capacity)`, or on `−ln(outside / (total − capacity))` for a cache that holds more
/// than half, which keeps the digits of a nearly complete cache. Both rise with `T`. A step that leaves the bracket, or
/// is not half of the last, is replaced by bisection. It stops after a step below 10⁻⁹, whose square is beyond a
/// double.
pub(super) fn solve(
    capacity: f64,
    total: f64,
    start: f64,
    level: impl Fn(f64) -> Level,
) -> Result<CharacteristicTime, CacheError> {
    const SMALL_STEP: f64 = 1e-9;
    let missing = total - capacity;
    let (mut low, mut high) = (-MAX_LN, MAX_LN);
    let mut x = start.ln().clamp(low, high);
    let mut error = f64::INFINITY;
    let mut step = f64::INFINITY;
    for iterations in 1..=MAX_STEPS {
        let Level { inside, outside, slope } = level(x.exp());
        // Far from the root a sum by quadrature may end below 0, where it should be next to it.
        let (inside, outside) = (inside.max(0.0), outside.max(0.0));
        let gradient;
        // Far from the answer the corrections of a sum over ranks can outweigh what little is inside or outside; then
        // the answer is on the other side.
        (error, gradient) = if capacity <= missing {
            (if inside <= 0.0 { f64::NEG_INFINITY } else { (inside / capacity).ln() }, slope / inside)
        } else {
            (if outside <= 0.0 { f64::INFINITY } else { -(outside / missing).ln() }, slope / outside)
        };
        if error > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = -(error / gradient).clamp(-MAX_STEP, MAX_STEP);
        let found = if newton.abs() <= SMALL_STEP {
            Some(x + newton)
        } else {
            // A capacity that a flat stretch meets has no single time: any of the stretch will do.
            (error == 0.0 || (error.is_finite() && high - low <= f64::EPSILON * x.abs())).then_some(x)
        };
        if let Some(x) = found {
            return Ok(CharacteristicTime { requests: x.exp(), iterations, residual: error.abs() });
        }
        // Between two flat stretches Newton would go to and fro for ever.
        let bracketed = low > -MAX_LN && high < MAX_LN;
        let lazy = bracketed && newton.abs() > 0.5 * step.abs();
        // A gradient of 0 or a NaN fails these comparisons too.
        let inside_bracket = x + newton > low && x + newton < high;
        step = if inside_bracket && !lazy { newton } else { 0.5 * (low + high) - x };
        x += step;
    }
    Err(CacheError::NotConverged { iterations: MAX_STEPS, residual: error.abs() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(objects: f64) -> impl Fn(f64) -> Level {
        move |time| {
            let outside = objects * (-time / objects).exp();
            Level { inside: -objects * (-time / objects).exp_m1(), outside, slope: time * outside / objects }
        }
    }

    #[test]
    fn equal_objects_have_a_closed_form() {
        for capacity in [1e-3, 1.0, 50.0, 99.0, 99.999] {
            let want = -100.0 * (-capacity / 100.0_f64).ln_1p();
            let got = solve(capacity, 100.0, capacity, uniform(100.0)).expect("a time");
            assert!((got.requests / want - 1.0).abs() < 1e-12, "{capacity}: {got:?}, {want}");
            assert!(got.iterations < 10);
        }
    }

    #[test]
    fn a_sum_that_ends_below_zero_far_from_the_root_leads_back_to_it() {
        let wrong_far_out = |time: f64| {
            let level = uniform(100.0)(time);
            if time > 1e4 { Level { outside: -1e-30, ..level } } else { level }
        };
        let got = solve(99.0, 100.0, 1e6, wrong_far_out).expect("a time");
        assert!((got.requests / (100.0 * 100.0_f64.ln()) - 1.0).abs() < 1e-12, "{got:?}");
    }

    #[test]
    fn an_occupancy_that_never_moves_does_not_converge() {
        let stuck = |_| Level { inside: f64::NAN, outside: f64::NAN, slope: f64::NAN };
        assert!(matches!(solve(1.0, 4.0, 1.0, stuck), Err(CacheError::NotConverged { .. })));
    }
}
