//! A small simulation of a processor-sharing station, the measure of its formulas.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Law of the service, of mean 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Jobs {
    /// Exponential.
    Exponential,
    /// Two phases with balanced means and a squared coefficient of variation of 4.
    Hyperexponential,
}

/// A generator of uniform numbers, the same on every run.
#[derive(Debug, Clone)]
pub struct Generator(u64);

impl Generator {
    pub const fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// Between 0 and 1, neither of them.
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Exponential of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    fn service(&mut self, jobs: Jobs) -> f64 {
        let mean = match jobs {
            Jobs::Exponential => 1.0,
            Jobs::Hyperexponential => {
                let short = 0.5 * (1.0 + 0.6_f64.sqrt());
                if self.uniform() < short { 0.5 / short } else { 0.5 / (1.0 - short) }
            }
        };
        mean * self.exponential()
    }
}

/// Times at a station of `servers` servers under an arrival rate, sorted; the first tenth of the jobs is not counted.
///
/// Every job has received the same service since it came, so a job ends when the common clock has gone on by its size.
pub fn simulated_sharing(arrival_rate: f64, servers: u32, jobs: Jobs, count: usize) -> Vec<f64> {
    let mut generator = Generator::new();
    let (mut now, mut clock) = (0.0, 0.0);
    let mut arrival = generator.exponential() / arrival_rate;
    // Ends on the clock and arrivals in time; bits of positive numbers are in the order of the numbers.
    let mut present: BinaryHeap<Reverse<(u64, u64)>> = BinaryHeap::new();
    let mut times = Vec::with_capacity(count);
    while times.len() < count {
        let rate = (f64::from(servers) / present.len() as f64).min(1.0);
        let end = present.peek().map_or(f64::INFINITY, |job| now + (f64::from_bits(job.0.0) - clock) / rate);
        if arrival <= end {
            if !present.is_empty() {
                clock += rate * (arrival - now);
            }
            now = arrival;
            present.push(Reverse(((clock + generator.service(jobs)).to_bits(), now.to_bits())));
            arrival += generator.exponential() / arrival_rate;
        } else if let Some(Reverse((mark, came))) = present.pop() {
            (now, clock) = (end, f64::from_bits(mark));
            times.push(now - f64::from_bits(came));
        }
    }
    let mut counted = times.split_off(count / 10);
    counted.sort_by(f64::total_cmp);
    counted
}
