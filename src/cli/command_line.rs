//! The command that gives an answer again, as a shell reads it.

/// Joins the words of a command, each quoted where a shell would read it otherwise.
pub fn command_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<String>>().join(" ")
}

/// The words of an option for each of its values.
pub fn each(option: &str, values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().flat_map(|value| [option.to_owned(), value]).collect()
}

fn quoted(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./=,:%+@".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_each_word_as_it_was_given() {
        let mut words = vec!["capplan".to_owned(), "whatif".to_owned(), "my model.toml".to_owned(), String::new()];
        words.extend(each("--set", ["scenarios.db-failover.recover_within=1 min".to_owned(), "name=it's".to_owned()]));
        assert_eq!(
            command_line(&words),
            r"capplan whatif 'my model.toml' '' --set 'scenarios.db-failover.recover_within=1 min' --set 'name=it'\''s'"
        );
    }
}
