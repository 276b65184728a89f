//! The one place that prints: answers to standard output, complaints to standard error, closed pipes ignored.

use std::fmt::Display;
use std::io::{Write, stderr, stdout};

use serde_json::Value;

/// A line of an answer.
pub(super) fn line(text: impl Display) {
    // Who reads no further has what it wanted.
    let _ = writeln!(stdout().lock(), "{text}");
}

/// An answer as it is, without a line end of ours.
pub(super) fn raw(bytes: &[u8]) {
    let mut out = stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// An answer as JSON.
pub(super) fn json(value: &Value) {
    line(format_args!("{value:#}"));
}

/// The one sentence of a command that failed.
pub(super) fn complain(sentence: &str) {
    let _ = writeln!(stderr().lock(), "doorward: {sentence}");
}

/// Something to look at that hinders nothing.
pub(super) fn warn(sentence: &str) {
    let _ = writeln!(stderr().lock(), "doorward: warning: {sentence}");
}

/// Rows in aligned columns under a heading, or a sentence if there are none.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]], none: &str) {
    if rows.is_empty() {
        return line(none);
    }
    let mut widths = heading.map(|h| h.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(plain(cell).chars().count());
        }
    }
    aligned(&heading.map(str::to_uppercase), &widths);
    for row in rows {
        aligned(row, &widths);
    }
}

/// Names and values, aligned.
pub(super) fn facts(rows: &[(&str, String)]) {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in rows {
        line(format_args!("{name:<width$}  {}", plain(value)));
    }
}

fn aligned<const N: usize>(row: &[String; N], widths: &[usize; N]) {
    let mut text = String::new();
    for (cell, width) in row.iter().zip(widths) {
        let cell = plain(cell);
        let gap = width.saturating_sub(cell.chars().count()) + 2;
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', gap));
    }
    line(text.trim_end());
}

/// Without control characters: what people chose as a name must not steer a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
