use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Choice;

use super::{Breakdown, Flow, LoadedTier, Survivors, TierState};

/// Tiers under flows that were solved before: the states of a system in many conditions share most of them.
#[derive(Debug, Default)]
pub(super) struct KnownStates(Mutex<HashMap<Key, Result<TierState, Breakdown>>>);

/// Tier, choice, what is left, and the bits of reads and writes.
type Key = (usize, Option<Choice>, Survivors, u64, u64);

/// States kept for later.
const MOST_KNOWN: usize = 8192;

impl KnownStates {
    /// Solves a tier of a number, or remembers its state.
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
