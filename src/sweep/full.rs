use rayon::prelude::*;

use crate::plan::{Assessed, Grid, HitRatioGroup, Workspace};

/// Candidates that one thread evaluates at a time.
const BLOCK: u64 = 4096;

/// Blocks that are computed while the previous ones are written.
const WINDOW: usize = 32;

/// Counts of a full evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FullGrid {
    /// Candidates evaluated.
    pub evaluated: u64,
    /// Candidates that meet every objective.
    pub feasible: u64,
}

/// Evaluates every candidate of a grid and hands their rows over in order.
///
/// `row` appends one candidate to a buffer and says whether it is feasible; it runs on every core. `write` takes the
/// buffers in the order of the grid while the next ones are computed. Memory does not grow with the grid.
///
/// # Errors
///
/// The error of `write`, which also stops the work.
pub fn evaluate_full<E: Send>(
    grid: &Grid<'_>,
    row: impl Fn(&mut Vec<u8>, &HitRatioGroup, &[usize], Assessed<'_>) -> Feasible + Sync,
    mut write: impl FnMut(&[u8], u64) -> Result<(), E> + Send,
) -> Result<FullGrid, E> {
    let points = grid.points();
    // Buffers are filled again and again, so that memory is asked for once.
    let compute = |first: u64, blocks: &mut [Block]| {
        blocks.par_iter_mut().enumerate().for_each_init(Workspace::default, |workspace, (number, block)| {
            let start = (first + number as u64 * BLOCK).min(points);
            let end = (start + BLOCK).min(points);
            block.rows.clear();
            block.evaluated = end - start;
            block.feasible = 0;
            for number in start..end {
                let verdict = grid
                    .evaluate(number, workspace, |group, picks, assessed| row(&mut block.rows, group, picks, assessed));
                block.feasible += u64::from(verdict == Some(Feasible::Yes));
            }
        });
    };
    let mut total = FullGrid::default();
    let mut ready: Vec<Block> = (0..WINDOW).map(|_| Block::default()).collect();
    let mut next = ready.clone();
    let mut first = 0;
    compute(first, &mut ready);
    while first < points {
        first = first.saturating_add(WINDOW as u64 * BLOCK);
        let (written, ()) = rayon::join(
            || {
                for block in ready.iter().filter(|block| block.evaluated > 0) {
                    write(&block.rows, block.evaluated)?;
                    total.evaluated += block.evaluated;
                    total.feasible += block.feasible;
                }
                Ok(())
            },
            || {
                if first < points {
                    compute(first, &mut next);
                }
            },
        );
        written?;
        std::mem::swap(&mut ready, &mut next);
    }
    Ok(total)
}

/// The rows of some candidates.
#[derive(Debug, Clone, Default)]
struct Block {
    rows: Vec<u8>,
    evaluated: u64,
    feasible: u64,
}

/// Whether a candidate meets every objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feasible {
    /// It does.
    Yes,
    /// It does not.
    No,
}
