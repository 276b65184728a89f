//! A body of any declared type is read or refused; what is read is looked at in every way.
#![no_main]

use bytes::Bytes;
use doorward_web::Fields;
use doorward_web::body::decode;
use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let kinds = [
        None,
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=X"),
        Some("text/plain"),
    ];
    let body = Bytes::copy_from_slice(input.1);
    let read = decode(kinds[usize::from(input.0) % kinds.len()], None, body).now_or_never().expect("no waiting for what is there");
    if let Ok(map) = read {
        let fields = Fields::new(map, "");
        let _ = (fields.text("a"), fields.code("a"), fields.value_any_case("A"), fields.folded("_method").count());
    }
});
