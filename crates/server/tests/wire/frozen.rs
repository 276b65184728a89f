//! The same conversation in two worlds gives the same bytes.

use crate::support::{Ask, PASSWORD, World};
use crate::wporchestrix::stage;

#[test]
fn two_runs_answer_byte_for_byte_alike() {
    let run = || {
        let world = World::new(stage());
        let pair = world.ask(Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"ann@example.com","password":"{PASSWORD}"}}"#)));
        let refresh = format!(r#"{{"refresh_token":"{}"}}"#, pair.text("/refresh_token"));
        let asks = [
            Ask::post("/api/v1/jwt/refresh").json(&refresh),
            Ask::get("/api/v1/sites").auth(&format!("Bearer {}", pair.text("/access_token"))),
            Ask::post("/api/v1/auth").json(&format!(r#"{{"email":"ann@example.com","password":"{PASSWORD}"}}"#)),
            Ask::post("/api/v1/jwt").json("{"),
        ];
        let mut heard = vec![pair];
        heard.extend(asks.into_iter().map(|ask| world.ask(ask)));
        // The HTTP layer's own Date is the one thing that is not ours.
        heard
            .iter()
            .map(|a| String::from_utf8_lossy(&a.raw).lines().filter(|l| !l.starts_with("date:")).collect::<Vec<_>>().join("\n"))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}
