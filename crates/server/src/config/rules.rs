//! `[rules]`: a file with the rules of some sites, watched while the server runs.

use std::path::PathBuf;

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[Key {
    name: "rules.file",
    env: "DOORWARD_RULES_FILE",
    flag: None,
    kind: Kind::Path,
    default: "",
    about: "A JSON file with the rules of some sites: {\"SITE\": [rules as in a bundle's endpoints]}. The server reads it at its \
            start and within about a second of every change, and replaces the rules of the sites it names, all or none. What \
            cannot be used is logged once with its place, leaves the last good rules standing, and sets the metric \
            doorward_rules_file_bad to 1. Empty = no such file.",
}];

/// The section's values.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The watched file; `None` = none.
    pub file: Option<PathBuf>,
}

impl Rules {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let file = values.parse("rules.file", |text| Ok(PathBuf::from(text)))?;
        Ok(Self { file: (!file.as_os_str().is_empty()).then_some(file) })
    }
}
