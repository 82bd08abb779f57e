use nalgebra::{DMatrix, DVector};

use super::NetworkError;

/// How far a row of shares may exceed 1: decimal shares do not sum exactly in binary.
const ROW_TOLERANCE: f64 = 1e-9;

/// A share of jobs that leave below this is rounding: nobody leaves from there.
const EXIT_TOLERANCE: f64 = 1e-13;

/// Returns the arrival rate at every station of an open network.
///
/// # Formula
///
/// ```text
/// λ = γ + Pᵀ·λ      (λ_j = γ_j + Σ_i λ_i·P_ij)
/// ```
///
/// with `γ` = `external` arrivals and `P` = `routing`, `routing[i][j]` the share of the jobs leaving `i` that go to
/// `j`; what is left of a row leaves the network.
///
/// # Method
///
/// LU decomposition of `I − Pᵀ` with partial pivoting. The result loses as many digits as the largest visit ratio has:
/// a job that returns with probability 0.999999 keeps ten digits.
///
/// # Errors
///
/// [`NetworkError::Empty`], [`NetworkError::Shape`], [`NetworkError::Value`] for a negative or infinite rate or share, [`NetworkError::Leak`] for
/// a row above 1, [`NetworkError::Trapped`] for a station from which no job leaves.
///
/// # References
///
/// [Jackson57](crate::references#jackson57), [Bolch06](crate::references#bolch06) §7.1.
pub fn arrival_rates(external: &[f64], routing: &[Vec<f64>]) -> Result<Vec<f64>, NetworkError> {
    let stations = external.len();
    if stations == 0 {
        return Err(NetworkError::Empty { what: "the list of external arrival rates" });
    }
    check(external, routing)?;
    check_exits(routing)?;
    let system = DMatrix::from_fn(stations, stations, |row, column| {
        let unit = if row == column { 1.0 } else { 0.0 };
        unit - routing[column][row]
    });
    let solution = system
        .lu()
        .solve(&DVector::from_row_slice(external))
        .ok_or(NetworkError::Trapped { station: 0, routed: routing[0].iter().sum() })?;
    // A flow of nothing may come out as −1e-17.
    Ok(solution.iter().map(|&rate| if rate < 0.0 { 0.0 } else { rate }).collect())
}

/// Mean number of times that a job goes from one station to another, `V_i·P_ij`.
pub fn mean_moves(visits: &[f64], routing: &[Vec<f64>]) -> Vec<Vec<f64>> {
    routing.iter().zip(visits).map(|(row, visits)| row.iter().map(|share| share * visits).collect()).collect()
}

fn check(external: &[f64], routing: &[Vec<f64>]) -> Result<(), NetworkError> {
    let stations = external.len();
    if routing.len() != stations {
        return Err(NetworkError::Shape { what: "routing", found: routing.len(), stations });
    }
    for (station, &rate) in external.iter().enumerate() {
        if !(rate >= 0.0 && rate.is_finite()) {
            let domain = "finite and at least 0";
            return Err(NetworkError::Value { what: "external arrival rate", station, value: rate, domain });
        }
    }
    for (station, row) in routing.iter().enumerate() {
        if row.len() != stations {
            return Err(NetworkError::Shape { what: "a row of routing", found: row.len(), stations });
        }
        if let Some(&share) = row.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            let domain = "between 0 and 1";
            return Err(NetworkError::Value { what: "a routing share", station, value: share, domain });
        }
        let sum: f64 = row.iter().sum();
        if sum > 1.0 + ROW_TOLERANCE {
            return Err(NetworkError::Leak { station, sum });
        }
    }
    Ok(())
}

/// Every station must have a path to one whose row sums to less than 1.
fn check_exits(routing: &[Vec<f64>]) -> Result<(), NetworkError> {
    let mut leaves: Vec<bool> = routing.iter().map(|row| row.iter().sum::<f64>() < 1.0 - EXIT_TOLERANCE).collect();
    // Each round adds the stations that lead directly to one that leaves.
    for _ in 0..routing.len() {
        let mut changed = false;
        for (station, row) in routing.iter().enumerate() {
            if !leaves[station] && row.iter().zip(&leaves).any(|(&share, &exits)| share > 0.0 && exits) {
                leaves[station] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    match leaves.iter().position(|&exits| !exits) {
        None => Ok(()),
        Some(station) => Err(NetworkError::Trapped { station, routed: routing[station].iter().sum() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_job_that_returns_with_probability_p_visits_one_over_one_minus_p_times() {
        let rates = arrival_rates(&[5.0], &[vec![0.75]]).expect("jobs leave");
        assert!((rates[0] - 20.0).abs() < 1e-12);
    }

    #[test]
    fn flow_is_conserved() {
        let routing = vec![vec![0.0, 0.5, 0.3], vec![0.2, 0.0, 0.8], vec![0.1, 0.0, 0.0]];
        let external = [3.0, 1.0, 0.0];
        let rates = arrival_rates(&external, &routing).expect("jobs leave");
        let leaving: f64 = rates.iter().zip(&routing).map(|(rate, row)| rate * (1.0 - row.iter().sum::<f64>())).sum();
        assert!((leaving - 4.0).abs() < 1e-12);
    }

    proptest! {
        /// What comes in goes out, at every station and in the whole network.
        #[test]
        fn flow_is_conserved_everywhere(
            external in prop::collection::vec(0.0..10.0_f64, 5), shares in prop::collection::vec(0.0..0.199_f64, 25),
        ) {
            let routing: Vec<Vec<f64>> = shares.chunks(5).map(<[f64]>::to_vec).collect();
            let rates = arrival_rates(&external, &routing).expect("jobs leave");
            for station in 0..5 {
                let into: f64 = external[station] + (0..5).map(|from| rates[from] * routing[from][station]).sum::<f64>();
                prop_assert!((into - rates[station]).abs() <= 1e-10 * rates[station].max(1.0));
            }
            let out: f64 = rates.iter().zip(&routing).map(|(rate, row)| rate * (1.0 - row.iter().sum::<f64>())).sum();
            let all: f64 = external.iter().sum();
            prop_assert!((out - all).abs() <= 1e-10 * all.max(1.0));
        }
    }

    #[test]
    fn faults_name_the_station_and_the_number() {
        let trapped = arrival_rates(&[1.0, 0.0], &[vec![0.0, 1.0], vec![1.0, 0.0]]).expect_err("a cycle");
        assert_eq!(
            trapped.to_string(),
            "jobs cannot leave the network from station 0: it routes all of them on, and no path from it leads out"
        );
        let rounded = arrival_rates(&[1.0], &[vec![0.7 + 0.1 + 0.1 + 0.1]]).expect_err("a sum of shares");
        assert_eq!(
            rounded.to_string(),
            "jobs cannot leave the network from station 0: it routes all but 1.1e-16 of them on, which counts as rounding below \
             1e-13, and no path from it leads out"
        );
        assert_eq!(
            arrival_rates(&[], &[]).expect_err("nothing").to_string(),
            "the list of external arrival rates is empty; a network needs at least one station and one class"
        );
        let leak = arrival_rates(&[1.0, 0.0], &[vec![0.0, 0.75], vec![0.75, 0.5]]).expect_err("a leak");
        assert_eq!(leak.to_string(), "station 1 routes 1.25 of its jobs; shares must sum to at most 1");
        let negative = arrival_rates(&[-1.0], &[vec![0.0]]).expect_err("negative");
        assert_eq!(negative.to_string(), "external arrival rate of station 0 is -1; it must be finite and at least 0");
    }
}
