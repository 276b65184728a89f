//! `/api/audit/export`: entries as a file, streamed page by page. No cell of it is a formula.

use bytes::Bytes;
use doorward_core::audit::AuditQuery;
use doorward_core::flow::console::Visitor;
use doorward_core::house::entry;
use futures_util::stream::unfold;
use http::header::CONTENT_DISPOSITION;
use serde_json::Value;

use super::audit::{Names, about, query, read, scope};
use super::live::still;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;

/// Entries read at a time.
const PAGE: u32 = 1000;
/// The columns of the table.
const COLUMNS: &[&str] =
    &["id", "at", "site", "user", "login", "by", "action", "outcome", "reason", "detail", "address", "request", "count"];

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Lines,
}

/// Where the stream is.
struct Reading {
    /// Who reads, and what they asked: whoever may no longer read it hears no more of it.
    ask: Ask,
    visitor: Visitor,
    form: Form,
    query: AuditQuery,
    names: Names,
    /// What goes before the first page.
    first: Option<Bytes>,
}

pub(super) async fn export(ask: Ask) -> Result<Answer, No> {
    let form = match ask.query("format").as_deref() {
        None | Some("" | "csv") => Form::Csv,
        Some("jsonl") => Form::Lines,
        Some(_) => return Err(No::invalid("format", "csv or jsonl is asked for")),
    };
    let found = query(&ask, PAGE).await?;
    let visitor = ask.visitor()?;
    let own = visitor.account();
    // Who carries the log away is in the log.
    let mark = entry(&ask.call, scope(&ask)?.or(Some(own.site)), Some(own.number), "console.audit.export", Ok("granted"), form.word());
    ask.console.house.work(move |desk| desk.remember(&mark)).await?;
    let first = (form == Form::Csv).then(|| Bytes::from(format!("{}\r\n", COLUMNS.join(","))));
    let query = found.unwrap_or(AuditQuery { limit: 0, ..AuditQuery::default() });
    let visitor = visitor.clone();
    let reading = Reading { ask, visitor, form, query, names: Names::default(), first };
    let pieces = unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        if let Some(first) = reading.first.take() {
            return Some((first, Some(reading)));
        }
        let Reading { ask, visitor, form, query, names, .. } = reading;
        if !still(&ask, &visitor).await {
            return Some((form.incomplete(), None));
        }
        let asked = query.clone();
        match ask.console.house.look(move |desk| read(desk, &asked, names)).await {
            Ok((entries, names)) => {
                let before = entries.last()?.id;
                let text: String = entries.iter().map(|entry| form.line(&about(entry, &names))).collect();
                let query = AuditQuery { before: Some(before), ..query };
                Some((text.into(), Some(Reading { ask, visitor, form, query, names, first: None })))
            }
            Err(fault) => {
                tracing::error!(%fault, "an export of the audit ended early");
                Some((form.incomplete(), None))
            }
        }
    });
    let answer = Answer::stream(form.content_type(), pieces);
    Ok(answer.with(CONTENT_DISPOSITION, &format!("attachment; filename=\"doorward-audit.{}\"", form.word())))
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Lines => "jsonl",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Lines => "application/jsonl; charset=utf-8",
        }
    }

    fn line(self, value: &Value) -> String {
        match self {
            Self::Lines => format!("{value}\n"),
            Self::Csv => {
                let cells: Vec<String> = COLUMNS.iter().map(|column| cell(&text_of(value, column))).collect();
                format!("{}\r\n", cells.join(","))
            }
        }
    }

    /// What a file ends with that is not all.
    fn incomplete(self) -> Bytes {
        match self {
            Self::Csv => Bytes::from_static(b"incomplete: the server could not read on, or you may no longer\r\n"),
            Self::Lines => Bytes::from_static(b"{\"incomplete\":true}\n"),
        }
    }
}

fn text_of(value: &Value, column: &str) -> String {
    let found = match column {
        "user" => value.pointer("/user/number"),
        "login" => value.pointer("/user/login"),
        "by" => value.pointer("/by/login").filter(|login| !login.is_null()).or_else(|| value.pointer("/by/number")),
        _ => value.get(column),
    };
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A cell: quoted, and never begun by what a spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    // What a spreadsheet overlooks before it looks for a formula.
    let bare = text.trim_start_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    });
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || bare.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let guard = if formula { "'" } else { "" };
    let inner = text.replace('"', "\"\"").replace('\0', "\u{fffd}");
    format!("\"{guard}{inner}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out_of_its_place() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("a,b\r\nc", "\"a,b\r\nc\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("  =1", "\"'  =1\""),
            ("\"=1", "\"\"\"=1\""),
            ("\u{feff}=1", "\"'\u{feff}=1\""),
            ("\u{200b} \u{1}@SUM(A1)", "\"'\u{200b} \u{1}@SUM(A1)\""),
            (" \u{ff1d}1", "\"' \u{ff1d}1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("", "\"\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_it_says_a_cell_stays_one_cell(text in "\\PC{0,30}|[=+@,\"\r\n\t -]{0,12}") {
            let cell = cell(&text);
            let inner = cell.strip_prefix('"').and_then(|c| c.strip_suffix('"')).unwrap();
            proptest::prop_assert!(!inner.replace("\"\"", "").contains('"'));
            proptest::prop_assert!(!inner.trim_start().starts_with(['=', '+', '-', '@']));
        }
    }
}
