use serde_json::Value;

use super::CalcError;
use super::check::checked;
use super::question::{Question, Unanswered};
pub(super) use super::question::{typed, typed_with_gaps};

/// One formula behind a name.
#[derive(Debug, Clone, Copy)]
pub struct Calculator {
    /// What it is called.
    pub name: &'static str,
    /// What it computes, as a line of a list.
    pub summary: &'static str,
    /// What it takes.
    pub inputs: &'static [Input],
    /// Its formula in lines. `{field}` stands for a value of the input or of the answer; a field that both have is the
    /// input's, `{result.field}` the answer's. Deeper values are `{system.w}` and `{visit_ratios[0]}`; `{ttl|none}` says
    /// what to show for a field left out.
    pub formula: &'static [&'static str],
    /// Where the formula is from.
    pub reference: &'static str,
    pub(super) answer: fn(Question) -> Result<(), Unanswered>,
}

impl Calculator {
    /// Answers one question.
    ///
    /// # Errors
    ///
    /// As [`run`](super::run).
    pub fn run(&self, input: &Value) -> Result<Value, CalcError> {
        let mut answer = Value::Null;
        match (self.answer)(Question::checked(checked(self, input)?, &mut answer)) {
            Ok(()) => Ok(answer),
            Err(Unanswered::Error(error)) => Err(error),
            Err(Unanswered::Unread(error)) => Err(CalcError::invalid(error.to_string())),
        }
    }

    pub(super) fn input(&self, name: &str) -> Option<&'static Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The inputs' names as they stand in a message.
    pub(super) fn input_names(&self) -> String {
        let names: Vec<String> = self.inputs.iter().map(|input| format!("`{}`", input.name)).collect();
        names.join(", ")
    }
}

/// One input of a calculator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its name in JSON; a flag has hyphens for the underscores.
    pub name: &'static str,
    /// What it may hold.
    pub kind: InputKind,
    /// Whether it may be left out.
    pub need: Need,
    /// What it means, with unit, limits and default.
    pub doc: &'static str,
}

impl Input {
    pub(super) const fn required(name: &'static str, kind: InputKind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Required, doc }
    }

    pub(super) const fn optional(name: &'static str, kind: InputKind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Optional, doc }
    }
}

/// Whether an input may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It has to be given.
    Required,
    /// It has a default, or selects something.
    Optional,
}

/// What an input may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A number.
    Number,
    /// A whole number of at least 0.
    Count,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A word.
    Word,
    /// A list of numbers.
    Numbers,
    /// A list of whole numbers of at least 0.
    Counts,
    /// A number of servers, or `"inf"` for a delay station.
    ServerCount,
    /// A list of numbers of servers, of which any may be `"inf"`.
    ServerCounts,
    /// A station: `{"servers", "service_time", "distribution", "scv"}`.
    Station,
    /// A number of instances, or `"infinite"` for the limit of many.
    FleetSize,
    /// A list of lists of numbers.
    Matrix,
    /// How often objects are asked for: `{"type": "zipf", "n": …, "alpha": …}`, `{"type": "weights", "weights": […]}` or
    /// a histogram `[[accesses, objects], …]`.
    Popularity,
    /// A histogram of requests `[[accesses, objects], …]`; as a flag the file that holds `object,count`.
    Histogram,
    /// A tree of parts: `{"id", "a"}`, `{"series": […]}`, `{"parallel": […]}` or `{"k", "items"}`.
    Tree,
    /// A list of the stages of a release: `{"fraction", "duration", "detection_power"}`.
    Stages,
}
