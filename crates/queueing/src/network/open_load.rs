use super::scaled::Scaled;
use super::{NetworkError, StationKind};

/// The most entries of a list of speeds at a station that open and closed classes share: the work grows with the square.
const MOST_SPEEDS: usize = 10_000;

/// The most servers of such a station: the work grows with them.
const MOST_SERVERS: u64 = 10_000_000;

/// Returns the speed that a station with open load leaves to 1, 2, … closed jobs, up to `most` entries.
///
/// # Formula
///
/// With `α(j)` the speed with `j` jobs of any class and `ρ` the offered load of the open classes, `n` closed jobs have
/// the weight `F(n)` of all numbers `m` of open jobs beside them:
///
/// ```text
/// F(n) = Σ_{m≥0} C(n+m, m)·ρ^m / Π_{i ≤ n+m} α(i),   β(n) = F(n − 1)/F(n)
/// ```
///
/// The closed classes are a network of their own with the speeds `β` (BCMP). An open job that arrives beside `n` closed
/// ones stays `(n + 1)/β(n + 1)` service times, since `Σ m·C(n+m, m)·… = (n + 1)·ρ·F(n + 1)`.
///
/// # Special cases
///
/// `β(n) = α(n)` for `ρ = 0`; `β(n) = 1 − ρ` for one server; `β(n) = α(b) − ρ` for `n ≥ b`, the number from which the
/// speed no longer changes.
///
/// # Errors
///
/// [`NetworkError::Overloaded`] when the open load fills the station; [`NetworkError::Unsupported`] for more than ten million
/// servers or ten thousand speeds.
///
/// # References
///
/// [Baskett75](crate::references#baskett75), [Bolch06](crate::references#bolch06) §8.
pub(super) fn speeds_left(
    kind: &StationKind,
    load: f64,
    most: usize,
    station: usize,
) -> Result<Vec<f64>, NetworkError> {
    let full = |speed: f64| {
        if load < speed { Ok(()) } else { Err(NetworkError::Overloaded { station, load, speed }) }
    };
    match kind {
        StationKind::Delay => Ok((1..=most.max(1)).map(|jobs| jobs as f64).collect()),
        StationKind::Servers(servers) => {
            full(servers.get() as f64)?;
            if servers.get() > MOST_SERVERS {
                return Err(NetworkError::Unsupported {
                    what: "a station of more than 10000000 servers",
                    by: "the method for open and closed classes together",
                    instead: "make it a delay station, where nobody waits",
                });
            }
            let servers = usize::try_from(servers.get()).unwrap_or(usize::MAX);
            Ok(servers_left(servers, load, most.clamp(1, servers)))
        }
        StationKind::LoadDependent(speeds) => {
            let Some(&last) = speeds.last() else {
                return Err(NetworkError::Empty { what: "a station's list of speeds" });
            };
            full(last)?;
            if speeds.len() > MOST_SPEEDS {
                return Err(NetworkError::Unsupported {
                    what: "a list of more than 10000 speeds",
                    by: "the method for open and closed classes together",
                    instead: "end the list where the speed changes little; its last entry holds for more jobs",
                });
            }
            Ok(list_left(speeds, last, load, most.clamp(1, speeds.len())))
        }
    }
}

/// `β(1) … β(most)` of `c` servers, `most ≤ c`.
///
/// `F(n)` is split where the last server becomes busy, `n + m = c`. Below, ratios are Erlang's `B(j)` of `j` servers;
/// above, `y_n` is the weight of exactly `c` jobs over that of `c` or more:
///
/// ```text
/// B(0) = 1,   B(j) = ρ·B(j−1)/(j + ρ·B(j−1)),   1 − B(j) = j/(j + ρ·B(j−1))
/// y_0 = (c − ρ)/c,   y_n = (c − ρ)·y_{n−1}·j / (c·y_{n−1}·j + ρ·n),   j = c − n + 1
/// 1/β(n) = [y_{n−1}·j/n·(1 − B(c−n) + B(c−n)·c/(c−ρ)) + ρ·B(c−n)/(c−ρ)] / (ρ·B(c−n) + y_{n−1}·j)
/// ```
///
/// Every term is positive and no larger than the answer: nothing cancels or overflows, at `O(c)` steps.
fn servers_left(servers: usize, load: f64, most: usize) -> Vec<f64> {
    if load == 0.0 {
        return (1..=most).map(|jobs| jobs as f64).collect();
    }
    let count = servers as f64;
    let spare = count - load;
    // B(j) and 1 − B(j), of the last ones.
    let mut losses = Vec::with_capacity(most);
    let (mut loss, mut served) = (1.0, 0.0);
    for j in 1..=servers {
        if j + most > servers {
            losses.push((loss, served));
        }
        let sum = load.mul_add(loss, j as f64);
        served = j as f64 / sum;
        loss = load * loss / sum;
    }
    let mut share = spare / count;
    (1..=most)
        .zip(losses.iter().rev())
        .map(|(jobs, &(loss, served))| {
            let (n, j) = (jobs as f64, (servers - jobs + 1) as f64);
            let below = share * j;
            let slowness =
                (below / n * (served + loss * (count / spare)) + load * (loss / spare)) / (load * loss + below);
            share = spare * below / (count * below + load * n);
            slowness.recip()
        })
        .collect()
}

/// `β(1) … β(most)` of a list of `b` speeds, `most ≤ b`.
///
/// In units of the term with exactly `b` jobs, the terms with fewer are summed downwards and those with more follow
/// `P_0 = α(b)/(α(b) − ρ)`, `(α(b) − ρ)·P_n = P_{n−1}·ρ·n/(b − n + 1) + α(b)`. `O(b)` steps an entry.
fn list_left(speeds: &[f64], last: f64, load: f64, most: usize) -> Vec<f64> {
    if load == 0.0 {
        return speeds[..most].to_vec();
    }
    let (levels, spare) = (speeds.len(), last - load);
    let below = |n: usize| {
        let (mut term, mut sum) = (Scaled::ONE, Scaled::ZERO);
        for j in (n..levels).rev() {
            term = term.times((j + 1 - n) as f64 / (j + 1) as f64 * (speeds[j] / load));
            sum = sum.plus(term);
        }
        sum
    };
    let mut above = Scaled::ONE.times(last / spare);
    let mut before = above.plus(below(0));
    (1..=most)
        .map(|n| {
            let ratio = load * n as f64 / (levels - n + 1) as f64;
            above = above.times(ratio / spare).plus(Scaled::ONE.times(last / spare));
            let here = above.plus(below(n));
            let speed = ratio * before.over(here);
            before = here;
            speed
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::units::Servers;

    /// What rounding leaves.
    const ROUNDING: f64 = 1e-12;

    fn servers(count: u64) -> StationKind {
        StationKind::Servers(Servers::new(count).expect("count"))
    }

    fn left(kind: &StationKind, load: f64, most: usize) -> Vec<f64> {
        speeds_left(kind, load, most, 0).expect("spare")
    }

    /// `F(n)` summed term by term.
    fn weight(speeds: &[f64], load: f64, n: usize) -> f64 {
        let speed = |jobs: usize| speeds[jobs.min(speeds.len()) - 1];
        let mut term: f64 = (1..=n).map(|jobs| speed(jobs).recip()).product();
        let (mut sum, mut m) = (term, 0);
        while term > sum * 1e-18 || m < speeds.len() {
            m += 1;
            term *= (n + m) as f64 / m as f64 * load / speed(n + m);
            sum += term;
        }
        sum
    }

    #[test]
    fn one_server_leaves_what_the_open_classes_do_not_use() {
        assert_eq!(left(&StationKind::SINGLE, 0.75, 9), [0.25]);
        assert_eq!(left(&servers(3), 0.0, 9), [1.0, 2.0, 3.0]);
        assert_eq!(left(&StationKind::LoadDependent(vec![1.0, 0.5]), 0.0, 1), [1.0]);
    }

    #[test]
    fn heavy_load_and_many_servers_stay_in_range() {
        for count in [1_u64, 2, 100, 10_000, 1_000_000] {
            for share in [1e-300, 1e-9, 0.1, 0.5, 0.9, 0.999, 0.999_999] {
                let load = share * count as f64;
                let speeds = left(&servers(count), load, usize::MAX);
                let (first, last) = (speeds[0], speeds[speeds.len() - 1]);
                assert!(first > 0.0 && first <= 1.0, "{count} {share}: {first}");
                assert!((last / (count as f64 - load) - 1.0).abs() < ROUNDING, "{count} {share}: {last}");
                for pair in speeds.windows(2) {
                    assert!(pair[1] >= pair[0] * (1.0 - ROUNDING), "{count} {share}: {pair:?}");
                }
            }
        }
    }

    #[test]
    fn a_full_station_is_refused() {
        assert_eq!(
            speeds_left(&servers(4), 4.5, 3, 2).expect_err("full").to_string(),
            "station 2: offered load of 4.5 is too much for a speed of 4; lower the arrival rates, or give it more servers"
        );
        assert_eq!(
            speeds_left(&servers(10_000_001), 4.5, 3, 2).expect_err("many").to_string(),
            "the method for open and closed classes together does not take a station of more than 10000000 servers; make \
             it a delay station, where nobody waits"
        );
        assert_eq!(
            speeds_left(&StationKind::LoadDependent(vec![1.0; 10_001]), 0.5, 3, 2).expect_err("long").to_string(),
            "the method for open and closed classes together does not take a list of more than 10000 speeds; end the \
             list where the speed changes little; its last entry holds for more jobs"
        );
    }

    proptest! {
        #[test]
        fn servers_and_lists_are_the_sum_term_by_term(
            count in 1..40_u64, share in 0.01..0.97_f64, curve in prop::collection::vec(0.2..4.0_f64, 1..12),
        ) {
            let list: Vec<f64> = (1..=count).map(|jobs| jobs as f64).collect();
            let load = share * count as f64;
            let as_servers = left(&servers(count), load, 50);
            let as_list = left(&StationKind::LoadDependent(list.clone()), load, 50);
            for (n, (one, other)) in as_servers.iter().zip(&as_list).enumerate() {
                let want = weight(&list, load, n) / weight(&list, load, n + 1);
                prop_assert!((one / want - 1.0).abs() < ROUNDING, "{n}: {one} {want}");
                prop_assert!((other / want - 1.0).abs() < ROUNDING, "{n}: {other} {want}");
            }
            let load = share * curve[curve.len() - 1];
            for (n, got) in left(&StationKind::LoadDependent(curve.clone()), load, 50).iter().enumerate() {
                let want = weight(&curve, load, n) / weight(&curve, load, n + 1);
                prop_assert!((got / want - 1.0).abs() < ROUNDING, "{n}: {got} {want}");
            }
        }
    }
}
