//! A progress bar for work that takes more than a second, seen on a terminal only.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::session::Session;

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far a long piece of work has come. Threads share it by reference.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
    audience: Audience,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Nobody,
    Terminal,
}

impl Progress {
    /// Begins to count `total` steps of what `label` names.
    pub fn begin(session: &Session, label: &'static str, total: u64) -> Self {
        let watched = !session.options.quiet && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()).with_message(label);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}") {
            bar.set_style(style);
        }
        let audience = if watched { Audience::Terminal } else { Audience::Nobody };
        Self { bar, begun: Instant::now(), audience }
    }

    /// Counts some more steps.
    pub fn advance(&self, steps: u64) {
        self.show();
        self.bar.inc(steps);
    }

    fn show(&self) {
        if self.audience == Audience::Terminal && self.bar.is_hidden() && self.begun.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
