use crate::units::{ArrivalRate, Probability, Servers, ServiceRate};

use super::AvailabilityError;

/// What a database does with more than it can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overload {
    /// It serves what it can and refuses the rest.
    Shed,
    /// It serves nothing: every answer comes too late.
    Collapse,
}

/// A cache in front of a database that may or may not carry the load without it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CachedDatabase {
    /// Reads per second, before the cache.
    pub read_rate: ArrivalRate,
    /// Writes per second; all go to the database.
    pub write_rate: ArrivalRate,
    /// Share of reads that the cache answers while it is up.
    pub hit_ratio: Probability,
    /// Parallel servers of the database.
    pub servers: Servers,
    /// Requests per second of one of them.
    pub service_rate: ServiceRate,
    /// Utilization up to which the database serves everything.
    pub max_utilization: Probability,
    /// What it does beyond.
    pub overload: Overload,
}

/// How often the cache, the database and everything else are down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DependencyFaults {
    /// Unavailability of the cache.
    pub cache: Probability,
    /// Unavailability of the database.
    pub database: Probability,
    /// Unavailability of all other parts, in series.
    pub others: Probability,
}

/// What a soft dependency leaves of the availability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoftDependency {
    /// Utilization of the database with the cache up; may exceed 1.
    pub utilization_cache_up: f64,
    /// Utilization of the database with the cache down; may exceed 1.
    pub utilization_cache_down: f64,
    /// Whether the database serves everything without the cache.
    pub carries_cache_loss: bool,
    /// Share of requests that are served.
    pub request_availability: f64,
    /// Share of requests that are not, computed for itself.
    pub request_unavailability: f64,
    /// Share of time in which every request is served.
    pub full_service_share: f64,
    /// Least number of database servers that carry the load without the cache.
    pub servers_to_carry_cache_loss: u64,
    /// Least hit ratio with which the database serves everything; `None` when the writes alone are too many.
    pub min_hit_ratio: Option<f64>,
}

/// Returns what is served when a cache that is no part of the promise is lost.
///
/// # Formula
///
/// ```text
/// limit = servers·μ·ρ_max     load = reads·(1 − h) + writes with the cache up, reads + writes with it down
/// q = 1 where load ≤ limit;  else (hits + limit)/requests when shedding, 0 when collapsing
/// A = A_others·A_db·(A_cache·q_up + (1 − A_cache)·q_down)
/// ```
///
/// A hit needs the other parts and the database up as any request does.
///
/// # Accuracy
///
/// Exact under the assumptions; the unavailability is a sum of positive terms.
///
/// # Errors
///
/// [`AvailabilityError::OutOfDomain`] without requests, with a highest utilization of 0, or when more than 10⁹ servers
/// would be needed.
///
/// # References
///
/// [Trivedi17](crate::references#trivedi17) ch. 5, conditioning on a part.
pub fn soft_dependency(
    system: &CachedDatabase,
    faults: &DependencyFaults,
) -> Result<SoftDependency, AvailabilityError> {
    let (reads, writes, hits) = (system.read_rate.get(), system.write_rate.get(), system.hit_ratio.get());
    let refused = |what, value, domain| Err(AvailabilityError::OutOfDomain { what, value, domain });
    if reads + writes == 0.0 {
        return refused("rate of requests", 0.0, "above 0");
    }
    if system.max_utilization.get() == 0.0 {
        return refused("highest utilization of the database", 0.0, "above 0");
    }
    let per_server = system.service_rate.get() * system.max_utilization.get();
    let capacity = system.servers.get() as f64 * system.service_rate.get();
    let limit = system.servers.get() as f64 * per_server;
    let (up, down) = (reads * (1.0 - hits) + writes, reads + writes);
    let servers = (down / per_server).ceil().max(1.0);
    if servers > Servers::MAX as f64 {
        return refused("number of servers to carry the loss of the cache", servers, "at most 1,000,000,000");
    }
    // The share of requests that is lost in each state of the cache.
    let lost = |load: f64| match system.overload {
        _ if load <= limit => 0.0,
        Overload::Shed => (load - limit) / (reads + writes),
        Overload::Collapse => 1.0,
    };
    let (lost_up, lost_down) = (lost(up), lost(down));
    let (cache, database, others) = (faults.cache.get(), faults.database.get(), faults.others.get());
    let lost_here = (1.0 - cache) * lost_up + cache * lost_down;
    let below = database + others * (1.0 - database);
    let served = (1.0 - cache) * (1.0 - lost_up) + cache * (1.0 - lost_down);
    let base = (1.0 - database) * (1.0 - others);
    let fits = |lost: f64| if lost == 0.0 { 1.0 } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e9")]
    let servers_to_carry_cache_loss = servers as u64;
    Ok(SoftDependency {
        utilization_cache_up: up / capacity,
        utilization_cache_down: down / capacity,
        carries_cache_loss: lost_down == 0.0,
        request_availability: base * served,
        request_unavailability: below + lost_here * base,
        full_service_share: base * ((1.0 - cache) * fits(lost_up) + cache * fits(lost_down)),
        servers_to_carry_cache_loss,
        min_hit_ratio: (writes <= limit).then(|| if down <= limit { 0.0 } else { (down - limit) / reads }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(value: f64) -> Probability {
        Probability::new(value).expect("a probability")
    }

    fn system(reads: f64, writes: f64, overload: Overload) -> CachedDatabase {
        CachedDatabase {
            read_rate: ArrivalRate::new(reads).expect("a rate"),
            write_rate: ArrivalRate::new(writes).expect("a rate"),
            hit_ratio: p(0.5),
            servers: Servers::new(2).expect("a count"),
            service_rate: ServiceRate::new(100.0).expect("a rate"),
            max_utilization: p(0.5),
            overload,
        }
    }

    fn solve(system: &CachedDatabase, cache: f64, rest: f64) -> SoftDependency {
        let faults = DependencyFaults { cache: p(cache), database: p(rest), others: p(0.0) };
        soft_dependency(system, &faults).expect("an answer")
    }

    #[test]
    fn a_cache_that_the_database_can_do_without_is_no_dependency() {
        let answer = solve(&system(60.0, 20.0, Overload::Collapse), 0.5, 1e-15);
        assert!(answer.carries_cache_loss);
        assert_eq!((answer.request_unavailability, answer.min_hit_ratio), (1e-15, Some(0.0)));
    }

    #[test]
    fn shedding_serves_what_fits() {
        // Limit 100. Cache down: 200 arrive, half is shed. Cache up: 110 reach the database, 10 of 200 are shed.
        let answer = solve(&system(180.0, 20.0, Overload::Shed), 0.1, 0.0);
        assert!((answer.request_unavailability - (0.9 * 0.05 + 0.1 * 0.5)).abs() < 1e-15);
        assert!((answer.request_availability + answer.request_unavailability - 1.0).abs() < 1e-15);
        assert_eq!((answer.full_service_share, answer.servers_to_carry_cache_loss), (0.0, 4));
    }

    #[test]
    fn a_cache_that_is_needed_is_a_part_in_series() {
        let answer = solve(&system(150.0, 20.0, Overload::Collapse), 1e-9, 1e-9);
        assert!((answer.request_unavailability - 2e-9).abs() < 2e-18);
        assert!((answer.min_hit_ratio.expect("writes fit") - 70.0 / 150.0).abs() < 1e-15);
    }

    #[test]
    fn writes_alone_may_be_too_many() {
        assert_eq!(solve(&system(1.0, 101.0, Overload::Shed), 0.0, 0.0).min_hit_ratio, None);
    }

    #[test]
    fn nothing_to_do_is_refused() {
        let faults = DependencyFaults { cache: p(0.0), database: p(0.0), others: p(0.0) };
        let error = soft_dependency(&system(0.0, 0.0, Overload::Shed), &faults).expect_err("refused");
        assert_eq!(error.to_string(), "rate of requests of 0 is not above 0");
        let closed = CachedDatabase { max_utilization: p(0.0), ..system(1.0, 0.0, Overload::Shed) };
        let error = soft_dependency(&closed, &faults).expect_err("refused");
        assert_eq!(error.to_string(), "highest utilization of the database of 0 is not above 0");
    }
}
