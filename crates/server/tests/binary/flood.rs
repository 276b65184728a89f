//! More logins at once than can be weighed: some get in, the others are told when to come again, nobody hangs.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Ask, PASSWORD, Place, bundle, login, site, until, user, wapka_login};

const CROWD: usize = 300;

#[test]
fn three_hundred_logins_before_a_queue_of_eight_are_answered_all_of_them() {
    let place = Place::new();
    place.import(&bundle(vec![site((1..=5).map(|n| user(n, &format!("user{n}"))).collect())])).good();
    // Tries in flight count until they turn out right: the limits of wrong tries are not what is asked about here.
    let limits = ["--set", "limits.per_account=1000", "--set", "limits.per_address=1000"];
    let server = place.serve(&[&["--set", "hash.queue=8", "--set", "hash.threads=1"], &limits[..]].concat());
    let asks: Vec<(Ask, &str)> = (0..CROWD)
        .map(|turn| {
            let name = format!("user{}", turn % 5 + 1);
            let email = format!("{name}@example.com");
            let by_name = json!({"username": name, "password": PASSWORD});
            match turn % 4 {
                0 => (login(&name, PASSWORD, None), r#"{"error":"Service Unavailable"}"#),
                1 => (wapka_login("yoursite", &name, PASSWORD), r#"{"error":{"code":"service_unavailable","message":"#),
                2 => (
                    Ask::post("/wp-json/jwt-auth/v1/token").json(&by_name),
                    r#"{"code":"jwt_auth_failed","data":{"status":503},"message":"Service Unavailable."}"#,
                ),
                _ => (
                    Ask::post("/?rest_route=/simple-jwt-login/v1/auth").json(&json!({"email": email, "password": PASSWORD})),
                    r#"{"success":false,"error":"Service Unavailable"}"#,
                ),
            }
        })
        .collect();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let crowd: Vec<_> = asks.iter().map(|(ask, _)| scope.spawn(|| ask.send(server.address))).collect();
        crowd.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut turned_away = 0;
    for ((ask, busy), answer) in asks.iter().zip(&answers) {
        if answer.status == 503 {
            assert!(answer.body.starts_with(busy), "{ask:?}: {}", answer.line());
            let seconds: u32 = answer.header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&seconds), "{seconds}");
            turned_away += 1;
        } else {
            assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
        }
    }
    let inside = CROWD - turned_away;
    assert!(turned_away > 0 && inside > 8, "{inside} got in, {turned_away} did not");
    // Who was turned away was not counted as a wrong try.
    for name in ["user1", "user5"] {
        let answer = until(Duration::from_secs(20), "a free queue", || {
            Some(login(name, PASSWORD, None).send(server.address)).filter(|a| a.status != 503)
        });
        assert_eq!(answer.status, 200, "{}", answer.line());
    }
    server.stop();
}

#[test]
fn a_burst_of_right_logins_over_the_limit_of_an_address_leaves_no_mark() {
    let place = Place::new();
    place.import(&bundle(vec![site((1..=60).map(|n| user(n, &format!("user{n}"))).collect())])).good();
    let server = place.serve(&["--set", "limits.per_address=10"]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let one = |n: i64| login(&format!("user{n}"), PASSWORD, None).send(server.address).status;
        let crowd: Vec<_> = (1..=60).map(|n| scope.spawn(move || one(n))).collect();
        crowd.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|s| [200, 429].contains(s)), "{statuses:?}");
    for n in 1..=20 {
        let answer = login(&format!("user{n}"), PASSWORD, None).send(server.address);
        assert_eq!(answer.status, 200, "after {statuses:?}: {}", answer.line());
    }
    server.stop();
}

#[test]
fn an_address_over_its_limit_cannot_lock_accounts() {
    let place = Place::new();
    place.import(&bundle(vec![site(vec![user(1, "ann")])])).good();
    let server = place.serve(&["--set", "limits.per_address=10", "--trusted-proxies", "127.0.0.1/32"]);
    let from = |address: &str, ask: Ask| ask.header("X-Forwarded-For", address).send(server.address);
    for n in 0..10 {
        assert_eq!(from("192.0.2.1", login(&format!("nobody{n}"), "x", None)).status, 401);
    }
    for _ in 0..20 {
        let answer = from("192.0.2.1", login("ann", "x", None));
        answer.is(429, r#"{"error":"Too many requests"}"#);
        assert!((1..=900).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    assert_eq!(from("192.0.2.2", login("ann", PASSWORD, None)).status, 200);
    assert_eq!(from("192.0.2.1", login("ann", PASSWORD, None)).status, 429);
    server.stop();
}
