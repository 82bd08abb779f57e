use crate::evaluate::{HitRatios, Prepared, TierLaws, class_branches};
use crate::model::Resource;
use capplan_queueing::numeric::{Complex, contour};
use capplan_queueing::queues::ServiceLaw;

/// The response-time objectives of a system, ready to be checked for any combination of tier options.
///
/// # Formula
///
/// ```text
/// P(T ≤ t) = Re Σ_k W_k·Π_tiers F_tier,k
/// ```
///
/// over the nodes `k` of the inversions of all branches: `W` holds the weights of the rule, the probabilities of the
/// branches and the transforms of the tiers that are not searched; `F` is the transform of one option of one tier
/// ([`Kernel::factor`]), computed once and used by every candidate.
#[derive(Debug, Clone)]
pub(crate) struct Kernel {
    points: Vec<Complex<f64>>,
    /// For each node the first one at the same point: ways through the system that take the same fixed time share theirs.
    first_at: Vec<usize>,
    weights: Products,
    /// For each objective the end of its nodes.
    ends: Vec<usize>,
    /// For each objective the share of requests that have no random part and end in time.
    constants: Vec<f64>,
    /// For each tier the visits, reads and writes, that belong to each node.
    visits: Vec<Vec<(u32, u32)>>,
    percentiles: Vec<f64>,
}

/// The transform of one option at every node; real and imaginary parts apart, so that products vectorise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    re: Vec<f64>,
    im: Vec<f64>,
}

/// A running product of factors.
pub(crate) type Products = Factor;

impl Kernel {
    /// Prepares the objectives of a system for given hit ratios; `searched` are the tiers with options.
    pub fn new(prepared: &Prepared<'_>, hit_ratios: &HitRatios, searched: &[usize]) -> Self {
        let system = prepared.system;
        let objectives = &system.objectives().response_times;
        let branches: Vec<_> =
            system.classes().iter().map(|class| class_branches(prepared, class, hit_ratios)).collect();
        let mut kernel = Self {
            points: Vec::new(),
            first_at: Vec::new(),
            weights: Factor { re: Vec::new(), im: Vec::new() },
            ends: Vec::new(),
            constants: Vec::new(),
            visits: vec![Vec::new(); system.tiers().len()],
            percentiles: objectives.iter().map(|objective| objective.percentile).collect(),
        };
        for objective in objectives {
            let mut constant = 0.0;
            for (class, ways) in branches.iter().enumerate() {
                if objective.class.is_some_and(|wanted| wanted != class) {
                    continue;
                }
                let share = if objective.class.is_some() { 1.0 } else { system.classes()[class].share.get() };
                for branch in ways {
                    let left = objective.limit.get() - branch.fixed_time;
                    let random = branch.visits.iter().any(|&visits| visits > 0);
                    if !random {
                        constant += if left >= 0.0 { share * branch.probability } else { 0.0 };
                    } else if left > 0.0 {
                        kernel.add_branch(prepared, &branch.visits, left, share * branch.probability, searched);
                    }
                }
            }
            kernel.ends.push(kernel.points.len());
            kernel.constants.push(constant);
        }
        kernel
    }

    fn add_branch(&mut self, prepared: &Prepared<'_>, visits: &[u32], left: f64, weight: f64, searched: &[usize]) {
        let tiers = prepared.system.tiers();
        let stages: f64 = tiers
            .iter()
            .enumerate()
            .map(|(index, tier)| {
                let scv = match &tier.resource {
                    Resource::Managed(managed) => managed.service_scv,
                    Resource::Fleet(fleet) => fleet.service_scv,
                };
                f64::from(visits[2 * index] + visits[2 * index + 1]) * (1.0 / scv).max(1.0)
            })
            .sum();
        let nodes = contour(stages);
        let start = self.points.len();
        let same = nodes.first().and_then(|node| {
            let found = self.points.iter().position(|&point| point == node.point / left)?;
            let last = nodes.len() - 1;
            (self.points.get(found + last) == Some(&(nodes[last].point / left))).then_some(found)
        });
        self.first_at.extend((0..nodes.len()).map(|node| same.unwrap_or(start) + node));
        for node in nodes {
            let s = node.point / left;
            let mut product = node.weight / node.point * weight;
            for (index, tier) in tiers.iter().enumerate() {
                if searched.contains(&index) {
                    continue;
                }
                if let Resource::Managed(managed) = &tier.resource {
                    let service = ServiceLaw::from_moments(managed.service_time.get(), managed.service_scv);
                    product *= power(service.transform(s), visits[2 * index]);
                }
            }
            self.points.push(s);
            self.weights.re.push(product.re);
            self.weights.im.push(product.im);
            for (index, per_node) in self.visits.iter_mut().enumerate() {
                per_node.push((visits[2 * index], visits[2 * index + 1]));
            }
        }
    }

    /// The transforms of one option of a tier at every node.
    pub fn factor(&self, tier: usize, laws: &TierLaws) -> Factor {
        let mut factor =
            Factor { re: Vec::with_capacity(self.points.len()), im: Vec::with_capacity(self.points.len()) };
        let mut known: Vec<[Option<Complex<f64>>; 2]> = vec![[None; 2]; self.points.len()];
        let laws = [&laws.read, &laws.write];
        for ((&s, &first), &(reads, writes)) in self.points.iter().zip(&self.first_at).zip(&self.visits[tier]) {
            let mut value = Complex::new(1.0, 0.0);
            for (kind, visits) in [reads, writes].into_iter().enumerate() {
                if visits > 0 {
                    let once = *known[first][kind].get_or_insert_with(|| laws[kind].transform(s));
                    value *= power(once, visits);
                }
            }
            factor.re.push(value.re);
            factor.im.push(value.im);
        }
        factor
    }

    /// Whether the factors of a tier's options are those of another kernel: the same nodes with the same visits.
    pub fn has_factors_of(&self, tier: usize, other: &Self) -> bool {
        self.points == other.points && self.visits[tier] == other.visits[tier]
    }

    /// The product before any tier is chosen.
    pub const fn start(&self) -> &Products {
        &self.weights
    }

    /// Writes `product·factor` to `out`.
    pub fn multiply(product: &Products, factor: &Factor, out: &mut Products) {
        let count = product.re.len();
        out.re.resize(count, 0.0);
        out.im.resize(count, 0.0);
        let (a, b) = (&product.re[..count], &product.im[..count]);
        let (c, d) = (&factor.re[..count], &factor.im[..count]);
        let (re, im) = (&mut out.re[..count], &mut out.im[..count]);
        for k in 0..count {
            re[k] = a[k] * c[k] - b[k] * d[k];
            im[k] = a[k] * d[k] + b[k] * c[k];
        }
    }

    /// Writes the share of requests within each objective for `product·factor` to `shares`.
    pub fn shares(&self, product: &Products, factor: &Factor, shares: &mut Vec<f64>) {
        shares.clear();
        let mut start = 0;
        for (&end, &constant) in self.ends.iter().zip(&self.constants) {
            let (a, b) = (&product.re[start..end], &product.im[start..end]);
            let (c, d) = (&factor.re[start..end], &factor.im[start..end]);
            // Four partial sums in a fixed order: the same bytes on every run, and room for vector units.
            let mut sums = [0.0; 4];
            for k in 0..a.len() {
                sums[k % 4] += a[k] * c[k] - b[k] * d[k];
            }
            shares.push((constant + ((sums[0] + sums[1]) + (sums[2] + sums[3]))).clamp(0.0, 1.0));
            start = end;
        }
    }

    /// The neutral factor.
    pub fn one(&self) -> Factor {
        Factor { re: vec![1.0; self.points.len()], im: vec![0.0; self.points.len()] }
    }

    /// Whether shares reach the percentiles, give or take `slack`.
    pub fn met(&self, shares: &[f64], slack: f64) -> bool {
        self.percentiles.iter().zip(shares).all(|(&percentile, &share)| share >= percentile - slack)
    }
}

fn power(value: Complex<f64>, exponent: u32) -> Complex<f64> {
    match exponent {
        0 => Complex::new(1.0, 0.0),
        1 => value,
        _ => value.powu(exponent),
    }
}
