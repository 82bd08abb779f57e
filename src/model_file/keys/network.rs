//! Keys of the network: round trips, data transfer, subnets, and what tiers say about themselves.

use super::{Key, Limits, Need, Section, Shape, data, duration, key, money, price, ratio};
use crate::model::Placement;

const PLACEMENTS: &[&str] = &[Placement::Public.name(), Placement::Private.name()];

const SIZE: Limits = Limits::from("0 B", "1 TiB");

/// `[network]`
pub static NETWORK: Section = Section {
    noun: "the network",
    one_of: &[],
    keys: &[
        key(
            "round_trip_in_zone",
            duration(Limits::from("0 s", "1 h")),
            Need::Assumed("0.15 ms", "planning estimate for two instances in one zone"),
            "round trip between two instances of one zone",
        ),
        key(
            "round_trip_across_zones",
            duration(Limits::from("0 s", "1 h")),
            Need::Assumed("0.8 ms", "planning estimate; published ranges are 0.3 to 1.5 ms"),
            "round trip between two zones",
        ),
        key(
            "cross_zone",
            Shape::Flag,
            Need::Assumed("true", "every instance is called from every zone, so that all are equally loaded"),
            "whether visits go to any zone, so that 1 - 1/zones of them cross; else they stay in their zone",
        ),
        key(
            "costs",
            Shape::Flag,
            Need::Assumed("false", "a plan's price is that of what runs; data transfer is added on request"),
            "whether data transfer and NAT gateways are part of the cost",
        ),
        key(
            "cross_zone_price",
            money(),
            Need::Published("0.02 USD", "AWS EC2 on-demand pricing page, data transfer: 0.01 USD for each direction"),
            "price of a GB that crosses zones, both sides together",
        ),
        key(
            "response_size",
            data(SIZE),
            Need::Assumed("20 KiB", "planning estimate of a page without its images"),
            "bytes to the internet for each request",
        ),
        key(
            "egress_price",
            money(),
            Need::Unset("by volume: 0.09, 0.085, 0.07 and 0.05 USD up to 10, 50, 150 TB a month and beyond"),
            "price of a GB to the internet",
        ),
        key(
            "nat",
            Shape::Flag,
            Need::Assumed("false", "instances that call nobody on the internet need none"),
            "whether each zone has a NAT gateway",
        ),
        key(
            "nat_size",
            data(SIZE),
            Need::Assumed("0 B", "what is not given does not happen"),
            "bytes through the NAT gateways for each request",
        ),
        key(
            "nat_price",
            price(),
            Need::Published("0.045 USD/h", "AWS VPC pricing page: NAT gateway"),
            "price of a NAT gateway",
        ),
        key(
            "nat_data_price",
            money(),
            Need::Published("0.045 USD", "AWS VPC pricing page: NAT gateway"),
            "price of a GB through a NAT gateway",
        ),
        key(
            "subnets",
            Shape::Section(&SUBNETS),
            Need::Unset("addresses are not counted"),
            "sizes of the subnets, the same in every zone",
        ),
    ],
};

/// `[network.subnets]`
pub static SUBNETS: Section = Section {
    noun: "the subnets",
    one_of: &[],
    keys: &[
        key(
            "private_prefix",
            Shape::Count(Limits::from("16", "28")),
            Need::Unset("its addresses are not counted"),
            "length of the prefix of the private subnet of a zone: 24 is 10.0.1.0/24, 256 addresses",
        ),
        key(
            "public_prefix",
            Shape::Count(Limits::from("16", "28")),
            Need::Unset("its addresses are not counted"),
            "length of the prefix of the public subnet of a zone",
        ),
        key(
            "deploy_surge",
            ratio(Limits::from("0%", "100%")),
            Need::Assumed(
                "25%",
                "a rolling deployment adds a quarter before it removes the old ones; 100% is blue and green",
            ),
            "instances of a service that a deployment adds for a time, as a share of them",
        ),
    ],
};

pub(super) const LOAD_BALANCER_PLACEMENT: Key = key(
    "placement",
    Shape::Word(PLACEMENTS),
    Need::Assumed("public", "it takes the requests of the users"),
    "subnet of its addresses",
);
pub(super) const FLEET_PLACEMENT: Key = key(
    "placement",
    Shape::Word(PLACEMENTS),
    Need::Assumed("private", "only load balancers and NAT gateways are reached from the internet"),
    "subnet of its instances; only a load balancer may be public",
);
pub(super) const SERVICE_REQUEST_SIZE: Key = key(
    "request_size",
    data(SIZE),
    Need::Assumed(
        "0 B",
        "a load balancer pays for the zones that it crosses; give it for a service that other services call",
    ),
    "bytes to an instance for each visit, which cost where they cross zones",
);
pub(super) const SERVICE_RESPONSE_SIZE: Key = key(
    "response_size",
    data(SIZE),
    Need::Assumed(
        "0 B",
        "a load balancer pays for the zones that it crosses; give it for a service that other services call",
    ),
    "bytes from an instance for each visit, which cost where they cross zones",
);
pub(super) const DATA_REQUEST_SIZE: Key = key(
    "request_size",
    data(SIZE),
    Need::Assumed("200 B", "planning estimate of a command or a statement with its headers"),
    "bytes to an instance for each visit, which cost where they cross zones",
);
pub(super) const DATA_RESPONSE_SIZE: Key = key(
    "response_size",
    data(SIZE),
    Need::Assumed("2 KiB", "planning estimate of an object or a few rows"),
    "bytes from an instance for each visit, which cost where they cross zones",
);
