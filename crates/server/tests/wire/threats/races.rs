//! Many at once, at different doors: what can be spent once is spent once.

use super::doors::{LOGINS, Tokens, polyglot};
use crate::support::{Answer, Ask, PASSWORD, World};

/// Asks all at once and hears all.
pub(super) fn at_once(world: &World, asks: Vec<Ask>) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(asks.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = asks
            .into_iter()
            .map(|ask| {
                scope.spawn(|| {
                    barrier.wait();
                    world.ask(ask)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

fn everywhere(more: &str) -> Vec<Ask> {
    LOGINS.iter().flat_map(|(_, login)| [login("bob", PASSWORD, more), login("bob", PASSWORD, more)]).collect()
}

#[test]
fn one_code_shown_at_all_doors_at_once_opens_one() {
    let world = World::new(polyglot());
    for round in 0..3 {
        let answers = at_once(&world, everywhere(&format!(r#","otp_attempt":"{}""#, world.totp())));
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "round {round}");
        world.pass(1000);
    }
    let answers = at_once(&world, everywhere(r#","otp_attempt":"k7m2p-9xq4t""#));
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "a recovery code");
}

#[test]
fn parallel_refreshes_have_exactly_one_successor() {
    let world = World::new(polyglot());
    let mut refresh = Tokens::of(&world, "ann").refresh;
    for round in 0..3 {
        let ask = Ask::post("/api/v1/jwt/refresh").json(&format!(r#"{{"refresh_token":"{refresh}"}}"#));
        let answers = at_once(&world, vec![ask.clone(); 12]);
        let mut pairs: Vec<_> = answers.iter().filter(|a| a.status == 200).map(|a| a.body.clone()).collect();
        pairs.dedup();
        assert_eq!(pairs.len(), 1, "round {round}: {:?}", answers.iter().map(Answer::line).collect::<Vec<_>>());
        let heard = answers.iter().find(|a| a.status == 200).unwrap();
        let (access, next) = (heard.text("/access_token"), heard.text("/refresh_token"));
        assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {access}"))).status, 200);
        refresh = next;
        world.pass(11);
    }
}

#[test]
fn a_token_that_is_replaced_by_many_at_once_is_replaced_once() {
    let world = World::new(polyglot());
    let ask = Ask::post("/api/v1/token/regenerate").json(&format!(r#"{{"api_token":"{}"}}"#, super::doors::ANN_TOKEN));
    let answers = at_once(&world, vec![ask; 8]);
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
}
