//! Keys of a `dns` tier.

use super::super::key::{Key, Section, above, duration, from, money, price, probability};
use super::shared;
use capplan_queueing::units::{Price, Probability, Seconds};

pub const LOOKUP_TIME: Key<Seconds> = duration("lookup_time", from("0 s", "1 h"))
    .assumed("25 ms", "planning estimate for a look-up that the client's resolver has not cached")
    .doc("fixed time of a look-up");
pub const AVAILABILITY: Key<Probability> = probability("availability", above("0%", "100%"))
    .published("100%", "Amazon Route 53 SLA, hosted zone; a promise, not a measurement")
    .doc("share of time in which names resolve");
pub const PRICE: Key<Price> =
    price("price").published("0.5 USD/month", "AWS Route 53 pricing page, one hosted zone").doc("fixed price");
pub const PRICE_PER_MILLION: Key<f64> = money("price_per_million")
    .published("0.4 USD", "AWS Route 53 pricing page, standard queries")
    .doc("price of a million look-ups");

/// `[tiers.NAME]` of the kind `dns`
pub static SECTION: Section = Section::new(
    "a dns tier",
    &[shared::KIND.row, LOOKUP_TIME.row, shared::ROUND_TRIP.row, AVAILABILITY.row, PRICE.row, PRICE_PER_MILLION.row],
);
