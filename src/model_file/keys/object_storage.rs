//! Keys of object storage: transfer, limits on requests, data to the internet.

use super::super::quantity::Dimension;
use super::{Key, Limits, Need, Shape, data, key, ratio};

pub(super) const OBJECT_SIZE: Key = key(
    "object_size",
    data(Limits::from("0 B", "5 TiB")),
    Need::Assumed("0 B", "small objects: the time to the first byte is all"),
    "mean size of an object that is read",
);
pub(super) const TRANSFER_RATE: Key = key(
    "transfer_rate",
    Shape::Quantity(Dimension::Throughput, Limits::above("0 kB/s", "1000 GiB/s")),
    Need::Assumed("85 MB/s", "planning estimate for one request at a time"),
    "data per second of one request after its first byte",
);
pub(super) const REQUESTS_PER_PREFIX: Key = key(
    "requests_per_prefix",
    Shape::Quantity(Dimension::Rate, Limits::above("0/s", "1e9/s")),
    Need::Published("5500/s", "AWS S3 User Guide, best practices design patterns: GET and HEAD"),
    "requests per second of one prefix",
);
pub(super) const PREFIXES: Key = key(
    "prefixes",
    Shape::Count(Limits::from("1", "1e9")),
    Need::Unset("as many as the load needs"),
    "prefixes over which requests are spread evenly; with it more than they take is an overload",
);
pub(super) const EGRESS_SHARE: Key = key(
    "egress_share",
    ratio(Limits::from("0%", "100%")),
    Need::Assumed("0%", "objects are read by the tiers of the region, which is free"),
    "share of the data read that goes straight to the internet",
);
pub(super) const EGRESS_PRICE: Key = key(
    "egress_price",
    Shape::Quantity(Dimension::Money, Limits::from("0 USD", "1000 USD")),
    Need::Published(
        "0.09 USD",
        "AWS EC2 on-demand pricing page, data transfer: the first 10 TB of a month; give the mean price of a larger volume",
    ),
    "price of a GB to the internet",
);
