//! Reads how requests reach the instances of a fleet.

use super::codes::Code;
use super::fields::{Fields, Notes, Read, Refused, Wrong, list};
use super::suggest::nearest;
use super::tree::{Node, Origin, Value, shorten};
use crate::model::{InstanceType, Routing, Sticky};

/// The routing of today and those that may be chosen, each once.
#[derive(Debug)]
pub(super) struct Routings {
    pub current: Routing,
    pub all: Vec<Routing>,
}

/// Reads `routing` and, where the kind of tier has it, `candidate_routing`.
pub(super) fn read_routing(fields: &Fields<'_>, notes: &mut Notes) -> Read<Routings> {
    let current = fields.word("routing", notes);
    let candidates = if fields.knows(CANDIDATES) { read_candidates(fields, notes) } else { Ok(None) };
    let current = current?;
    let candidates = candidates?.unwrap_or_else(|| {
        if fields.knows(CANDIDATES) {
            fields.derived(CANDIDATES, &format!("[\"{current}\"]"), notes);
        }
        Vec::new()
    });
    let current = named(current).ok_or(Refused)?;
    // What runs today can always be chosen, so it is added if the candidates do not name it.
    let mut all = Vec::new();
    if !candidates.contains(&current) {
        all.push(current);
    }
    all.extend(candidates);
    Ok(Routings { current, all })
}

const CANDIDATES: &str = "candidate_routing";

fn named(word: &str) -> Option<Routing> {
    Routing::ALL.into_iter().find(|routing| routing.name() == word)
}

fn read_candidates(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Vec<Routing>>> {
    let Some(node) = fields.node(CANDIDATES) else { return Ok(None) };
    let Value::List(nodes) = &node.value else {
        return Err(fields.wrong(CANDIDATES, node, Wrong::value(node, "a list of ways of routing"), notes));
    };
    let mut found = Vec::with_capacity(nodes.len());
    let mut refused = None;
    for node in nodes {
        match candidate(node, &found) {
            Ok(routing) => found.push(routing),
            Err(wrong) => refused = Some(fields.wrong(CANDIDATES, node, wrong, notes)),
        }
    }
    refused.map_or(Ok(Some(found)), Err)
}

fn candidate(node: &Node, before: &[Routing]) -> Result<Routing, Wrong> {
    let names = || Routing::ALL.into_iter().map(Routing::name);
    let choices = list(names());
    let Value::Text(text) = &node.value else { return Err(Wrong::value(node, &format!("one of {choices}"))) };
    let Some(routing) = named(text) else {
        let message = format!("\"{}\" is not one of the choices", shorten(text));
        let help = match nearest(text, names()) {
            Some(near) => format!("did you mean `{near}`? the choices are {choices}"),
            None => format!("the choices are {choices}"),
        };
        return Err(Wrong { code: Code::UNKNOWN_WORD, message, help: Some(help) });
    };
    if before.contains(&routing) {
        let message = format!("`{}` is listed twice", routing.name());
        return Err(Wrong { code: Code::CONFLICT, message, help: None });
    }
    Ok(routing)
}

/// Refuses what no model is good for: two of several instances looked at, each with several servers.
pub(super) fn check_routing(
    fields: &Fields<'_>,
    routings: &Routings,
    types: &[InstanceType],
    notes: &mut Notes,
) -> Read<()> {
    let several = types.iter().find(|kind| kind.servers.get() > 1);
    let (true, Some(kind)) = (routings.all.contains(&Routing::PowerOfTwo), several) else { return Ok(()) };
    let key = if routings.current == Routing::PowerOfTwo { "routing" } else { CANDIDATES };
    let message = format!(
        "`power_of_two` has a model for instances of one server only, and `{}` has {}",
        kind.name,
        kind.servers.get()
    );
    let help = "write `least_outstanding`, which waits a little less, or `random`, which waits more".to_owned();
    Err(conflict(fields, key, message, help, notes))
}

fn conflict(fields: &Fields<'_>, key: &str, message: String, help: String, notes: &mut Notes) -> Refused {
    let origin = fields.node(key).map_or(Origin::TOP, |node| node.origin.clone());
    notes.fault(Code::CONFLICT, &origin, &fields.path_of(key), message, Some(help))
}

/// Reads sticky sessions, which leave a balancer no choice for a request.
pub(super) fn read_sticky(fields: &Fields<'_>, notes: &mut Notes) -> Read<Option<Sticky>> {
    const KEY: &str = "sticky_sessions";
    let Some(sessions) = fields.count_if_set(KEY, notes)? else { return Ok(None) };
    let rate_scv = fields.number("session_rate_scv", notes)?;
    for key in ["routing", CANDIDATES] {
        let random = |value: &Value| match value {
            Value::Text(text) => text == Routing::Random.name(),
            Value::List(nodes) => nodes.iter().all(|node| match &node.value {
                Value::Text(text) => text == Routing::Random.name(),
                _ => false,
            }),
            _ => false,
        };
        if fields.node(key).is_some_and(|node| !random(&node.value)) {
            let message = format!("`{key}` has no choice with `{KEY}`: a request goes to the instance of its session");
            let help = format!("remove `{key}` or `{KEY}`");
            return Err(conflict(fields, key, message, help, notes));
        }
    }
    Ok(Some(Sticky { sessions, rate_scv }))
}
