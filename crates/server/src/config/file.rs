//! The file: TOML in sections, every value with the line it stands in, unknown names refused with a suggestion.

use toml::de::{DeTable, DeValue};

use super::key::{Kind, Origin, did_you_mean};
use super::{Problem, key, keys, sections};

/// Reads a file's text into `(key, value, where)`.
///
/// # Errors
/// The first line that cannot be read, with file and line.
pub(super) fn read(path: &str, text: &str) -> Result<Vec<(&'static str, String, Origin)>, Problem> {
    let line_of = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let place = |at: usize| format!("{path}:{}", line_of(at));
    let table = DeTable::parse(text).map_err(|e| Problem::new(place(e.span().map_or(0, |s| s.start)), e.message()))?;
    let mut found = Vec::new();
    for (section, content) in table.get_ref() {
        let name = section.get_ref().as_ref();
        if !sections().any(|known| known == name) {
            let hint = match key(name) {
                Some(known) => format!("; write it as {} in the section [{}]", last(known.name), known.section()),
                None if keys().any(|k| last(k.name) == name) => owner(name),
                None => did_you_mean(name, sections()),
            };
            return Err(Problem::new(place(section.span().start), format!("`{name}` is no section{hint}")));
        }
        let DeValue::Table(content) = content.get_ref() else {
            return Err(Problem::new(place(content.span().start), format!("`{name}` is a section: write [{name}]")));
        };
        for (member, value) in content {
            let full = format!("{name}.{}", member.get_ref());
            let Some(known) = key(&full) else {
                let hint = did_you_mean(&full, keys().map(|k| k.name));
                return Err(Problem::new(place(member.span().start), format!("`{full}` is no setting{hint}")));
            };
            let text = value_text(known.kind, value.get_ref())
                .ok_or_else(|| Problem::new(place(value.span().start), format!("`{full}` takes {}", known.kind.about())))?;
            found.push((known.name, text, Origin::File(path.to_owned(), line_of(member.span().start))));
        }
    }
    Ok(found)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn owner(name: &str) -> String {
    let owner = keys().find(|k| last(k.name) == name);
    owner.map_or_else(String::new, |k| format!("; it belongs into the section [{}]", k.section()))
}

fn value_text(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (_, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Number(..), DeValue::Integer(number)) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
        (Kind::Networks | Kind::Paths | Kind::Hosts, DeValue::Array(list)) => {
            let entries = list.iter().map(|entry| match entry.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_) => None,
            });
            entries.collect::<Option<Vec<_>>>().map(|list| list.join(","))
        }
        (_, _) => None,
    }
}
