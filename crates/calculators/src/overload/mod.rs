//! Overload: backlogs, retries, and loads at which a system does not come back.

mod backlog_and_retries;
mod retry_point;

pub(crate) use backlog_and_retries::{METASTABLE_TRIGGER, OVERLOAD_BACKLOG, RETRY_AMPLIFICATION};
pub(crate) use retry_point::RETRY_FIXED_POINT;
