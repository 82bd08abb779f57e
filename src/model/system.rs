use super::{
    CloudNetwork, Deployment, Fault, Fleet, FleetRole, Objectives, Placement, Reactions, Redundancy, Region,
    RequestClass, Resource, Rule, Scaling, Scenario, ScenarioKind, Tier, TierKind, Workload,
};

/// The most ways through the system that one request class may have.
///
/// Each fraction of a visit doubles them and each look-up in a cache multiplies them; every way costs time in every
/// candidate of a search.
pub const MAX_BRANCHES: u32 = 512;

/// Tolerance of the sum of the classes' shares: decimal shares do not sum exactly in binary.
const SHARE_TOLERANCE: f64 = 1e-9;

/// The parts of a system, not yet checked against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemDraft {
    /// Name of the system.
    pub name: String,
    /// Where requests come from.
    pub workload: Workload,
    /// Where it runs.
    pub region: Region,
    /// Kinds of request.
    pub classes: Vec<RequestClass>,
    /// Parts that requests visit.
    pub tiers: Vec<Tier>,
    /// Its objectives.
    pub objectives: Objectives,
    /// Parameters of its autoscaling.
    pub scaling: Scaling,
    /// Its reactions to scenarios.
    pub reactions: Reactions,
    /// Its scenarios: one of each kind, then the model's own.
    pub scenarios: Vec<Scenario>,
    /// The network between its tiers.
    pub network: CloudNetwork,
}

/// A system whose parts fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct System(SystemDraft);

impl System {
    /// Checks the parts against each other.
    ///
    /// # Errors
    ///
    /// Every broken [`Rule`], each with the key that breaks it.
    pub fn new(draft: SystemDraft) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        check_classes(&draft, &mut faults);
        check_tiers(&draft, &mut faults);
        check_objectives(&draft, &mut faults);
        check_reactions(&draft, &mut faults);
        if faults.is_empty() { Ok(Self(draft)) } else { Err(faults) }
    }

    /// Name of the system.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Where requests come from.
    pub const fn workload(&self) -> Workload {
        self.0.workload
    }

    /// Where it runs.
    pub const fn region(&self) -> &Region {
        &self.0.region
    }

    /// Kinds of request, at least one; their shares sum to 1.
    pub fn classes(&self) -> &[RequestClass] {
        &self.0.classes
    }

    /// Parts that requests visit, at least one; every index held by another part is valid.
    pub fn tiers(&self) -> &[Tier] {
        &self.0.tiers
    }

    /// Its objectives.
    pub const fn objectives(&self) -> &Objectives {
        &self.0.objectives
    }

    /// Parameters of its autoscaling.
    pub const fn scaling(&self) -> Scaling {
        self.0.scaling
    }

    /// Its reactions to scenarios.
    pub const fn reactions(&self) -> Reactions {
        self.0.reactions
    }

    /// Its scenarios: one of each kind, then the model's own.
    pub fn scenarios(&self) -> &[Scenario] {
        &self.0.scenarios
    }

    /// The network between its tiers.
    pub const fn network(&self) -> &CloudNetwork {
        &self.0.network
    }

    /// The same system under another load.
    #[must_use]
    pub fn with_workload(&self, workload: Workload) -> Self {
        Self(SystemDraft { workload, ..self.0.clone() })
    }

    /// The same system with other objectives; objectives of a class that it does not have are dropped.
    #[must_use]
    pub fn with_objectives(&self, mut objectives: Objectives) -> Self {
        let classes = self.0.classes.len();
        objectives.response_times.retain(|objective| objective.class.is_none_or(|class| class < classes));
        Self(SystemDraft { objectives, ..self.0.clone() })
    }

    /// The deployment of today.
    pub fn current_deployment(&self) -> Deployment {
        Deployment { choices: self.0.tiers.iter().map(|tier| tier.fleet().map(|fleet| fleet.current)).collect() }
    }
}

fn fault(path: &[&str], rule: Rule) -> Fault {
    Fault { path: path.iter().map(ToString::to_string).collect(), rule }
}

fn check_classes(draft: &SystemDraft, faults: &mut Vec<Fault>) {
    if draft.classes.is_empty() {
        faults.push(fault(&["classes"], Rule::NoClasses));
        return;
    }
    let sum: f64 = draft.classes.iter().map(|class| class.share.get()).sum();
    if (sum - 1.0).abs() > SHARE_TOLERANCE {
        faults.push(fault(&["classes"], Rule::SharesSum { sum }));
    }
    for class in &draft.classes {
        if class.visits.iter().all(|visits| visits.reads + visits.writes == 0.0) {
            let rule = Rule::NoVisits { class: class.name.clone() };
            faults.push(fault(&["classes", &class.name, "visits"], rule));
        }
        for visits in &class.visits {
            let Some(tier) = draft.tiers.get(visits.tier) else { continue };
            if visits.writes > 0.0 && tier.kind != TierKind::Database {
                let rule = Rule::WritesElsewhere { class: class.name.clone(), tier: tier.name.clone() };
                faults.push(fault(&["classes", &class.name, "visits", &tier.name], rule));
            }
        }
        let branches = branch_bound(draft, class);
        if branches > f64::from(MAX_BRANCHES) {
            let rule = Rule::TooManyBranches { class: class.name.clone(), branches, limit: MAX_BRANCHES };
            faults.push(fault(&["classes", &class.name, "visits"], rule));
        }
    }
}

/// Counts the ways of one class: two for each fraction of a visit, one more than the look-ups for each cache.
fn branch_bound(draft: &SystemDraft, class: &RequestClass) -> f64 {
    let fraction_ways = |visits: f64| if visits.fract() > 0.0 { 2.0 } else { 1.0 };
    class
        .visits
        .iter()
        .map(|visits| {
            let is_cache = draft.tiers.get(visits.tier).is_some_and(|tier| tier.kind == TierKind::Cache);
            let lookups = if is_cache { visits.reads.ceil() + 1.0 } else { 1.0 };
            fraction_ways(visits.reads) * fraction_ways(visits.writes) * lookups
        })
        .product()
}

fn check_tiers(draft: &SystemDraft, faults: &mut Vec<Fault>) {
    if draft.tiers.is_empty() {
        faults.push(fault(&["tiers"], Rule::NoTiers));
    }
    for (index, tier) in draft.tiers.iter().enumerate() {
        let behind_a_cache = draft.tiers.iter().any(|other| backing(other) == Some(index));
        let visited = draft
            .classes
            .iter()
            .flat_map(|class| &class.visits)
            .any(|visits| visits.tier == index && visits.reads + visits.writes > 0.0);
        if !visited && !behind_a_cache && !draft.classes.is_empty() {
            faults.push(fault(&["tiers", &tier.name], Rule::Unvisited { tier: tier.name.clone() }));
        }
        if tier.placement == Placement::Public && tier.kind != TierKind::LoadBalancer {
            let rule = Rule::PublicTier { tier: tier.name.clone(), kind: tier.kind.name() };
            faults.push(fault(&["tiers", &tier.name, "placement"], rule));
        }
        if let Resource::Fleet(fleet) = &tier.resource {
            check_fleet(draft, tier, fleet, faults);
            let below = draft.tiers.iter().skip(index + 1);
            if fleet.connections.is_some() && !below.into_iter().any(|other| other.kind == TierKind::Database) {
                let rule = Rule::NoDatabaseBelow { tier: tier.name.clone() };
                faults.push(fault(&["tiers", &tier.name, "connections"], rule));
            }
        }
    }
}

fn check_fleet(draft: &SystemDraft, tier: &Tier, fleet: &Fleet, faults: &mut Vec<Fault>) {
    if fleet.counts.is_empty() {
        let rule = Rule::EmptyCounts { min: fleet.counts.min, max: fleet.counts.max };
        faults.push(fault(&["tiers", &tier.name, "max_instances"], rule));
    }
    if fleet.redundancy == Redundancy::Zone && draft.region.zones < 2 {
        let rule = Rule::TooFewZones { zones: draft.region.zones };
        faults.push(fault(&["tiers", &tier.name, "redundancy"], rule));
    }
    check_cache(tier, fleet, faults);
    let Some(behind) = backing(tier).and_then(|index| draft.tiers.get(index)) else { return };
    if matches!(behind.kind, TierKind::Dns | TierKind::LoadBalancer | TierKind::Cache) {
        let rule = Rule::BadBacking { cache: tier.name.clone(), behind: behind.name.clone(), kind: behind.kind.name() };
        faults.push(fault(&["tiers", &tier.name, "in_front_of"], rule));
    }
}

/// A cache has a node for each shard and room for an object.
fn check_cache(tier: &Tier, fleet: &Fleet, faults: &mut Vec<Fault>) {
    let FleetRole::Cache(cache) = &fleet.role else { return };
    if let Some(shards) = cache.behaviour.shards {
        let least = fleet.counts.max.min(fleet.current.count);
        if shards > least {
            faults.push(fault(&["tiers", &tier.name, "shards"], Rule::MoreShardsThanNodes { shards, nodes: least }));
        }
    }
    let object = cache.object_size.get() + cache.object_overhead.get();
    let small = |memory: f64| (memory < object).then_some(Rule::BelowOneObject { memory, object });
    if let Some(rule) = cache.memory.and_then(|memory| small(memory.get())) {
        faults.push(fault(&["tiers", &tier.name, "memory"], rule));
        return;
    }
    let searched = cache.behaviour.memory_of_type.iter().flatten().find_map(|memory| small(memory.get()));
    if let Some(rule) = searched {
        faults.push(fault(&["tiers", &tier.name, "candidate_memory"], rule));
    }
    if let Some(rule) = fleet.types.iter().find_map(|kind| small(cache.usable_memory(kind.memory))) {
        faults.push(fault(&["tiers", &tier.name, "object_size"], rule));
    }
}

/// The tier that a cache's misses go to.
fn backing(tier: &Tier) -> Option<usize> {
    match &tier.fleet()?.role {
        FleetRole::Cache(cache) => cache.in_front_of,
        FleetRole::Service | FleetRole::Database(_) => None,
    }
}

fn check_objectives(draft: &SystemDraft, faults: &mut Vec<Fault>) {
    let objectives = &draft.objectives.response_times;
    for (index, objective) in objectives.iter().enumerate() {
        let repeated = objectives[..index]
            .iter()
            .any(|other| other.class == objective.class && other.percentile == objective.percentile);
        if repeated {
            let rule = Rule::RepeatedObjective { percentile: objective.percentile * 100.0 };
            faults.push(fault(&["objectives", "response_time"], rule));
        }
    }
}

fn check_reactions(draft: &SystemDraft, faults: &mut Vec<Fault>) {
    let check = draft.reactions.health_check;
    if check.timeout.get() > check.interval.get() {
        let rule = Rule::SlowProbe { timeout: check.timeout.get(), interval: check.interval.get() };
        faults.push(fault(&["health_check", "timeout"], rule));
    }
    for scenario in &draft.scenarios {
        check_losses(draft, scenario, faults);
        let Some(tier) = scenario.tier.and_then(|index| draft.tiers.get(index)) else { continue };
        let fits = match scenario.kind {
            ScenarioKind::InstanceLost => tier.fleet().is_some(),
            ScenarioKind::CacheLost | ScenarioKind::CacheCold => tier.kind == TierKind::Cache,
            ScenarioKind::DbFailover => tier.kind == TierKind::Database,
            ScenarioKind::Deploy => tier.kind == TierKind::Service,
            ScenarioKind::ZoneLost | ScenarioKind::Spike | ScenarioKind::RetryStorm => false,
        };
        if !fits {
            let rule =
                Rule::WrongTier { scenario: scenario.kind.name(), tier: tier.name.clone(), kind: tier.kind.name() };
            faults.push(fault(&["scenarios", &scenario.name, "tier"], rule));
        }
    }
}

/// A scenario loses no more than there is: clamping it in silence would answer another question.
fn check_losses(draft: &SystemDraft, scenario: &Scenario, faults: &mut Vec<Fault>) {
    let zones = draft.region.zones;
    if scenario.kind == ScenarioKind::ZoneLost && scenario.zones > zones {
        let rule = Rule::TooManyZonesLost { lost: scenario.zones, zones };
        faults.push(fault(&["scenarios", &scenario.name, "zones"], rule));
    }
    if scenario.kind != ScenarioKind::InstanceLost {
        return;
    }
    let lost = scenario.instances;
    let most = match scenario.tier {
        Some(index) => draft.tiers.get(index).and_then(can_lose),
        None => draft.tiers.iter().filter_map(can_lose).reduce(|one, other| if other.1 > one.1 { other } else { one }),
    };
    let Some((tier, limit)) = most.filter(|(_, limit)| lost > *limit) else { return };
    let name = tier.name.clone();
    let rule = match (scenario.tier, tier.kind) {
        (None, _) => Rule::TooManyLostAnywhere { tier: name, lost, limit },
        (Some(_), TierKind::Database) => Rule::TooManyLost { tier: name, what: "replicas", lost, limit },
        (Some(_), _) => Rule::TooManyLost { tier: name, what: "instances", lost, limit },
    };
    faults.push(fault(&["scenarios", &scenario.name, "instances"], rule));
}

/// Number of instances of a tier that can fail: for a database its replicas, or the primary where it is alone.
fn can_lose(tier: &Tier) -> Option<(&Tier, u32)> {
    let count = tier.fleet()?.current.count;
    let is_database = tier.kind == TierKind::Database;
    Some((tier, if is_database { count.saturating_sub(1).max(1) } else { count }))
}
