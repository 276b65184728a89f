//! WordPress's own texts of names and addresses: `sanitize_user`, `is_email`, `esc_html`.

use doorward_core::account::{Account, fold, nicename, without_accents};
use doorward_core::port::store::Look;
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;

/// A login name as WordPress looks it up: without tags, accents, percent codes, entities and outer blanks.
pub(crate) fn sanitize_user(name: &str) -> String {
    let name = without_accents(strip_tags(name).trim_matches(is_blank));
    let name = without_entities(&without_percent_codes(&name));
    let mut clean = String::with_capacity(name.len());
    for letter in name.trim_matches(is_blank).chars() {
        // `\s` of a pattern without `u`: ASCII only.
        let blank = letter.is_ascii_whitespace() || letter == '\u{b}';
        if !blank {
            clean.push(letter);
        } else if !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    clean
}

/// PHP's `trim`.
pub(crate) fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\0' | '\u{b}')
}

/// PHP's `strip_tags`, after `wp_strip_all_tags` took scripts and styles with what is in them.
pub(crate) fn strip_tags(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = without_blocks(text);
    while let Some(at) = rest.find('<') {
        left.push_str(&rest[..at]);
        let tag = rest[at + 1..].to_owned();
        if tag.starts_with(|c: char| c.is_ascii_whitespace()) {
            left.push('<');
            rest = tag;
            continue;
        }
        rest = behind_tag(&tag).to_owned();
    }
    left.push_str(&rest);
    left.retain(|letter| letter != '\0');
    left
}

/// What follows the tag that was opened; nothing if nobody closes it.
fn behind_tag(tag: &str) -> &str {
    let mut quote = None;
    let mut depth = 0usize;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '<') => depth += 1,
            (None, '>') if depth == 0 => return &tag[at + 1..],
            (None, '>') => depth -= 1,
            (None, _) => {}
        }
    }
    ""
}

/// Without `<script …>…</script>` and `<style …>…</style>`.
fn without_blocks(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["script", "style"] {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        while let Some(from) = find_fold(&text, &open) {
            let Some(inner) = text[from..].find('>') else { break };
            let Some(to) = find_fold(&text[from + inner..], &close) else { break };
            text.replace_range(from..from + inner + to + close.len(), "");
        }
    }
    text
}

fn find_fold(text: &str, word: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(word)
}

fn without_percent_codes(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, code) = rest.split_at(at);
        left.push_str(before);
        let is_code = code.as_bytes().get(1..3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if !is_code {
            left.push('%');
        }
        rest = code.get(if is_code { 3 } else { 1 }..).unwrap_or_default();
    }
    left.push_str(rest);
    left
}

/// Without `&…;`, with at least one letter between, on one line.
fn without_entities(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        left.push_str(before);
        let line = entity.find('\n').unwrap_or(entity.len());
        let first = entity.chars().nth(1).map_or(1, char::len_utf8);
        match entity.get(1 + first..line).and_then(|inner| inner.find(';')) {
            Some(end) => rest = entity.get(1 + first + end + 1..).unwrap_or_default(),
            None => {
                left.push('&');
                rest = entity.get(1..).unwrap_or_default();
            }
        }
    }
    left.push_str(rest);
    left
}

/// The letters of Western and Central Europe without what WordPress's user table compares as alike.
pub(crate) fn collated(text: &str) -> String {
    const FROM: &str = "ÀÁÂÃÄÅàáâãäåĀāĂăĄąÇçĆćČčĎďĐđÈÉÊËèéêëĒēĖėĘęĚěĞğÌÍÎÏìíîïĪīİıŁłÑñŃńŇňÒÓÔÕÖòóôõöŌōŐőŘřŚśŞşŠšŤťÙÚÛÜùúûüŪūŮůŰűÝýÿŸŹźŻżŽž";
    const TO: &str = "AAAAAAaaaaaaAaAaAaCcCcCcDdDdEEEEeeeeEeEeEeEeGgIIIIiiiiIiIiLlNnNnNnOOOOOoooooOoOoRrSsSsSsTtUUUUuuuuUuUuUuYyyYZzZzZz";
    let plain = |letter: char| FROM.chars().position(|c| c == letter).and_then(|at| TO.chars().nth(at)).unwrap_or(letter);
    text.chars().map(plain).collect()
}

/// The account whose login name the user table takes for this one: the only one that differs from it by accents and letter case alone, found by
/// the nicename that both make. For whoever shows its password; a token names somebody to the letter.
///
/// # Errors
/// The store's.
pub(crate) fn alike(desk: &mut dyn Look, site: SiteId, name: &str) -> Result<Option<Account>, Fault> {
    let form = |name: &str| fold(&collated(name));
    let wanted = form(name);
    let named = desk.nicenamed(site, &nicename::of_login(name))?;
    let mut found = named.into_iter().filter(|account| form(&account.login) == wanted);
    let one = found.next();
    Ok(one.filter(|_| found.next().is_none()))
}

/// WordPress's `is_email`.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let local_letter = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b);
    let sub = |sub: &str| {
        !sub.is_empty() && !sub.starts_with('-') && !sub.ends_with('-') && sub.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() >= 6 && !local.is_empty() && local.bytes().all(local_letter) && domain.contains('.') && domain.split('.').all(sub)
}

/// `esc_html` of a text without entities.
pub(crate) fn esc_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#039;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_as_wordpress_cleans_them() {
        for (name, expected) in [
            ("subscriber", "subscriber"),
            ("  sub  scri\tber ", "sub scri ber"),
            ("sübscriber", "subscriber"),
            ("su\u{308}bscriber", "subscriber"),
            ("Ærø ß", "AEro s"),
            ("<b>bold</b>", "bold"),
            ("a<script>x</script>b", "ab"),
            ("a < b", "a < b"),
            ("a<b", "a"),
            ("<a title='>'>x</a>", "x"),
            ("p%41ss%2", "pss%2"),
            ("a&amp;b & c", "ab & c"),
            ("日本", "日本"),
            ("x\0y<i>", "xy"),
            ("", ""),
        ] {
            assert_eq!(sanitize_user(name), expected, "{name}");
        }
    }

    #[test]
    fn an_address_is_what_wordpress_takes_for_one() {
        for (text, expected) in [
            ("a@b.co", true),
            ("a.b+c'd@x-y.example", true),
            ("a@b", false),
            ("@b.co", false),
            ("a@b..co", false),
            ("a@-b.co", false),
            ("a@b.co.", false),
            ("a@b@c.co", false),
            ("a b@c.co", false),
            ("é@c.co", false),
            ("a@b.c", false),
        ] {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }

    #[test]
    fn markup_is_escaped_in_messages() {
        assert_eq!(esc_html("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#039;d&#039;");
    }

    #[test]
    fn letters_lose_their_accents() {
        assert_eq!(collated("sübscriber José Łódź"), "subscriber Jose Lodz");
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics(name in "\\PC{0,40}|[<>&;%'\"a1 ]{0,40}") {
            let _ = (sanitize_user(&name), is_email(&name), esc_html(&name));
        }
    }
}
