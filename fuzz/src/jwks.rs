//! Key sets of other issuers, and what they say of people: whatever comes, nothing panics, and nothing is proven that nobody signed.
#![no_main]

use doorward_core::call::Time;
use doorward_core::port::fetcher::Reach;
use doorward_core::provider::identity::check;
use doorward_core::provider::{Nonce, Provider};
use doorward_core::token::{Scratch, read_jwks, verify_with};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(keys) = read_jwks(data) {
        assert!(verify_with(&keys, "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", &mut Scratch::new()).is_err());
    }
    if let Ok(serde_json::Value::Object(claims)) = serde_json::from_slice(data) {
        let provider = Provider {
            issuers: vec!["https://idp.example".into()],
            client_id: "us".into(),
            discovery: String::new(),
            reach: Reach::default(),
        };
        let identity = check(&provider, &claims, Nonce::Is(None), Time(1_800_000_000));
        assert!(identity.is_err() || claims["iss"] == "https://idp.example");
    }
});
