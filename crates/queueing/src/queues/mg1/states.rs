use crate::queues::laws::poisson::poisson_tail;
use crate::queues::mg1::hyperexponential_service::Decay;

/// Probabilities of the numbers of jobs at an M/G/1 station.
#[derive(Debug, Clone, PartialEq)]
pub struct Mg1States(Law);

#[derive(Debug, Clone, PartialEq)]
enum Law {
    /// Nobody comes.
    Empty,
    /// A sum of geometric laws.
    Mixed { arrival_rate: f64, decays: Vec<Decay> },
    /// The first states one by one; from the last on, each is the one before times `e^ln_ratio`.
    Listed { levels: Vec<f64>, ln_ratio: f64 },
}

/// How near to its limit a ratio of neighbours has to be to count as there.
const SETTLED: f64 = 1e-14;

/// Ratios in a row that have to be there: some come by their limit on the way.
const IN_A_ROW: u32 = 3;

/// States after which the ratio has settled, or the probability underflowed, for any service.
const MOST_JOBS: u16 = 400;

impl Mg1States {
    /// The states of a station without arrivals.
    pub(in crate::queues) const fn empty() -> Self {
        Self(Law::Empty)
    }

    /// The states of a station whose sojourn time has these exponential parts.
    ///
    /// # Formula
    ///
    /// A departing job leaves behind who came while it was there, and an arrival finds as many as a departure leaves:
    ///
    /// ```text
    /// p_n = ∫ e^(−λt)·(λt)^n/n! dP(W ≤ t) = Σ_k w_k·(1 − τ_k)·τ_k^n,   τ_k = λ/(λ + x_k)
    /// ```
    pub(in crate::queues) const fn mixed(arrival_rate: f64, decays: Vec<Decay>) -> Self {
        Self(Law::Mixed { arrival_rate, decays })
    }

    /// The states of a station with `spare = 1 − ρ`, by the arrivals `A` of one service.
    ///
    /// # Formula
    ///
    /// ```text
    /// p_n·P(A = 0) = p_0·P(A > n − 1) + Σ_{j=1}^{n−1} p_j·P(A > n − j),   p_0 = 1 − ρ
    /// ```
    ///
    /// all terms positive, until the ratio of neighbours has settled at `e^ln_ratio`.
    pub(in crate::queues) fn listed(spare: f64, arrivals: &ServiceArrivals, ln_ratio: f64) -> Self {
        let more_than = |n: usize| arrivals.more_than.get(n).copied().unwrap_or(0.0);
        let mut levels = vec![spare];
        let mut settled = 0;
        while levels.len() <= usize::from(MOST_JOBS) && settled < IN_A_ROW {
            let n = levels.len();
            let busy: f64 = levels.iter().enumerate().skip(1).map(|(j, level)| level * more_than(n - j)).sum();
            let next = (spare * more_than(n - 1) + busy) / arrivals.none;
            let ratio = next / levels.last().copied().unwrap_or(next);
            if next < f64::MIN_POSITIVE {
                break;
            }
            levels.push(next);
            settled = if (ratio * (-ln_ratio).exp() - 1.0).abs() < SETTLED { settled + 1 } else { 0 };
        }
        Self(Law::Listed { levels, ln_ratio })
    }

    /// Probability that `jobs` are there, waiting or in service; 0 where it is below the doubles.
    pub fn probability(&self, jobs: u64) -> f64 {
        match &self.0 {
            Law::Empty => f64::from(u8::from(jobs == 0)),
            Law::Mixed { arrival_rate, decays } => decays
                .iter()
                .map(|decay| {
                    let ratio = decay.rate / arrival_rate;
                    // 1 − τ = x/(λ + x)
                    let out = if ratio.is_finite() { ratio / (1.0 + ratio) } else { 1.0 };
                    let power = if jobs == 0 { 1.0 } else { (-ratio.ln_1p() * jobs as f64).exp() };
                    decay.sojourn * out * power
                })
                .sum(),
            Law::Listed { levels, ln_ratio } => {
                let listed = usize::try_from(jobs).ok().and_then(|index| levels.get(index));
                let last = levels.len() - 1;
                let beyond =
                    || levels.last().map_or(0.0, |level| level * (ln_ratio * (jobs - last as u64) as f64).exp());
                listed.copied().unwrap_or_else(beyond)
            }
        }
    }
}

/// The number of arrivals in one service.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::queues) struct ServiceArrivals {
    /// `P(A = 0)`.
    none: f64,
    /// `P(A > n)`.
    more_than: Vec<f64>,
}

impl ServiceArrivals {
    /// Of a constant service in which `mean` arrive.
    pub fn constant(mean: f64) -> Self {
        let more_than = (0..=u64::from(MOST_JOBS)).map(|n| poisson_tail(n, mean)).collect();
        Self { none: (-mean).exp(), more_than }
    }

    /// Of a service of `count` stages, or with probability `fewer` of `count − 1`, in each of which `mean` arrive on
    /// average: each event is an arrival with probability `g/(1 + g)`.
    pub fn stages(mean: f64, count: u32, fewer: f64) -> Self {
        let few = negative_binomial(mean, f64::from(count) - 1.0);
        let many = negative_binomial(mean, f64::from(count));
        let masses: Vec<f64> = few.iter().zip(&many).map(|(few, many)| fewer * few + (1.0 - fewer) * many).collect();
        let mut sum = 0.0;
        let mut more_than: Vec<f64> = Vec::with_capacity(masses.len());
        for mass in masses.iter().rev() {
            more_than.push(sum);
            sum += mass;
        }
        more_than.reverse();
        Self { none: masses.first().copied().unwrap_or(1.0), more_than }
    }
}

/// Probabilities of arrivals in `count` stages, far enough past [`MOST_JOBS`] that the rest is nothing.
fn negative_binomial(mean: f64, count: f64) -> Vec<f64> {
    let arrival = mean / (1.0 + mean);
    let mut mass = (-count * mean.ln_1p()).exp();
    (0..MOST_JOBS + 200)
        .map(|n| {
            let this = mass;
            mass *= (count + f64::from(n)) / (f64::from(n) + 1.0) * arrival;
            this
        })
        .collect()
}
