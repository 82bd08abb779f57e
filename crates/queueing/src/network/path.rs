use crate::numeric::{Complex, Node, contour};
use crate::queues::VisitLaw;
use crate::units::Probability;

use super::slowest::line;
use super::{NetworkError, ResponseLaw, Slowest};

/// The most visits that one request may make.
pub const MAX_VISITS: u64 = 10_000;

/// How far the probabilities of the branches may be from 1 in sum.
const SUM_TOLERANCE: f64 = 1e-9;

/// One way of a request through the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Share of requests that go this way.
    pub probability: f64,
    /// Time that is the same for all of them, in seconds.
    pub fixed_time: f64,
    /// Visits to each station.
    pub visits: Vec<u32>,
}

/// The law of the response time: a mixture over branches of sums over visits, each branch shifted by its fixed time.
///
/// # Formula
///
/// ```text
/// P(T ≤ t) = Σ_b p_b·F_b(t − d_b),   F_b*(s) = Π_i X_i*(s)^(v_bi)
/// ```
///
/// with `p_b`, `d_b`, `v_bi` the probability, fixed time and visits of a branch and `X_i*` the transform of a visit to
/// station `i`, or of the slowest of several calls made at the same time ([`Slowest`]).
///
/// # Method
///
/// One numerical inversion per distinct fixed time ([`contour`]); fixed times shift a branch
/// and are never inverted. No partial fractions, so equal and nearly equal rates do no harm.
///
/// # Accuracy
///
/// Exact for paths on which nobody overtakes ([`visits_independent`](super::visits_independent)): sojourn times are then
/// independent. With several servers inside, independence is an approximation; against
/// simulation of three such tiers it is within 0.7 % on the mean and on p50 to p99. Numerically, `P(T ≤ t)` has an
/// absolute error below 1e-9, so quantiles beyond 0.999999 lose their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct PathLaw {
    branches: Vec<Branch>,
    laws: Vec<VisitLaw>,
    /// Calls made at the same time; their visits stand behind those of the stations.
    parallel: Vec<Slowest>,
    /// Stations that some branch visits; nobody asks for the transforms of the others.
    visited: Vec<usize>,
    nodes: &'static [Node],
}

impl PathLaw {
    /// Puts branches and station laws together.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Shape`] when a branch has another number of stations, [`NetworkError::BranchSum`] unless the
    /// probabilities sum to 1, [`NetworkError::TooManyVisits`] above [`MAX_VISITS`].
    pub fn new(branches: Vec<Branch>, laws: impl IntoIterator<Item: Into<VisitLaw>>) -> Result<Self, NetworkError> {
        Self::with_parallel(branches, laws, Vec::new())
    }

    /// As [`PathLaw::new`], for branches whose visits go on, behind those to the stations, with how often they make each
    /// group of parallel calls.
    ///
    /// # Errors
    ///
    /// As [`PathLaw::new`].
    pub fn with_parallel(
        mut branches: Vec<Branch>,
        laws: impl IntoIterator<Item: Into<VisitLaw>>,
        parallel: Vec<Slowest>,
    ) -> Result<Self, NetworkError> {
        let laws: Vec<VisitLaw> = laws.into_iter().map(Into::into).collect();
        let columns = laws.len() + parallel.len();
        let mut stages = 1.0_f64;
        for branch in &branches {
            if branch.visits.len() != columns {
                let found = branch.visits.len();
                return Err(NetworkError::Shape { what: "visits of a branch", found, stations: columns });
            }
            let visits: u64 = branch.visits.iter().map(|&visits| u64::from(visits)).sum();
            if visits > MAX_VISITS {
                return Err(NetworkError::TooManyVisits { visits, limit: MAX_VISITS });
            }
            stages = stages.max(stages_of(branch, &laws));
        }
        let sum: f64 = branches.iter().map(|branch| branch.probability).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(NetworkError::BranchSum { sum });
        }
        branches.retain(|branch| branch.probability > 0.0);
        branches.sort_by(|one, other| one.fixed_time.total_cmp(&other.fixed_time));
        let visits_station = |station: &usize| branches.iter().any(|branch| branch.visits[*station] > 0);
        let visited = (0..laws.len()).filter(visits_station).collect();
        let nodes = if parallel.is_empty() { contour(stages) } else { line() };
        Ok(Self { branches, laws, parallel, visited, nodes })
    }

    /// The law of a request that takes no time at all.
    pub fn certain() -> Self {
        let branches = vec![Branch { probability: 1.0, fixed_time: 0.0, visits: Vec::new() }];
        Self { branches, laws: Vec::new(), parallel: Vec::new(), visited: Vec::new(), nodes: contour(1.0) }
    }

    /// Mean response time in seconds.
    pub fn mean(&self) -> f64 {
        self.branches.iter().map(|branch| branch.probability * self.branch_mean(branch)).sum()
    }

    /// Variance of the response time in seconds squared.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.branches
            .iter()
            .map(|branch| {
                let within: f64 = self.sum_over_visits(branch, VisitLaw::variance, Slowest::variance);
                let distance = self.branch_mean(branch) - mean;
                branch.probability * (within + distance * distance)
            })
            .sum()
    }

    /// Probability of a response time of at most `time` seconds; 0 for a negative or undefined time.
    pub fn cdf(&self, time: f64) -> f64 {
        let mut total = 0.0;
        let mut rest = &self.branches[..];
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|branch| branch.fixed_time == first.fixed_time).count();
            let (group, others) = rest.split_at(same);
            rest = others;
            let left = time - first.fixed_time;
            if left > 0.0 {
                total += self.group_cdf(group, left);
            } else if left == 0.0 {
                // Only a branch without any random part has ended by now.
                let ended = |branch: &&Branch| branch.visits.iter().all(|&visits| visits == 0);
                total += group.iter().filter(ended).map(|branch| branch.probability).sum::<f64>();
            }
        }
        // The inversion may leave [0, 1] by its own error, and by no more.
        total.clamp(0.0, 1.0)
    }

    /// Probability of a response time above `time` seconds.
    pub fn tail(&self, time: f64) -> f64 {
        1.0 - self.cdf(time)
    }

    /// The response time that requests stay within with `probability`.
    ///
    /// # Errors
    ///
    /// As [`ResponseLaw::quantile`].
    pub fn quantile(&self, probability: Probability) -> Result<f64, NetworkError> {
        ResponseLaw::quantile(self, probability)
    }

    /// `Σ_b p_b·F_b(left)` over branches of one fixed time.
    fn group_cdf(&self, group: &[Branch], left: f64) -> f64 {
        let mut total = 0.0;
        let mut transforms = vec![Complex::new(1.0, 0.0); self.laws.len() + self.parallel.len()];
        let parallel: Vec<Vec<Complex<f64>>> = self.parallel.iter().map(|calls| calls.transforms(left)).collect();
        for (place, node) in self.nodes.iter().enumerate() {
            let s = node.point / left;
            let mut sum = Complex::new(0.0, 0.0);
            for (transform, calls) in transforms.iter_mut().skip(self.laws.len()).zip(&parallel) {
                *transform = calls[place];
            }
            if let ([branch], []) = (group, &parallel[..]) {
                sum += Self::branch_transform(branch, |station| self.laws[station].transform(s)) * branch.probability;
            } else {
                for &station in &self.visited {
                    transforms[station] = self.laws[station].transform(s);
                }
                for branch in group {
                    sum += Self::branch_transform(branch, |station| transforms[station]) * branch.probability;
                }
            }
            total += (node.weight * sum / node.point).re;
        }
        total
    }

    fn branch_transform(branch: &Branch, transform: impl Fn(usize) -> Complex<f64>) -> Complex<f64> {
        let mut product = Complex::new(1.0, 0.0);
        for (station, &visits) in branch.visits.iter().enumerate() {
            match visits {
                0 => {}
                1 => product *= transform(station),
                _ => product *= transform(station).powu(visits),
            }
        }
        product
    }

    fn branch_mean(&self, branch: &Branch) -> f64 {
        branch.fixed_time + self.sum_over_visits(branch, VisitLaw::mean, Slowest::mean)
    }

    fn sum_over_visits(
        &self,
        branch: &Branch,
        figure: impl Fn(&VisitLaw) -> f64,
        of_parallel: impl Fn(&Slowest) -> f64,
    ) -> f64 {
        let figures = self.laws.iter().map(figure).chain(self.parallel.iter().map(of_parallel));
        branch.visits.iter().zip(figures).map(|(&visits, figure)| f64::from(visits) * figure).sum()
    }
}

impl ResponseLaw for PathLaw {
    fn least(&self) -> f64 {
        self.branches.first().map_or(0.0, |branch| branch.fixed_time)
    }

    fn mean(&self) -> f64 {
        Self::mean(self)
    }

    fn variance(&self) -> f64 {
        Self::variance(self)
    }

    fn cdf(&self, time: f64) -> f64 {
        Self::cdf(self, time)
    }
}

/// Stages in a row that make the law of a branch at most as steep as it is.
fn stages_of(branch: &Branch, laws: &[VisitLaw]) -> f64 {
    branch.visits.iter().zip(laws).map(|(&visits, law)| f64::from(visits) * law.stages()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::{ServiceLaw, SojournLaw};

    fn exponential(mean: f64) -> SojournLaw {
        SojournLaw::without_waiting(ServiceLaw::Exponential { mean })
    }

    fn branch(probability: f64, fixed_time: f64, visits: &[u32]) -> Branch {
        Branch { probability, fixed_time, visits: visits.to_vec() }
    }

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("probability")
    }

    #[test]
    fn one_exponential_visit_has_its_quantile() {
        let path = PathLaw::new(vec![branch(1.0, 0.5, &[1])], vec![exponential(2.0)]).expect("valid");
        let p99 = path.quantile(p(0.99)).expect("below 1");
        assert!((p99 - (0.5 + 2.0 * 100.0_f64.ln())).abs() < 1e-8, "{p99}");
        assert!((path.mean() - 2.5).abs() < 1e-15);
    }

    /// A hit takes the constant alone, a miss an exponential more: a jump, then a tail.
    #[test]
    fn a_mixture_of_hit_and_miss() {
        let branches = vec![branch(0.9, 0.1, &[0]), branch(0.1, 0.1, &[1])];
        let path = PathLaw::new(branches, vec![exponential(1.0)]).expect("valid");
        assert_eq!(path.quantile(p(0.5)).expect("below 1"), 0.1);
        let p99 = path.quantile(p(0.99)).expect("below 1");
        assert!((p99 - (0.1 + 10.0_f64.ln())).abs() < 1e-8, "{p99}");
        assert!((path.mean() - 0.2).abs() < 1e-15);
        assert!((path.variance() - (0.1 * 2.0 - 0.01)).abs() < 1e-12);
    }

    #[test]
    fn different_shifts_are_mixed_after_shifting() {
        let branches = vec![branch(0.5, 0.0, &[1]), branch(0.5, 3.0, &[1])];
        let path = PathLaw::new(branches, vec![exponential(1.0)]).expect("valid");
        let exact = 0.5 * (1.0 - (-4.0_f64).exp()) + 0.5 * (1.0 - (-1.0_f64).exp());
        assert!((path.cdf(4.0) - exact).abs() < 1e-12);
    }

    #[test]
    fn faults_name_the_number() {
        let short = PathLaw::new(vec![branch(0.75, 0.0, &[])], Vec::<VisitLaw>::new()).expect_err("sum");
        assert_eq!(short.to_string(), "the probabilities of the branches sum to 0.75, not 1");
        let many = PathLaw::new(vec![branch(1.0, 0.0, &[20_000])], vec![exponential(1.0)]).expect_err("visits");
        assert_eq!(many.to_string(), "a request makes 20000 visits; the limit is 10000");
    }
}
