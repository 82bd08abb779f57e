//! A model file, read once and loaded as often as its values are varied.

use std::borrow::Cow;
use std::sync::Arc;

use super::Override;
use super::build::build;
use super::codes::Code;
use super::diagnostic::{Diagnostics, RawFault};
use super::named_files::NamedFiles;
use super::notes::{DefaultInForce, Notes};
use super::overrides;
use super::tree::{self, Origin, SyntaxError, Table};
use crate::model::{Fault, Rule, System, SystemDraft};

/// The text of a model file, taken apart.
///
/// Reading the text is done once; [`Document::load`] then takes a fraction of a millisecond for each set of overrides.
#[derive(Debug, Clone)]
pub struct Document {
    source_name: Arc<str>,
    text: Arc<str>,
    root: Table,
    syntax_errors: Vec<SyntaxError>,
    files: NamedFiles,
}

/// A system and the defaults that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The system.
    pub system: System,
    /// Every key that the file does not give, with what holds instead.
    pub defaults: Vec<DefaultInForce>,
}

impl Document {
    /// Takes a text apart. Its faults are reported by [`Document::load`], all at once.
    ///
    /// `source_name` is what messages call the text, usually its path.
    pub fn parse(source_name: &str, text: &str) -> Self {
        let (root, syntax_errors) = tree::parse(text);
        Self { source_name: source_name.into(), text: text.into(), root, syntax_errors, files: NamedFiles::default() }
    }

    /// Lets `read` fetch the files that values name, such as a cache's `histogram`; without it none can be read.
    #[must_use]
    pub fn with_files(self, files: NamedFiles) -> Self {
        Self { files, ..self }
    }

    /// Makes the system that the text and the overrides describe.
    ///
    /// # Errors
    ///
    /// [`Diagnostics`] with every fault of the text and of the overrides.
    pub fn load(&self, overrides: &[Override]) -> Result<Loaded, Diagnostics> {
        let mut notes = Notes { files: self.files.clone(), ..Notes::default() };
        let mut root = Cow::Borrowed(&self.root);
        if !overrides.is_empty() {
            overrides::apply(root.to_mut(), overrides, &mut notes.faults);
        }
        let draft = build(&root, &mut notes);
        if self.syntax_errors.is_empty() {
            if let Ok(draft) = draft {
                match check(draft, &root) {
                    Ok(system) if notes.faults.is_empty() => return Ok(Loaded { system, defaults: notes.defaults }),
                    Ok(_) => {}
                    Err(faults) => notes.faults.extend(faults),
                }
            }
        } else {
            merge_syntax_errors(&self.text, &self.syntax_errors, &mut notes.faults);
        }
        Err(Diagnostics::new(&self.source_name, &self.text, overrides, notes.faults))
    }
}

/// Adds the syntax errors and drops faults that are only their consequences: those on the same line, and missing
/// keys, which may stand in what could not be read.
pub fn merge_syntax_errors(text: &str, errors: &[SyntaxError], faults: &mut Vec<RawFault>) {
    if errors.is_empty() {
        return;
    }
    let line_of = |byte: usize| text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count();
    let broken: Vec<usize> = errors.iter().map(|error| line_of(error.span.start)).collect();
    faults.retain(|fault| match &fault.origin {
        Origin::Override(_) => true,
        Origin::File(span) => fault.code != Code::MISSING_KEY && !broken.contains(&line_of(span.start)),
    });
    let mut seen = Vec::new();
    for (error, line) in errors.iter().zip(broken) {
        // The parser stumbles on over the rest of a broken line; the leftmost error is the useful one.
        if seen.contains(&line) {
            continue;
        }
        seen.push(line);
        faults.push(RawFault {
            code: Code::SYNTAX,
            origin: Origin::File(error.span.clone()),
            path: String::new(),
            message: error.message.clone(),
            help: text.lines().nth(line).and_then(unquoted_quantity),
        });
    }
}

/// Makes the system of one text and its overrides.
///
/// # Errors
///
/// [`Diagnostics`] with every fault.
///
/// # Examples
///
/// ```
/// use capplan::model_file::{self, Override};
///
/// let users = Override::parse("workload.users=5000")?;
/// let loaded = model_file::parse("web.toml", model_file::REFERENCE_MODEL, &[users])?;
/// assert_eq!(loaded.system.tiers().len(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(source_name: &str, text: &str, overrides: &[Override]) -> Result<Loaded, Diagnostics> {
    Document::parse(source_name, text).load(overrides)
}

/// Recognizes the commonest slip, `think_time = 20 s`.
fn unquoted_quantity(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let value = value.split('#').next()?.trim();
    let is_quantity = value.starts_with(|first: char| first.is_ascii_digit() || first == '$')
        && value.ends_with(|last: char| last.is_ascii_alphabetic() || last == '%');
    is_quantity.then(|| format!("quantities stand in quotes: `{} = \"{value}\"`", key.trim()))
}

fn check(draft: SystemDraft, root: &Table) -> Result<System, Vec<RawFault>> {
    let databases: Vec<String> = draft
        .tiers
        .iter()
        .filter(|tier| tier.kind == crate::model::TierKind::Database)
        .map(|tier| tier.name.clone())
        .collect();
    System::new(draft).map_err(|faults| faults.into_iter().map(|fault| raw(fault, &databases, root)).collect())
}

fn raw(mut fault: Fault, databases: &[String], root: &Table) -> RawFault {
    // A file counts the read replicas of a database, the model its instances.
    if let (Rule::EmptyCounts { min, max }, [_, tier, key]) = (&mut fault.rule, fault.path.as_mut_slice())
        && databases.contains(tier)
    {
        "max_read_replicas".clone_into(key);
        *min -= 1;
        *max -= 1;
    }
    RawFault {
        code: code(&fault.rule),
        origin: root.locate(fault.path.iter().map(String::as_str)),
        path: fault.path.iter().fold(String::new(), |path, key| super::values::join(&path, key)),
        message: fault.rule.to_string(),
        help: None,
    }
}

const fn code(rule: &Rule) -> Code {
    match rule {
        Rule::NoTiers => Code::NO_TIERS,
        Rule::NoClasses => Code::NO_CLASSES,
        Rule::SharesSum { .. } => Code::SHARES_SUM,
        Rule::EmptyCounts { .. } => Code::EMPTY_COUNTS,
        Rule::NoVisits { .. } => Code::NO_VISITS,
        Rule::Unvisited { .. } => Code::UNVISITED,
        Rule::BadBacking { .. } => Code::BAD_BACKING,
        Rule::WritesElsewhere { .. } => Code::WRITES_ELSEWHERE,
        Rule::TooManyBranches { .. } => Code::TOO_MANY_BRANCHES,
        Rule::NoDatabaseBelow { .. } => Code::NO_DATABASE_BELOW,
        Rule::PublicTier { .. } => Code::PUBLIC_TIER,
        Rule::MoreShardsThanNodes { .. } => Code::MORE_SHARDS_THAN_NODES,
        Rule::BelowOneObject { .. } => Code::BELOW_ONE_OBJECT,
        Rule::TooFewZones { .. } => Code::TOO_FEW_ZONES,
        Rule::RepeatedObjective { .. } => Code::REPEATED_OBJECTIVE,
        Rule::SlowProbe { .. } => Code::SLOW_PROBE,
        Rule::WrongTier { .. } => Code::WRONG_TIER,
        Rule::TooManyZonesLost { .. } | Rule::TooManyLost { .. } | Rule::TooManyLostAnywhere { .. } => {
            Code::MORE_LOST_THAN_THERE_ARE
        }
    }
}
