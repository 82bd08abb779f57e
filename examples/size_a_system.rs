//! Sizes a small system that is built in code, without a model file: an application tier in front of a database.
//!
//! It evaluates what runs today, searches the cheapest deployment that keeps the objectives after the loss of a zone,
//! and prints both.

use std::error::Error;

use capplan::evaluate::{Condition, Prepared, design_arrival_rate, evaluate};
use capplan::model::{
    Billing, Choice, CloudNetwork, CountRange, Deployment, Discipline, Fleet, FleetRole, InstanceType, Objectives,
    Placement, ProbeRule, Reactions, Redundancy, Region, Reliability, RequestClass, Resource, ResponseObjective,
    Scaling, Subnets, System, SystemDraft, Tier, TierKind, Visits, Workload, ZoneTraffic,
};
use capplan::plan::search;
use capplan_queueing::queues::RoutingPolicy;
use capplan_queueing::units::{Bytes, Price, Probability, Seconds, Servers};

const GIB: f64 = Bytes::GIB;
const HOUR: f64 = 3600.0;

/// A tier of up to 40 instances, two of them today; sizes and prices are those of a cloud's general-purpose family.
fn tier(name: &str, service_ms: f64) -> Result<Tier, Box<dyn Error>> {
    let size = |name: &str, servers, gib: f64, usd| -> Result<InstanceType, Box<dyn Error>> {
        Ok(InstanceType {
            name: name.to_owned(),
            servers: Servers::new(servers)?,
            speed: 1.0,
            memory: Bytes::new(gib * GIB)?,
            price: Price::usd_per_hour(usd)?,
        })
    };
    let fleet = Fleet {
        service_time: Seconds::new(1e-3 * service_ms)?,
        service_scv: 1.0,
        discipline: Discipline::ProcessorSharing,
        routings: vec![RoutingPolicy::LeastOutstanding],
        sticky: None,
        zone_traffic: ZoneTraffic::Crossed,
        workers: None,
        connections: None,
        types: vec![size("large", 2, 8.0, 0.0816)?, size("xlarge", 4, 16.0, 0.1632)?],
        current: Choice { instance_type: 0, count: 2, routing: RoutingPolicy::LeastOutstanding },
        counts: CountRange { min: 1, max: 40 },
        redundancy: Redundancy::Zone,
        instance: Reliability::new(Seconds::new(1000.0 * HOUR)?, Seconds::new(300.0)?)?,
        role: FleetRole::Service,
    };
    Ok(Tier {
        name: name.to_owned(),
        kind: TierKind::Service,
        round_trip: Seconds::new(0.0005)?,
        placement: Placement::Private,
        bytes_per_visit: Bytes::new(2000.0)?,
        resource: Resource::Fleet(Box::new(fleet)),
    })
}

/// `users` who read, and sometimes search, every five seconds.
fn system(users: f64) -> Result<System, Box<dyn Error>> {
    let visits = |tier, reads| Visits { tier, reads, writes: 0.0 };
    let class = |name: &str, share, lookups| -> Result<RequestClass, Box<dyn Error>> {
        let visits = vec![visits(0, 1.0), visits(1, lookups)];
        Ok(RequestClass { name: name.to_owned(), share: Probability::new(share)?, visits })
    };
    let health_check = ProbeRule {
        interval: Seconds::new(10.0)?,
        timeout: Seconds::new(5.0)?,
        unhealthy_threshold: 2,
        healthy_threshold: 5,
    };
    let draft = SystemDraft {
        name: "example".to_owned(),
        workload: Workload::Users { users, think_time: Seconds::new(5.0)? },
        region: Region {
            name: "eu-central-1".to_owned(),
            zones: 3,
            zone: Reliability::new(Seconds::new(4380.0 * HOUR)?, Seconds::new(2.0 * HOUR)?)?,
            availability: Probability::new(0.999_99)?,
        },
        classes: vec![class("read", 0.9, 1.0)?, class("search", 0.1, 4.0)?],
        tiers: vec![tier("app", 6.0)?, tier("index", 2.0)?],
        objectives: Objectives {
            response_times: vec![ResponseObjective { class: None, percentile: 0.95, limit: Seconds::new(0.060)? }],
            availability: Some(Probability::new(0.999)?),
            ..Objectives::default()
        },
        scaling: Scaling {
            margin: 1.0,
            trough: 0.2,
            surge: 2.0,
            alarm_time: Seconds::new(60.0)?,
            boot_time: Seconds::new(120.0)?,
        },
        reactions: Reactions { health_check, deploy_surge: Probability::new(0.25)? },
        scenarios: Vec::new(),
        network: CloudNetwork {
            billing: Billing::LeftOut,
            cross_zone_share: Probability::new(2.0 / 3.0)?,
            usd_per_gb_across_zones: 0.0,
            response_size: Bytes::new(20_000.0)?,
            usd_per_gb_to_internet: None,
            nat: None,
            subnets: Subnets { private_prefix: None, public_prefix: None, deploy_surge: 0.25 },
        },
    };
    System::new(draft).map_err(|faults| format!("{faults:?}").into())
}

/// Prints tiers, response time and price of a deployment, or why it has no steady state.
fn print(title: &str, prepared: &Prepared<'_>, deployment: &Deployment) {
    println!("{title}");
    match evaluate(prepared, deployment, Condition::AllUp) {
        Err(breakdown) => println!("  breaks: {breakdown}"),
        Ok(evaluation) => {
            let tiers = prepared.system.tiers().iter().zip(&deployment.choices).zip(&evaluation.tiers);
            for ((tier, choice), figures) in tiers {
                let (Some(fleet), Some(choice), Some(busy)) = (tier.fleet(), choice, figures.utilization) else {
                    continue;
                };
                let size = &fleet.types[choice.instance_type].name;
                println!("  {:6} {:3} × {size:7} {:3.0} % busy", tier.name, choice.count, 100.0 * busy);
            }
            let [p50, _, p95, ..] = evaluation.overall.percentiles;
            println!("  p50 {:.0} ms, p95 {:.0} ms", 1e3 * p50, 1e3 * p95);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for users in [1_000.0, 10_000.0] {
        let system = system(users)?;
        let prepared = Prepared::new(&system)?;
        println!("{users} users");
        print(" today", &prepared, &system.current_deployment());
        let outcome = search(&prepared, design_arrival_rate(&system))?;
        match outcome.best {
            Some(best) => {
                print(" cheapest that keeps the objectives", &prepared, &best.deployment);
                println!("  {:.0} USD a month, best of {} points", best.candidate.price.monthly_usd(), outcome.points);
            }
            None => println!(" nothing keeps the objectives"),
        }
    }
    Ok(())
}
