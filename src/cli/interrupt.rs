//! Ctrl-C: the first asks for an orderly end, the second ends at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::CliError;

/// Whether the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. Where that is not possible, Ctrl-C ends the program as it does any other: outputs are whole
    /// either way.
    pub fn install() -> Self {
        let interrupt = Self::default();
        let flag = Arc::clone(&interrupt.0);
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                process::exit(130);
            }
        });
        interrupt
    }

    /// Whether the user asked to stop.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
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
        interrupt.0.store(true, Ordering::SeqCst);
        let error = interrupt.check().expect_err("asked to stop");
        assert_eq!(error.exit_code(), 130);
        assert_eq!(error.to_string(), "interrupted; nothing was written");
    }
}
