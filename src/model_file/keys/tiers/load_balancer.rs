//! Keys of a `load_balancer` tier.

use super::super::key::{
    Key, Section, above, count, data, duration, flag, from, money, number, price, probability, quantity, word,
};
use super::shared;
use super::shared::PLACEMENTS;
use crate::model::{BalancerKind, Placement, ZoneTraffic};
use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{Bytes, Price, Probability, Seconds};

const BALANCERS: [(&str, BalancerKind); 3] = [
    (BalancerKind::Application.name(), BalancerKind::Application),
    (BalancerKind::Network.name(), BalancerKind::Network),
    (BalancerKind::NetworkTls.name(), BalancerKind::NetworkTls),
];

pub const PLACEMENT: Key<Placement> = word("placement", &PLACEMENTS)
    .assumed("public", "it takes the requests of the users")
    .doc("subnet of its addresses");
pub const BALANCER_TYPE: Key<BalancerKind> =
    word("balancer_type", &BALANCERS).assumed("alb", "the balancer of requests of the reference system").doc(
        "alb: application load balancer; nlb: network load balancer, TCP; nlb_tls: network load balancer that ends TLS",
    );
pub const CROSS_ZONE: Key<ZoneTraffic> = flag(
    "cross_zone",
    &[("true", ZoneTraffic::Crossed), ("false", ZoneTraffic::Kept)],
)
.derived("true for alb, false for nlb and nlb_tls: what AWS sets if nothing is said (not checked)")
.doc(
    "whether a request may go to another zone; without it each zone gets the same share, and the first service tier \
             after the balancer is as slow as its zone with the fewest instances",
);
pub const FIXED_TIME: Key<Seconds> = duration("fixed_time", from("0 s", "1 h"))
    .derived("1.5 ms for alb, 0.3 ms for nlb and nlb_tls: planning estimates of the time that it adds")
    .doc("fixed time of each request");
pub const RESPONSE_SIZE: Key<Bytes> = data("response_size", from("0 B", "1 TiB"))
    .assumed("20 KiB", "planning estimate of a page without its images")
    .doc("mean size of request and response together, which is billed");
pub const REQUESTS_PER_CONNECTION: Key<f64> = number("requests_per_connection", from("1", "1e6"))
    .assumed("10", "planning estimate for browsers that keep connections alive")
    .doc("requests that share a connection; new connections are billed");
pub const CONNECTION_TIME: Key<Seconds> = duration("connection_time", from("0 s", "30 d"))
    .assumed("60 s", "the idle timeout of an ALB if nothing is said (not checked): a connection once used")
    .doc("mean time for which a connection stays open; active connections are billed");
pub const RULES: Key<u32> = count("rules", from("0", "100000"))
    .assumed("1", "one default rule; the first 10 are free")
    .doc("rules that an ALB evaluates for a request; evaluations are billed");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .published("99.99%", "Amazon Elastic Load Balancing SLA, 2 or more zones; a promise, not a measurement")
    .doc("share of time in which the load balancer works");
pub const PRICE: Key<Price> =
    price("price").published("0.0225 USD/h", "AWS Elastic Load Balancing pricing page, us-east-1").doc("fixed price");
pub const CAPACITY_UNIT_PRICE: Key<f64> =
    quantity("capacity_unit_price", Dimension::Price, from("0 USD/h", "1000000 USD/h"), Some)
        .derived(
            "0.008 USD/h for alb, 0.006 USD/h for nlb and nlb_tls (AWS Elastic Load Balancing pricing page, us-east-1)",
        )
        .doc(
            "price of a capacity unit, of which the dimension that needs most is billed: new connections, active \
             connections, bytes and, for alb, rule evaluations",
        );
pub const CROSS_ZONE_PRICE: Key<f64> = money("cross_zone_price")
    .derived(
        "0 USD for alb (AWS ELB User Guide, not checked); 0.02 USD for nlb and nlb_tls (AWS EC2 pricing page: 0.01 \
                 USD on each side)",
    )
    .doc("price of a GB that goes to another zone");

/// `[tiers.NAME]` of the kind `load_balancer`
pub static SECTION: Section = Section::new(
    "a load_balancer tier",
    &[
        shared::KIND.row,
        BALANCER_TYPE.row,
        CROSS_ZONE.row,
        FIXED_TIME.row,
        shared::ROUND_TRIP.row,
        PLACEMENT.row,
        RESPONSE_SIZE.row,
        REQUESTS_PER_CONNECTION.row,
        CONNECTION_TIME.row,
        RULES.row,
        AVAILABILITY.row,
        PRICE.row,
        CAPACITY_UNIT_PRICE.row,
        CROSS_ZONE_PRICE.row,
    ],
);
