//! How the originals write JSON: PHP escapes `/` and everything beyond ASCII, Rails escapes `&`, `<`, `>`; others nothing.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// A way of writing JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As serde writes it.
    Plain,
    /// `json_encode` without flags: `\/` and `\uXXXX`.
    Php,
    /// As [`Style::Php`], with bare slashes: how `JSON_UNESCAPED_SLASHES` writes, and php-jwt.
    PhpSlashes,
    /// As [`Style::Php`], over lines of four blanks a level: `JSON_PRETTY_PRINT`.
    PhpPretty,
    /// Rails: `\u0026`, `\u003c`, `\u003e`.
    Rails,
}

/// Writes a value compactly in a style.
#[must_use]
pub fn write(style: Style, value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let done = match style {
        Style::Plain => value.serialize(&mut Serializer::new(&mut out)),
        Style::Php => value.serialize(&mut Serializer::with_formatter(&mut out, Php { slash: "\\/" })),
        Style::PhpSlashes => value.serialize(&mut Serializer::with_formatter(&mut out, Php { slash: "/" })),
        Style::PhpPretty => value.serialize(&mut Serializer::with_formatter(&mut out, Pretty::default())),
        Style::Rails => value.serialize(&mut Serializer::with_formatter(&mut out, Rails)),
    };
    // Writing to memory fails only for values that have no JSON form; ours all have one.
    if done.is_err() {
        out.clear();
        out.extend_from_slice(b"null");
    }
    out
}

struct Php {
    slash: &'static str,
}

/// PHP's letters over the lines of `JSON_PRETTY_PRINT`; an empty list or object stays on its line.
struct Pretty(PrettyFormatter<'static>);

struct Rails;

impl Default for Pretty {
    fn default() -> Self {
        Self(PrettyFormatter::with_indent(b"    "))
    }
}

impl Formatter for Php {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        php_letters(writer, fragment, self.slash)
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        php_float(writer, value)
    }
}

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        php_letters(writer, fragment, "\\/")
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        php_float(writer, value)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

fn php_letters<W: ?Sized + io::Write>(writer: &mut W, fragment: &str, slash: &str) -> io::Result<()> {
    for letter in fragment.chars() {
        match letter {
            '/' => writer.write_all(slash.as_bytes())?,
            c if c.is_ascii() => writer.write_all(&[c as u8])?,
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
    }
    Ok(())
}

/// The shortest decimal that reads back, as `serialize_precision = -1` writes it: `0.5`, `4.0`, `1.0e+25`.
fn php_float<W: ?Sized + io::Write>(writer: &mut W, value: f64) -> io::Result<()> {
    let plain = value == 0.0 || (1e-4..1e15).contains(&value.abs());
    if plain {
        return CompactFormatter.write_f64(writer, value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    write!(writer, "{digits}{point}e{sign}{exponent}")
}

impl Formatter for Rails {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '&' | '<' | '>' | '\u{2028}' | '\u{2029}' => write!(writer, "\\u{:04x}", letter as u32)?,
                c => CompactFormatter.write_string_fragment(writer, c.encode_utf8(&mut [0; 4]))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_style_writes_as_its_original() {
        let value = serde_json::json!({"u": "http://é/<&>\"😀"});
        let text = |style| String::from_utf8(write(style, &value)).unwrap();
        assert_eq!(text(Style::Plain), "{\"u\":\"http://é/<&>\\\"😀\"}");
        assert_eq!(text(Style::Php), "{\"u\":\"http:\\/\\/\\u00e9\\/<&>\\\"\\ud83d\\ude00\"}");
        assert_eq!(text(Style::PhpSlashes), "{\"u\":\"http://\\u00e9/<&>\\\"\\ud83d\\ude00\"}");
        assert_eq!(text(Style::Rails), "{\"u\":\"http://é/\\u003c\\u0026\\u003e\\\"😀\"}");
    }

    #[test]
    fn pretty_is_as_php_prints_it() {
        let value = serde_json::json!({"a": {"b": [1, "x/y"], "c": [], "d": {}}, "e": 4.0, "f": 1e25, "g": 1.5e-7});
        let expected = "{\n    \"a\": {\n        \"b\": [\n            1,\n            \"x\\/y\"\n        ],\n        \"c\": [],\n        \"d\": {}\n    },\n    \"e\": 4.0,\n    \"f\": 1.0e+25,\n    \"g\": 1.5e-7\n}";
        assert_eq!(String::from_utf8(write(Style::PhpPretty, &value)).unwrap(), expected);
    }
}
