//! What a request shows in each language, whatever its headers and fields.
#![no_main]

use std::sync::{Arc, LazyLock};

use doorward_core::policy::Way;
use doorward_core::site::{ConfigValue, DialectConfig, Site, SiteId, SiteView};
use doorward_core::testkit::SeededDice;
use doorward_core::token::{KeyId, KeyRing, SigningKey};
use doorward_web::{Dialect, Fields, Head};
use libfuzzer_sys::fuzz_target;

static LANGUAGES: LazyLock<Vec<(Arc<dyn Dialect>, SiteView)>> = LazyLock::new(|| {
    let all = doorward_dialects::all().into_iter().map(|dialect| {
        let profile = dialect.profile();
        let id = KeyId::parse("k1").expect("an id");
        let key = SigningKey::generate(profile.default_algorithm(), id, &mut SeededDice::new(1)).expect("a key").0;
        let config = DialectConfig { dialect: dialect.name().into(), config: ConfigValue(serde_json::json!({})) };
        let site = Site {
            id: SiteId(1),
            name: "fuzz".into(),
            url: "http://fuzz.example".into(),
            hosts: Vec::new(),
            upstream: None,
            cors_origins: Vec::new(),
            dialects: vec![config],
            rules: Vec::new(),
        };
        let view = SiteView::compile(site, vec![(profile, KeyRing::new(key))], Arc::default()).expect("a site");
        (dialect, view)
    });
    all.collect()
});

fuzz_target!(|input: (Vec<&[u8]>, &str)| {
    let mut request = http::Request::builder().uri("/api/v1/x");
    for value in &input.0 {
        request = request.header("authorization", *value);
    }
    let Ok(request) = request.body(()) else { return };
    let Ok(head) = Head::read(request.into_parts().0) else { return };
    let fields = Fields::new(serde_json::Map::new(), input.1);
    for (dialect, view) in LANGUAGES.iter() {
        for way in [Way::Simple, Way::Basic, Way::Token, Way::Bearer, Way::ApiKey] {
            let _ = dialect.shown(view, &head, &fields, way);
        }
    }
});
