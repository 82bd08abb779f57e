/// A way out of a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// The state that is left, counted from 0.
    pub from: usize,
    /// The state that is entered.
    pub to: usize,
    /// A share of the ways out of `from`, in any scale that is common to them: rates or probabilities.
    pub weight: f64,
}

/// Why a chain has no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// A chain needs a state, and not more than can be solved at once.
    #[error("{count} states are not between 1 and {limit}")]
    States {
        /// States given.
        count: usize,
        /// States accepted.
        limit: usize,
    },
    /// A transition with a state that there is not, or with a weight that is no weight.
    #[error("transition from {from} to {to} with weight {weight} does not belong to a chain of {count} states")]
    Transition {
        /// The state that is left.
        from: usize,
        /// The state that is entered.
        to: usize,
        /// Its weight.
        weight: f64,
        /// States of the chain.
        count: usize,
    },
    /// The mean stays are not all finite and at least 0, or all are 0.
    #[error("mean stays of a chain must be finite, at least 0 and not all 0")]
    Stays,
    /// From some state the states that the answer is about cannot be reached.
    #[error("state {0} never leads back")]
    NoReturn(usize),
}

/// The most states: the elimination takes `n³` steps.
pub const MAX_STATES: usize = 1000;

/// A process that stays in a state for some time and then jumps: a Markov chain with stays of any distribution.
///
/// A continuous-time Markov chain with rates `q_ij` has weights `q_ij` and mean stays `1/Σ_j q_ij`. A state of mean stay
/// 0 is left at once, so that an instant repair needs no case of its own.
///
/// # Formula
///
/// ```text
/// p_ij = w_ij / Σ_j w_ij,   ν = ν p,   share of time π_i = ν_i s_i / Σ_j ν_j s_j
/// mean time to a set of states h_i = s_i + Σ_j p_ij h_j,   h = 0 in the set
/// ```
///
/// # Method
///
/// The elimination of [Grassmann85](crate::references#grassmann85): states are taken out one by one, and the diagonal is
/// always summed from the ways out. No subtraction occurs, so every share, however small, keeps its relative precision.
///
/// # References
///
/// [Grassmann85](crate::references#grassmann85).
///
/// # Examples
///
/// ```
/// use capplan_queueing::numeric::{SemiMarkov, Transition};
///
/// // Up for 1000 hours, down for one.
/// let there_and_back =
///     [Transition { from: 0, to: 1, weight: 1.0 }, Transition { from: 1, to: 0, weight: 1.0 }];
/// let process = SemiMarkov::new(&[1000.0, 1.0], &there_and_back)?;
/// assert!((process.time_shares()?[1] - 1.0 / 1001.0).abs() < 1e-18);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SemiMarkov {
    stays: Vec<f64>,
    /// `jumps[i][j]` is the probability of going from `i` to `j`; 0 on the diagonal.
    jumps: Vec<Vec<f64>>,
}

impl SemiMarkov {
    /// Makes the process from the mean stay in each state and the ways out. A transition to its own state is ignored.
    ///
    /// # Errors
    ///
    /// [`ChainError::States`], [`ChainError::Transition`], [`ChainError::Stays`].
    pub fn new(mean_stays: &[f64], transitions: &[Transition]) -> Result<Self, ChainError> {
        let count = mean_stays.len();
        if count == 0 || count > MAX_STATES {
            return Err(ChainError::States { count, limit: MAX_STATES });
        }
        let sound = mean_stays.iter().all(|stay| stay.is_finite() && *stay >= 0.0);
        if !sound || mean_stays.iter().all(|&stay| stay == 0.0) {
            return Err(ChainError::Stays);
        }
        let mut jumps = vec![vec![0.0; count]; count];
        for &Transition { from, to, weight } in transitions {
            let place = jumps.get_mut(from).and_then(|row| row.get_mut(to));
            match place {
                Some(place) if weight.is_finite() && weight >= 0.0 => {
                    if from != to {
                        *place += weight;
                    }
                }
                _ => return Err(ChainError::Transition { from, to, weight, count }),
            }
        }
        for row in &mut jumps {
            // By the largest first, so that the sum of huge weights does not overflow.
            let largest = row.iter().copied().fold(0.0, f64::max);
            if largest > 0.0 {
                let sum: f64 = row.iter().map(|weight| weight / largest).sum();
                for weight in row.iter_mut() {
                    *weight = *weight / largest / sum;
                }
            }
        }
        Ok(Self { stays: mean_stays.to_vec(), jumps })
    }

    /// Returns the long-run share of time in each state. States that are never entered have a share of 0.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoReturn`] with a state from which state 0 cannot be reached.
    pub fn time_shares(&self) -> Result<Vec<f64>, ChainError> {
        let mut jumps = self.jumps.clone();
        let count = jumps.len();
        for k in (1..count).rev() {
            let row = jumps[k][..k].to_vec();
            let out: f64 = row.iter().sum();
            if out <= 0.0 {
                return Err(ChainError::NoReturn(k));
            }
            for (i, other) in jumps.iter_mut().enumerate().take(k) {
                other[k] /= out;
                let through = other[k];
                for (j, (entry, onward)) in other.iter_mut().zip(&row).enumerate() {
                    if i != j {
                        *entry += through * onward;
                    }
                }
            }
        }
        let mut visits = vec![1.0; count];
        for k in 1..count {
            visits[k] = (0..k).map(|i| visits[i] * jumps[i][k]).sum();
        }
        let mut shares: Vec<f64> = visits.iter().zip(&self.stays).map(|(visits, stay)| visits * stay).collect();
        let total: f64 = shares.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return Err(ChainError::Stays);
        }
        for share in &mut shares {
            *share /= total;
        }
        Ok(shares)
    }

    /// Returns the mean time from entering `start` until one of `targets` is entered; 0 when `start` is one.
    ///
    /// # Errors
    ///
    /// [`ChainError::NoReturn`] with a state from which no target can be reached, or that there is not.
    pub fn mean_time_to(&self, start: usize, targets: &[usize]) -> Result<f64, ChainError> {
        let count = self.jumps.len();
        if start >= count {
            return Err(ChainError::NoReturn(start));
        }
        if targets.contains(&start) {
            return Ok(0.0);
        }
        let mut jumps = self.jumps.clone();
        let mut times = self.stays.clone();
        let mut left: Vec<bool> = vec![true; count];
        let inner = |state: &usize| *state != start && !targets.contains(state);
        for k in (0..count).filter(inner) {
            left[k] = false;
            let row = jumps[k].clone();
            let out: f64 = row.iter().zip(&left).filter(|(_, left)| **left).map(|(jump, _)| jump).sum();
            if out <= 0.0 {
                // A dead end matters only if it can be entered.
                if self.is_reachable(start, k, targets) {
                    return Err(ChainError::NoReturn(k));
                }
                continue;
            }
            for i in (0..count).filter(|&i| left[i] && !targets.contains(&i)) {
                let through = jumps[i][k] / out;
                times[i] += through * times[k];
                for j in (0..count).filter(|&j| left[j] && j != i) {
                    jumps[i][j] += through * row[j];
                }
            }
        }
        let out: f64 = targets.iter().filter_map(|&target| jumps[start].get(target)).sum();
        if out > 0.0 { Ok(times[start] / out) } else { Err(ChainError::NoReturn(start)) }
    }

    /// Whether `goal` can be entered from `start` without passing a target.
    fn is_reachable(&self, start: usize, goal: usize, targets: &[usize]) -> bool {
        let mut seen = vec![false; self.jumps.len()];
        let mut open = vec![start];
        while let Some(state) = open.pop() {
            if state == goal {
                return true;
            }
            if seen[state] || targets.contains(&state) {
                continue;
            }
            seen[state] = true;
            open.extend((0..self.jumps.len()).filter(|&next| self.jumps[state][next] > 0.0));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(from: usize, to: usize, weight: f64) -> Transition {
        Transition { from, to, weight }
    }

    fn assert_close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-14 * want.abs(), "{got:e} is not {want:e}");
    }

    /// A birth-death chain of `n` states: up at rate `up`, down at rate `down`.
    fn line(n: usize, up: f64, down: f64) -> SemiMarkov {
        let mut arrows = Vec::new();
        let mut stays = Vec::new();
        for i in 0..n {
            let mut out = 0.0;
            if i + 1 < n {
                arrows.push(arrow(i, i + 1, up));
                out += up;
            }
            if i > 0 {
                arrows.push(arrow(i, i - 1, down));
                out += down;
            }
            stays.push(1.0 / out);
        }
        SemiMarkov::new(&stays, &arrows).expect("a sound chain")
    }

    #[test]
    fn a_birth_death_chain_falls_geometrically_to_sixty_nines() {
        let shares = line(7, 1e-10, 1.0).time_shares().expect("a distribution");
        let total: f64 = (0..7).map(|i| 1e-10_f64.powi(i)).sum();
        for (i, share) in (0..7).zip(shares) {
            assert_close(share, 1e-10_f64.powi(i) / total);
        }
    }

    #[test]
    fn the_mean_time_to_ruin_is_the_books() {
        // One step up at rate 1, down at rate 1: from 0 to n takes n + n(n − 1) means of a stay at the wall, n² in all
        // stays of a half, and the wall's stay is 1.
        let chain = line(5, 1.0, 1.0);
        // h_i − h_(i+1) = (i + 1) for up = down = 1.
        assert_close(chain.mean_time_to(0, &[4]).expect("a time"), 10.0);
        assert_close(chain.mean_time_to(3, &[4]).expect("a time"), 4.0);
        assert_eq!(chain.mean_time_to(4, &[4]), Ok(0.0));
    }

    #[test]
    fn a_state_that_is_left_at_once_has_no_share() {
        let chain = SemiMarkov::new(&[3.0, 0.0, 1.0], &[arrow(0, 1, 5.0), arrow(1, 2, 1.0), arrow(2, 0, 0.1)]);
        assert_eq!(chain.expect("a chain").time_shares(), Ok(vec![0.75, 0.0, 0.25]));
    }

    #[test]
    fn a_state_that_is_never_entered_has_no_share_and_does_no_harm() {
        let chain = SemiMarkov::new(&[1.0, 1.0, 9.0], &[arrow(0, 1, 1.0), arrow(1, 0, 1.0), arrow(2, 0, 1.0)]);
        let chain = chain.expect("a chain");
        assert_eq!(chain.time_shares(), Ok(vec![0.5, 0.5, 0.0]));
        assert_eq!(chain.mean_time_to(0, &[1]), Ok(1.0));
    }

    #[test]
    fn dead_ends_are_refused() {
        let chain = SemiMarkov::new(&[1.0, 1.0, 1.0], &[arrow(0, 1, 1.0), arrow(0, 2, 1.0), arrow(1, 0, 1.0)]);
        let chain = chain.expect("a chain");
        assert_eq!(chain.time_shares().expect_err("refused").to_string(), "state 2 never leads back");
        assert_eq!(chain.mean_time_to(0, &[1]).expect_err("refused").to_string(), "state 2 never leads back");
        assert_eq!(chain.mean_time_to(0, &[1, 2]), Ok(1.0));
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        let message =
            |stays: &[f64], arrows: &[Transition]| SemiMarkov::new(stays, arrows).expect_err("refused").to_string();
        assert_eq!(message(&[], &[]), "0 states are not between 1 and 1000");
        assert_eq!(message(&[0.0], &[]), "mean stays of a chain must be finite, at least 0 and not all 0");
        assert_eq!(
            message(&[1.0], &[arrow(0, 1, 1.0)]),
            "transition from 0 to 1 with weight 1 does not belong to a chain of 1 states"
        );
    }
}
