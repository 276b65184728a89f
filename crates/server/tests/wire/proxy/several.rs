//! Several upstreams: each in its turn, the dead left out, and none left means 503.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward_gateway::proxy::terms::Balance;

use super::{Behind, on, stage, world};
use crate::support::{Ask, Ground, World};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn requests_go_round_and_around_the_dead() {
    let (one, two) = (Behind::saying(GOOD), Behind::saying(GOOD));
    let world = world(&format!("{} {NOBODY} {}", one.url(), two.url()));
    for n in 0..12 {
        // Nothing was sent to the dead one: even a POST goes on to the next.
        let ask = if n % 2 == 0 { Ask::get("/open") } else { Ask::post("/open") };
        world.ask(ask).is(200, "good");
    }
    let (first, second) = (one.heads().len(), two.heads().len());
    assert!(first >= 4 && second >= 4 && first + second == 12, "{first} {second}");
}

#[test]
fn all_dead_is_a_fault() {
    let world = world(&format!("{NOBODY} http://127.0.0.1:2"));
    for _ in 0..8 {
        assert_eq!(world.ask(Ask::get("/open")).status, 503);
    }
}

#[test]
fn what_fails_too_often_is_left_out() {
    let bad = Behind::start(|line| {
        line.head();
        line.say("nonsense\r\n\r\n");
    });
    let good = Behind::saying(GOOD);
    let mut ground = Ground::default();
    ground.ways.balance = Balance::LeastConnections;
    let world = on(&format!("{} {}", bad.url(), good.url()), ground);
    let statuses: Vec<u16> = (0..20).map(|_| world.ask(Ask::post("/open")).status).collect();
    assert_eq!(bad.connections(), 3, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 503).count(), 3, "{statuses:?}");
}

#[test]
fn an_upstream_that_says_it_is_unwell_gets_nothing_until_it_is_well() {
    let well = Arc::new(AtomicBool::new(true));
    let said = Arc::clone(&well);
    let behind = Behind::start(move |line| {
        while let Some(head) = line.head() {
            let sick = head.starts_with("GET /up ") && !said.load(Ordering::SeqCst);
            line.say(if sick { "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n" } else { GOOD });
        }
    });
    let mut ground = Ground::default();
    ground.ways.health_path = Some("/up".into());
    ground.ways.health_every = Duration::from_millis(20);
    let world = on(&behind.url(), ground);
    assert_eq!(world.ask(Ask::get("/open")).status, 200);
    well.store(false, Ordering::SeqCst);
    until(&world, 503);
    let asked = behind.heads().iter().filter(|h| h.starts_with("get /open")).count();
    assert_eq!(world.ask(Ask::get("/open")).status, 503);
    assert_eq!(behind.heads().iter().filter(|h| h.starts_with("get /open")).count(), asked);
    well.store(true, Ordering::SeqCst);
    until(&world, 200);
}

/// An upstream that takes a connection and says nothing holds up the checks of no other site.
#[test]
fn one_that_hangs_holds_up_no_check_but_its_own() {
    let hanging = Behind::start(super::Line::hold);
    let well = Arc::new(AtomicBool::new(true));
    let said = Arc::clone(&well);
    let behind = Behind::start(move |line| {
        while let Some(head) = line.head() {
            let sick = head.starts_with("GET /up ") && !said.load(Ordering::SeqCst);
            line.say(if sick { "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n" } else { GOOD });
        }
    });
    let mut ground = Ground::default();
    ground.ways.health_path = Some("/up".into());
    ground.ways.health_every = Duration::from_millis(20);
    // As long as a check may take: longer than any test.
    ground.ways.connect = Duration::from_secs(3600);
    ground.ways.head = Duration::from_millis(200);
    let mut other = stage();
    (other.id, other.name, other.hosts) = (2, "other".into(), vec!["other.example".into()]);
    let world = World::on(vec![stage(), other], ground);
    world.put_upstreams(&behind.url());
    world.put_upstreams_of(1, &hanging.url());
    // From now on both are looked after.
    assert_eq!(world.ask(Ask::get("/open").header("Host", "other.example")).status, 503);
    for _ in 0..3 {
        well.store(true, Ordering::SeqCst);
        until(&world, 200);
        well.store(false, Ordering::SeqCst);
        until(&world, 503);
    }
}

/// Asks until this is the answer: the checks run beside the requests.
fn until(world: &World, status: u16) {
    let begun = std::time::Instant::now();
    while world.ask(Ask::get("/open")).status != status {
        assert!(begun.elapsed() < Duration::from_secs(30), "never {status}");
    }
}
