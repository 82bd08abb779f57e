use super::{Branch, NetworkError};

/// The most branches that calls may expand into.
pub const MAX_BRANCHES: usize = 4096;

/// How far the probabilities of alternatives may be from 1 in sum.
const SUM_TOLERANCE: f64 = 1e-9;

/// What a step of a request adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Visits to each station.
    pub visits: Vec<u32>,
    /// Time that is the same for all calls, in seconds.
    pub fixed_time: f64,
}

/// How often a failed call is tried again, and how long after.
#[derive(Debug, Clone, PartialEq)]
pub struct Retries {
    /// Probability that an attempt fails, each independent of the others.
    pub failure_probability: f64,
    /// Attempts at most, the first included.
    pub max_attempts: u32,
    /// Pause before each further attempt: the first, the second, …; the last entry holds for all later ones.
    pub pauses: Vec<f64>,
}

/// Adds a call that requests make with `probability`.
///
/// # Formula
///
/// ```text
/// E e^(−sT) = Σ_b p_b·F_b*(s)·((1 − p) + p·X*(s))
/// ```
///
/// as twice as many branches; branches that visit the same stations for the same fixed time become one.
///
/// # Errors
///
/// [`NetworkError::Parameter`] for a probability outside `[0, 1]`, [`NetworkError::Shape`] for a call with another
/// number of stations, [`NetworkError::TooManyCourses`] above [`MAX_BRANCHES`].
pub fn with_optional_call(branches: &[Branch], probability: f64, call: &Call) -> Result<Vec<Branch>, NetworkError> {
    let once = Retries { failure_probability: 0.0, max_attempts: 1, pauses: Vec::new() };
    let alternative = Alternative { probability: 1.0, call: call.clone() };
    with_alternatives(branches, probability, &[alternative], &once)
}

/// Adds a call that is tried again when it fails; a failed attempt takes as long as one that succeeds.
///
/// # Formula
///
/// ```text
/// P(k attempts) = f^(k−1)·(1 − f)   k < m,   f^(m−1)   k = m
/// ```
///
/// with `f` the probability that an attempt fails and `m` the attempts at most. After the last attempt the request goes
/// on, whether it failed or not.
///
/// # Errors
///
/// As [`with_optional_call`]; [`NetworkError::Parameter`] for no attempts or a negative pause.
pub fn with_retries(branches: &[Branch], call: &Call, retries: &Retries) -> Result<Vec<Branch>, NetworkError> {
    with_alternatives(branches, 1.0, &[Alternative { probability: 1.0, call: call.clone() }], retries)
}

/// One of the calls that a step may turn out to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Its probability.
    pub probability: f64,
    /// The call.
    pub call: Call,
}

/// Adds a step that requests take with `probability`, that is one of several calls, anew at each attempt, and that is
/// tried again when it fails.
///
/// # Errors
///
/// As [`with_retries`]; [`NetworkError::BranchSum`] unless the probabilities of the alternatives sum to 1.
pub fn with_alternatives(
    branches: &[Branch],
    probability: f64,
    alternatives: &[Alternative],
    retries: &Retries,
) -> Result<Vec<Branch>, NetworkError> {
    let Retries { failure_probability, max_attempts, ref pauses } = *retries;
    between_0_and_1("probability", probability)?;
    between_0_and_1("failure probability", failure_probability)?;
    if max_attempts == 0 {
        return Err(NetworkError::Parameter { what: "attempts", value: 0.0, domain: "at least 1" });
    }
    if let Some(&value) = pauses.iter().find(|pause| !(**pause >= 0.0 && pause.is_finite())) {
        return Err(NetworkError::Parameter { what: "a pause", value, domain: "finite and at least 0" });
    }
    if usize::try_from(max_attempts).unwrap_or(usize::MAX) > MAX_BRANCHES {
        return Err(NetworkError::TooManyCourses { limit: MAX_BRANCHES });
    }
    let sum: f64 = alternatives.iter().map(|alternative| alternative.probability).sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(NetworkError::BranchSum { sum });
    }
    let stations = alternatives.first().map_or(0, |alternative| alternative.call.visits.len());
    let once: Vec<Outcome> = alternatives.iter().map(|one| Outcome::of(one.probability, &one.call)).collect();
    let mut outcomes = vec![Outcome { probability: 1.0 - probability, call: None }];
    // What all attempts so far have come to.
    let mut so_far = vec![Branch { probability: 1.0, fixed_time: 0.0, visits: vec![0; stations] }];
    let (mut reached, mut paused) = (probability, 0.0);
    for attempt in 1..=max_attempts {
        so_far = expand(&so_far, &once)?;
        let ends = if attempt == max_attempts { 1.0 } else { 1.0 - failure_probability };
        outcomes.extend(so_far.iter().map(|branch| {
            let call = Call { visits: branch.visits.clone(), fixed_time: branch.fixed_time + paused };
            Outcome::of(branch.probability * reached * ends, &call)
        }));
        reached *= failure_probability;
        if reached == 0.0 {
            break;
        }
        let index = usize::try_from(attempt - 1).unwrap_or(usize::MAX);
        paused += pauses.get(index).or(pauses.last()).copied().unwrap_or(0.0);
    }
    expand(branches, &outcomes)
}

/// Returns the mean visits to each station: what a request loads them with, retries included.
pub fn mean_visits(branches: &[Branch]) -> Vec<f64> {
    let stations = branches.iter().map(|branch| branch.visits.len()).max().unwrap_or(0);
    let mut means = vec![0.0; stations];
    for branch in branches {
        for (mean, &visits) in means.iter_mut().zip(&branch.visits) {
            *mean += branch.probability * f64::from(visits);
        }
    }
    means
}

/// What a step comes to.
struct Outcome {
    probability: f64,
    /// Nothing for a step that is left out.
    call: Option<Call>,
}

impl Outcome {
    fn of(probability: f64, call: &Call) -> Self {
        Self { probability, call: Some(call.clone()) }
    }
}

fn expand(branches: &[Branch], outcomes: &[Outcome]) -> Result<Vec<Branch>, NetworkError> {
    let mut expanded: Vec<Branch> = Vec::new();
    for branch in branches {
        for Outcome { probability, call } in outcomes.iter().filter(|outcome| outcome.probability > 0.0) {
            let mut next = Branch { probability: branch.probability * probability, ..branch.clone() };
            if let Some(call) = call {
                if call.visits.len() != branch.visits.len() {
                    let (found, stations) = (call.visits.len(), branch.visits.len());
                    return Err(NetworkError::Shape { what: "visits of a call", found, stations });
                }
                next.fixed_time += call.fixed_time;
                for (visits, more) in next.visits.iter_mut().zip(&call.visits) {
                    *visits = visits.saturating_add(*more);
                }
            }
            let same = |other: &&mut Branch| other.visits == next.visits && other.fixed_time == next.fixed_time;
            match expanded.iter_mut().find(same) {
                Some(other) => other.probability += next.probability,
                None => expanded.push(next),
            }
            if expanded.len() > MAX_BRANCHES {
                return Err(NetworkError::TooManyCourses { limit: MAX_BRANCHES });
            }
        }
    }
    Ok(expanded)
}

fn between_0_and_1(what: &'static str, value: f64) -> Result<(), NetworkError> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(NetworkError::Parameter { what, value, domain: "between 0 and 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::PathLaw;
    use crate::queues::{ServiceLaw, SojournLaw};

    fn start() -> Vec<Branch> {
        vec![Branch { probability: 1.0, fixed_time: 0.5, visits: vec![1, 0] }]
    }

    fn call() -> Call {
        Call { visits: vec![0, 1], fixed_time: 0.0 }
    }

    fn laws() -> Vec<SojournLaw> {
        [2.0, 3.0].map(|mean| SojournLaw::without_waiting(ServiceLaw::Exponential { mean })).to_vec()
    }

    #[test]
    fn an_optional_call_adds_its_share() {
        let branches = with_optional_call(&start(), 0.25, &call()).expect("valid");
        assert_eq!(mean_visits(&branches), [1.0, 0.25]);
        let path = PathLaw::new(branches, laws()).expect("valid");
        assert!((path.mean() - (0.5 + 2.0 + 0.25 * 3.0)).abs() < 1e-14);
    }

    /// Without end, a geometric number of exponential attempts is exponential with the mean of all of them.
    #[test]
    fn endless_retries_of_an_exponential_call_are_exponential() {
        let nothing = vec![Branch { probability: 1.0, fixed_time: 0.0, visits: vec![0] }];
        let call = Call { visits: vec![1], fixed_time: 0.0 };
        let retries = Retries { failure_probability: 0.2, max_attempts: 18, pauses: Vec::new() };
        let branches = with_retries(&nothing, &call, &retries).expect("valid");
        let law = vec![SojournLaw::without_waiting(ServiceLaw::Exponential { mean: 1.0 })];
        let path = PathLaw::new(branches, law).expect("valid");
        assert!((path.mean() - 1.25).abs() < 1e-11);
        for time in [0.1, 1.0, 5.0] {
            assert!((path.tail(time) - (-time / 1.25).exp()).abs() < 1e-10, "{time}: {}", path.tail(time));
        }
    }

    #[test]
    fn pauses_add_up() {
        let retries = Retries { failure_probability: 0.5, max_attempts: 3, pauses: vec![1.0, 2.0] };
        let branches = with_retries(&start(), &call(), &retries).expect("valid");
        let seen: Vec<(f64, f64, u32)> =
            branches.iter().map(|branch| (branch.probability, branch.fixed_time, branch.visits[1])).collect();
        assert_eq!(seen, [(0.5, 0.5, 1), (0.25, 1.5, 2), (0.25, 3.5, 3)]);
        assert_eq!(mean_visits(&branches), [1.0, 1.75]);
    }

    #[test]
    fn faults_name_the_number() {
        let retries = Retries { failure_probability: 1.5, max_attempts: 3, pauses: Vec::new() };
        let message = with_retries(&start(), &call(), &retries).expect_err("no probability").to_string();
        assert_eq!(message, "failure probability is 1.5; it must be between 0 and 1");
        let other = Call { visits: vec![1], fixed_time: 0.0 };
        let message = with_optional_call(&start(), 0.5, &other).expect_err("another network").to_string();
        assert_eq!(message, "visits of a call has 1 entries for 2 stations");
    }
}
