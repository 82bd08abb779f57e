use std::borrow::Cow;

use serde_json::Value;

use crate::CalcError;
use crate::answer::Answer;
use crate::read::{Question, Unanswered};

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
    pub(crate) answer: fn(Question) -> Result<Answer, Unanswered>,
}

impl Calculator {
    /// Answers one question.
    ///
    /// # Errors
    ///
    /// As [`run`](crate::run).
    pub fn run(&self, input: &Value) -> Result<Value, CalcError> {
        match (self.answer)(Question::value(self, input)) {
            Ok(answer) => Ok(answer.to_json()),
            Err(Unanswered::Unread(fault) | Unanswered::Error(fault)) => Err(fault),
        }
    }

    pub(crate) fn input(&self, name: &str) -> Option<&'static Input> {
        self.inputs.iter().find(|input| input.name == name)
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
    /// What it means, with unit and limits.
    pub doc: &'static str,
}

impl Input {
    /// What it means, with unit, limits and default.
    pub fn description(&self) -> Cow<'static, str> {
        match self.need {
            Need::Default(value) => format!("{} (default {})", self.doc, value.trim_matches('"')).into(),
            Need::Required | Need::Optional => self.doc.into(),
        }
    }
}

/// Whether an input may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It has to be given.
    Required,
    /// It asks for more, selects something, or has a default that depends on other inputs.
    Optional,
    /// It has this value, written as in JSON, unless another is given.
    Default(&'static str),
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
    /// A stage of a release: `{"fraction", "duration", "detection_power"}`.
    Stage,
    /// A list of the stages of a release.
    Stages,
}

impl InputKind {
    /// The kind of a list of this kind.
    pub(crate) const fn list(self) -> Self {
        match self {
            Self::Count => Self::Counts,
            Self::ServerCount => Self::ServerCounts,
            Self::Numbers => Self::Matrix,
            Self::Stage => Self::Stages,
            _ => Self::Numbers,
        }
    }

    /// What stands in JSON, as the end of a message.
    pub(crate) fn in_json(self) -> Cow<'static, str> {
        match self {
            Self::Number => "a number".into(),
            Self::Count => "a whole number between 0 and 9,007,199,254,740,992".into(),
            Self::Switch => "`true` or `false`".into(),
            Self::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", words.join(", ")).into()
            }
            Self::Word => "a word".into(),
            Self::ServerCount => "a whole number of servers or \"inf\"".into(),
            Self::FleetSize => "a whole number of servers or \"infinite\"".into(),
            Self::Numbers | Self::Counts | Self::ServerCounts | Self::Matrix | Self::Histogram => "a list".into(),
            Self::Station => "a station such as `{\"servers\": 4, \"service_time\": 0.01}`".into(),
            Self::Popularity => "a popularity or a histogram".into(),
            Self::Tree => "an object with `id` and `a`, `series`, `parallel`, or `k` and `items`".into(),
            Self::Stage => "a stage such as `{\"fraction\": 0.05, \"duration\": 600, \"detection_power\": 0.9}`".into(),
            Self::Stages => "a list of stages".into(),
        }
    }

    /// What stands on the command line or in a cell of a table, as the end of a message.
    pub(crate) const fn in_text(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Count => "a whole number",
            Self::ServerCount => "a whole number of servers or `inf`",
            Self::FleetSize => "a whole number of servers or `infinite`",
            Self::ServerCounts => "a list of numbers of servers such as `2,inf,1`",
            Self::Switch => "`true` or `false`",
            Self::Choice(_) | Self::Word => "a word",
            Self::Numbers | Self::Counts => "a list of numbers such as `1,2,3`",
            Self::Matrix => "a matrix in JSON such as `[[0, 0.5], [0, 0]]`",
            Self::Station => "a station in JSON such as `{\"servers\": 4, \"service_time\": 0.01}`",
            Self::Popularity => "a popularity in JSON such as `{\"type\": \"zipf\", \"n\": 1000, \"alpha\": 0.9}`",
            Self::Histogram => "a histogram in JSON such as `[[120, 1], [7, 30]]`: accesses, objects with so many",
            Self::Tree => "a tree in JSON such as `{\"series\": [{\"id\": \"db\", \"a\": 0.999}]}`",
            Self::Stage | Self::Stages => {
                "stages in JSON such as `[{\"fraction\": 0.05, \"duration\": 600, \"detection_power\": 0.9}]`"
            }
        }
    }
}
