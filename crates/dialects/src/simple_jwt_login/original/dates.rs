//! `strtotime`, for the forms in which people write down when a code or a key ends. What moves with the clock (`+1 day`) is no end, and
//! not read.

use doorward_core::call::Time;

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const DAY: i64 = 24 * 3600;

/// A date, with a time and a zone if it has them, else the beginning of the day in UTC; `None` for what cannot be read.
pub(super) fn date(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok().map(Time);
    }
    let (text, offset) = zone(&text)?;
    let spaced = split_at_t(&text);
    let (clock, day): (Vec<&str>, Vec<&str>) = spaced.split_whitespace().partition(|word| word.contains(':'));
    let seconds = match clock.as_slice() {
        [] => 0,
        [one] => time_of_day(one)?,
        _ => return None,
    };
    let (year, month, day) = calendar(&day.join(" "))?;
    // A day beyond the end of its month is one of the next, as in PHP.
    let first = Time::parse(&format!("{year:04}-{month:02}-01 00:00:00"))?;
    Some(first.plus((day - 1) * DAY + seconds - offset))
}

/// The text without its zone, and the zone's seconds.
fn zone(text: &str) -> Option<(String, i64)> {
    for name in ["utc", "gmt", "z"] {
        if let Some(rest) = text.strip_suffix(name)
            && rest.ends_with(|c: char| c.is_ascii_digit() || c == ' ')
        {
            return Some((rest.trim_end().to_owned(), 0));
        }
    }
    // An offset stands behind a time alone: elsewhere a hyphen is one of the date's.
    let Some(at) = text.rfind(['+', '-']).filter(|at| text[..*at].split_whitespace().last().is_some_and(|word| word.contains(':'))) else {
        return Some((text.to_owned(), 0));
    };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?),
        _ => return None,
    };
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    Some((text[..at].trim_end().to_owned(), sign * (hours * 3600 + minutes * 60)))
}

/// `2099-12-31t10:00` with a blank for the letter between its digits.
fn split_at_t(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_between = |at: usize| at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    text.char_indices().map(|(at, c)| if c == 't' && is_between(at) { ' ' } else { c }).collect()
}

/// `10:00`, `10:00:00`, `10:00:00.5`.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let number = |part: Option<&str>, most: i64| -> Option<i64> {
        let part = part?;
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|n| plain && *n <= most)
    };
    let (hours, minutes) = (number(parts.next(), 24)?, number(parts.next(), 59)?);
    let seconds = match parts.next() {
        None => 0,
        Some(part) => number(part.split('.').next(), 59)?,
    };
    parts.next().is_none().then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Year, month and day.
fn calendar(text: &str) -> Option<(i64, i64, i64)> {
    let parts: Vec<&str> = text.split([' ', ',', '-', '/', '.']).filter(|part| !part.is_empty()).collect();
    let &[one, two, three] = parts.as_slice() else { return None };
    let separator = text.chars().find(|c| !c.is_ascii_alphanumeric())?;
    let numbers = [one, two, three].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = match (numbers && one.len() == 4, separator) {
        (true, '-' | '/') if numbers => (one, two, three),
        (false, '-' | '.') if numbers => (three, two, one),
        (false, '/') if numbers => (three, one, two),
        (false, ' ' | '-') if month_named(two).is_some() => (three, two, one),
        (false, ' ') if month_named(one).is_some() => (three, one, two),
        _ => return None,
    };
    let day = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let short = |part: &str, most: i64| part.parse::<i64>().ok().filter(|n| part.len() <= 2 && (1..=most).contains(n));
    let month = month_named(month).or_else(|| short(month, 12))?;
    Some((year.parse().ok().filter(|_| year.len() == 4)?, month, short(day, 31)?))
}

/// A month by its name or the beginning of it.
fn month_named(text: &str) -> Option<i64> {
    let is_short = |name: &&&str| text == &name[..3] || text == **name || (text == "sept" && **name == "september");
    let at = MONTHS.iter().position(|name| is_short(&name))?;
    i64::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PHP 8's `strtotime` says in UTC, and for the last lines what is not read here.
    #[test]
    fn ends_are_read_as_php_reads_them() {
        let of = |list: &[&str], expected: Option<i64>| {
            for text in list {
                assert_eq!(date(text).map(|time| time.0), expected, "{text}");
            }
        };
        let day = [
            "31-12-2099",
            "12/31/2099",
            "31.12.2099",
            "2099/12/31",
            "2099-12-31",
            "31 December 2099",
            "31 Dec 2099",
            "December 31, 2099",
            "Dec 31 2099",
            "31st December 2099",
            "31-Dec-2099",
            "2099-12-31Z",
            "31 december 2099 UTC",
            " 2099-12-31 ",
        ];
        of(&day, Some(4_102_358_400));
        of(&["1-1-2099", "1.1.2099"], Some(4_070_908_800));
        of(&["1/2/2099", "2099/1/2", "2099-1-2"], Some(4_070_995_200));
        of(&["sept 1 2099", "1 sept 2099", "1 September 2099"], Some(4_091_904_000));
        let ten = [
            "2099-12-31 10:00:00 UTC",
            "2099-12-31 10:00 UTC",
            "2099-12-31 10:00:00 Z",
            "2099-12-31 10:00:00",
            "2099-12-31 10:00",
            "10:00 31-12-2099",
            "2099-12-31 10:00:00.5",
            "2099-12-31T10:00:00.000Z",
            "2099-12-31t10:00:00z",
            "2099-12-31T10:00",
        ];
        of(&ten, Some(4_102_394_400));
        of(&["2099-12-31T10:00:00+02:00", "2099-12-31 10:00:00+0200"], Some(4_102_387_200));
        of(&["2099-12-31 10:00:00 -05:00"], Some(4_102_412_400));
        of(&["31.12.2099 23:59"], Some(4_102_444_740));
        of(&["12/31/2099 23:59:59", "@4102444799"], Some(4_102_444_799));
        of(&["31 December 2099 12:30"], Some(4_102_403_400));
        of(&["2099-02-31", "31-02-2099"], Some(4_076_179_200));
        of(&["2099-12-31 24:00:00"], Some(4_102_444_800));
        let none = [
            "2099-13-01",
            "13/31/2099",
            "32.12.2099",
            "31 Foo 2099",
            "4102444799",
            "someday",
            "0",
            "2099-12-31 25:00:00",
            "",
            "-",
            "::",
            "@",
            "+1 day",
            "tomorrow",
            "31.12.99",
            "2099",
            "é-é-2099",
            "2099-12-31 10:00:00 +é",
            "2099-12-31 10:00 +0é1",
            "10:00 -é",
        ];
        of(&none, None);
    }
}
