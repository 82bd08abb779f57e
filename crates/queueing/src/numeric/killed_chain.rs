use super::gauss_rule;

/// A birth-and-death chain that ends, in its symmetric form.
///
/// State `i` has the weight `mass` of the reversible measure; `conductance` between `i` and `i + 1` is that weight times
/// the rate of the step up, which is the weight above times the rate of the step down; `killing` is the weight times the
/// rate at which the chain ends there. All are above 0, in any common unit of weight.
#[derive(Debug, Clone, PartialEq)]
pub struct KilledChain {
    /// Weight of each state.
    pub mass: Vec<f64>,
    /// Between each state and the next: one entry fewer.
    pub conductance: Vec<f64>,
    /// Weight times rate of ending.
    pub killing: Vec<f64>,
}

/// A part of a mixture of exponential times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    /// Share of the mixture.
    pub probability: f64,
    /// Mean in seconds.
    pub mean: f64,
}

impl KilledChain {
    /// Returns the law of the chain's lifetime when it starts where it ends: in state `i` with a probability in
    /// proportion to `killing`.
    ///
    /// # Formula
    ///
    /// With `A` the negative generator, self-adjoint under `mass`, and `g = killing/mass`, the density is
    ///
    /// ```text
    /// f(t) = ⟨g, e^(−At)·g⟩ / Σ killing = ∫ e^(−xt) dν(x)
    /// ```
    ///
    /// so the lifetime is a mixture of exponentials over the spectrum of `A`: completely monotone, whatever the chain.
    ///
    /// # Method
    ///
    /// Gauss quadrature of `ν` by the Lanczos process on `(A + shift)⁻¹`, `points` steps, each one tridiagonal solve.
    /// The elimination tracks the leak of each state instead of subtracting it, so that no digits are lost where the
    /// chain hardly ever ends. Total probability and mean are exact in any number of points; the error falls
    /// exponentially in `points`, fastest for a `shift` near the reciprocal of the mean. Cost `O(points·states)`.
    ///
    /// # References
    ///
    /// [Golub10](crate::references#golub10) §4, §7; [Keilson79](crate::references#keilson79) for the mixture.
    pub fn lifetime(&self, points: usize, shift: f64) -> Vec<Phase> {
        let states = self.mass.len();
        let elimination = Elimination::new(self, shift);
        let total: f64 = self.killing.iter().sum();
        let start: Vec<f64> = self.killing.iter().zip(&self.mass).map(|(killing, mass)| killing / mass).collect();
        let norm = dot(&start, &self.killing);
        let mut current: Vec<f64> = start.iter().map(|entry| entry / norm.sqrt()).collect();
        let mut before = vec![0.0; states];
        let mut weighted = vec![0.0; states];
        let (mut diagonal, mut off_diagonal): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        for step in 0..points.min(states) {
            for ((out, entry), mass) in weighted.iter_mut().zip(&current).zip(&self.mass) {
                *out = entry * mass;
            }
            let mut next = weighted.clone();
            elimination.solve(&mut next);
            let centre = dot(&next, &weighted);
            diagonal.push(centre);
            let back = off_diagonal.last().copied().unwrap_or(0.0);
            let mut length = 0.0;
            for (((entry, now), earlier), mass) in next.iter_mut().zip(&current).zip(&before).zip(&self.mass) {
                *entry -= centre * now + back * earlier;
                length += mass * *entry * *entry;
            }
            let length = length.sqrt();
            // Nothing new is left: the rule is exact already.
            if step + 1 == points || length <= 1e-14 * diagonal[0] {
                break;
            }
            off_diagonal.push(length);
            for entry in &mut next {
                *entry /= length;
            }
            before = std::mem::replace(&mut current, next);
        }
        let mut phases: Vec<Phase> = gauss_rule(&diagonal, &off_diagonal)
            .into_iter()
            .filter(|node| node.point > 0.0)
            .map(|node| {
                let rate = 1.0 / node.point - shift;
                Phase { probability: norm * node.weight / (rate * total), mean: 1.0 / rate }
            })
            .filter(|phase| phase.mean > 0.0 && phase.probability > 0.0)
            .collect();
        let sum: f64 = phases.iter().map(|phase| phase.probability).sum();
        let mean = phases.iter().map(|phase| phase.probability * phase.mean).sum::<f64>() / sum;
        let exact = self.mass.iter().sum::<f64>() / total;
        for phase in &mut phases {
            phase.probability /= sum;
        }
        // What the rule leaves out of the mean is far in the tail: the slowest part answers for it.
        if let Some(slowest) = phases.iter_mut().max_by(|one, other| one.mean.total_cmp(&other.mean)) {
            slowest.mean = (slowest.mean + (exact - mean) / slowest.probability).max(0.5 * slowest.mean);
        }
        phases
    }
}

/// The factors of `A + shift`, times `mass`.
struct Elimination {
    /// Reciprocal pivots.
    pivots: Vec<f64>,
    /// Share of a state that is handed to the next.
    shares: Vec<f64>,
}

impl Elimination {
    fn new(chain: &KilledChain, shift: f64) -> Self {
        let states = chain.mass.len();
        let (mut pivots, mut shares) = (Vec::with_capacity(states), Vec::with_capacity(states));
        let mut handed = 0.0;
        for (state, (killing, mass)) in chain.killing.iter().zip(&chain.mass).enumerate() {
            let leak = killing + shift * mass + handed;
            let up = chain.conductance.get(state).copied().unwrap_or(0.0);
            let pivot = 1.0 / (leak + up);
            pivots.push(pivot);
            shares.push(up * pivot);
            // The leak beyond this state as seen from the next: both in series.
            handed = up * leak * pivot;
        }
        Self { pivots, shares }
    }

    fn solve(&self, values: &mut [f64]) {
        let mut handed = 0.0;
        for (value, share) in values.iter_mut().zip(&self.shares) {
            *value += handed;
            handed = *value * share;
        }
        let mut above = 0.0;
        for ((value, share), pivot) in values.iter_mut().zip(&self.shares).zip(&self.pivots).rev() {
            *value = *value * pivot + share * above;
            above = *value;
        }
    }
}

/// Four partial sums, so that an addition need not wait for the one before.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (ones, others) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest: f64 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_state_lives_exponentially() {
        let chain = KilledChain { mass: vec![2.0], conductance: Vec::new(), killing: vec![6.0] };
        let phases = chain.lifetime(8, 1.0);
        assert_eq!(phases.len(), 1);
        assert!((phases[0].mean - 1.0 / 3.0).abs() < 1e-15 && phases[0].probability == 1.0, "{phases:?}");
    }

    /// Two states by hand: rates 1 up and 1 down, ending at 1 and 3. `A = [[2, −1], [−1, 4]]`.
    #[test]
    fn two_states_are_solved_exactly() {
        let chain = KilledChain { mass: vec![1.0, 1.0], conductance: vec![1.0], killing: vec![1.0, 3.0] };
        let phases = chain.lifetime(8, 0.7);
        let mut rates: Vec<f64> = phases.iter().map(|phase| 1.0 / phase.mean).collect();
        rates.sort_by(f64::total_cmp);
        assert!((rates[0] - (3.0 - 2.0_f64.sqrt())).abs() < 1e-13, "{rates:?}");
        assert!((rates[1] - (3.0 + 2.0_f64.sqrt())).abs() < 1e-13, "{rates:?}");
        // The mean of a chain that starts where it ends is its mass over its killing.
        let mean: f64 = phases.iter().map(|phase| phase.probability * phase.mean).sum();
        assert!((mean - 2.0 / 4.0).abs() < 1e-14, "{mean}");
    }
}
