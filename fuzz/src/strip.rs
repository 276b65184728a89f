//! A body or query without its token: no reading of what is left finds it, and everything else reads as before.
#![no_main]

use bytes::Bytes;
use doorward_web::body::decode;
use doorward_web::strip;
use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const FIELD: &str = "a_b";

fuzz_target!(|input: (u8, &[u8])| {
    let kinds = [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=X"),
        Some("text/plain"),
    ];
    let kind = kinds[usize::from(input.0) % kinds.len()];
    if let Ok(left) = strip::body(kind, None, input.1, &[FIELD]) {
        let (before, after) = (read(kind, input.1), read(kind, &left));
        assert!(after.as_ref().is_none_or(|map| !map.contains_key(FIELD)));
        if input.1.len() == left.len() {
            assert_eq!(input.1, &*left);
        }
        // The decoder looks at no more than a thousand pairs, and drops a byte order mark and the blanks at both ends, where
        // another pair may stand now.
        let few = input.1.iter().filter(|b| **b == b'&').count() < 1000;
        let ends = left.trim_ascii().len() == left.len() && !left.starts_with(b"\xEF\xBB\xBF");
        if let (Some(before), Some(after), true) = (before, after, few && ends) {
            assert!(after.iter().all(|(name, value)| before.get(name) == Some(value)));
        }
        let again = strip::body(kind, None, &left, &[FIELD]).expect("what is left can be judged");
        assert_eq!(again, left);
    }
    if let Ok(text) = std::str::from_utf8(input.1)
        && let Ok(left) = strip::target(text, &[FIELD])
    {
        assert_eq!(strip::target(&left, &[FIELD]).as_deref(), Ok(&*left));
    }
});

fn read(kind: Option<&str>, body: &[u8]) -> Option<Map<String, Value>> {
    decode(kind, None, Bytes::copy_from_slice(body)).now_or_never().expect("no waiting for what is there").ok()
}
