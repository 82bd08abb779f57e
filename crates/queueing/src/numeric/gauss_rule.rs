/// A node of a Gauss rule and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussNode {
    /// Where the function is evaluated: an eigenvalue of the Jacobi matrix.
    pub point: f64,
    /// Its weight; the weights sum to 1.
    pub weight: f64,
}

/// Rotations after which an eigenvalue is taken as it is; one takes two or three.
const MOST_ROTATIONS: u32 = 60;

/// Returns the Gauss rule of the measure whose orthogonal polynomials have this Jacobi matrix.
///
/// # Method
///
/// Golub and Welsch: eigenvalues of the symmetric tridiagonal matrix by implicit QL, carrying only the first row of the
/// eigenvectors, whose squares are the weights. `off_diagonal` has one entry fewer than `diagonal`; more are ignored.
///
/// # References
///
/// [Golub10](crate::references#golub10) §3.1.
pub fn gauss_rule(diagonal: &[f64], off_diagonal: &[f64]) -> Vec<GaussNode> {
    let count = diagonal.len();
    let mut d = diagonal.to_vec();
    let mut e: Vec<f64> = off_diagonal.iter().copied().chain(std::iter::repeat(0.0)).take(count).collect();
    if let Some(last) = e.last_mut() {
        *last = 0.0;
    }
    let mut first = vec![0.0; count];
    if let Some(head) = first.first_mut() {
        *head = 1.0;
    }
    for low in 0..count {
        for _ in 0..MOST_ROTATIONS {
            let negligible = |k: usize| e[k].abs() <= f64::EPSILON * (d[k].abs() + d[k + 1].abs());
            let end = (low..count - 1).find(|&k| negligible(k)).unwrap_or(count - 1);
            if end == low {
                break;
            }
            let slope = (d[low + 1] - d[low]) / (2.0 * e[low]);
            let mut g = d[end] - d[low] + e[low] / (slope + slope.hypot(1.0).copysign(slope));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut split = false;
            for k in (low..end).rev() {
                let (f, b) = (s * e[k], c * e[k]);
                let r = f.hypot(g);
                e[k + 1] = r;
                if r == 0.0 {
                    d[k + 1] -= p;
                    e[end] = 0.0;
                    split = true;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = d[k + 1] - p;
                let turned = (d[k] - g) * s + 2.0 * c * b;
                p = s * turned;
                d[k + 1] = g + p;
                g = c * turned - b;
                let upper = first[k + 1];
                first[k + 1] = s * first[k] + c * upper;
                first[k] = c * first[k] - s * upper;
            }
            if !split {
                d[low] -= p;
                e[low] = g;
                e[end] = 0.0;
            }
        }
    }
    d.into_iter().zip(first).map(|(point, entry)| GaussNode { point, weight: entry * entry }).collect()
}

/// Returns the rule of Gauss and Legendre for `∫₀¹ f(x) dx`, exact for polynomials up to degree `2·points − 1`.
pub fn gauss_legendre(points: usize) -> Vec<GaussNode> {
    let off_diagonal: Vec<f64> = (1..points).map(|k| k as f64 / ((4 * k * k - 1) as f64).sqrt()).collect();
    let rule = gauss_rule(&vec![0.0; points], &off_diagonal);
    rule.into_iter().map(|GaussNode { point, weight }| GaussNode { point: 0.5 * (1.0 + point), weight }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `∫₀¹ x^k dx` is exact up to degree `2n − 1`.
    #[test]
    fn legendre_integrates_polynomials() {
        let rule = gauss_legendre(6);
        for power in 0..12 {
            let exact = 1.0 / f64::from(power + 1);
            let sum: f64 = rule.iter().map(|node| node.weight * node.point.powi(power)).sum();
            assert!((sum - exact).abs() < 1e-14, "{power}: {sum}");
        }
    }

    #[test]
    fn one_point_is_the_mean() {
        assert_eq!(gauss_rule(&[3.0], &[]), [GaussNode { point: 3.0, weight: 1.0 }]);
        assert_eq!(gauss_rule(&[], &[]), []);
    }
}
