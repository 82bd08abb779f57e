use crate::numeric::KilledChain;

use crate::queues::{Mmc, StationFigures};

/// Probability that is left out at either end of the chain.
const LEFT_OUT: f64 = 1e-12;

/// Standard deviations of the number in system that the chain reaches below its mean.
const DEVIATIONS_BELOW: f64 = 7.5;

/// States above the number of servers that stand for themselves.
const SINGLE_STATES: f64 = 768.0;

/// Beyond them a step is this part of the distance.
const GRADING: f64 = 256.0;

/// Nodes and weights of a Gauss rule on `[0, 1]`.
const RULE: [(f64, f64); 3] =
    [(0.112_701_665_379_258_31, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// The number of others at a processor-sharing station while a tagged job is there, in units of the mean service time.
///
/// # Formula
///
/// With `n` others each of the `n + 1` jobs has the rate `r_n = min(1, c/(n + 1))`: `n` rises at rate `a`, falls at rate
/// `n·r_n`, and the tagged job ends at rate `κ·r_n`. An arrival finds `n` others with the probability `π_n` of M/M/c. The
/// chain is reversible with the measure `m_n = π_n/r_n`, so `m_n·r_n = π_n`: the tagged job starts where it ends, and
/// [`KilledChain::lifetime`] is its time at the station.
///
/// # Method
///
/// States more than 7.5 standard deviations below the mean load are joined to the lowest one kept, and the states at the
/// top that hold 1e-12 are left out. The first 768 states above `c` are single; beyond, the form is taken on piecewise
/// linear functions over steps of a 256th of the distance from `c`, so that a chain has at most some thousands of states
/// however near to saturation it is. The masses are scaled to the exact mean.
#[derive(Debug, Clone)]
pub(in crate::queues) struct TaggedChain {
    mass: Vec<f64>,
    conductance: Vec<f64>,
    /// Probabilities of what an arrival finds.
    found: Vec<f64>,
}

impl TaggedChain {
    /// The chain of a station whose servers may all be busy: `P(wait) > 0`.
    pub fn new(station: &Mmc, servers: u64) -> Self {
        let c = servers as f64;
        let load = station.offered_load();
        let spare = station.spare_share();
        let wait = station.wait_probability();
        let all_busy = wait * spare;
        let mut chain = Self { mass: Vec::new(), conductance: Vec::new(), found: Vec::new() };
        chain.add_below(c, load, all_busy);
        chain.add_above(c, load, (-spare).ln_1p(), all_busy, wait);
        chain.join_rest(load, c);
        let slowdown = station.sojourn_time() * station.service_rate();
        let mass: f64 = chain.mass.iter().sum();
        for value in &mut chain.mass {
            *value *= slowdown / mass;
        }
        chain
    }

    /// The chain of a tagged job whose mean service is `1/rate` of that of the others.
    pub fn killed_at(&self, rate: f64) -> KilledChain {
        KilledChain {
            mass: self.mass.clone(),
            conductance: self.conductance.clone(),
            killing: self.found.iter().map(|found| rate * found).collect(),
        }
    }

    /// States with a server to spare, from a low one up to `c − 1` others.
    fn add_below(&mut self, c: f64, load: f64, all_busy: f64) {
        let low = (load - DEVIATIONS_BELOW * load.sqrt() - 10.0).floor().clamp(0.0, c - 1.0);
        let mut n = c;
        let mut probability = all_busy;
        while n > low {
            probability *= n / load;
            n -= 1.0;
            self.found.push(probability);
        }
        self.found.reverse();
        self.mass.clone_from(&self.found);
        self.conductance.extend(self.mass.iter().map(|mass| load * mass));
    }

    /// States with all servers busy, `j = n − c ≥ 0`: `π = π_c·ρ^j`, `m = π·(c + 1 + j)/c`.
    fn add_above(&mut self, c: f64, load: f64, ln_rho: f64, all_busy: f64, wait: f64) {
        let last = ((LEFT_OUT.ln() - wait.ln()) / ln_rho).ceil().max(8.0);
        let found = |j: f64| all_busy * (ln_rho * j).exp();
        let mass = |j: f64| found(j) * (c + 1.0 + j) / c;
        let mut j = 0.0;
        // A state belongs half to the step below it and half to the step above.
        let (mut left_found, mut left_mass) = (0.5 * found(0.0), 0.5 * mass(0.0));
        while j < last {
            let step = if j < SINGLE_STATES { 1.0 } else { (j / GRADING).floor() };
            let (mut ends_found, mut ends_mass) = ([0.0; 2], [0.0; 2]);
            let mut along = 0.0;
            if step == 1.0 {
                ends_found = [0.5 * found(j), 0.5 * found(j + 1.0)];
                ends_mass = [0.5 * mass(j), 0.5 * mass(j + 1.0)];
                along = mass(j);
            } else {
                for (place, weight) in RULE {
                    let at = j + place * step;
                    let share = weight * step;
                    for (end, part) in [1.0 - place, place].into_iter().enumerate() {
                        ends_found[end] += share * part * found(at);
                        ends_mass[end] += share * part * mass(at);
                    }
                    // A step from `n` to `n + 1` has the mass of `n` and stands half way.
                    along += share * mass(at - 0.5);
                }
            }
            self.found.push(left_found + ends_found[0]);
            self.mass.push(left_mass + ends_mass[0]);
            self.conductance.push(load * along / (step * step));
            (left_found, left_mass) = (ends_found[1], ends_mass[1]);
            j += step;
        }
        self.found.push(left_found + 0.5 * found(j));
        self.mass.push(left_mass + 0.5 * mass(j));
    }

    /// Gives the lowest state what lies below it.
    fn join_rest(&mut self, load: f64, c: f64) {
        let kept: f64 = self.found.iter().sum();
        if let (Some(found), Some(mass)) = (self.found.first_mut(), self.mass.first_mut())
            && kept < 1.0
            && load < c
        {
            *found += 1.0 - kept;
            *mass += 1.0 - kept;
        }
    }
}
