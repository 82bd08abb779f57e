//! Values from the command line that replace or add keys of the file.

use super::codes::Code;
use super::diagnostic::RawFault;
use super::suggest::did_you_mean;
use super::tree::{Entry, Node, Origin, Table, Value, parse_value, shorten};

/// The option of the command line that an override comes from, which messages about it name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBy {
    /// `--set KEY=VALUE`
    Set,
    /// `--vary KEY=VALUES`, of which this is one.
    Vary,
    /// `--users`, for the key `workload.users`.
    Users,
}

impl GivenBy {
    /// The option as it is typed.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Set => "--set",
            Self::Vary => "--vary",
            Self::Users => "--users",
        }
    }
}

/// The key that `--users` replaces.
pub const USERS_KEY: &str = "workload.users";

/// A value for one key, as in `--set tiers.cache.memory=8GiB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The option that it comes from.
    pub given_by: GivenBy,
    /// Dotted path of the key; a part that has dots itself stands in double quotes.
    pub key: String,
    /// The value: TOML if it can be read as such, text if not.
    pub value: String,
}

/// An override without an equals sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no override; write KEY=VALUE, such as `tiers.cache.memory=8GiB`")]
pub struct OverrideError {
    text: String,
}

impl Override {
    /// Reads `KEY=VALUE`.
    ///
    /// # Errors
    ///
    /// [`OverrideError`] if there is no equals sign or nothing before it.
    pub fn parse(text: &str) -> Result<Self, OverrideError> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok(Self { given_by: GivenBy::Set, key: key.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => Err(OverrideError { text: text.to_owned() }),
        }
    }

    /// The number of users, as `--users` gives it.
    pub fn users(users: f64) -> Self {
        Self { given_by: GivenBy::Users, key: USERS_KEY.to_owned(), value: users.to_string() }
    }

    /// What follows the option: `tiers.cache.memory=8GiB`, or the number of `--users`.
    pub fn written(&self) -> String {
        match self.given_by {
            GivenBy::Set | GivenBy::Vary => format!("{}={}", self.key, self.value),
            GivenBy::Users => self.value.clone(),
        }
    }
}

/// Splits `instance_types."cache.r7g.large".price` into its parts; `None` if a part is empty or a quote is open.
pub fn split_path(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = path;
    loop {
        let part;
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            part = &quoted[..end];
            rest = &quoted[end + 1..];
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            part = &rest[..end];
            rest = &rest[end..];
        }
        if part.is_empty() || part.contains('"') {
            return None;
        }
        parts.push(part.to_owned());
        match rest.strip_prefix('.') {
            Some(more) => rest = more,
            None if rest.is_empty() => return Some(parts),
            None => return None,
        }
    }
}

/// Puts the overrides into the tree, a later one over an earlier one.
pub fn apply(root: &mut Table, overrides: &[Override], faults: &mut Vec<RawFault>) {
    for (index, one) in overrides.iter().enumerate() {
        let origin = Origin::Override(index);
        if let Err((code, message, help)) = apply_one(root, one, &origin) {
            faults.push(RawFault { code, origin, path: one.key.clone(), message, help });
        }
    }
}

type Refusal = (Code, String, Option<String>);

fn apply_one(root: &mut Table, one: &Override, origin: &Origin) -> Result<(), Refusal> {
    let Some(path) = split_path(&one.key) else {
        let message = format!("`{}` is not a dotted path of a key", shorten(&one.key));
        return Err((Code::BAD_OVERRIDE, message, Some("write it like `tiers.cache.memory`".to_owned())));
    };
    if let [section, name, ..] = path.as_slice()
        && let "tiers" | "classes" = section.as_str()
    {
        check_name(root, section, name)?;
    }
    let Some((last, above)) = path.split_last() else { return Ok(()) };
    let mut table = root;
    for (depth, key) in above.iter().enumerate() {
        let entry = entry(table, key, origin, || Value::Table(Table::default()));
        let what = entry.node.value.describe();
        let Value::Table(inner) = &mut entry.node.value else {
            let message = format!("`{}` is {what}, not a table with keys", path[..=depth].join("."));
            return Err((Code::BAD_OVERRIDE, message, None));
        };
        table = inner;
    }
    let node = parse_value(&one.value, origin);
    let entry = entry(table, last, origin, || Value::Flag(false));
    entry.key_origin = origin.clone();
    entry.node = node;
    Ok(())
}

fn check_name(root: &Table, section: &str, name: &str) -> Result<(), Refusal> {
    let known = root.table(section);
    if known.is_some_and(|table| table.get(name).is_some()) {
        return Ok(());
    }
    let names = known.into_iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str());
    let what = if section == "tiers" { "tier" } else { "class" };
    let help = did_you_mean(name, names);
    Err((Code::UNKNOWN_NAME, format!("the file has no {what} `{}`", shorten(name)), help))
}

fn entry<'a>(table: &'a mut Table, key: &str, origin: &Origin, value: impl FnOnce() -> Value) -> &'a mut Entry {
    let found = table.entries.iter().position(|entry| entry.key == key);
    let index = found.unwrap_or_else(|| {
        table.entries.push(Entry {
            key: key.to_owned(),
            key_origin: origin.clone(),
            node: Node { value: value(), origin: origin.clone() },
        });
        table.entries.len() - 1
    });
    &mut table.entries[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_is_split_at_the_first_equals_sign() {
        let parsed = Override::parse("name = a=b").expect("an override");
        assert_eq!((parsed.key.as_str(), parsed.value.as_str()), ("name", "a=b"));
        assert_eq!(
            Override::parse("users").expect_err("refused").to_string(),
            "`users` is no override; write KEY=VALUE, such as `tiers.cache.memory=8GiB`"
        );
    }

    #[test]
    fn quoted_parts_keep_their_dots() {
        assert_eq!(
            split_path("instance_types.\"cache.r7g.large\".price").expect("a path"),
            ["instance_types", "cache.r7g.large", "price"]
        );
        assert_eq!(split_path("a..b"), None);
        assert_eq!(split_path("a.\"b"), None);
        assert_eq!(split_path("a.\"b\"c"), None);
        assert_eq!(split_path(""), None);
    }
}
