//! Sizes cloud systems with queueing theory: tiers as stations of an open network, cache hit ratios, zone redundancy and
//! availability, searched for the cheapest plan that keeps its promises.
//!
//! Three things that people do with it:
//!
//! # What will my system do?
//!
//! A model file becomes a [`System`](model::System), and [`evaluate()`](evaluate::evaluate) says what one deployment of it
//! does: utilization, response times, bottleneck. (The system can also be [built in code](model::SystemDraft).)
//!
//! ```
//! use capplan::evaluate::{Condition, Prepared, evaluate};
//! use capplan::model_file::{REFERENCE_MODEL, parse};
//!
//! let system = parse("web.toml", REFERENCE_MODEL, &[])?.system;
//! let prepared = Prepared::new(&system)?;
//! let today = evaluate(&prepared, &system.current_deployment(), Condition::AllUp)?;
//! let app = today.tiers.iter().find(|tier| tier.name == "app").expect("a tier of the reference system");
//! assert!(app.utilization.is_some_and(|busy| busy > 0.0 && busy < 1.0));
//! assert!(today.overall.mean > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What should I buy?
//!
//! [`search_plan`](review::search_plan) finds the cheapest deployment that keeps every objective after the designed loss,
//! as the proven optimum of the whole grid; [`review_deployment`](review::review_deployment) says what the deployment
//! promises, what sets the size of each tier and at which utilization to scale.
//!
//! ```
//! use capplan::evaluate::{Prepared, planned_arrival_rate};
//! use capplan::model_file::{Override, REFERENCE_MODEL, parse};
//! use capplan::review::search_plan;
//!
//! let plan = |users| -> Result<_, Box<dyn std::error::Error>> {
//!     let system = parse("web.toml", REFERENCE_MODEL, &[Override::users(users)])?.system;
//!     let outcome = search_plan(&Prepared::new(&system)?, planned_arrival_rate(&system))?;
//!     Ok(outcome.best.ok_or("no deployment keeps the objectives")?.candidate.price)
//! };
//! assert!(plan(10_000.0)? < plan(100_000.0)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What breaks first?
//!
//! [`review_scenarios`](review::review_scenarios) follows a deployment through a lost zone, a cold cache, a failover, a
//! spike or a retry storm: who notices, for how long, and what fails first.
//!
//! ```
//! use capplan::evaluate::Prepared;
//! use capplan::model_file::{REFERENCE_MODEL, parse};
//! use capplan::review::review_scenarios;
//!
//! let system = parse("web.toml", REFERENCE_MODEL, &[])?.system;
//! let reviews = review_scenarios(&Prepared::new(&system)?, &system.current_deployment(), system.scenarios())?;
//! assert_eq!(reviews.len(), system.scenarios().len());
//! for review in reviews {
//!     println!("{}: {:?}", review.scenario.name, review.outcome?.verdict);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//!
//! | question | room |
//! |---|---|
//! | What does the file say, and what is wrong with it? | [`model_file`] |
//! | What is a system made of? | [`model`] |
//! | What does one deployment do in one situation? | [`evaluate`] |
//! | Which deployment is the cheapest, and where are its limits? | [`plan`] |
//! | What may I promise, what sets the sizes, what breaks first? | [`review`] |
//! | How does the plan change with the load? | [`sweep`] |
//! | How is it shown: table, CSV, JSON, chart, page? | [`report`] |
//! | What does a network of stations do (TOML, JMVA)? | [`queueing_network`] |
//!
//! The formulas are those of [`capplan_queueing`]. The library neither prints nor opens a file; the command `capplan` does,
//! behind the feature `cli`.

mod error;
pub mod evaluate;
pub mod model;
pub mod model_file;
pub mod plan;
pub mod queueing_network;
pub mod report;
pub mod review;
pub mod sweep;

pub use error::Error;
