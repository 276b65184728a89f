//! A large form on its way: any split of it ends the same, and what passes has no watched field for a reader of whole bodies.
#![no_main]

use bytes::Bytes;
use doorward_web::guise::{Folds, Guises, Scanner, read};
use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;

const KINDS: [&str; 2] = ["multipart/form-data; boundary=X", "application/x-www-form-urlencoded"];

fuzz_target!(|input: (bool, u8, &[u8])| {
    let (is_form, step, body) = input;
    let kind = KINDS[usize::from(is_form)];
    let at_once = scan(kind, body, body.len().max(1));
    assert!(body.starts_with(&at_once.0));
    assert_eq!(scan(kind, body, usize::from(step) + 1), at_once);
    if at_once.1 {
        assert_eq!(at_once.0, body);
        let found = read(Some(kind), None, &Bytes::copy_from_slice(body)).now_or_never().expect("no waiting for what is there");
        assert_eq!(found, Ok(Guises::default()));
    }
});

fn scan(kind: &str, body: &[u8], step: usize) -> (Vec<u8>, bool) {
    let folds = Folds { method: true, json_method: true, route: true };
    let mut scanner = Scanner::of(kind, folds).expect("a type that is passed");
    let mut out = Vec::new();
    let passes = body.chunks(step).try_for_each(|piece| scanner.push(piece, &mut out)).and_then(|()| scanner.finish(&mut out)).is_ok();
    (out, passes)
}
