use super::StationKind;

/// Returns whether the times that a job spends at its stations are independent of one another, in a product-form network
/// in order of arrival.
///
/// `own[i][j]` is above 0 where jobs of the class go from `i` to `j`, `all[i][j]` where any job does.
///
/// # Method
///
/// A job that visits a single queue, and that once, has nothing to depend on. Otherwise no way may be overtaken (Walrand
/// and Varaiya): between any two queues that a job visits leads one way only, for jobs of all classes; whoever is between
/// the first and the last queue is at a station of one server. The first and the last queue may have several.
///
/// # References
///
/// [Walrand80](crate::references#walrand80), [Burke69](crate::references#burke69).
pub fn visits_independent(own: &[Vec<f64>], all: &[Vec<f64>], stations: &[StationKind]) -> bool {
    let (own_ways, all_ways) = (reachable(own), reachable(all));
    let queues = |ways: &[Vec<bool>], station: usize| {
        let visited = ways.iter().any(|row| row[station]) || ways[station].iter().any(|&on| on);
        visited && stations[station] != StationKind::Delay
    };
    let visited: Vec<usize> = (0..stations.len()).filter(|&station| queues(&own_ways, station)).collect();
    for &first in &visited {
        // Whoever comes back meets those whom it left behind.
        if own_ways[first][first] {
            return false;
        }
        for &last in visited.iter().filter(|&&last| own_ways[first][last]) {
            // Everything on any way from the first to the last.
            let between: Vec<usize> = (0..stations.len())
                .filter(|&station| {
                    (station == first || all_ways[first][station]) && (station == last || all_ways[station][last])
                })
                .collect();
            for &station in &between {
                let onward = between.iter().filter(|&&next| all[station][next] > 0.0).count();
                let expected = usize::from(station != last);
                let inside = station != first && station != last;
                if onward != expected || inside && !stations[station].is_single() {
                    return false;
                }
            }
        }
    }
    true
}

/// Whether a way of at least one step leads from one station to another.
fn reachable(flows: &[Vec<f64>]) -> Vec<Vec<bool>> {
    (0..flows.len())
        .map(|from| {
            let mut seen = vec![false; flows.len()];
            let mut open = vec![from];
            while let Some(station) = open.pop() {
                for (next, &flow) in flows[station].iter().enumerate() {
                    if flow > 0.0 && !seen[next] {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
            seen
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::StationKind::Delay;
    use super::*;
    use crate::units::Servers;

    const SINGLE: StationKind = StationKind::SINGLE;

    fn several() -> StationKind {
        StationKind::Servers(Servers::new(2).expect("two"))
    }

    fn flows(count: usize, ways: &[(usize, usize)]) -> Vec<Vec<f64>> {
        let mut flows = vec![vec![0.0; count]; count];
        for &(from, to) in ways {
            flows[from][to] = 1.0;
        }
        flows
    }

    fn own(stations: &[StationKind], ways: &[(usize, usize)]) -> bool {
        let flows = flows(stations.len(), ways);
        visits_independent(&flows, &flows, stations)
    }

    #[test]
    fn only_the_ends_of_a_row_may_have_several_servers() {
        assert!(own(&[several(), SINGLE, several()], &[(0, 1), (1, 2)]));
        assert!(!own(&[SINGLE, several(), SINGLE], &[(0, 1), (1, 2)]));
        assert!(own(&[several(), several()], &[(0, 1)]));
    }

    #[test]
    fn a_tree_has_no_short_cut_and_a_triangle_has() {
        assert!(own(&[SINGLE; 5], &[(0, 1), (0, 2), (2, 3), (2, 4)]));
        assert!(!own(&[SINGLE; 3], &[(0, 1), (1, 2), (0, 2)]));
    }

    #[test]
    fn a_job_that_returns_meets_those_it_left_behind() {
        assert!(!own(&[SINGLE], &[(0, 0)]));
        assert!(!own(&[SINGLE; 2], &[(0, 1), (1, 0)]));
        assert!(!own(&[SINGLE, Delay], &[(0, 1), (1, 0)]));
    }

    #[test]
    fn delays_before_and_after_do_no_harm_but_between_queues_they_do() {
        assert!(own(&[Delay, SINGLE, Delay], &[(0, 1), (1, 2)]));
        assert!(!own(&[SINGLE, Delay, SINGLE], &[(0, 1), (1, 2)]));
        assert!(own(&[Delay, Delay], &[(0, 1), (1, 0)]));
    }

    #[test]
    fn the_short_cut_of_another_class_counts() {
        let row = flows(3, &[(0, 1), (1, 2)]);
        let with_short_cut = flows(3, &[(0, 1), (1, 2), (0, 2)]);
        assert!(!visits_independent(&row, &with_short_cut, &[SINGLE; 3]));
        let returning = flows(3, &[(0, 1), (1, 2), (2, 0)]);
        assert!(!visits_independent(&row, &returning, &[SINGLE; 3]));
    }

    /// One queue visited once is in equilibrium when the job arrives, whatever the others do.
    #[test]
    fn one_queue_alone_is_never_in_doubt() {
        let own = flows(2, &[(0, 1)]);
        let others = flows(2, &[(0, 1), (1, 1)]);
        assert!(visits_independent(&own, &others, &[Delay, SINGLE]));
    }
}
