//! Reads how requests reach the instances of a fleet.

use super::fleet::distinct;
use crate::model::{InstanceType, ROUTINGS, Sticky};
use crate::model_file::fields::Fields;
use crate::model_file::keys::Key;
use crate::model_file::keys::tiers::fleet::{CANDIDATE_ROUTING, ROUTING};
use crate::model_file::keys::tiers::service::{SESSION_RATE_SCV, STICKY_SESSIONS};
use crate::model_file::notes::{Notes, Read};
use crate::model_file::tree::{Node, Value};
use crate::model_file::values::{list_of, one_of};
use capplan_queueing::queues::RoutingPolicy;

/// The routing of today and those that may be chosen, each once.
#[derive(Debug)]
pub struct Routings {
    /// Today's.
    pub current: RoutingPolicy,
    /// All.
    pub all: Vec<RoutingPolicy>,
}

/// Reads `routing` and, where the kind of tier has it, `candidate_routing`.
pub fn read_routing(fields: &Fields<'_>, notes: &mut Notes) -> Read<Routings> {
    let current = fields.get(&ROUTING, notes);
    let candidates = read_candidates(fields, notes);
    let current = current?;
    let candidates = candidates?.unwrap_or_else(|| {
        if fields.knows(&CANDIDATE_ROUTING) {
            fields.derived(&CANDIDATE_ROUTING, &format!("[\"{}\"]", current.name()), notes);
        }
        Vec::new()
    });
    // What runs today can always be chosen, so it is added if the candidates do not name it.
    let today = (!candidates.contains(&current)).then_some(current);
    Ok(Routings { current, all: today.into_iter().chain(candidates).collect() })
}

fn read_candidates(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Vec<RoutingPolicy>>> {
    let known = fields.knows(&CANDIDATE_ROUTING);
    let Some(node) = fields.node(&CANDIDATE_ROUTING).filter(|_| known) else { return Ok(None) };
    let path = fields.path_of(&CANDIDATE_ROUTING);
    let nodes = list_of(node, &path, "a list of ways of routing", notes)?;
    let routing = |node: &Node| {
        let word = one_of(&ROUTINGS.map(RoutingPolicy::name), node)?;
        Ok(ROUTINGS.into_iter().find(|routing| routing.name() == word))
    };
    let show = |routing: &Option<RoutingPolicy>| format!("`{}`", routing.map_or("", RoutingPolicy::name));
    let routings = distinct(nodes, &path, routing, Option::eq, show, notes)?;
    Ok(Some(routings.into_iter().flatten().collect()))
}

/// Refuses what no model is good for: two of several instances looked at, each with several servers.
pub fn check_routing(fields: &Fields<'_>, routings: &Routings, types: &[InstanceType], notes: &mut Notes) -> Read<()> {
    let several = types.iter().find(|kind| kind.servers.get() > 1);
    let (true, Some(kind)) = (routings.all.contains(&RoutingPolicy::POWER_OF_TWO), several) else { return Ok(()) };
    let message = format!(
        "`power_of_two` has a model for instances of one server only, and `{}` has {}",
        kind.name,
        kind.servers.get()
    );
    let help = Some("write `least_outstanding`, which waits a little less, or `random`, which waits more".to_owned());
    Err(if routings.current == RoutingPolicy::POWER_OF_TWO {
        fields.conflict(&ROUTING, message, help, notes)
    } else {
        fields.conflict(&CANDIDATE_ROUTING, message, help, notes)
    })
}

/// Reads sticky sessions, which leave a balancer no choice for a request.
pub fn read_sticky(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Sticky>> {
    let Some(sessions) = fields.optional(&STICKY_SESSIONS, notes)? else { return Ok(None) };
    let rate_scv = fields.get(&SESSION_RATE_SCV, notes)?;
    refuse_choice(fields, &ROUTING, notes)?;
    refuse_choice(fields, &CANDIDATE_ROUTING, notes)?;
    Ok(Some(Sticky { sessions, rate_scv }))
}

fn refuse_choice<T>(fields: &Fields<'_>, key: &Key<T>, notes: &mut Notes) -> Read<()> {
    let is_random = |value: &Value| matches!(value, Value::Text(text) if text == RoutingPolicy::Random.name());
    let random = |value: &Value| match value {
        Value::List(nodes) => nodes.iter().all(|node| is_random(&node.value)),
        value => is_random(value),
    };
    if fields.node(key).is_none_or(|node| random(&node.value)) {
        return Ok(());
    }
    let (name, sticky) = (key.row.name, STICKY_SESSIONS.row.name);
    let message = format!("`{name}` has no choice with `{sticky}`: a request goes to the instance of its session");
    Err(fields.conflict(key, message, Some(format!("remove `{name}` or `{sticky}`")), notes))
}
