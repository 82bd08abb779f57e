//! Keys of `[instance_types.NAME]`.

use super::key::{Key, Section, above, count, data, from, number, price};
use capplan_queueing::units::{Bytes, Price};

pub const SERVERS: Key<u64> = count("servers", from("1", "1e9"))
    .derived("the figure of the catalogue; required for a type that is not in it")
    .doc("requests that one instance serves at the same time");
pub const SPEED: Key<f64> = number("speed", above("0", "1000"))
    .assumed("1", "service times are taken as measured on this type")
    .doc("speed of one server; the service time is divided by it");
pub const MEMORY: Key<Bytes> = data("memory", from("0 B", "8192 TiB"))
    .derived("the figure of the catalogue, 0 B for a type that is not in it; required for the nodes of a cache")
    .doc("memory of one instance");
pub const PRICE: Key<Price> = price("price")
    .derived("the figure of the catalogue; required for a type that is not in it")
    .doc("price of one instance; 730 h are a month");

/// `[instance_types.NAME]`
pub static SECTION: Section = Section::new("an instance type", &[SERVERS.row, SPEED.row, MEMORY.row, PRICE.row]);
