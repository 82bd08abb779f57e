//! Keys of an `object_storage` tier.

use super::super::key::{Key, Section, above, count, data, duration, from, money, probability, quantity, ratio};
use super::shared;
use crate::model_file::quantity::Dimension;
use capplan_queueing::units::{Bytes, Probability, Seconds};

pub const OBJECT_SIZE: Key<Bytes> = data("object_size", from("0 B", "5 TiB"))
    .assumed("0 B", "small objects: the time to the first byte is all")
    .doc("mean size of an object that is read");
pub const TRANSFER_RATE: Key<f64> =
    quantity("transfer_rate", Dimension::Throughput, above("0 kB/s", "1000 GiB/s"), Some)
        .assumed("85 MB/s", "planning estimate for one request at a time")
        .doc("data per second of one request after its first byte");
pub const REQUESTS_PER_PREFIX: Key<f64> = quantity("requests_per_prefix", Dimension::Rate, above("0/s", "1e9/s"), Some)
    .published("5500/s", "AWS S3 User Guide, best practices design patterns: GET and HEAD")
    .doc("requests per second of one prefix");
pub const PREFIXES: Key<u32> = count("prefixes", from("1", "1e9"))
    .unset("as many as the load needs")
    .doc("prefixes over which requests are spread evenly; with it more than they take is an overload");
pub const EGRESS_SHARE: Key<f64> = ratio("egress_share", from("0%", "100%"))
    .assumed("0%", "objects are read by the tiers of the region, which is free")
    .doc("share of the data read that goes straight to the internet");
pub const EGRESS_PRICE: Key<f64> = quantity("egress_price", Dimension::Money, from("0 USD", "1000 USD"), Some)
    .published(
        "0.09 USD",
        "AWS EC2 on-demand pricing page, data transfer: the first 10 TB of a month; give the mean price of a larger volume",
    )
    .doc("price of a GB to the internet");
pub const SERVICE_TIME: Key<Seconds> = duration("service_time", from("0 s", "1 h"))
    .published("100 ms", "AWS S3 performance guidelines: 100 to 200 ms for small objects")
    .doc("mean time to the first byte");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .published("99.99%", "Amazon S3 Standard is designed for it; its SLA is 99.9 %")
    .doc("share of time in which objects can be read");
pub const PRICE_PER_MILLION: Key<f64> = money("price_per_million")
    .published("0.4 USD", "AWS S3 pricing page, GET requests")
    .doc("price of a million requests");
pub const STORED: Key<Bytes> = data("stored", from("0 B", "8192 TiB"))
    .assumed("0 B", "what is stored costs nothing until its size is given")
    .doc("data stored, which is billed");
pub const STORAGE_PRICE: Key<f64> = money("storage_price")
    .published("0.023 USD", "AWS S3 pricing page, Standard, first 50 TB")
    .doc("price of a GB stored for a month");

/// `[tiers.NAME]` of the kind `object_storage`
pub static SECTION: Section = Section::new(
    "an object_storage tier",
    &[
        shared::KIND.row,
        SERVICE_TIME.row,
        OBJECT_SIZE.row,
        TRANSFER_RATE.row,
        REQUESTS_PER_PREFIX.row,
        PREFIXES.row,
        EGRESS_SHARE.row,
        EGRESS_PRICE.row,
        shared::SERVICE_SCV.row,
        shared::ROUND_TRIP.row,
        AVAILABILITY.row,
        PRICE_PER_MILLION.row,
        STORED.row,
        STORAGE_PRICE.row,
    ],
);
