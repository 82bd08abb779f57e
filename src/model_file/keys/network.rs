//! Keys of `[network]` and `[network.subnets]`: round trips, data transfer, addresses.

use super::key::{
    Key, Section, Shape, Subtable, YES_NO, count, data, duration, flag, from, money, plain, price, ratio,
};
use crate::model::{Billing, ZoneTraffic};
use capplan_queueing::units::{Bytes, Price, Seconds};

pub const ROUND_TRIP_IN_ZONE: Key<Seconds> = duration("round_trip_in_zone", from("0 s", "1 h"))
    .assumed("0.15 ms", "planning estimate for two instances in one zone")
    .doc("round trip between two instances of one zone");
pub const ROUND_TRIP_ACROSS_ZONES: Key<Seconds> = duration("round_trip_across_zones", from("0 s", "1 h"))
    .assumed("0.8 ms", "planning estimate; published ranges are 0.3 to 1.5 ms")
    .doc("round trip between two zones");
pub const CROSS_ZONE: Key<ZoneTraffic> =
    flag("cross_zone", &[("true", ZoneTraffic::Crossed), ("false", ZoneTraffic::Kept)])
        .assumed("true", "every instance is called from every zone, so that all are equally loaded")
        .doc("whether visits go to any zone, so that 1 - 1/zones of them cross; else they stay in their zone");
pub const COSTS: Key<Billing> = flag("costs", &[("true", Billing::Included), ("false", Billing::LeftOut)])
    .assumed("false", "a plan's price is that of what runs; data transfer is added on request")
    .doc("whether data transfer and NAT gateways are part of the cost");
pub const CROSS_ZONE_PRICE: Key<f64> = money("cross_zone_price")
    .published("0.02 USD", "AWS EC2 on-demand pricing page, data transfer: 0.01 USD for each direction")
    .doc("price of a GB that crosses zones, both sides together");
pub const RESPONSE_SIZE: Key<Bytes> = data("response_size", from("0 B", "1 TiB"))
    .assumed("20 KiB", "planning estimate of a page without its images")
    .doc("bytes to the internet for each request");
pub const EGRESS_PRICE: Key<f64> = money("egress_price")
    .unset("by volume: 0.09, 0.085, 0.07 and 0.05 USD up to 10, 50, 150 TB a month and beyond")
    .doc("price of a GB to the internet");
pub const NAT: Key<bool> = flag("nat", YES_NO)
    .assumed("false", "instances that call nobody on the internet need none")
    .doc("whether each zone has a NAT gateway");
pub const NAT_SIZE: Key<Bytes> = data("nat_size", from("0 B", "1 TiB"))
    .assumed("0 B", "what is not given does not happen")
    .doc("bytes through the NAT gateways for each request");
pub const NAT_PRICE: Key<Price> =
    price("nat_price").published("0.045 USD/h", "AWS VPC pricing page: NAT gateway").doc("price of a NAT gateway");
pub const NAT_DATA_PRICE: Key<f64> = money("nat_data_price")
    .published("0.045 USD", "AWS VPC pricing page: NAT gateway")
    .doc("price of a GB through a NAT gateway");
pub const SUBNETS: Key<Subtable> = plain("subnets", Shape::Section(&SUBNETS_SECTION))
    .unset("addresses are not counted")
    .doc("sizes of the subnets, the same in every zone");
pub const PRIVATE_PREFIX: Key<u32> = count("private_prefix", from("16", "28"))
    .unset("its addresses are not counted")
    .doc("length of the prefix of the private subnet of a zone: 24 is 10.0.1.0/24, 256 addresses");
pub const PUBLIC_PREFIX: Key<u32> = count("public_prefix", from("16", "28"))
    .unset("its addresses are not counted")
    .doc("length of the prefix of the public subnet of a zone");
pub const DEPLOY_SURGE: Key<f64> = ratio("deploy_surge", from("0%", "100%"))
    .assumed("25%", "a rolling deployment adds a quarter before it removes the old ones; 100% is blue and green")
    .doc("instances of a service that a deployment adds for a time, as a share of them");

/// `[network]`
pub static SECTION: Section = Section::new(
    "the network",
    &[
        ROUND_TRIP_IN_ZONE.row,
        ROUND_TRIP_ACROSS_ZONES.row,
        CROSS_ZONE.row,
        COSTS.row,
        CROSS_ZONE_PRICE.row,
        RESPONSE_SIZE.row,
        EGRESS_PRICE.row,
        NAT.row,
        NAT_SIZE.row,
        NAT_PRICE.row,
        NAT_DATA_PRICE.row,
        SUBNETS.row,
    ],
);

/// `[network.subnets]`
pub static SUBNETS_SECTION: Section =
    Section::new("the subnets", &[PRIVATE_PREFIX.row, PUBLIC_PREFIX.row, DEPLOY_SURGE.row]);
