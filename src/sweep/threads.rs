use std::num::NonZeroUsize;

/// Runs `work` on `threads` threads; on all cores where none are named or the pool cannot be made.
///
/// The number of threads changes the time, never the result.
pub fn with_threads<T: Send>(threads: Option<NonZeroUsize>, work: impl FnOnce() -> T + Send) -> T {
    let pool = threads.and_then(|count| rayon::ThreadPoolBuilder::new().num_threads(count.get()).build().ok());
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}
