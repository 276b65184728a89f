//! Letters without their accents, as WordPress takes them off.

/// A text without its accents: WordPress's `remove_accents`.
#[must_use]
pub fn without_accents(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            c if c.is_ascii() => plain.push(c),
            // Accents that stand behind their letter are composed first, and then fall with it.
            '\u{300}'..='\u{36f}' => {}
            c => match ACCENTS.iter().find(|(_, accented)| accented.contains(c)) {
                Some((bare, _)) => plain.push_str(bare),
                None => plain.push(c),
            },
        }
    }
    plain
}

/// Letters with their accents, by what WordPress makes of them (without a locale of its own).
const ACCENTS: &[(&str, &str)] = &[
    ("a", "ªàáâãäåāăąǎảạầấẩẫậằắẳẵặ"),
    ("A", "ÀÁÂÃÄÅĀĂĄǍẢẠẦẤẨẪẬẰẮẲẴẶ"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("c", "çćĉċč"),
    ("C", "ÇĆĈĊČ"),
    ("d", "ðďđ"),
    ("D", "ÐĎĐ"),
    ("e", "èéêëēĕėęěẻẽẹềếểễệ"),
    ("E", "ÈÉÊËĒĔĖĘĚẺẼẸỀẾỂỄỆ€"),
    ("g", "ĝğġģ"),
    ("G", "ĜĞĠĢ"),
    ("h", "ĥħ"),
    ("H", "ĤĦ"),
    ("i", "ìíîïĩīĭįıǐỉị"),
    ("I", "ÌÍÎÏĨĪĬĮİǏỈỊ"),
    ("ij", "ĳ"),
    ("IJ", "Ĳ"),
    ("j", "ĵ"),
    ("J", "Ĵ"),
    ("k", "ķĸ"),
    ("K", "Ķ"),
    ("l", "ĺļľŀł"),
    ("L", "ĹĻĽĿŁ"),
    ("n", "ñńņňŉŋ"),
    ("N", "ÑŃŅŇŊ"),
    ("o", "ºòóôõöøōŏőơǒỏọồốổỗộờớởỡợ"),
    ("O", "ÒÓÔÕÖØŌŎŐƠǑỎỌỒỐỔỖỘỜỚỞỠỢ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("r", "ŕŗř"),
    ("R", "ŔŖŘ"),
    ("s", "ßśŝşšſș"),
    ("S", "ŚŜŞŠȘ"),
    ("t", "ţťŧț"),
    ("T", "ŢŤŦȚ"),
    ("th", "þ"),
    ("TH", "Þ"),
    ("u", "ùúûüũūŭůűųưǔǖǘǚǜủụừứửữự"),
    ("U", "ÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛỦỤỪỨỬỮỰ"),
    ("w", "ŵ"),
    ("W", "Ŵ"),
    ("y", "ýÿŷỳỷỹỵ"),
    ("Y", "ÝŸŶỲỶỸỴ"),
    ("z", "źżž"),
    ("Z", "ŹŻŽ"),
    ("", "£"),
];
