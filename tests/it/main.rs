//! Every integration test of the package in one binary, so that the library is linked once.

mod balancing;
mod cli_answers;
mod cli_calc;
mod cli_histogram;
mod cli_model;
mod cli_whatif;
mod cloud_network;
mod command;
mod database;
mod evaluate_command;
mod layers;
mod model_file;
mod must_survive;
mod networks;
mod plan;
mod published_report;
mod sweep_command;
