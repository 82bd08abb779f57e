use crate::evaluate::{Breakdown, Duty, Primary, Situation, Survivors};
use crate::model::{DatabaseRole, FleetRole, Hashing, Standby};
use capplan_queueing::availability::{HealthCheck, ProbeFailure};
use capplan_queueing::cache::remapped_keys;
use capplan_queueing::units::Servers;

use super::ScenarioEvaluator;
use super::impact::{LossKind, TierLoss};
use super::refill::Refill;
use super::scripts::{Script, Step};

/// Instances that a tier loses at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Loss {
    pub tier: usize,
    /// Lost instances, without the primary of a database.
    pub instances: u32,
    /// Zones lost as a whole.
    pub zones: u32,
    pub primary: PrimaryFate,
}

/// State of the primary of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrimaryFate {
    /// It works, or the tier has none.
    Stays,
    /// It fails; a standby would be elsewhere.
    Fails,
    /// It fails together with its standby.
    FailsWithStandby,
}

/// Reactions of the system to a loss so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    /// Health checks remove dead instances.
    removal: Reaction,
    /// A new primary serves.
    failover: Reaction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaction {
    Pending,
    Done,
}

/// Names of the steps of a loss.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepNames {
    /// After all reactions, until the loss is repaired.
    pub during: &'static str,
    /// After the repair.
    pub after: &'static str,
}

impl ScenarioEvaluator<'_> {
    fn tier_loss(&self, loss: Loss) -> Option<TierLoss> {
        let (primary, kind) = match loss.primary {
            PrimaryFate::Stays => (0, LossKind::Instances),
            PrimaryFate::Fails | PrimaryFate::FailsWithStandby => (1, LossKind::Primary),
        };
        let tier = self.prepared.system.tiers()[loss.tier].name.clone();
        let loss = TierLoss { tier, instances: loss.instances + primary, of: self.choice(loss.tier)?.count, kind };
        Some(loss).filter(|loss| loss.instances > 0)
    }

    /// The script of losses that happen at once and are repaired after `duration` seconds.
    ///
    /// # Method
    ///
    /// Dead instances take their share of the visits, which fail, for the mean time until health checks remove them. Until
    /// then look-ups in lost cache nodes miss, and no other node loads their objects. No write succeeds until the failover
    /// is over. Repaired instances serve at once; repaired cache nodes are empty.
    pub(super) fn losses(&self, losses: &[Loss], duration: f64, names: StepNames) -> Result<Script, Breakdown> {
        let detection = self.detection_time()?;
        let mut script =
            Script { losses: losses.iter().filter_map(|loss| self.tier_loss(*loss)).collect(), ..Script::default() };
        let down = self.refill(losses, &mut script, Refilled::WhatIsLeft)?;
        let back = self.refill(losses, &mut script, Refilled::All)?;
        let times = self.reaction_times(losses, detection, duration);
        for (index, &start) in times.iter().enumerate() {
            let end = times.get(index + 1).copied().unwrap_or(duration);
            let reached = |time: f64| if start >= time { Reaction::Done } else { Reaction::Pending };
            let mut situation = self.normal.clone();
            let (mut removal, mut failover) = (Reaction::Done, Reaction::Done);
            for loss in losses {
                let progress = Progress {
                    removal: if self.hides(*loss) { reached(detection) } else { Reaction::Done },
                    failover: self.failover_time(*loss).map_or(Reaction::Done, reached),
                };
                if progress.removal == Reaction::Pending {
                    removal = Reaction::Pending;
                }
                if progress.failover == Reaction::Pending {
                    failover = Reaction::Pending;
                }
                self.lose(&mut situation, *loss, progress)?;
            }
            let name = match (removal, failover) {
                (Reaction::Pending, Reaction::Pending) => "not yet detected, no primary",
                (Reaction::Pending, Reaction::Done) => "not yet detected",
                (Reaction::Done, Reaction::Pending) => "no primary",
                (Reaction::Done, Reaction::Done) => names.during,
            };
            let refill = down.filter(|_| removal == Reaction::Done).map(|number| (number, name.to_owned()));
            script.steps.push(Step { refill, ..Step::new(name, end - start, situation) });
        }
        let name = if back.is_some() { format!("{}, cache refills", names.after) } else { names.after.to_owned() };
        let refill = back.map(|number| (number, "as before".to_owned()));
        script.steps.push(Step { refill, ..Step::new(&name, f64::INFINITY, self.normal.clone()) });
        Ok(script)
    }

    /// Times at which the system reacts before the repair, the fault first.
    fn reaction_times(&self, losses: &[Loss], detection: f64, repair: f64) -> Vec<f64> {
        let mut times = vec![0.0];
        times.extend(losses.iter().any(|loss| self.hides(*loss)).then_some(detection));
        times.extend(losses.iter().filter_map(|loss| self.failover_time(*loss)));
        times.retain(|&time| time < repair);
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// Mean time until health checks remove an instance that does not answer.
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

    /// Whether visits go to dead instances until health checks remove them.
    fn hides(&self, loss: Loss) -> bool {
        let count = self.choice(loss.tier).map_or(0, |choice| choice.count);
        match self.role(loss.tier) {
            // Of a cache without nodes every look-up misses, removed or not.
            Some(FleetRole::Cache(_)) => loss.instances > 0 && loss.instances < count,
            Some(FleetRole::Service | FleetRole::Database(_)) => loss.instances > 0,
            None => false,
        }
    }

    fn role(&self, tier: usize) -> Option<&FleetRole> {
        self.prepared.system.tiers()[tier].fleet().map(|fleet| &fleet.role)
    }

    /// Time until a new primary serves; `None` where none is needed or available.
    fn failover_time(&self, loss: Loss) -> Option<f64> {
        let Some(FleetRole::Database(role)) = self.role(loss.tier) else { return None };
        self.successor(role, loss)?;
        Some(role.failover_time.get())
    }

    /// Whether a standby or a replica takes over from a lost primary.
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

    /// Applies a loss to a situation.
    fn lose(&self, situation: &mut Situation, loss: Loss, progress: Progress) -> Result<(), Breakdown> {
        let (Some(role), Some(choice)) = (self.role(loss.tier), self.choice(loss.tier)) else { return Ok(()) };
        let part = &mut situation.tiers[loss.tier];
        let zones = self.normal.tiers[loss.tier].left.zones.saturating_sub(loss.zones).max(1);
        part.left.zones = zones;
        match role {
            FleetRole::Service => {
                part.left.serving = choice.count - loss.instances;
                if progress.removal == Reaction::Pending || part.left.serving == 0 {
                    part.reads_served = share_left(choice.count, loss.instances);
                }
            }
            FleetRole::Cache(_) => {
                part.left.serving = choice.count - loss.instances;
                if part.left.serving == 0 {
                    part.duty = Duty::Bypassed;
                    part.hit_ratio = Some(0.0);
                    part.left = Survivors { serving: choice.count, primary: Primary::NotApplicable, zones };
                } else if progress.removal == Reaction::Pending {
                    // The other nodes get no more look-ups than before.
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
                if replicas > 0 && progress.removal == Reaction::Pending {
                    part.reads_served = share_left(replicas, loss.instances);
                }
                if loss.primary != PrimaryFate::Stays {
                    match (self.successor(role, loss), progress.failover) {
                        (Some(Successor::Standby), Reaction::Done) => {}
                        (Some(Successor::Replica), Reaction::Done) => part.left.serving = left.saturating_sub(1),
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

    /// Adds the refill of the first cache that lost nodes to a script, and returns its number.
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

/// Nodes that a refill fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refilled {
    WhatIsLeft,
    All,
}

/// Share of the keys that move to another node when nodes are lost or come back.
fn moved_share(hashing: Hashing, all: u32, left: u32) -> f64 {
    let count = |nodes: u32| Servers::new(u64::from(nodes)).ok();
    let Some((all, left)) = count(all).zip(count(left)) else { return 1.0 };
    let moved = remapped_keys(all, left);
    match hashing {
        Hashing::Consistent => moved.consistent,
        Hashing::Modulo => moved.modulo,
    }
}

/// Replacement of a primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Successor {
    Standby,
    Replica,
}

fn share_left(count: u32, lost: u32) -> f64 {
    if count == 0 { 0.0 } else { f64::from(count - lost.min(count)) / f64::from(count) }
}
