use rayon::prelude::*;

use crate::plan::{Assessed, Grid, Scenario, Workspace};

/// Candidates that one thread evaluates at a time.
const BLOCK: u64 = 8192;

/// Blocks that are computed while the previous ones are written.
const WINDOW: u64 = 8;

/// What a full evaluation counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FullGrid {
    /// Candidates evaluated.
    pub evaluated: u64,
    /// Candidates that keep every promise.
    pub feasible: u64,
}

/// Evaluates every candidate of a grid and hands their rows over in order.
///
/// `row` appends one candidate to a buffer and says whether it is feasible; it runs on every core. `write` takes the
/// buffers in the order of the grid while the next ones are computed. Memory does not grow with the grid.
///
/// # Errors
///
/// What `write` returns, which also stops the work.
pub fn evaluate_full<E: Send>(
    grid: &Grid<'_>,
    row: impl Fn(&mut Vec<u8>, &Scenario, &[usize], Assessed<'_>) -> Feasible + Sync,
    mut write: impl FnMut(&[u8], u64) -> Result<(), E> + Send,
) -> Result<FullGrid, E> {
    let points = grid.points();
    let compute = |first: u64| -> Vec<(Vec<u8>, u64, u64)> {
        (0..WINDOW)
            .into_par_iter()
            .map_init(Workspace::default, |workspace, block| {
                let start = (first + block * BLOCK).min(points);
                let end = (start + BLOCK).min(points);
                let mut rows = Vec::with_capacity(if start < end { 1 << 20 } else { 0 });
                let mut feasible = 0;
                for number in start..end {
                    let verdict = grid.evaluate(number, workspace, |scenario, picks, assessed| {
                        row(&mut rows, scenario, picks, assessed)
                    });
                    feasible += u64::from(verdict == Some(Feasible::Yes));
                }
                (rows, end - start, feasible)
            })
            .collect()
    };
    let mut total = FullGrid::default();
    let mut ready = compute(0);
    let mut next = WINDOW * BLOCK;
    while !ready.is_empty() {
        let (written, computed) = rayon::join(
            || {
                for (rows, count, feasible) in &ready {
                    if *count > 0 {
                        write(rows, *count)?;
                        total.evaluated += count;
                        total.feasible += feasible;
                    }
                }
                Ok(())
            },
            || if next < points { compute(next) } else { Vec::new() },
        );
        written?;
        ready = computed;
        next = next.saturating_add(WINDOW * BLOCK);
    }
    Ok(total)
}

/// Whether a candidate keeps every promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feasible {
    /// It does.
    Yes,
    /// It does not.
    No,
}
