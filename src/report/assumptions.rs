use crate::evaluate::planned_arrival_rate;
use capplan_queueing::cache::{Eviction, Policy};

use crate::model::{
    CacheRole, Discipline, Fleet, FleetRole, MeasuredHits, Redundancy, Resource, System, TierKind, Workload,
};

use super::database::database_assumptions;
use super::format::{count, percent, rate};
use super::network::cost_assumption;
use super::routing::routing_lines;

/// What the figures of a system rest on, in sentences.
pub fn assumptions(system: &System) -> Vec<String> {
    let mut list = Vec::new();
    match system.workload() {
        Workload::Users { users, think_time } => {
            list.push(format!(
                "{} users think for {} s between an answer and the next request (closed workload). The arrival \
                 rate solves N = rate x (think time + response time) and feeds an open model, which agrees with the closed \
                 network for many users and overstates queueing near saturation for few.",
                count(users),
                think_time.get()
            ));
        }
        Workload::Arrivals { arrival_rate } => list.push(format!(
            "Requests arrive at {} whatever the response time (open workload, Poisson).",
            rate(arrival_rate.get())
        )),
    }
    let headroom = system.objectives().headroom;
    let beyond = if headroom > 0.0 { format!(", plus {} headroom", percent(headroom, 0)) } else { String::new() };
    list.push(format!(
        "Candidates are compared at {} requests, the most that the workload can offer when nothing queues{beyond}. The \
         recommended plan is then evaluated at the rate that its own response time gives.",
        rate(planned_arrival_rate(system))
    ));
    list.push(
        "Requests arrive at each tier as a Poisson stream and tiers are independent (Jackson network). End-to-end \
         percentiles come from one numerical inversion; with several multi-server tiers in a row, independence is an \
         approximation, within 0.7 % of simulation on p50 to p99."
            .to_owned(),
    );
    list.push(
        "Utilization is the busy share of all servers of a tier, 0 to 100 %; for a database, of the primary or of the replicas, \
         whichever is busier."
            .to_owned(),
    );
    for tier in system.tiers() {
        let Resource::Fleet(fleet) = &tier.resource else { continue };
        list.extend(routing_lines(&tier.name, fleet));
        list.push(discipline(&tier.name, fleet));
        list.extend(layers(&tier.name, tier.kind, fleet));
        match fleet.redundancy {
            Redundancy::None => {
                list.push(format!("{}: designed for no loss.", tier.name));
            }
            Redundancy::Instance => {
                list.push(format!("{}: designed for the loss of one instance.", tier.name));
            }
            Redundancy::Zone => {
                list.push(format!("{}: designed for the loss of a zone with all of its instances there.", tier.name));
            }
        }
        match &fleet.role {
            FleetRole::Cache(cache) => list.push(cache_assumption(&tier.name, cache)),
            FleetRole::Database(database) => {
                list.push(format!(
                    "{}: each failure of the primary is an outage of {} s.",
                    tier.name,
                    database.failover_time.get()
                ));
                list.extend(database_assumptions(&tier.name, database));
            }
            FleetRole::Service => {}
        }
    }
    list.push(
        "After the designed loss, every tier has lost what its `redundancy` names, all at the same time; the search requires \
         the objectives to hold in that state."
            .to_owned(),
    );
    list.push(
        "Available means that in every tier enough instances are up to keep utilization below 100 %. Instances fail \
         independently of each other, a zone fails as a whole, managed services fail independently of the zones."
            .to_owned(),
    );
    list.push(
        "Promises: a month has 30 days, outages start at random and last an exponential time. A failed instance does not \
         answer at all; a probe of a healthy one takes as long as a visit."
            .to_owned(),
    );
    list.push(cost_assumption(system));
    list
}

/// What limits the requests that a service holds at the same time.
fn layers(name: &str, kind: TierKind, fleet: &Fleet) -> Option<String> {
    if kind != TierKind::Service {
        return None;
    }
    Some(match (fleet.workers, fleet.connections) {
        (None, None) => format!("{name}: `workers` and `connections` are not given, so no request waits for either."),
        (workers, connections) => format!(
            "{name}: of each instance, {} and {}. A worker is held for the tier's own time and for its calls to the tiers \
             behind it, a connection for one visit to the database. Workers over servers by flow equivalence (Chandy, \
             Herzog, Woo 1975), connections as M/M/k over the time that they are held; in an open network one pass from \
             the bottom up is the fixed point.",
            workers.map_or_else(
                || "the workers are not limited".to_owned(),
                |count| format!("{count} requests have a worker")
            ),
            connections
                .map_or_else(|| "the connections are not limited".to_owned(), |count| format!("{count} a connection")),
        ),
    })
}

/// In which order the servers of a tier work, and how good the figures of it are.
fn discipline(name: &str, fleet: &Fleet) -> String {
    let scv = fleet.service_scv;
    match fleet.discipline {
        Discipline::ProcessorSharing if scv == 1.0 => format!(
            "{name}: an instance works on all its requests at once, each with an equal share of the servers \
             (`discipline = \"processor_sharing\"`, a time-shared CPU): the mean of M/M/c, percentiles by the exact distribution of \
             processor sharing. `P(wait)` is the share that finds all servers busy, `wait` the mean slowdown by other requests."
        ),
        Discipline::ProcessorSharing => format!(
            "{name}: an instance works on all its requests at once, each with an equal share of the servers \
             (`discipline = \"processor_sharing\"`, a time-shared CPU). The mean is that of M/M/c whatever the service; \
             percentiles for a squared coefficient of variation of {scv} by {}.",
            if scv > 1.0 {
                "a tagged phase among exponential requests: p50 to p99 within 3 % of simulation up to 4"
            } else {
                "a scale mixture: p50 to p99 within 10 % of simulation down to 0.1"
            }
        ),
        Discipline::Fcfs if scv == 1.0 => {
            format!("{name}: an instance works on its requests in order of arrival (`discipline = \"fcfs\"`).")
        }
        Discipline::Fcfs => format!(
            "{name}: an instance works on its requests in order of arrival (`discipline = \"fcfs\"`); service times with a \
             squared coefficient of variation of {scv} are solved by two moments (Kimura 1986, Whitt 1993): mean wait within \
             13 % of simulation up to 4."
        ),
    }
}

/// Where a cache's hit ratio comes from.
fn cache_assumption(tier: &str, cache: &CacheRole) -> String {
    let behaviour = &cache.behaviour;
    let objects = count(cache.objects as f64);
    let popularity = match (behaviour.measured, &behaviour.histogram) {
        (MeasuredHits::Ratio(ratio), _) => {
            return format!(
                "{tier}: the hit ratio is given in the model, {} whatever the memory.",
                percent(ratio.get(), 1)
            );
        }
        (MeasuredHits::At { hit_ratio, .. }, _) => format!(
            "{objects} objects of the Zipf exponent that gives the measured hit ratio of {}",
            percent(hit_ratio.get(), 1)
        ),
        (MeasuredHits::Nothing, Some(counts)) => {
            format!("the {} objects of a histogram", count(counts.len() as f64))
        }
        (MeasuredHits::Nothing, None) => format!("{objects} objects of Zipf exponent {}", cache.popularity_exponent),
    };
    let method = match behaviour.rules.eviction {
        Eviction::By(Policy::Lru) => "LRU by the characteristic time (Che)",
        Eviction::By(Policy::Fifo) => "FIFO by its characteristic time (Fricker, Robert and Roberts)",
        Eviction::By(Policy::Random) => "random eviction by its characteristic time (Fricker, Robert and Roberts)",
        Eviction::Optimal => "perfect LFU, an upper bound for any real policy,",
    };
    let ages = if behaviour.rules.ttl.is_some() { ", with a time to live" } else { "" };
    let writes = if behaviour.rules.write_share.get() > 0.0 { ", with writes among the reads" } else { "" };
    format!(
        "{tier}: hit ratio of {method} for independent requests over {popularity}{ages}{writes}; real traffic has more \
         locality. After a loss it is the hit ratio of the surviving nodes once they have refilled."
    )
}
