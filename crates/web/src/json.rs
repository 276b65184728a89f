//! How the originals write JSON: PHP escapes `/` and everything beyond ASCII, Rails escapes `&`, `<`, `>`; others nothing.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// A way of writing JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As serde writes it.
    Plain,
    /// `json_encode` without flags: `\/` and `\uXXXX`.
    Php,
    /// Rails: `\u0026`, `\u003c`, `\u003e`.
    Rails,
}

/// Writes a value compactly in a style.
#[must_use]
pub fn write(style: Style, value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let done = match style {
        Style::Plain => value.serialize(&mut Serializer::new(&mut out)),
        Style::Php => value.serialize(&mut Serializer::with_formatter(&mut out, Php)),
        Style::Rails => value.serialize(&mut Serializer::with_formatter(&mut out, Rails)),
    };
    // Writing to memory fails only for values that have no JSON form; ours all have one.
    if done.is_err() {
        out.clear();
        out.extend_from_slice(b"null");
    }
    out
}

struct Php;
struct Rails;

impl Formatter for Php {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '/' => writer.write_all(b"\\/")?,
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
        assert_eq!(text(Style::Rails), "{\"u\":\"http://é/\\u003c\\u0026\\u003e\\\"😀\"}");
    }
}
