//! Rules edited while the server runs: a good edit holds with the next request, a bad one changes nothing.

use doorward_core::policy::{Rule, Way};

use super::{edit, exact};
use crate::support::{Ask, World};

#[test]
fn a_bad_edit_leaves_the_last_good_rules_standing_and_says_where_it_is_wrong() {
    let world = World::new(crate::wporchestrix::stage().rule(exact("/api/v1/x", &[Way::None])));
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200);
    let bad = Rule { ip_allow: vec!["10.0.0.0/8".into(), "nowhere".into()], ..exact("/api/v1/x", &[Way::Token]) };
    let problems = edit(&world, vec![exact("/api/v1/y", &[Way::None]), bad.clone()]);
    let where_and_why = "site yoursite stays as it was: endpoints[1].ip_allow[1]: rule 2 (/1/ip_allow/1): `nowhere` is no address";
    assert!(problems.len() == 1 && problems[0].starts_with(where_and_why), "{problems:?}");
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200, "the last good rules stand");
    assert_eq!(world.ask(Ask::get("/api/v1/y")).status, 401, "and nothing of the bad edit holds");
    assert_eq!(edit(&world, vec![exact("/api/v1/x", &[Way::Token])]), Vec::<String>::new());
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 401, "a good edit holds with the next request");
}
