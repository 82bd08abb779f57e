//! Keys of the file itself.

use super::key::{Key, Section, Shape, Subtable, Text, count, from, plain};
use super::{
    class, clients, deploy, health_check, instance_type, network, objectives, region, scaling, scenario, workload,
};

pub const CAPPLAN: Key<u64> = count("capplan", from("0", "1e9")).doc("version of the file format, 1");
pub const NAME: Key<Text> = plain("name", Shape::Name).doc("name of the system, used in reports and file names");
pub const WORKLOAD: Key<Subtable> =
    plain("workload", Shape::Section(&workload::SECTION)).doc("where requests come from");
pub const REGION: Key<Subtable> =
    plain("region", Shape::Section(&region::SECTION)).unset("every key has its default").doc("where the system runs");
pub const OBJECTIVES: Key<Subtable> = plain("objectives", Shape::Section(&objectives::SECTION))
    .unset("nothing is promised")
    .doc("what the system promises");
pub const SCALING: Key<Subtable> = plain("scaling", Shape::Section(&scaling::SECTION))
    .unset("every key has its default")
    .doc("how autoscaling is set up");
pub const HEALTH_CHECK: Key<Subtable> = plain("health_check", Shape::Section(&health_check::SECTION))
    .unset("every key has its default")
    .doc("how dead instances are noticed");
pub const DEPLOY: Key<Subtable> = plain("deploy", Shape::Section(&deploy::SECTION))
    .unset("every key has its default")
    .doc("how a new version is rolled out");
pub const CLIENTS: Key<Subtable> = plain("clients", Shape::Section(&clients::SECTION))
    .unset("every key has its default")
    .doc("what clients do when they wait");
pub const SCENARIOS: Key<Subtable> = plain("scenarios", Shape::Sections(&scenario::SECTION))
    .unset("one of each kind, with their defaults")
    .doc("what may go wrong, by name; the name of a kind changes the scenario that is there anyway");
pub const NETWORK: Key<Subtable> = plain("network", Shape::Section(&network::SECTION))
    .unset("every key has its default")
    .doc("the network between the tiers and to the internet");
pub const CLASSES: Key<Subtable> = plain("classes", Shape::Sections(&class::SECTION))
    .derived("one class `request` that visits every tier once, except tiers behind a cache")
    .doc("kinds of request by name");
pub const TIERS: Key<Subtable> =
    plain("tiers", Shape::Tiers).doc("parts of the system by name, in the order of the reports");
pub const INSTANCE_TYPES: Key<Subtable> = plain("instance_types", Shape::Sections(&instance_type::SECTION))
    .unset("the catalogue as it is")
    .doc("own instance types by name, or changed figures of types in the catalogue");

/// The file itself
pub static SECTION: Section = Section::new(
    "a model file",
    &[
        CAPPLAN.row,
        NAME.row,
        WORKLOAD.row,
        REGION.row,
        OBJECTIVES.row,
        SCALING.row,
        HEALTH_CHECK.row,
        DEPLOY.row,
        CLIENTS.row,
        SCENARIOS.row,
        NETWORK.row,
        CLASSES.row,
        TIERS.row,
        INSTANCE_TYPES.row,
    ],
);
