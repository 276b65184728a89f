//! `/api/live`: what is being decided, one event a second, for as long as whoever watches may.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use doorward_core::account::Power;
use serde_json::{Value, json};

use super::{SITE, ada, adam, no, refused, replacing, world};
use crate::support::{Ask, Browser, Ground, Person, Stage, World};

/// A viewer.
struct Viewer(BufReader<TcpStream>);

impl Viewer {
    fn new(world: &World, browser: &Browser, target: &str) -> Self {
        let mut stream = TcpStream::connect(world.console()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        asks(&mut stream, browser, target);
        let mut viewer = Self(BufReader::new(stream));
        let head: Vec<String> = std::iter::from_fn(|| viewer.line()).take_while(|line| !line.is_empty()).collect();
        assert!(head[0].contains("200"), "{head:?}");
        assert!(head.iter().any(|line| line.eq_ignore_ascii_case("content-type: text/event-stream")), "{head:?}");
        viewer
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.0.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event; nothing when the stream has ended.
    fn event(&mut self) -> Option<Value> {
        loop {
            if let Some(text) = self.line()?.strip_prefix("data: ") {
                return Some(serde_json::from_str(text).unwrap());
            }
        }
    }
}

/// The question of a viewer.
fn asks(stream: &mut TcpStream, browser: &Browser, target: &str) {
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = browser.origin().replace("http://", "");
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n\r\n", cookies.join("; ")).unwrap();
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A machine that sleeps, say: its connection is there, and it reads nothing. The kernels between would keep what is written for hours.
#[test]
#[cfg(target_os = "linux")]
fn a_viewer_who_reads_nothing_gives_the_seat_back() {
    let first = Stage::of("wapka", json!({})).person(Person::new(1, "ada").role("administrator", 10));
    // Many sites make a long event, which soon fills what little room this viewer has.
    let more = (2..40).map(|id| {
        let name = format!("a-site-with-quite-a-long-name-{id}");
        Stage { id, hosts: vec![format!("{name}.example")], name, ..Stage::of("wapka", json!({})) }
    });
    let mut ground = Ground { console: true, ..Ground::default() };
    ground.doors.write_time = Duration::from_secs(1);
    let world = World::on(std::iter::once(first).chain(more).collect(), ground);
    world.run(world.house.work(|desk| desk.set_power(SITE, 1, Power::Owner))).unwrap();
    let ada = ada(&world);
    let stream = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    stream.set_recv_buffer_size(2048).unwrap();
    stream.connect(&world.console().into()).unwrap();
    let mut stuck = TcpStream::from(stream);
    asks(&mut stuck, &ada, "/api/live");
    until("it has a seat", || world.house.is_watched());
    until("it keeps its seat", || !world.house.is_watched());
    // Whoever reads is not meant, however little there is to read and however long it takes.
    let mut viewer = Viewer::new(&world, &ada, "/api/live");
    assert!((0..4).all(|_| viewer.event().is_some()));
    drop(stuck);
}

#[test]
fn traffic_is_seen_by_whoever_runs_it_and_made_once_for_all() {
    let world = world();
    let (mut ada, adam) = (ada(&world), adam(&world));
    let rules = json!({"endpoints": [{"path": "/open", "auth": ["none"]}, {"path": "/shut", "auth": ["bearer"]}]});
    assert_eq!(replacing(&mut ada, "PUT", "/api/sites/yoursite/rules", "*", &rules).status, 200);
    assert!(!world.house.is_watched(), "nobody looks, nothing is timed");
    let (mut all, mut also, mut own) =
        (Viewer::new(&world, &ada, "/api/live"), Viewer::new(&world, &ada, "/api/live"), Viewer::new(&world, &adam, "/api/live"));
    all.event().unwrap();
    own.event().unwrap();
    for _ in 0..3 {
        assert_eq!(world.ask(Ask::get("/open")).status, 200);
    }
    assert_eq!(world.ask(Ask::get("/shut")).status, 401);
    // It may be the next second's, and two seconds' together.
    let mut sum = (0, 0, 0, Value::Null);
    while sum.0 < 4 {
        let event = own.event().unwrap();
        sum.0 += event["rps"].as_i64().unwrap();
        sum.1 += event["verified"].as_i64().unwrap();
        sum.2 += event["refusals"]["no_credential"].as_i64().unwrap_or(0);
        assert_eq!(event.get("by_site"), None, "other sites are not an administrator's");
        if event["rps"] != 0 {
            assert!(event["p99_us"].as_i64() >= event["p50_us"].as_i64() && event["p50_us"].as_i64() > Some(0), "{event}");
            sum.3 = event["top"][0].clone();
        }
    }
    assert_eq!((sum.0, sum.1, sum.2), (4, 3, 1));
    assert_eq!((&sum.3["what"], &sum.3["who"]), (&json!("address"), &json!("127.0.0.1")));
    let seen = (0..20).map(|_| all.event().unwrap()).find(|event| event["rps"].as_i64() > Some(0)).unwrap();
    assert!(seen["by_site"]["yoursite"].as_i64() > Some(0) && seen["by_site"]["other"] == 0, "{seen}");
    let same = (0..20).map(|_| also.event().unwrap()).find(|event| event["rps"].as_i64() > Some(0)).unwrap();
    assert_eq!(same, seen, "one frame for all");
    assert_eq!(no(&super::signed_in(&world, "yoursite", "bob").get("/api/live")), refused(403, "not_yours"));
}

/// A proxy that asks first is seen like one that passes on: its questions take time, and come from clients.
#[test]
fn questions_at_a_door_are_timed_and_their_clients_counted() {
    let world = world();
    let mut ada = ada(&world);
    let rules = json!({"endpoints": [{"path": "/open", "auth": ["none"]}, {"path": "/shut", "auth": ["bearer"]}]});
    assert_eq!(replacing(&mut ada, "PUT", "/api/sites/yoursite/rules", "*", &rules).status, 200);
    let mut viewer = Viewer::new(&world, &ada, "/api/live");
    viewer.event().unwrap();
    let ask = |path: &str| {
        let ask = Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", path);
        world.ask(ask.header("X-Forwarded-For", "198.51.100.7")).status
    };
    assert_eq!((ask("/open"), ask("/open"), ask("/shut")), (204, 204, 401));
    let (mut seen, mut who, mut timed) = (0, Value::Null, false);
    while seen < 3 {
        let event = viewer.event().unwrap();
        seen += event["rps"].as_i64().unwrap();
        if event["rps"] != 0 {
            timed |= event["p50_us"].as_i64() > Some(0);
            who = event["top"][0].clone();
        }
    }
    assert!(timed, "nothing was timed");
    assert_eq!((&who["what"], &who["who"]), (&json!("address"), &json!("198.51.100.7")));
}

#[test]
fn the_view_ends_with_the_power_to_look() {
    let world = world();
    let adam = adam(&world);
    let mut viewer = Viewer::new(&world, &adam, "/api/live");
    assert!(viewer.event().is_some());
    world.run(world.house.work(|desk| desk.set_power(SITE, 2, Power::None))).unwrap();
    let mut events = 0;
    while viewer.event().is_some() {
        events += 1;
        assert!(events < 20, "it goes on and on");
    }
}

/// Reads on until the stream ends; it must.
fn ends(viewer: &mut Viewer, why: &str) {
    let mut events = 0;
    while viewer.event().is_some() {
        events += 1;
        assert!(events < 30, "it goes on and on: {why}");
    }
}

/// Reads on past the next look at whether whoever watches may.
fn goes_on(world: &World, viewer: &mut Viewer) {
    let now = json!(world.now().iso());
    let mut seen = 0;
    while seen < 7 {
        let event = viewer.event().expect("it goes on");
        seen += usize::from(event["at"] == now);
    }
}

#[test]
fn the_view_ends_with_the_visit_and_keeps_nobody_in() {
    let world = world();
    let (mut ada, mut adam) = (ada(&world), adam(&world));
    let (mut busy, mut idle) = (Viewer::new(&world, &ada, "/api/live"), Viewer::new(&world, &adam, "/api/live"));
    world.pass(1000);
    assert_eq!(ada.get("/api/me").status, 200, "somebody is there, in another tab");
    world.pass(799);
    goes_on(&world, &mut idle);
    world.pass(1);
    ends(&mut idle, "half an hour without a request: the stream is none");
    assert_eq!(no(&adam.get("/api/me")), refused(401, "no_session"));
    goes_on(&world, &mut busy);
    assert_eq!(ada.get("/api/me").status, 200);
    for _ in 0..24 {
        world.pass(1700);
        assert_eq!(ada.get("/api/me").status, 200);
    }
    world.pass(600);
    ends(&mut busy, "twelve hours, whatever was asked: 1800 + 24 × 1700 + 600 = 43200");
    let mut ada = super::ada(&world);
    let mut viewer = Viewer::new(&world, &ada, "/api/live");
    viewer.event().unwrap();
    assert_eq!(ada.delete("/api/session").status, 204);
    ends(&mut viewer, "signed out");
}

#[test]
fn what_was_let_through_is_kept_by_the_minute() {
    let world = world();
    let mut ada = ada(&world);
    let rules = json!({"endpoints": [{"path": "/open", "auth": ["none"]}]});
    replacing(&mut ada, "PUT", "/api/sites/yoursite/rules", "*", &rules);
    for _ in 0..3 {
        world.ask(Ask::get("/open"));
    }
    let now = world.now();
    world.run(doorward_core::flow::sweep::flush_traffic(&world.house, now)).unwrap();
    world.run(doorward_core::flow::sweep::flush_traffic(&world.house, now)).unwrap();
    let chart = ada.get("/api/audit/chart?step=3600").value();
    let sum: i64 = chart["verifications"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).sum();
    assert_eq!(sum, 3);
}

/// Nanoseconds of processor that the threads of this process have had, viewers' apart.
fn spent() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let one = |task: std::fs::DirEntry| {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let is_viewer = read("comm").trim() == "viewer";
        let time = read("schedstat").split(' ').next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        if is_viewer { 0 } else { time }
    };
    tasks.map(one).sum()
}

#[test]
#[ignore = "a measurement, told and not judged: what viewers cost"]
fn what_a_hundred_viewers_cost() {
    const SECONDS: u64 = 20;
    let world = world();
    let ada = ada(&world);
    for viewers in [0_usize, 1, 100] {
        let watching: Vec<_> = (0..viewers)
            .map(|_| {
                let mut viewer = Viewer::new(&world, &ada, "/api/live");
                let watch = move || (0..=SECONDS + 2).all(|_| viewer.event().is_some());
                std::thread::Builder::new().name("viewer".into()).spawn(watch).unwrap()
            })
            .collect();
        std::thread::sleep(Duration::from_secs(2));
        let before = spent();
        std::thread::sleep(Duration::from_secs(SECONDS));
        let share = (spent() - before) as f64 / (SECONDS as f64 * 1e9) * 100.0;
        println!("{viewers:3} viewers: {share:.3} % of a core");
        for viewer in watching {
            assert!(viewer.join().unwrap(), "each saw every second");
        }
    }
}
