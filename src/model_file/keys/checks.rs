//! Tests of the key table itself: what its rows claim about each other.

use super::{Least, Need, Section, Shape, root, tier_section};
use crate::model::{ScenarioKind, TierKind};
use crate::model_file::values::measure_text;

/// Visits every section of the file.
fn sections() -> Vec<&'static Section> {
    let mut all: Vec<&'static Section> = vec![&root::SECTION];
    let mut next = 0;
    while let Some(section) = all.get(next).copied() {
        next += 1;
        for key in section.keys {
            match key.shape {
                Shape::Section(inner) | Shape::Sections(inner) | Shape::Visits(inner) => all.push(inner),
                Shape::Tiers => all.extend(TierKind::ALL.map(tier_section)),
                _ => {}
            }
        }
    }
    all
}

#[test]
fn no_key_stands_twice_in_a_section() {
    for section in sections() {
        for (index, key) in section.keys.iter().enumerate() {
            assert!(section.keys[..index].iter().all(|other| other.name != key.name), "{} {}", section.noun, key.name);
        }
    }
}

#[test]
fn every_default_and_limit_can_be_read_and_the_default_lies_within() {
    for section in sections() {
        for key in section.keys {
            let place = format!("{} {}", section.noun, key.name);
            let Some(limits) = key.shape.limits() else { continue };
            let read = |text| measure_text(&key.shape, text).unwrap_or_else(|| panic!("{place}: {text}"));
            let least = match limits.least {
                Least::From(text) | Least::Above(text) => read(text),
            };
            assert!(least < read(limits.most), "{place}");
            if let Need::Published(text, _) | Need::Assumed(text, _) = key.need {
                let default = read(text);
                let above = match limits.least {
                    Least::From(_) => default >= least,
                    Least::Above(_) => default > least,
                };
                assert!(above && default <= read(limits.most), "{place}");
            }
        }
    }
}

#[test]
fn a_default_word_is_one_of_the_choices() {
    for section in sections() {
        for key in section.keys {
            if let (Shape::Word(words), Need::Published(text, _) | Need::Assumed(text, _)) = (key.shape, key.need) {
                assert!(words.words().contains(&text), "{} {}", section.noun, key.name);
            }
        }
    }
}

#[test]
fn every_row_says_what_it_means_and_where_its_default_comes_from() {
    for section in sections() {
        for key in section.keys {
            let source = match key.need {
                Need::Required => "required",
                Need::Published(_, text) | Need::Assumed(_, text) | Need::Derived(text) | Need::Unset(text) => text,
            };
            assert!(!key.doc.is_empty() && !source.is_empty(), "{} {}", section.noun, key.name);
        }
    }
}

#[test]
fn the_kinds_of_the_table_are_those_of_the_model() {
    let words = |shape| match shape {
        Shape::Word(words) => words.words(),
        _ => Vec::new(),
    };
    assert_eq!(words(super::tiers::shared::KIND.row.shape), TierKind::ALL.map(TierKind::name));
    assert_eq!(words(super::scenario::KIND.row.shape), ScenarioKind::ALL.map(ScenarioKind::name));
}

/// A row of the file that every table of `[tiers]` begins with.
#[test]
fn every_kind_of_tier_has_a_kind() {
    for kind in TierKind::ALL {
        assert_eq!(tier_section(kind).keys[0].name, "kind");
    }
}
