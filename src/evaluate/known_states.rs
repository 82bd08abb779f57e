use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Choice;

use super::{Breakdown, Flow, LoadedTier, Survivors, TierState};

/// States of tiers solved before: most conditions of a system share most of its tier states.
#[derive(Debug, Default)]
pub(super) struct KnownStates(Mutex<HashMap<Key, Result<TierState, Breakdown>>>);

/// Tier, choice, what is left, and the bits of reads and writes.
type Key = (usize, Option<Choice>, Survivors, u64, u64);

/// Most states kept.
const MOST_KNOWN: usize = 8192;

impl KnownStates {
    /// The state of the tier with this number, solved or remembered.
    pub fn state(&self, number: usize, tier: &LoadedTier<'_>) -> Result<TierState, Breakdown> {
        let Flow { reads, writes } = tier.flow;
        let key = (number, tier.choice, tier.left, reads.to_bits(), writes.to_bits());
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = known().get(&key) {
            return state.clone();
        }
        let state = tier.state();
        let mut known = known();
        if known.len() < MOST_KNOWN {
            known.insert(key, state.clone());
        }
        drop(known);
        state
    }
}
