#![doc = include_str!("../REFERENCES.md")]

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    const LIST: &str = include_str!("../REFERENCES.md");

    /// Adds the anchors of this page that the docs of a file or folder link to.
    fn cited(path: &Path, anchors: &mut BTreeSet<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a folder of sources") {
                cited(&entry.expect("an entry").path(), anchors);
            }
            return;
        }
        let text = fs::read_to_string(path).expect("a source file");
        for rest in text.split("::references").skip(1).filter_map(|rest| rest.strip_prefix('#')) {
            anchors.insert(rest.chars().take_while(char::is_ascii_alphanumeric).collect());
        }
    }

    #[test]
    fn each_link_leads_to_a_source_and_keys_are_in_order() {
        let keys: Vec<String> =
            LIST.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase).collect();
        assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
        let mut anchors = BTreeSet::new();
        cited(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut anchors);
        assert!(anchors.len() > 50, "{} links", anchors.len());
        let lost: Vec<&String> = anchors.iter().filter(|anchor| !keys.contains(anchor)).collect();
        assert!(lost.is_empty(), "no source of the keys {lost:?}");
    }
}
