use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::{ClassLaws, PriorityDiscipline, priority_laws_mmc};
use crate::queues::{
    GreatestArrivalRate, LeastServers, QueueError, ServerObjective, greatest_arrival_rate, least_servers,
};

/// What a class of a station with priorities has to achieve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorityObjective {
    /// Place of the class; 0 is the most urgent.
    pub class: usize,
    /// What urgent jobs do.
    pub discipline: PriorityDiscipline,
    /// The figure that is limited.
    pub objective: ServerObjective,
}

impl PriorityObjective {
    fn figure(&self, classes: &[ClassLaws]) -> Result<f64, QueueError> {
        let class = classes.get(self.class).ok_or_else(|| missing(self.class))?;
        class.figure(self.discipline, self.objective)
    }
}

/// The refusal of a class that is not there.
fn missing(class: usize) -> QueueError {
    QueueError::Domain { parameter: "class", value: class as f64, domain: "one of the classes, counted from 0" }
}

/// Returns the least number of servers of an M/M/c queue with priorities with which a class meets its objective, `None`
/// where no number does.
///
/// # Method
///
/// [`least_servers`] from the least stable number on.
///
/// # Errors
///
/// Those of [`ClassLaws::figure`] and [`priority_laws_mmc`]; [`QueueError::Domain`] for a class that is not there, and for
/// a load that 10⁹ servers do not carry.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{PriorityDiscipline, PriorityObjective, ServerObjective, priority_min_servers};
/// use capplan_queueing::units::{ArrivalRate, Probability, Seconds, ServiceRate};
///
/// let rates = [ArrivalRate::new(30.0)?, ArrivalRate::new(50.0)?];
/// let objective = ServerObjective::WaitingTimeQuantile(Probability::new(0.99)?, Seconds::new(0.1)?);
/// let least = |class| {
///     let objective = PriorityObjective { class, discipline: PriorityDiscipline::NonPreemptive, objective };
///     priority_min_servers(&rates, ServiceRate::new(1.0).ok()?, &objective).ok()?
/// };
/// assert!(least(0).is_some_and(|urgent| least(1).is_some_and(|other| urgent.servers < other.servers)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn priority_min_servers(
    arrival_rates: &[ArrivalRate],
    service_rate: ServiceRate,
    objective: &PriorityObjective,
) -> Result<Option<LeastServers>, QueueError> {
    let load = arrival_rates.iter().map(|rate| rate.get()).sum::<f64>() / service_rate.get();
    if load.is_nan() || load >= Servers::MAX as f64 {
        let domain = "below 10^9, the most servers counted";
        return Err(QueueError::Domain { parameter: "offered load", value: load, domain });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ load < 10⁹")]
    let first = load as u64 + 1;
    least_servers(first, objective.objective.limit(), |servers| {
        objective.figure(&priority_laws_mmc(arrival_rates, service_rate, servers)?)
    })
}

/// Returns the greatest arrival rate of a class, those of the others as they are, at which it meets its objective; `None`
/// where it does not even without arrivals of its own.
///
/// `laws` solves the station for given arrival rates, as [`priority_laws_mmc`] does for its servers; `ceiling` is the
/// rate of the class at which the station overloads.
///
/// # Method
///
/// [`greatest_arrival_rate`]: more jobs of a class make each of them wait longer.
///
/// # Errors
///
/// Those of [`ClassLaws::figure`] and of `laws`; [`QueueError::Domain`] for a class that is not there.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{
///     PriorityDiscipline, PriorityObjective, ServerObjective, priority_laws_mmc, priority_max_arrival_rate,
/// };
/// use capplan_queueing::units::{ArrivalRate, Seconds, Servers, ServiceRate};
///
/// // The most urgent of those that interrupt has M/M/1 for itself: W = 1/(μ − λ) ≤ 2 s up to λ = 0.5.
/// let rates = [ArrivalRate::new(0.1)?, ArrivalRate::new(0.4)?];
/// let objective = PriorityObjective {
///     class: 0,
///     discipline: PriorityDiscipline::PreemptiveResume,
///     objective: ServerObjective::SojournTime(Seconds::new(2.0)?),
/// };
/// let (service_rate, servers) = (ServiceRate::new(1.0)?, Servers::new(1)?);
/// let greatest = priority_max_arrival_rate(&rates, ArrivalRate::new(0.6)?, &objective, |rates| {
///     priority_laws_mmc(rates, service_rate, servers)
/// })?;
/// assert!((greatest.map_or(0.0, |greatest| greatest.arrival_rate) - 0.5).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn priority_max_arrival_rate(
    arrival_rates: &[ArrivalRate],
    ceiling: ArrivalRate,
    objective: &PriorityObjective,
    laws: impl Fn(&[ArrivalRate]) -> Result<Vec<ClassLaws>, QueueError>,
) -> Result<Option<GreatestArrivalRate>, QueueError> {
    greatest_arrival_rate(ceiling, objective.objective.limit(), |own| {
        let mut rates = arrival_rates.to_vec();
        *rates.get_mut(objective.class).ok_or_else(|| missing(objective.class))? = own;
        objective.figure(&laws(&rates)?)
    })
}

#[cfg(test)]
mod tests {
    use crate::units::{Probability, Seconds};

    use super::super::PriorityClass;
    use super::super::priority_laws_mg1;
    use super::*;

    fn rates(values: &[f64]) -> Vec<ArrivalRate> {
        values.iter().map(|&value| ArrivalRate::new(value).expect("rate")).collect()
    }

    fn within(class: usize, discipline: PriorityDiscipline, probability: f64, seconds: f64) -> PriorityObjective {
        let probability = Probability::new(probability).expect("probability");
        let objective = ServerObjective::SojournTimeQuantile(probability, Seconds::new(seconds).expect("time"));
        PriorityObjective { class, discipline, objective }
    }

    fn one() -> ServiceRate {
        ServiceRate::new(1.0).expect("rate")
    }

    #[test]
    fn one_server_fewer_is_too_few() {
        let rates = rates(&[30.0, 50.0, 10.0]);
        for discipline in [PriorityDiscipline::NonPreemptive, PriorityDiscipline::PreemptiveResume] {
            let objective = within(2, discipline, 0.99, 5.0);
            let least = priority_min_servers(&rates, one(), &objective).expect("solved").expect("met");
            assert!(least.value <= 5.0);
            let fewer = Servers::new(least.servers.get() - 1).expect("count");
            let value = objective.figure(&priority_laws_mmc(&rates, one(), fewer).expect("stable")).expect("a figure");
            assert!(value > 5.0, "{discipline:?}: {value}");
        }
    }

    /// The search goes up to 10⁹ servers, where almost all states are out of reach.
    #[test]
    fn service_alone_may_be_too_slow() {
        for discipline in [PriorityDiscipline::NonPreemptive, PriorityDiscipline::PreemptiveResume] {
            let least = priority_min_servers(&rates(&[3.0, 5.0]), one(), &within(1, discipline, 0.99, 1.0));
            assert_eq!(least, Ok(None));
        }
    }

    #[test]
    fn a_rate_a_hair_higher_misses_the_limit() {
        let class = |arrival_rate: ArrivalRate| PriorityClass {
            arrival_rate,
            service_time: Seconds::new(1.0).expect("time"),
            service_scv: 2.0,
        };
        let solve = |rates: &[ArrivalRate]| {
            priority_laws_mg1(&rates.iter().map(|&rate| class(rate)).collect::<Vec<PriorityClass>>())
        };
        for discipline in [PriorityDiscipline::NonPreemptive, PriorityDiscipline::PreemptiveResume] {
            let objective = within(1, discipline, 0.95, 20.0);
            let ceiling = ArrivalRate::new(0.7).expect("rate");
            let greatest = priority_max_arrival_rate(&rates(&[0.3, 0.1]), ceiling, &objective, solve);
            let greatest = greatest.expect("solved").expect("met");
            assert!(greatest.value <= 20.0 && greatest.arrival_rate > 0.1);
            let more = solve(&rates(&[0.3, greatest.arrival_rate * (1.0 + 1e-6)])).expect("stable");
            assert!(objective.figure(&more).expect("a figure") > 20.0);
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let ask = |objective: &PriorityObjective| {
            priority_min_servers(&rates(&[3.0, 5.0]), one(), objective).map_err(|error| error.to_string())
        };
        let beyond = within(2, PriorityDiscipline::NonPreemptive, 0.9, 5.0);
        assert_eq!(ask(&beyond), Err("class of 2 is not one of the classes, counted from 0".to_owned()));
        let wait = ServerObjective::WaitingTimeQuantile(
            Probability::new(0.9).expect("probability"),
            Seconds::new(1.0).expect("time"),
        );
        let wait = PriorityObjective { class: 1, discipline: PriorityDiscipline::PreemptiveResume, objective: wait };
        let message =
            "quantile of 0.9 is not known for a wait with interruptions; limit the quantile of the sojourn time";
        assert_eq!(ask(&wait), Err(message.to_owned()));
        let crowded =
            priority_min_servers(&rates(&[1e9]), one(), &within(0, PriorityDiscipline::NonPreemptive, 0.9, 5.0));
        let message = "offered load of 1000000000 is not below 10^9, the most servers counted";
        assert_eq!(crowded.map_err(|error| error.to_string()), Err(message.to_owned()));
    }
}
