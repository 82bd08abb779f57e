//! Every integration test of the package in one binary, so that the library is linked once.

mod balancing;
mod calc_command;
mod cloud_network;
mod command;
mod database;
mod evaluate_command;
mod histograms;
mod init_and_check;
mod layers;
mod model_file;
mod must_survive;
mod networks;
mod plan;
mod published_report;
mod small_commands;
mod sweep_command;
mod whatif_command;
