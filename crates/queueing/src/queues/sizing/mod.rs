//! Inverse questions: how many servers, users or arrivals an objective allows.

pub(super) mod min_servers;
pub(super) mod most_users;
pub(super) mod objective;
