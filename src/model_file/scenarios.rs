//! Reads `[scenarios]`, and the sections that say how the system reacts: `[health_check]`, `[deploy]`, `[clients]`.

use super::codes::Code;
use super::fields::Fields;
use super::keys::{clients, deploy, health_check, root, scenario};
use super::notes::{Notes, Read, Refused, all};
use super::values::{check_name, join};
use crate::model::{ProbeRule, Reactions, Scenario, ScenarioKind};
use capplan_queueing::units::{Probability, Seconds};

/// Attempts after the first that a program makes: AWS SDKs make three in all.
const STORM_RETRIES: u32 = 2;

/// Settings that a scenario takes from `[deploy]` and `[clients]` unless it has its own.
#[derive(Debug, Clone, Copy)]
struct SharedSettings {
    batch: Probability,
    retries: u32,
    timeout: Seconds,
}

impl SharedSettings {
    fn retries(self, kind: ScenarioKind) -> u32 {
        match kind {
            ScenarioKind::RetryStorm => self.retries.max(STORM_RETRIES),
            _ => self.retries,
        }
    }

    /// The scenario of a kind that no model has to describe.
    fn built_in(self, kind: ScenarioKind) -> Read<Scenario> {
        Ok(Scenario {
            name: kind.name().to_owned(),
            kind,
            tier: None,
            instances: 1,
            zones: 1,
            factor: 3.0,
            duration: None,
            batch: self.batch,
            retries: self.retries(kind),
            timeout: self.timeout,
            must_survive: false,
            recover_within: Seconds::new(300.0).map_err(|_| Refused)?,
        })
    }
}

/// Reads `[health_check]`, `[deploy]`, `[clients]` and `[scenarios]`.
pub fn read_scenarios(root: &Fields<'_>, tier_names: &[&str], notes: &mut Notes) -> Read<(Reactions, Vec<Scenario>)> {
    let check = root.section(&root::HEALTH_CHECK, notes)?;
    let interval = check.get(&health_check::INTERVAL, notes);
    let probe_timeout = check.get(&health_check::TIMEOUT, notes);
    let unhealthy_threshold = check.get(&health_check::UNHEALTHY_THRESHOLD, notes);
    let healthy_threshold = check.get(&health_check::HEALTHY_THRESHOLD, notes);
    let deploy = root.section(&root::DEPLOY, notes)?;
    let batch = deploy.get(&deploy::BATCH, notes);
    let surge = deploy.get(&deploy::SURGE, notes);
    let clients = root.section(&root::CLIENTS, notes)?;
    let timeout = clients.get(&clients::TIMEOUT, notes);
    let retries = clients.get(&clients::RETRIES, notes);
    let reactions = Reactions {
        health_check: ProbeRule {
            interval: interval?,
            timeout: probe_timeout?,
            unhealthy_threshold: unhealthy_threshold?,
            healthy_threshold: healthy_threshold?,
        },
        deploy_surge: surge?,
    };
    let shared = SharedSettings { batch: batch?, retries: retries?, timeout: timeout? };
    let sections = root.sections(&root::SCENARIOS, notes)?.unwrap_or_default();
    let given = all(sections.iter().map(|(name, fields)| read_scenario(name, fields, tier_names, shared, notes)))?;
    let built_in = ScenarioKind::ALL.into_iter().map(|kind| {
        let own = given.iter().find(|scenario| scenario.name == kind.name());
        own.map_or_else(|| shared.built_in(kind), |own| Ok(own.clone()))
    });
    let mut scenarios = all(built_in)?;
    scenarios.extend(given.iter().filter(|scenario| ScenarioKind::named(&scenario.name).is_none()).cloned());
    Ok((reactions, scenarios))
}

fn read_scenario(
    name: &str,
    fields: &Fields<'_>,
    tier_names: &[&str],
    shared: SharedSettings,
    notes: &mut Notes,
) -> Read<Scenario> {
    let checked = check_name(name, fields.origin(), &join(root::SCENARIOS.row.name, name), notes);
    let kind = read_kind(name, fields, notes);
    let tier = fields.tier(&scenario::TIER, tier_names, notes);
    let instances = fields.get(&scenario::INSTANCES, notes);
    let zones = fields.get(&scenario::ZONES, notes);
    let factor = fields.get(&scenario::FACTOR, notes);
    let duration = fields.optional(&scenario::DURATION, notes);
    let batch = fields.optional(&scenario::BATCH, notes);
    let retries = fields.optional(&scenario::RETRIES, notes);
    let timeout = fields.optional(&scenario::TIMEOUT, notes);
    let must_survive = fields.get(&scenario::MUST_SURVIVE, notes);
    let recover_within = fields.get(&scenario::RECOVER_WITHIN, notes);
    checked?;
    let kind = kind?;
    refuse_unused(kind, fields, notes)?;
    Ok(Scenario {
        name: name.to_owned(),
        kind,
        tier: tier?,
        instances: instances?,
        zones: zones?,
        factor: factor?,
        duration: duration?,
        batch: batch?.unwrap_or(shared.batch),
        retries: retries?.unwrap_or_else(|| shared.retries(kind)),
        timeout: timeout?.unwrap_or(shared.timeout),
        must_survive: must_survive?,
        recover_within: recover_within?,
    })
}

fn read_kind(name: &str, fields: &Fields<'_>, notes: &mut Notes) -> Read<ScenarioKind> {
    let own = ScenarioKind::named(name);
    let Some(kind) = fields.optional(&scenario::KIND, notes)? else {
        return own.ok_or_else(|| fields.missing(&scenario::KIND, notes));
    };
    if own.is_some_and(|own| own != kind) {
        let message = format!("the scenario `{name}` cannot be of the kind `{}`", kind.name());
        let help = Some("remove `kind`, or give the scenario another name".to_owned());
        return Err(fields.conflict(&scenario::KIND, message, help, notes));
    }
    Ok(kind)
}

/// A key that a kind does not use would be a setting that silently does nothing.
fn refuse_unused(kind: ScenarioKind, fields: &Fields<'_>, notes: &mut Notes) -> Read<()> {
    let mut read = Ok(());
    for (name, kinds) in scenario::USED_BY {
        let Some((node, path)) = fields.node_of(name).filter(|_| !kinds.contains(&kind)) else { continue };
        let message = format!("`{}` does not use the key `{name}`", kind.name());
        let help = format!("remove it; {} it", used(kinds));
        read = Err(notes.fault(Code::UNUSED_KEY, &node.origin, &path, message, Some(help)));
    }
    read
}

fn used(kinds: &[ScenarioKind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
    match &names[..] {
        [one] => format!("only {one} uses"),
        _ => format!("only {} use", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_file::{Override, REFERENCE_MODEL, parse};

    fn with(text: &str) -> Result<Vec<Scenario>, String> {
        parse("web", &format!("{REFERENCE_MODEL}\n{text}"), &[])
            .map(|loaded| loaded.system.scenarios().to_vec())
            .map_err(|faults| faults.to_string())
    }

    #[test]
    fn every_kind_is_there_without_being_described() {
        let scenarios = with("").expect("no faults");
        assert_eq!(scenarios.iter().map(|scenario| scenario.kind).collect::<Vec<_>>(), ScenarioKind::ALL);
        assert_eq!(scenarios[7].retries, 2);
        assert_eq!(scenarios[0].retries, 0);
    }

    #[test]
    fn a_section_of_a_built_in_name_replaces_its_parameters_and_another_name_adds_one() {
        let scenarios = with("[scenarios.spike]\nfactor = 5\n[scenarios.sale]\nkind = \"spike\"\nduration = \"1 h\"");
        let scenarios = scenarios.expect("no faults");
        assert_eq!((scenarios.len(), scenarios[6].factor), (9, 5.0));
        assert_eq!((scenarios[8].name.as_str(), scenarios[8].kind), ("sale", ScenarioKind::Spike));
    }

    #[test]
    fn an_override_reaches_a_scenario() {
        let factor = Override::parse("scenarios.spike.factor=7").expect("an override");
        let loaded = parse("web", REFERENCE_MODEL, &[factor]).expect("no faults");
        assert_eq!(loaded.system.scenarios()[6].factor, 7.0);
    }

    /// The first fault without its place, which depends on the length of the reference model.
    fn first(text: &str) -> String {
        let faults = with(text).expect_err("refused");
        faults
            .lines()
            .next()
            .and_then(|line| line.split_once(": "))
            .map_or_else(String::new, |(_, fault)| fault.to_owned())
    }

    fn fault(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn more_than_there_is_cannot_be_lost() {
        assert!(with("[scenarios.zone-lost]\nzones = 3").is_ok());
        assert_eq!(
            first("[scenarios.zone-lost]\nzones = 4"),
            fault(
                "CAP0218: scenarios.zone-lost.zones: 4 zones cannot be lost of 3; give at most 3, which is the whole region"
            )
        );
        assert!(with("[scenarios.instance-lost]\ninstances = 60").is_ok());
        assert_eq!(
            first("[scenarios.instance-lost]\ninstances = 61"),
            fault(
                "CAP0218: scenarios.instance-lost.instances: no tier runs 61 instances; the largest, `app`, can lose 60: \
                 give at most 60"
            )
        );
        assert_eq!(
            first("[scenarios.instance-lost]\ninstances = 4\ntier = \"cache\""),
            fault(
                "CAP0218: scenarios.instance-lost.instances: 4 instances of `cache` cannot be lost, which runs 3; give at \
                 most 3"
            )
        );
        assert_eq!(
            first("[scenarios.fall]\nkind = \"instance-lost\"\ninstances = 3\ntier = \"db\""),
            fault("CAP0218: scenarios.fall.instances: 3 replicas of `db` cannot be lost, which runs 2; give at most 2")
        );
    }

    #[test]
    fn a_key_without_effect_is_refused() {
        assert_eq!(
            first("[scenarios.deploy]\nduration = \"1 h\""),
            fault(
                "CAP0219: scenarios.deploy.duration: `deploy` does not use the key `duration`; remove it; only `zone-lost`, \
                 `instance-lost`, `cache-lost`, `db-failover`, `spike`, `retry-storm` use it"
            )
        );
        assert_eq!(
            first("[scenarios.cache-cold]\nbatch = \"10%\""),
            fault(
                "CAP0219: scenarios.cache-cold.batch: `cache-cold` does not use the key `batch`; remove it; only `deploy` \
                 uses it"
            )
        );
        assert!(with("[scenarios.spike]\nretries = 1\ntimeout = \"5 s\"\nduration = \"5 min\"").is_ok());
    }

    #[test]
    fn what_cannot_happen_is_refused() {
        assert_eq!(
            first("[scenarios.sale]\nfactor = 2"),
            fault(
                "CAP0103: scenarios.sale.kind: a scenario needs the key `kind`; write one of `zone-lost`, `instance-lost`, \
                 `cache-lost`, `cache-cold`, `db-failover`, `deploy`, `spike`, `retry-storm`: what goes wrong"
            )
        );
        assert_eq!(
            first("[scenarios.spike]\nkind = \"deploy\""),
            fault(
                "CAP0110: scenarios.spike.kind: the scenario `spike` cannot be of the kind `deploy`; remove `kind`, or give \
                 the scenario another name"
            )
        );
        assert_eq!(
            first("[scenarios.deploy]\ntier = \"db\""),
            fault("CAP0214: scenarios.deploy.tier: `deploy` does not happen to `db`, which is a database")
        );
        assert_eq!(
            first("[health_check]\ninterval = \"5 s\"\ntimeout = \"6 s\""),
            fault(
                "CAP0213: health_check.timeout: a health check that waits 6 s does not end within its interval of 5 s"
            )
        );
    }
}
