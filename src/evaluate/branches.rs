use crate::model::RequestClass;
use capplan_queueing::network::Branch;

use super::{HitRatios, Prepared, fixed_time};

/// A path of a request through the system. Stations are numbered `2·tier` for reads and `2·tier + 1` for writes.
pub type WeightedBranch = Branch;

/// Returns the paths of the requests of a class, with their probabilities.
///
/// # Method
///
/// A fraction of a visit is made or not made, independently for each tier; of `k` look-ups in a cache the number that
/// misses is binomial. Paths with the same visits and fixed time are one.
pub fn class_branches(prepared: &Prepared<'_>, class: &RequestClass, hit_ratios: &HitRatios) -> Vec<WeightedBranch> {
    let tiers = prepared.system.tiers();
    let mut branches = vec![Branch { probability: 1.0, fixed_time: 0.0, visits: vec![0; 2 * tiers.len()] }];
    for visits in &class.visits {
        let fixed = fixed_time(&tiers[visits.tier]);
        branches = split(branches, visits.reads, |branch, count| {
            branch.visits[2 * visits.tier] += count;
            branch.fixed_time += f64::from(count) * fixed;
        });
        branches = split(branches, visits.writes, |branch, count| {
            branch.visits[2 * visits.tier + 1] += count;
            branch.fixed_time += f64::from(count) * fixed;
        });
        if let (Some(hit_ratio), Some(behind)) = (hit_ratios[visits.tier], prepared.behind(visits.tier)) {
            let fixed_behind = fixed_time(&tiers[behind]);
            branches = branches
                .iter()
                .flat_map(|branch| {
                    let lookups = branch.visits[2 * visits.tier];
                    misses(lookups, 1.0 - hit_ratio).into_iter().map(move |(count, probability)| {
                        let mut missed = branch.clone();
                        missed.probability *= probability;
                        missed.visits[2 * behind] += count;
                        missed.fixed_time += f64::from(count) * fixed_behind;
                        missed
                    })
                })
                .filter(|branch| branch.probability > 0.0)
                .collect();
        }
    }
    merged(branches)
}

/// Makes a visit for each whole one and splits the branches on the fraction.
fn split(branches: Vec<Branch>, visits: f64, visit: impl Fn(&mut Branch, u32)) -> Vec<Branch> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "visits are limited by the model")]
    let whole = visits.floor() as u32;
    let fraction = visits.fract();
    let mut ways = Vec::with_capacity(branches.len() * 2);
    for mut branch in branches {
        visit(&mut branch, whole);
        if fraction > 0.0 {
            let mut more = branch.clone();
            visit(&mut more, 1);
            more.probability *= fraction;
            branch.probability *= 1.0 - fraction;
            ways.push(more);
        }
        ways.push(branch);
    }
    ways
}

/// Numbers of misses among `lookups` independent look-ups, with their binomial probabilities.
fn misses(lookups: u32, miss_ratio: f64) -> Vec<(u32, f64)> {
    let mut ways = Vec::new();
    let mut coefficient = 1.0;
    for count in 0..=lookups {
        let probability = coefficient
            * miss_ratio.powi(i32::try_from(count).unwrap_or(i32::MAX))
            * (1.0 - miss_ratio).powi(i32::try_from(lookups - count).unwrap_or(i32::MAX));
        ways.push((count, probability));
        coefficient *= f64::from(lookups - count) / f64::from(count + 1);
    }
    ways
}

fn merged(mut branches: Vec<Branch>) -> Vec<Branch> {
    branches
        .sort_by(|one, other| one.fixed_time.total_cmp(&other.fixed_time).then_with(|| one.visits.cmp(&other.visits)));
    let mut unique: Vec<Branch> = Vec::with_capacity(branches.len());
    for branch in branches {
        match unique.last_mut() {
            Some(last) if last.visits == branch.visits && last.fixed_time == branch.fixed_time => {
                last.probability += branch.probability;
            }
            _ => unique.push(branch),
        }
    }
    unique
}
