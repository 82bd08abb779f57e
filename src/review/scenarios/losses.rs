use crate::evaluate::{Breakdown, Duty, Primary, Situation, Survivors};
use crate::model::{Choice, DatabaseRole, FleetRole, Hashing, Standby};
use capplan_queueing::availability::{HealthCheck, ProbeFailure};
use capplan_queueing::cache::remapped_keys;
use capplan_queueing::units::Servers;

use super::ScenarioEvaluator;
use super::evaluator::{Script, Step};
use super::impact::{LossKind, TierLoss};
use super::refill::Refill;

/// What a tier loses at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loss {
    pub tier: usize,
    /// Instances, a database's primary not counted.
    pub instances: u32,
    /// Zones that are lost whole.
    pub zones: u32,
    pub primary: PrimaryFate,
}

/// What becomes of the primary of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrimaryFate {
    /// It stays, or there is none.
    Stays,
    /// It fails; the standby, if there is one, is elsewhere.
    Fails,
    /// It fails with its standby.
    FailsWithStandby,
}

/// How far the reaction to a loss has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    dead: Noticed,
    primary: Noticed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noticed {
    NotYet,
    Yes,
}

/// Names of the steps of a loss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// While it lasts and everything has reacted.
    pub during: &'static str,
    /// When it is over.
    pub after: &'static str,
}

impl ScenarioEvaluator<'_> {
    fn choice(&self, tier: usize) -> Option<Choice> {
        self.deployment.choices.get(tier).copied().flatten()
    }

    /// What a loss takes away, in words and numbers.
    pub(super) fn strike(&self, loss: Loss) -> Option<TierLoss> {
        let tier = &self.prepared.system.tiers()[loss.tier];
        let choice = self.choice(loss.tier)?;
        let primary = u32::from(loss.primary != PrimaryFate::Stays);
        let reach = if primary > 0 { LossKind::Primary } else { LossKind::Instances };
        Some(TierLoss { tier: tier.name.clone(), instances: loss.instances + primary, of: choice.count, reach })
    }

    /// The script of losses that happen at once and are made good after `duration` seconds.
    ///
    /// # Method
    ///
    /// Until the health check has its verdict, on average, instances that are dead take their share of the visits, which
    /// fail. Look-ups in lost cache nodes are misses, and what they held is loaded into others only after the verdict. Until the failover is over nothing writes. What comes back serves
    /// at once; cache nodes come back empty.
    pub(super) fn losses(&self, losses: &[Loss], duration: f64, names: Names) -> Result<Script, Breakdown> {
        let noticed = self.detection_time()?;
        let mut times = vec![0.0];
        if losses.iter().any(|loss| self.hides(*loss)) {
            times.push(noticed);
        }
        times.extend(losses.iter().filter_map(|loss| self.failover_time(*loss)));
        times.retain(|&time| time < duration);
        times.sort_by(f64::total_cmp);
        times.dedup();
        let mut script = Script::default();
        let down = self.refill(losses, &mut script, Refilled::WhatIsLeft)?;
        let back = self.refill(losses, &mut script, Refilled::All)?;
        for (index, &start) in times.iter().enumerate() {
            let end = times.get(index + 1).copied().unwrap_or(duration);
            let mut situation = self.normal.clone();
            let mut waits_for = Progress { dead: Noticed::Yes, primary: Noticed::Yes };
            for loss in losses {
                let reached = |time: f64| if start >= time { Noticed::Yes } else { Noticed::NotYet };
                let progress = Progress {
                    dead: reached(if self.hides(*loss) { noticed } else { 0.0 }),
                    primary: self.failover_time(*loss).map_or(Noticed::Yes, reached),
                };
                if progress.dead == Noticed::NotYet {
                    waits_for.dead = Noticed::NotYet;
                }
                if progress.primary == Noticed::NotYet {
                    waits_for.primary = Noticed::NotYet;
                }
                self.lose(&mut situation, *loss, progress)?;
            }
            let name = match (waits_for.dead, waits_for.primary) {
                (Noticed::NotYet, Noticed::NotYet) => "not yet noticed, no primary",
                (Noticed::NotYet, Noticed::Yes) => "not yet noticed",
                (Noticed::Yes, Noticed::NotYet) => "no primary",
                (Noticed::Yes, Noticed::Yes) => names.during,
            };
            // Until somebody notices, clients look for lost keys where they were: nothing refills.
            let refill = down.filter(|_| waits_for.dead == Noticed::Yes).map(|number| (number, name.to_owned()));
            script.steps.push(Step { name: name.to_owned(), length: end - start, situation, load_factor: 1.0, refill });
        }
        let name = if back.is_some() { format!("{}, cache refills", names.after) } else { names.after.to_owned() };
        script.steps.push(Step {
            name,
            length: f64::INFINITY,
            situation: self.normal.clone(),
            load_factor: 1.0,
            refill: back.map(|number| (number, "as before".to_owned())),
        });
        Ok(script)
    }

    /// Mean time until a dead instance gets no more requests; it does not answer at all.
    pub(super) fn detection_time(&self) -> Result<f64, Breakdown> {
        let rule = self.prepared.system.reactions().health_check;
        let check = HealthCheck {
            interval: rule.interval,
            timeout: rule.timeout,
            unhealthy_threshold: u64::from(rule.unhealthy_threshold),
        };
        check
            .detection_time(ProbeFailure::Hang)
            .map(|detection| detection.mean)
            .map_err(|error| Breakdown::unsolved("health_check", error))
    }

    /// Whether visits go to dead instances until somebody notices.
    fn hides(&self, loss: Loss) -> bool {
        let count = self.choice(loss.tier).map_or(0, |choice| choice.count);
        match self.role(loss.tier) {
            // A lost cache misses whether somebody notices or not.
            Some(FleetRole::Cache(_)) => loss.instances > 0 && loss.instances < count,
            Some(FleetRole::Service | FleetRole::Database(_)) => loss.instances > 0,
            None => false,
        }
    }

    fn role(&self, tier: usize) -> Option<&FleetRole> {
        self.prepared.system.tiers()[tier].fleet().map(|fleet| &fleet.role)
    }

    /// When a new primary serves; `None` where none is needed, or none can.
    fn failover_time(&self, loss: Loss) -> Option<f64> {
        let Some(FleetRole::Database(role)) = self.role(loss.tier) else { return None };
        self.successor(role, loss)?;
        Some(role.failover_time.get())
    }

    /// Whether somebody takes the place of a primary that is lost.
    pub(super) fn has_successor(&self, loss: Loss) -> bool {
        self.failover_time(loss).is_some()
    }

    fn successor(&self, role: &DatabaseRole, loss: Loss) -> Option<Successor> {
        let left = self.choice(loss.tier)?.count.saturating_sub(1 + loss.instances);
        match (loss.primary, role.standby) {
            (PrimaryFate::Stays, _) => None,
            (PrimaryFate::Fails, Standby::Synchronous) => Some(Successor::Standby),
            _ if left > 0 => Some(Successor::Replica),
            _ => None,
        }
    }

    /// Puts a loss into a situation.
    fn lose(&self, situation: &mut Situation, loss: Loss, progress: Progress) -> Result<(), Breakdown> {
        let (Some(role), Some(choice)) = (self.role(loss.tier), self.choice(loss.tier)) else { return Ok(()) };
        let part = &mut situation.tiers[loss.tier];
        let zones = self.normal.tiers[loss.tier].left.zones.saturating_sub(loss.zones).max(1);
        part.left.zones = zones;
        match role {
            FleetRole::Service => {
                part.left.serving = choice.count - loss.instances;
                if progress.dead == Noticed::NotYet || part.left.serving == 0 {
                    part.reads_served = share_left(choice.count, loss.instances);
                }
            }
            FleetRole::Cache(_) => {
                part.left.serving = choice.count - loss.instances;
                if part.left.serving == 0 {
                    part.duty = Duty::Bypassed;
                    part.hit_ratio = Some(0.0);
                    part.left = Survivors { serving: choice.count, primary: Primary::NotApplicable, zones };
                } else if progress.dead == Noticed::NotYet {
                    // The others get no more look-ups than before.
                    part.left.serving = choice.count;
                    part.hit_ratio = part.hit_ratio.map(|hits| hits * share_left(choice.count, loss.instances));
                } else {
                    part.hit_ratio = self.hit_ratio_of(loss.tier, choice, part.left.serving)?;
                }
            }
            FleetRole::Database(role) => {
                let replicas = choice.count.saturating_sub(1);
                let left = replicas - loss.instances.min(replicas);
                part.left = Survivors { serving: left, primary: Primary::Present, zones };
                if replicas > 0 && progress.dead == Noticed::NotYet {
                    part.reads_served = share_left(replicas, loss.instances);
                }
                if loss.primary != PrimaryFate::Stays {
                    match (self.successor(role, loss), progress.primary) {
                        (Some(Successor::Standby), Noticed::Yes) => {}
                        (Some(Successor::Replica), Noticed::Yes) => part.left.serving = left.saturating_sub(1),
                        _ => {
                            part.writes_served = 0.0;
                            if left == 0 {
                                part.reads_served = 0.0;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds the refill of the first cache that lost nodes, with what is left of it or when all are back.
    fn refill(&self, losses: &[Loss], script: &mut Script, refilled: Refilled) -> Result<Option<usize>, Breakdown> {
        for loss in losses {
            let (Some(FleetRole::Cache(cache)), Some(choice)) = (self.role(loss.tier), self.choice(loss.tier)) else {
                continue;
            };
            let left = choice.count - loss.instances;
            let nodes = match refilled {
                Refilled::WhatIsLeft => left,
                Refilled::All => choice.count,
            };
            if loss.instances == 0 || nodes == 0 {
                continue;
            }
            let lost_share = moved_share(cache.behaviour.hashing, choice.count, left);
            if let Some(cold) = self.cold_start(loss.tier, choice, nodes)? {
                script.refills.push(Refill::new(loss.tier, lost_share, cold));
                return Ok(Some(script.refills.len() - 1));
            }
        }
        Ok(None)
    }
}

/// Which nodes a cache refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refilled {
    WhatIsLeft,
    All,
}

/// The share of keys that have another node when the number of nodes changes, in either direction.
fn moved_share(hashing: Hashing, all: u32, left: u32) -> f64 {
    let count = |nodes: u32| Servers::new(u64::from(nodes)).ok();
    let Some((all, left)) = count(all).zip(count(left)) else { return 1.0 };
    let moved = remapped_keys(all, left);
    match hashing {
        Hashing::Consistent => moved.consistent,
        Hashing::Modulo => moved.modulo,
    }
}

/// What takes the place of a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Successor {
    Standby,
    Replica,
}

fn share_left(count: u32, lost: u32) -> f64 {
    if count == 0 { 0.0 } else { f64::from(count - lost.min(count)) / f64::from(count) }
}
