//! One counter in front of all doors: no spelling, handle, header or door gives further tries.

use super::doors::{LOGINS, basic, polyglot};
use super::races::at_once;
use crate::support::{Ask, PASSWORD, World};
use crate::{simple_jwt_login, wncms};

/// Wrong tries on Ann's account: every door, every handle, many spellings, many forwarded addresses.
fn wrong_tries() -> Vec<Ask> {
    let sjl = |name: &str, value: &str| Ask::post(simple_jwt_login::AUTH).json(&format!(r#"{{"{name}":"{value}","password":"wrong"}}"#));
    let tries = vec![
        Ask::post("/api/v1/jwt").json(r#"{"email":" ANN@example.com ","password":"wrong"}"#),
        Ask::post("/api/v1/auth").form("email=Ann%40EXAMPLE.com&password=wrong"),
        Ask::post("/v1/auth/login").json(r#"{"site":"YourSite.wapka.site","username":"Ann","password":"wrong"}"#),
        Ask::post("/v1/auth/login").json(r#"{"site":"yoursite","email":"ann@Example.com","password":"wrong"}"#),
        Ask::post("/wp-json/jwt-auth/v1/token").form("username=%20ann%20&password=wrong"),
        Ask::post("/?rest_route=/jwt-auth/v1/token").json(r#"{"username":"ann@example.com","password":"wrong"}"#),
        sjl("username", "aNN"),
        sjl("login", "ann@example.com"),
        basic("ann", "wrong"),
        Ask::post("/api/v1/token/generate").auth(&wncms::basic(" ANN@example.com", "wrong")).json(r#"{"name":"x"}"#),
    ];
    let spoofed = |(at, ask): (usize, Ask)| ask.header("X-Forwarded-For", &format!("198.51.100.{at}")).header("Forwarded", "for=10.0.0.1");
    tries.into_iter().enumerate().map(spoofed).collect()
}

#[test]
fn wrong_passwords_are_counted_together_whichever_door_heard_them() {
    let world = World::new(polyglot());
    let tries = wrong_tries();
    assert_eq!(tries.len(), 10);
    // Nine of them leave the account open, ten lock it; it does not matter which.
    for ask in &tries[1..] {
        let answer = world.ask(ask.clone());
        assert!(matches!(answer.status, 401 | 403 | 400), "{ask:?}: {}", answer.line());
    }
    assert_eq!(world.ask(LOGINS[0].1("ann", PASSWORD, "")).status, 200, "nine are forgiven by a right one");
    for ask in &tries {
        assert!(matches!(world.ask(ask.clone()).status, 400..=403), "{ask:?}");
    }
    let answers: Vec<_> = LOGINS.iter().map(|(name, login)| (*name, world.ask(login("ann", PASSWORD, "")).status)).collect();
    assert!(answers.iter().all(|(_, status)| matches!(status, 400..=403)), "{answers:?}");
    assert!(matches!(world.ask(basic("ann", PASSWORD)).status, 401 | 403));
    assert_eq!(world.ask(LOGINS[0].1("bob", PASSWORD, "")).status, 422, "Bob's counter is his own");
    world.pass(901);
    assert_eq!(world.ask(LOGINS[2].1("ann", PASSWORD, "")).status, 200);
}

#[test]
fn a_parallel_burst_over_all_doors_weighs_no_more_than_the_limit() {
    let world = World::new(polyglot());
    let tries = wrong_tries();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            for ask in &tries {
                scope.spawn(|| world.ask(ask.clone()));
            }
        }
    });
    let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
    let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
    let weighed = entries.iter().filter(|e| e.detail == "wrong_password").count();
    let locked = entries.iter().filter(|e| e.detail == "locked").count();
    assert_eq!((weighed, locked), (10, 30));
}

#[test]
fn names_that_nobody_has_are_counted_alike_in_any_spelling() {
    let world = World::new(polyglot());
    for at in 0..12 {
        let name = if at % 2 == 0 { "nobody" } else { "NoBody" };
        assert_eq!(world.ask(LOGINS[0].1(name, "wrong", "")).status, 401);
    }
    let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
    let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
    assert!(entries.iter().all(|e| e.detail == "unknown_account"));
}

/// So many right logins of Ann, at all doors and by Basic, with a name each that no memory knows.
fn right_logins(count: usize) -> Vec<Ask> {
    let login = |at: usize| match at % 6 {
        5 => basic(if at % 4 == 1 { "ann" } else { "ANN" }, PASSWORD),
        door => LOGINS[door].1("ann", PASSWORD, ""),
    };
    (0..count).map(login).collect()
}

#[test]
fn right_logins_are_not_taken_for_wrong_because_others_are_in_flight() {
    let world = World::new(polyglot());
    for wrong in [0, 9] {
        for _ in 0..wrong {
            assert_eq!(world.ask(LOGINS[0].1("ann", "wrong", "")).status, 401);
        }
        let statuses: Vec<_> = at_once(&world, right_logins(40)).iter().map(|a| a.status).collect();
        assert!(statuses.iter().all(|s| *s == 200), "after {wrong} wrong ones: {statuses:?}");
        world.pass(61);
    }
    // More than may wait: they are told when to come again, and none of them is counted.
    let answers = at_once(&world, right_logins(150));
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 503), "{}", answer.line());
        assert_eq!(answer.status == 503, !answer.header("retry-after").is_empty(), "{}", answer.line());
    }
    assert_eq!(world.ask(LOGINS[0].1("ann", PASSWORD, "")).status, 200);
}

#[test]
fn wrong_ones_in_flight_let_nobody_guess_on_and_a_right_one_among_them_gains_nothing_either() {
    for name in ["ann", "nobody"] {
        let world = World::new(polyglot());
        let wrong = |at: usize| LOGINS[at % LOGINS.len()].1(name, "wrong", "");
        let answers = at_once(&world, (0..60).map(wrong).collect());
        assert!(answers.iter().all(|a| matches!(a.status, 400..=403)), "all are weighed, and none is told why");
        let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
        let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
        let of = |detail: &str| entries.iter().filter(|e| e.detail == detail).count();
        assert_eq!((of("wrong_password"), of("locked"), of("unknown_account")), if name == "ann" { (10, 50, 0) } else { (0, 0, 60) });
        let answers = at_once(&world, (0..12).map(|at| LOGINS[at % LOGINS.len()].1(name, PASSWORD, "")).collect());
        assert!(answers.iter().all(|a| matches!(a.status, 400..=403)), "locked");
    }
}

#[test]
fn clients_that_leave_keep_nobody_waiting_and_their_tries_stay_charged() {
    use std::io::Write as _;
    let world = World::new(polyglot());
    let body = r#"{"email":"ann@example.com","password":"wrong"}"#;
    let head = format!("POST /api/v1/jwt HTTP/1.1\r\nHost: wire.example\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for _ in 0..20 {
        let mut stream = std::net::TcpStream::connect(world.address()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
    }
    // Whatever of them was charged: an answer comes, and then nobody is in flight any more.
    let statuses: Vec<_> = at_once(&world, right_logins(20)).iter().map(|a| a.status).collect();
    assert!(statuses.iter().all(|s| matches!(s, 200 | 400..=403 | 503)), "{statuses:?}");
    world.pass(901);
    assert_eq!(world.ask(LOGINS[0].1("ann", PASSWORD, "")).status, 200);
}

#[test]
fn a_lock_reaches_basic_that_was_proven_a_moment_ago() {
    let world = World::new(polyglot());
    let spellings = ["ann", "ANN"].map(|name| basic(name, PASSWORD));
    for ask in &spellings {
        assert_eq!(world.ask(ask.clone()).status, 200);
    }
    for at in 0..10 {
        for ask in &spellings {
            assert_eq!(world.ask(ask.clone()).status, 200, "remembered, and {at} wrong tries are no lock");
        }
        assert!(matches!(world.ask(LOGINS[at % LOGINS.len()].1("ann", "wrong", "")).status, 400..=403));
    }
    for ask in &spellings {
        let answer = world.ask(ask.clone());
        assert!(matches!(answer.status, 401 | 403), "{}", answer.line());
    }
    world.pass(901);
    assert_eq!(world.ask(spellings[0].clone()).status, 200);
}

/// The try that locks is charged; its client is gone before it is weighed, so that nobody is there to refuse it.
#[test]
fn a_lock_by_a_client_that_left_reaches_basic_too() {
    use doorward_core::account::Handle;
    use doorward_core::call::{Call, Client, RequestId};
    use doorward_core::flow::login::{Login, Proof, prove};
    use doorward_core::limit::AttemptKey;
    use doorward_core::secret::Secret;
    let world = World::new(polyglot());
    assert_eq!(world.ask(basic("ann", PASSWORD)).status, 200);
    for at in 0..9 {
        assert!(matches!(world.ask(LOGINS[at % LOGINS.len()].1("ann", "wrong", "")).status, 400..=403));
    }
    assert_eq!(world.ask(basic("ann", PASSWORD)).status, 200, "remembered");
    let view = world.house.directory().sites()[0].clone();
    let (key, now, source) = (AttemptKey::account(view.site.id, 4), world.now(), world.source());
    let count = async || {
        let seen = world.house.look(move |desk| desk.attempts(key, now, 900)).await.unwrap();
        seen.map_or(0, |attempts| attempts.count)
    };
    world.run(async {
        let mut dice = source.dice();
        let client = Client { address: "127.0.0.1".parse().unwrap(), agent: None };
        let call = Call { now, request_id: RequestId::draw(dice.as_mut()), dice, client, actor: None };
        let (handle, proof) = (Handle::Login("ann".into()), Proof::Password(Secret::new("wrong")));
        let mut left = Box::pin(prove(&world.house, &view, &call, Login { handle, proof, second_factor: None, action: "test" }));
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(left.as_mut().poll(cx).is_pending())).await);
        // It is not looked after any more; what the store does goes on.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while count().await < 10 {
            assert!(std::time::Instant::now() < end, "the try was not charged: {} {:?}", count().await, left.await.map(|_| ()));
            tokio::task::yield_now().await;
        }
    });
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while world.ask(basic("ann", PASSWORD)).status == 200 {
        assert!(std::time::Instant::now() < end, "the lock never reached what was remembered");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_lock_of_one_account_leaves_the_basic_of_another_alone() {
    let world = World::new(polyglot());
    assert_eq!(world.ask(basic("ann", PASSWORD)).status, 200);
    for _ in 0..10 {
        assert!(matches!(world.ask(LOGINS[0].1("bob", PASSWORD, r#","otp_attempt":"000000""#)).status, 400..=403 | 422));
    }
    assert_eq!(world.ask(basic("ann", PASSWORD)).status, 200, "Ann's own account is not locked");
}
