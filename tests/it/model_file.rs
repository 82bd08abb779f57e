//! The model file as a user meets it: shipped models load, broken ones are told every fault.

use std::fs;
use std::path::Path;

use capplan::evaluate::{Condition, Prepared, evaluate};
use capplan::model::{FleetRole, Resource, TierKind, Workload};
use capplan::model_file::{self, Basis, Colour, Document, GivenBy, Override, REFERENCE_MODEL, SHIPPED_MODELS};
use capplan_queueing::queues::RoutingPolicy;
use proptest::prelude::*;
use toml::de::DeTable;

fn load(text: &str) -> model_file::Loaded {
    model_file::parse("model.toml", text, &[]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn faults(text: &str) -> String {
    model_file::parse("model.toml", text, &[]).expect_err("refused").to_string()
}

fn set(overrides: &[&str]) -> Result<model_file::Loaded, String> {
    let overrides: Vec<_> = overrides.iter().map(|text| Override::parse(text).expect("KEY=VALUE")).collect();
    model_file::parse("web.toml", REFERENCE_MODEL, &overrides).map_err(|diagnostics| diagnostics.to_string())
}

/// A small system with users, classes and two fleets.
const SHOP: &str = include_str!("../data/shop.toml");

/// A model as short as it can be.
const SHORT: &str = r#"capplan = 1
name = "short"
workload = { arrival_rate = "10/s" }

[tiers.app]
kind = "service"
service_time = "10 ms"
instance_type = "m7g.large"
"#;

#[test]
fn every_model_in_the_folder_is_shipped_and_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut found = 0;
    for entry in fs::read_dir(folder).expect("the folder of models") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a text");
        let loaded = load(&text);
        let shipped = SHIPPED_MODELS.iter().find(|model| model.name == loaded.system.name()).expect("shipped");
        assert_eq!(shipped.text, text);
        assert_eq!(path.file_stem().and_then(|stem| stem.to_str()), Some(shipped.name));
        found += 1;
    }
    assert_eq!(found, SHIPPED_MODELS.len());
}

#[test]
fn the_reference_model_says_what_its_file_says() {
    let system = load(REFERENCE_MODEL).system;
    let names: Vec<_> = system.tiers().iter().map(|tier| tier.name.as_str()).collect();
    assert_eq!(names, ["dns", "lb", "app", "cache", "db", "storage"]);
    let Workload::Users { users, think_time } = system.workload() else { panic!("users") };
    assert_eq!((users, think_time.get()), (100_000.0, 20.0));
    let app = system.tiers()[2].fleet().expect("a fleet");
    assert_eq!((app.service_time.get(), app.types.len(), app.current.count), (0.012, 6, 60));
    assert_eq!((app.types[0].servers.get(), app.types[0].price.nano_usd_per_hour()), (2, 81_600_000));
    assert_eq!((app.current.routing, &app.routings[..]), (RoutingPolicy::Random, &[RoutingPolicy::Random][..]));
    let cache = system.tiers()[3].fleet().expect("a fleet");
    let FleetRole::Cache(role) = &cache.role else { panic!("a cache") };
    assert_eq!((role.in_front_of, role.usable_share.get(), cache.types[0].servers.get()), (Some(4), 0.75, 1));
    let db = system.tiers()[4].fleet().expect("a fleet");
    assert_eq!((db.current.count, db.current.instance_type, db.counts.min, db.counts.max), (3, 2, 1, 6));
    let Resource::Managed(lb) = system.tiers()[1].resource else { panic!("managed") };
    // 20 KiB x 3600 / 1 GB is more than a tenth of a connection in 25.
    assert_eq!(lb.pricing.usd_per_hour_per_visit_rate, 0.008 * (20_480.0 * 3_600.0 / 1e9));
    assert_eq!(system.objectives().response_times[1].percentile, 0.99);
}

#[test]
fn a_system_without_classes_visits_every_tier_once_but_those_behind_a_cache() {
    let text = format!(
        "{SHORT}[tiers.cache]\nkind = \"cache\"\nservice_time = \"1 ms\"\ninstance_type = \"cache.r7g.large\"\n\
         objects = 100\nobject_size = \"1 kB\"\nin_front_of = \"db\"\n\
         [tiers.db]\nkind = \"database\"\nservice_time = \"1 ms\"\ninstance_type = \"db.m6g.large\"\n"
    );
    let system = load(&text).system;
    assert_eq!(system.classes().len(), 1);
    assert_eq!(system.classes()[0].name, "request");
    let visited: Vec<_> = system.classes()[0].visits.iter().map(|visits| visits.tier).collect();
    assert_eq!(visited, [0, 1]);
}

#[test]
fn every_default_in_force_is_listed_with_its_grounds() {
    let defaults = load(SHORT).defaults;
    let find = |path: &str| {
        defaults
            .iter()
            .find(|default| default.path == path)
            .map(|default| (default.value.as_str(), default.basis, default.source.as_str()))
    };
    assert_eq!(find("region.zones"), Some(("3", Basis::Assumed, "most regions offer at least three")));
    assert_eq!(
        find("tiers.app.round_trip"),
        Some((
            "0.583 ms",
            Basis::Derived,
            "1/zones of the visits stay in their zone, the rest cross zones: `network.round_trip_in_zone`, \
             `network.round_trip_across_zones`"
        ))
    );
    assert_eq!(find("objectives.availability"), Some(("-", Basis::Unset, "no availability is promised")));
    assert_eq!(find("tiers.app.max_instances").map(|found| found.0), Some("200"));
    assert_eq!(find("tiers.app.service_time"), None);
    assert!(find("instance_types.*.speed").is_some());
}

#[test]
fn a_file_with_twelve_faults_gets_twelve_messages_in_its_order() {
    let text = r#"capplan = 1
name = "twelve faults"
[workload]
users = "100k"
think_time = "20"
[region]
zones = 9
[objectives]
availability = "99.9 ms"
response_time = { p95 = "250 ms", p101 = "1 s" }
[classes.browse]
share = 1.5
visits = { ap = 1, app = -1 }
[tiers.app]
kind = "service"
service_tim = "12 ms"
instance_type = "m7g.lrge"
routing = "randm"
service_time = "2 GiB"
"#;
    let expected = "\
model.toml:2:8: CAP0114: name: \"twelve faults\" cannot be a name; a name has 1 to 64 letters, digits, `_` and `-`, and begins with a letter or digit
model.toml:4:9: CAP0104: workload.users: the text \"100k\" stands where a number without quotes is expected
model.toml:5:14: CAP0105: workload.think_time: \"20\" has no unit, so it is not a duration; write a duration such as \"12 ms\"; the units are `ns`, `us`, `ms`, `s`, `min`, `h`, `d`, `y`
model.toml:7:9: CAP0106: region.zones: 9 is above the most, 6
model.toml:9:16: CAP0105: objectives.availability: \"99.9 ms\" is a duration, not a share; write a share such as \"99.95%\"; the unit is `%`
model.toml:10:35: CAP0112: objectives.response_time.p101: `p101` is not a percentile above 0 and below 100; write `p95`, `p99` or `p99_9`
model.toml:12:9: CAP0106: classes.browse.share: 1.5 is above the most, 1
model.toml:13:12: CAP0109: classes.browse.visits.ap: the file has no tier `ap`; did you mean `app`?
model.toml:13:26: CAP0106: classes.browse.visits.app: -1 is below the least, 0
model.toml:16:1: CAP0102: tiers.app.service_tim: a service tier has no key `service_tim`; did you mean `service_time`?
model.toml:17:17: CAP0108: tiers.app.instance_type: the catalogue has no EC2 type `m7g.lrge`; did you mean `m7g.large`? or describe a type of your own under [instance_types]
model.toml:18:11: CAP0107: tiers.app.routing: \"randm\" is not one of the choices; did you mean `random`? the choices are `random`, `round_robin`, `least_outstanding`, `power_of_two`, `shared_queue`";
    // The thirteenth fault is `service_time = "2 GiB"`.
    let with_time = text.replace("\"2 GiB\"", "\"12 ms\"");
    assert_eq!(faults(&with_time), expected);
    assert_eq!(model_file::parse("model.toml", text, &[]).expect_err("refused").len(), 13);
}

#[test]
fn a_fault_is_shown_at_its_line() {
    let text = SHORT.replace("\"10 ms\"", "10");
    let diagnostics = model_file::parse("short.toml", &text, &[]).expect_err("refused");
    let expected = "\
error[CAP0105]: `tiers.app.service_time`: the number 10 has no unit, so it is not a duration
 --> short.toml:7:16
  |
7 | service_time = 10
  |                ^^
  |
  = help: write a duration such as \"12 ms\"; the units are `ns`, `us`, `ms`, `s`, `min`, `h`, `d`, `y`
";
    assert_eq!(diagnostics.render(Colour::Plain), expected);
    assert!(diagnostics.render(Colour::Ansi).contains("\u{1b}["));
}

#[test]
fn syntax_errors_are_reported_with_faults_of_the_rest() {
    let text = "capplan = 1\nname = \"x\"\n[workload]\nusers = 10\nthink_time = 20 s\n[region]\nzone = 3\n[tiers.a]\nkind = \"delay\"\n";
    let messages = faults(text);
    let lines: Vec<_> = messages.lines().collect();
    assert_eq!(lines.len(), 2, "{messages}");
    assert!(lines[0].starts_with("model.toml:5:"), "{messages}");
    assert!(lines[0].ends_with("; quantities stand in quotes: `think_time = \"20 s\"`"), "{messages}");
    assert_eq!(lines[1], "model.toml:7:1: CAP0102: region.zone: a region has no key `zone`; did you mean `zones`?");
}

#[test]
fn what_is_missing_is_asked_for() {
    assert_eq!(
        faults("capplan = 1\nname = \"x\"\n"),
        "model.toml:1:1: CAP0103: workload: a model file needs the key `workload`; `workload`: where requests come from\n\
         model.toml:1:1: CAP0103: tiers: a model file needs the key `tiers`; `tiers`: parts of the system by name, in the order of the reports"
    );
    assert_eq!(
        faults(&SHORT.replace("service_time = \"10 ms\"\n", "")),
        "model.toml:5:8: CAP0103: tiers.app.service_time: a service tier needs the key `service_time`; write `service_time = \"12 ms\"`: mean time of one visit on an idle server, without waiting and without other tiers"
    );
    assert_eq!(
        faults(&SHORT.replace("kind = \"service\"\n", "")),
        "model.toml:5:8: CAP0103: tiers.app.kind: a tier needs the key `kind`; the kinds are `dns`, `load_balancer`, `service`, `cache`, `database`, `object_storage`, `delay`"
    );
    assert_eq!(
        faults(&SHORT.replace("arrival_rate = \"10/s\"", "users = 10")),
        "model.toml:3:1: CAP0103: workload.think_time: a workload needs the key `think_time`; write `think_time = \"12 ms\"`: mean time from an answer to the same user's next request; required with `users`"
    );
}

#[test]
fn rules_of_the_model_are_told_with_their_place() {
    let text = format!(
        "{SHORT}min_instances = 5\nmax_instances = 3\n[tiers.db]\nkind = \"database\"\nservice_time = \"1 ms\"\n\
         instance_type = \"db.m6g.large\"\nmin_read_replicas = 3\nmax_read_replicas = 2\n\
         [classes.a]\nshare = 0.5\nvisits = {{ app = {{ reads = 1, writes = 1 }} }}\n"
    );
    assert_eq!(
        faults(&text),
        "model.toml:10:1: CAP0204: tiers.app.max_instances: the count range 5 to 3 is empty\n\
         model.toml:11:8: CAP0206: tiers.db: no request visits tier `db`\n\
         model.toml:16:1: CAP0204: tiers.db.max_read_replicas: the count range 3 to 2 is empty\n\
         model.toml:17:2: CAP0203: classes: the shares of the classes sum to 0.5, not 1\n\
         model.toml:19:12: CAP0208: classes.a.visits.app: class `a` writes to `app`, which is no database"
    );
}

#[test]
fn overrides_replace_and_insert_keys() {
    let loaded = set(&[
        "workload.users=5000",
        "tiers.cache.memory=8GiB",
        "tiers.app.service_scv=2",
        "objectives.classes.order.response_time.p99_9=2s",
        "instance_types.\"m7g.large\".price=$0.1/h",
        "tiers.db.standby=false",
    ])
    .expect("a system");
    let system = loaded.system;
    assert!(matches!(system.workload(), Workload::Users { users: 5000.0, .. }));
    let app = system.tiers()[2].fleet().expect("a fleet");
    assert_eq!((app.service_scv, app.types[0].price.nano_usd_per_hour()), (2.0, 100_000_000));
    let objective = system.objectives().response_times[2];
    assert_eq!((objective.class, objective.percentile), (Some(1), 0.999));
}

#[test]
fn a_fault_in_an_override_names_the_override() {
    let refused = |text: &str| set(&[text]).expect_err("refused");
    assert_eq!(
        refused("tiers.cache.memory=8Gx"),
        "--set tiers.cache.memory=8Gx: CAP0105: \"8Gx\" has the unknown unit `Gx`; write an amount of data such as \"2 GiB\"; the units are `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`, `TiB`"
    );
    assert_eq!(
        refused("tiers.cach.memory=8GiB"),
        "--set tiers.cach.memory=8GiB: CAP0109: the file has no tier `cach`; did you mean `cache`?"
    );
    assert_eq!(
        refused("tiers.app.instnces=3"),
        "--set tiers.app.instnces=3: CAP0102: a service tier has no key `instnces`; did you mean `instances`?"
    );
    assert_eq!(
        refused("workload.arrival_rate=100/s"),
        "--set workload.arrival_rate=100/s: CAP0110: a workload has either `users` with `think_time` or `arrival_rate`, not both; remove `users` from the file or do not set `arrival_rate`"
    );
    assert_eq!(refused("name.x=1"), "--set name.x=1: CAP0113: `name` is the text \"web\", not a table with keys");
    assert_eq!(
        refused("a..b=1"),
        "--set a..b=1: CAP0113: `a..b` is not a dotted path of a key; write it like `tiers.cache.memory`"
    );
    let users = Override::parse("workload.users=5000").expect("KEY=VALUE");
    assert_eq!(
        model_file::parse("model.toml", SHORT, &[users]).expect_err("refused").to_string(),
        "--set workload.users=5000: CAP0110: a workload has either `users` with `think_time` or `arrival_rate`, not both; remove `arrival_rate` from the file or do not set `users`"
    );
}

#[test]
fn types_of_other_catalogues_and_engines_are_told_apart() {
    let refused = |text: &str| set(&[text]).expect_err("refused");
    assert_eq!(
        refused("tiers.app.instance_type=db.m6g.large"),
        "--set tiers.app.instance_type=db.m6g.large: CAP0108: `db.m6g.large` is an RDS class, where an EC2 type is expected; did you mean `m6g.large`? or describe a type of your own under [instance_types]"
    );
    assert_eq!(
        refused("tiers.cache.instance_type=cache.m8g.large"),
        "--set tiers.cache.instance_type=cache.m8g.large: CAP0108: the catalogue has no price of `cache.m8g.large` with the engine `redis`; choose another engine or type, or give its price under [instance_types]"
    );
    set(&["tiers.cache.instance_type=cache.m8g.large", "tiers.cache.engine=valkey", "tiers.cache.candidate_types=[]"])
        .expect("valkey has a price");
}

#[test]
fn a_type_of_ones_own_needs_servers_and_a_price() {
    let own = SHORT.replace("m7g.large", "mine");
    let text = format!("{own}[instance_types.mine]\nservers = 4\nprice = \"0.1 USD/h\"\nspeed = 1.5\n");
    let system = load(&text).system;
    let mine = &system.tiers()[0].fleet().expect("a fleet").types[0];
    assert_eq!((mine.servers.get(), mine.speed, mine.price.nano_usd_per_hour()), (4, 1.5, 100_000_000));
    assert_eq!(
        faults(&format!("{own}[instance_types.mine]\nservers = 4\n")),
        "model.toml:9:17: CAP0103: instance_types.mine.price: an instance type needs the key `price`; write `price = \"0.0816 USD/h\"`: price of one instance; 730 h are a month"
    );
}

#[test]
fn every_key_of_the_shipped_models_is_in_the_schema() {
    fn walk(table: &DeTable, schema: &serde_json::Value, path: &str) {
        for (key, value) in table {
            let (key, inner) = (key.get_ref(), value.get_ref().as_table());
            let path = format!("{path}.{key}");
            let kind = inner.and_then(|inner| inner.get("kind")).and_then(|kind| kind.get_ref().as_str());
            let next = schema.pointer(&format!("/properties/{key}")).or_else(|| {
                let each = schema.get("additionalProperties").filter(|each| each.is_object());
                let by_kind = |each: &'_ serde_json::Value| -> Option<serde_json::Value> {
                    let kinds = each.get("oneOf")?.as_array()?;
                    let wanted = |one: &&serde_json::Value| {
                        one.pointer("/properties/kind/const").and_then(serde_json::Value::as_str) == kind
                    };
                    kinds.iter().find(wanted).cloned()
                };
                if let (Some(tier), Some(inner)) = (each.and_then(by_kind), inner) {
                    walk(inner, &tier, &path);
                }
                each.or_else(|| schema.get("patternProperties"))
            });
            let next = next.unwrap_or_else(|| panic!("{path} is not in the schema"));
            if let (None, None, Some(inner)) = (kind, next.get("anyOf"), inner) {
                walk(inner, next, &path);
            }
        }
    }
    let schema = model_file::schema();
    for model in SHIPPED_MODELS {
        walk(DeTable::parse(model.text).expect("TOML").get_ref(), &schema, model.name);
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    for text in ["[".repeat(10_000), "a.".repeat(10_000) + "b = 1", format!("a = {}", "[".repeat(10_000))] {
        assert!(model_file::parse("deep.toml", &text, &[]).is_err());
    }
}

#[test]
fn managed_tiers_have_no_fleet_and_the_others_do() {
    for model in SHIPPED_MODELS {
        for tier in load(model.text).system.tiers() {
            let is_fleet = matches!(tier.kind, TierKind::Service | TierKind::Cache | TierKind::Database);
            assert_eq!(tier.fleet().is_some(), is_fleet, "{}", tier.name);
        }
    }
}

/// Replaces one stretch of a text, at character boundaries.
fn mutate(text: &str, start: usize, length: usize, with: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = start % characters.len();
    let end = (start + length).min(characters.len());
    characters[..start].iter().copied().chain(with.chars()).chain(characters[end..].iter().copied()).collect()
}

/// Loads, renders and compares counts; the point is that nothing panics and that a refusal has something to say.
fn survives(text: &str, overrides: &[Override]) {
    if let Err(diagnostics) = Document::parse("any.toml", text).load(overrides) {
        assert!(!diagnostics.is_empty(), "a refusal without a reason: {text}");
        assert!(diagnostics.render(Colour::Plain).matches("error[CAP").count() >= diagnostics.len());
        assert!(!diagnostics.to_string().is_empty());
    }
}

/// Evaluates what a text describes, if it describes something: whatever the values, times are numbers or there is none.
fn evaluates(text: &str, overrides: &[Override]) {
    let Ok(loaded) = Document::parse("any.toml", text).load(overrides) else { return };
    let system = loaded.system;
    let Ok(prepared) = Prepared::new(&system) else { return };
    for condition in [Condition::AllUp, Condition::ZoneLost, Condition::DesignLoss] {
        if let Ok(evaluation) = evaluate(&prepared, &system.current_deployment(), condition) {
            let times = evaluation.overall;
            assert!(times.mean.is_finite() && times.mean >= 0.0, "{overrides:?}: {times:?}");
            assert!(times.percentiles.iter().all(|time| time.is_finite()), "{overrides:?}: {times:?}");
        }
    }
}

/// Keys of the shop and values at the ends of what each kind of key takes.
const EXTREMES: [(&[&str], &[&str]); 5] = [
    (
        &["tiers.app.service_time", "tiers.db.service_time", "tiers.app.round_trip", "workload.think_time"],
        &["0 s", "1 ns", "1e-300 s", "1 h"],
    ),
    (&["tiers.app.service_scv", "tiers.db.service_scv"], &["0.1", "1", "100"]),
    (&["tiers.app.instances", "tiers.app.servers", "tiers.db.read_replicas"], &["0", "1", "1000", "100000"]),
    (&["workload.users", "instance_types.small.speed"], &["1e-9", "1", "1e9"]),
    (&["tiers.app.mtbf", "tiers.app.mttr", "region.zone_mtbf", "region.zone_mttr"], &["0 s", "1 ns", "1 y", "10000 y"]),
];

fn extreme() -> impl Strategy<Value = Override> {
    prop::sample::select(EXTREMES.as_slice()).prop_flat_map(|(keys, values)| {
        (prop::sample::select(keys), prop::sample::select(values)).prop_map(|(key, value)| Override {
            given_by: GivenBy::Set,
            key: key.to_owned(),
            value: value.to_owned(),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_extreme_value_panics(overrides in prop::collection::vec(extreme(), 1..5)) {
        evaluates(SHOP, &overrides);
    }

    #[test]
    fn no_mutation_of_a_small_model_panics(
        start in 0..1500_usize,
        length in 0..4_usize,
        with in "([ -~]|[0-9]{1,4}){0,2}",
    ) {
        let text = mutate(SHOP, start, length, &with);
        survives(&text, &[]);
        evaluates(&text, &[]);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        survives(&text, &[]);
        evaluates(&text, &[]);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        survives(&text, &[]);
    }

    #[test]
    fn no_mutation_of_the_reference_model_panics(
        start in 0..4000_usize,
        length in 0..40_usize,
        with in "([ -~\\n]|ö|[\"=.{}\\[\\]]){0,12}",
    ) {
        survives(&mutate(REFERENCE_MODEL, start, length, &with), &[]);
    }

    #[test]
    fn no_override_panics(
        key in "(workload|region|tiers|classes|objectives)\\.(app|cache|browse|zones|users)(\\.[a-z_]{1,12})?",
        value in ".{0,24}",
    ) {
        survives(REFERENCE_MODEL, &[Override { given_by: GivenBy::Set, key, value }]);
    }

    #[test]
    fn no_quantity_panics(text in "[0-9eE+\\-_.a-zA-Z%/$µ ]{0,24}") {
        for dimension in [model_file::Dimension::Duration, model_file::Dimension::Ratio, model_file::Dimension::Price] {
            if let Ok(value) = model_file::parse_quantity(dimension, &text) {
                prop_assert!(value.is_finite());
            }
        }
        let _ = model_file::vary(&format!("a={text}"));
        let _ = model_file::users_range(&text);
    }
}
