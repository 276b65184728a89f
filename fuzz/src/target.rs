//! A target is refused, or its path is plain and stays the same when it is read again.
#![no_main]

use doorward_web::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    let Ok(target) = Target::parse(raw) else { return };
    let path = &target.path;
    assert!(path.starts_with('/') && !path.contains("//") && !path.contains(['\\', ';', '\0', '%']) || target.rest_route);
    assert!(path.split('/').all(|segment| segment != "." && segment != ".."));
    assert_eq!(target.raw, raw);
});
