//! A bundle is read or refused with a path.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(problem) = doorward_server::bundle::read(text) {
        assert!(!problem.path.is_empty() && !problem.text.is_empty());
    }
});
