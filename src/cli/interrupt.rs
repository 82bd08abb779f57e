//! Ctrl-C: the run ends by itself if it can do so at once, and is ended otherwise.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::error::CliError;
use super::files::Leftovers;
use super::session;

/// How long a run may take to end by itself; one search or one chart can take longer.
const PATIENCE: Duration = Duration::from_millis(250);

/// Whether the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    requested: Arc<AtomicBool>,
    leftovers: Leftovers,
}

impl Interrupt {
    /// Listens from now on. Where that is not possible, Ctrl-C ends the program as it does any other: outputs are whole
    /// either way.
    pub fn install() -> Self {
        let interrupt = Self::default();
        let Self { requested, leftovers } = interrupt.clone();
        // The handler has a thread of its own, so it may wait.
        let _ = ctrlc::set_handler(move || {
            requested.store(true, Ordering::SeqCst);
            thread::sleep(PATIENCE);
            leftovers.abandon(|error| {
                session::report(error);
                process::exit(i32::from(error.exit_code()));
            });
        });
        interrupt
    }

    /// The list of what has to go if the run is ended.
    pub fn leftovers(&self) -> Leftovers {
        self.leftovers.clone()
    }

    /// Whether the user asked to stop.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }

    /// Goes on unless the user asked to stop.
    ///
    /// # Errors
    ///
    /// [`CliError::Interrupted`], which ends the program with 130 once everything on the way out is tidied up.
    pub fn check(&self) -> Result<(), CliError> {
        if self.requested() { Err(CliError::Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_stop_is_an_error_with_exit_code_130() {
        let interrupt = Interrupt::default();
        assert!(interrupt.check().is_ok());
        interrupt.requested.store(true, Ordering::SeqCst);
        let error = interrupt.check().expect_err("asked to stop");
        assert_eq!(error.exit_code(), 130);
        assert_eq!(error.to_string(), "interrupted; nothing was written");
    }
}
