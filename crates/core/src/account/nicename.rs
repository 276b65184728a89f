//! The URL-friendly name of an account: how it is made of a login name, and that no two accounts of a site have the same.

use super::accents::without_accents;
use crate::port::store::Look;
use crate::refusal::Fault;
use crate::site::SiteId;

/// Letters of a nicename (WordPress's column).
const LONGEST: usize = 50;
/// Numbers that are tried behind a taken one. Of more accounts with one name, each has its own number behind it.
const TRIES: i64 = 1000;

/// WordPress's `sanitize_title`: small letters, digits, `_` and single dashes; other scripts percent-encoded.
#[must_use]
pub fn slug(text: &str) -> String {
    within(text, usize::MAX)
}

/// The nicename that a login name makes.
#[must_use]
pub fn of_login(login: &str) -> String {
    within(&login.chars().take(LONGEST).collect::<String>(), LONGEST)
}

/// The nicename itself if no account of the site has it, else the first that is free of those with `-2`, `-3` … behind it, as WordPress
/// does. `number` is the account's own.
///
/// # Errors
/// The store's.
pub fn free(desk: &mut dyn Look, site: SiteId, nicename: &str, number: i64) -> Result<String, Fault> {
    if desk.nicenamed(site, nicename)?.is_empty() {
        return Ok(nicename.to_owned());
    }
    for suffix in 2..=TRIES {
        let other = numbered(nicename, suffix);
        if desk.nicenamed(site, &other)?.is_empty() {
            return Ok(other);
        }
    }
    Ok(numbered(nicename, number))
}

fn numbered(nicename: &str, suffix: i64) -> String {
    let suffix = suffix.to_string();
    let left: String = nicename.chars().take(LONGEST - 1 - suffix.len()).collect();
    format!("{left}-{suffix}")
}

fn within(text: &str, most: usize) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in without_accents(text).to_lowercase().chars() {
        let piece = match letter {
            c if c.is_ascii_alphanumeric() || c == '_' => c.to_string(),
            c if c.is_ascii_whitespace() || matches!(c, '-' | '.' | '/' | '\u{a0}' | '–' | '—') => "-".to_owned(),
            '×' => "x".to_owned(),
            c if c.is_ascii() => continue,
            c => c.encode_utf8(&mut [0; 4]).bytes().map(|octet| format!("%{octet:02x}")).collect(),
        };
        let is_doubled = piece == "-" && (slug.is_empty() || slug.ends_with('-'));
        if !is_doubled && slug.len() + piece.len() <= most {
            slug.push_str(&piece);
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nicename_is_what_wordpress_makes_of_a_name() {
        for (text, expected) in [
            ("New Bie", "new-bie"),
            ("new@example.com", "newexample-com"),
            ("a.b..c", "a-b-c"),
            ("a.-b", "a-b"),
            ("a-@-b", "a-b"),
            ("--a_b--", "a_b"),
            ("Jos\u{e9} \u{c6}ther", "jose-aether"),
            ("l'\u{e9}t\u{e9}", "lete"),
            ("a/b", "a-b"),
            ("x\u{d7}y\u{2013}z", "xxy-z"),
            ("\u{65e5}\u{672c}", "%e6%97%a5%e6%9c%ac"),
            ("@@@", ""),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
        assert_eq!(of_login(&"u".repeat(60)), "u".repeat(50));
        assert_eq!(of_login(&"\u{65e5}".repeat(9)), "%e6%97%a5".repeat(5));
        assert_eq!(numbered(&"u".repeat(50), 12), format!("{}-12", "u".repeat(47)));
    }

    proptest::proptest! {
        #[test]
        fn no_name_makes_more_than_a_column_holds(name in "\\PC{0,70}|[-./@_ a%]{0,70}") {
            let made = of_login(&name);
            assert!(made.len() <= LONGEST && !made.contains("--") && !made.starts_with('-') && !made.ends_with('-'));
        }
    }
}
