//! Reads `[objectives]`.

use super::classes::DEFAULT_CLASS;
use super::codes::Code;
use super::fields::Fields;
use super::keys::{objectives, root};
use super::notes::{Notes, Read, all};
use super::tree::shorten;
use super::values::{index_of, join, measure};
use crate::model::{Objectives, ResponseObjective};
use capplan_queueing::units::Seconds;

/// Reads the section; `class_names` are those of the file.
pub fn read_objectives(root: &Fields<'_>, class_names: &[&str], notes: &mut Notes) -> Read<Objectives> {
    let fields = root.section(&root::OBJECTIVES, notes)?;
    let availability = fields.optional(&objectives::AVAILABILITY, notes);
    let time_within = fields.optional(&objectives::TIME_WITHIN, notes);
    let budget = fields.optional(&objectives::MONTHLY_BUDGET, notes);
    let headroom = fields.get(&objectives::HEADROOM, notes);
    let system = read_percentiles(&fields, None, notes);
    let classes = fields.sections(&objectives::CLASSES, notes)?.unwrap_or_default();
    let of_classes = all(classes.iter().map(|(name, class)| {
        let class_names = if class_names.is_empty() { &[DEFAULT_CLASS] } else { class_names };
        let unknown = |name| format!("the file has no class {name}");
        let path = join(&fields.path_of(&objectives::CLASSES), name);
        let index = index_of(name, class_names, unknown, class.origin(), &path, notes)?;
        read_percentiles(class, Some(index), notes)
    }));
    let mut response_times = system?;
    response_times.extend(of_classes?.into_iter().flatten());
    Ok(Objectives {
        response_times,
        availability: availability?,
        time_within: time_within?,
        budget: budget?,
        headroom: headroom?,
    })
}

fn read_percentiles(fields: &Fields<'_>, class: Option<usize>, notes: &mut Notes) -> Read<Vec<ResponseObjective>> {
    let Some((table, _)) = fields.table(&objectives::RESPONSE_TIME, notes)? else { return Ok(Vec::new()) };
    all(table.entries.iter().map(|entry| {
        let path = join(&fields.path_of(&objectives::RESPONSE_TIME), &entry.key);
        let percentile = parse_percentile(&entry.key).ok_or_else(|| {
            let message = format!("`{}` is not a percentile above 0 and below 100", shorten(&entry.key));
            let help = Some("write `p95`, `p99` or `p99_9`".to_owned());
            notes.fault(Code::BAD_PERCENTILE, &entry.key_origin, &path, message, help)
        })?;
        let limit = measure(&objectives::RESPONSE_TIME.row.shape, &entry.node)
            .map_err(|wrong| notes.wrong(&entry.node, &path, wrong))?;
        Ok(ResponseObjective { class, percentile, limit: Seconds::new(limit).map_err(|_| super::notes::Refused)? })
    }))
}

/// Reads `p99_9` or `p99.9` as 0.999.
fn parse_percentile(key: &str) -> Option<f64> {
    const MOST_DIGITS: usize = 12;
    let digits = key.strip_prefix('p')?.replacen('_', ".", 1);
    let well_formed = digits.len() <= MOST_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.ends_with(|last: char| last.is_ascii_digit());
    let percentile: f64 = if well_formed { format!("{digits}e-2").parse().ok()? } else { return None };
    (percentile > 0.0 && percentile < 1.0).then_some(percentile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_take_a_point_or_an_underscore() {
        assert_eq!(parse_percentile("p95"), Some(0.95));
        assert_eq!(parse_percentile("p99_9"), Some(0.999));
        assert_eq!(parse_percentile("p99.9"), Some(0.999));
        for wrong in ["p", "95", "p0", "p100", "p9x", "p_9", "p9_", "p9.9.9", "pinf", "p-5", "p1e1"] {
            assert_eq!(parse_percentile(wrong), None, "{wrong}");
        }
    }
}
