//! Every route with its method, action and who may knock, as one file: an opening shows in a diff.

use std::fmt::Write;
use std::path::Path;

use doorward_web::route::Access;

#[test]
fn the_access_matrix_is_what_was_agreed() {
    let mut matrix = String::from("# method path | action | who may knock | answered by\n");
    for dialect in doorward_dialects::all() {
        writeln!(matrix, "\n[{}]", dialect.name()).unwrap();
        for route in dialect.routes() {
            let who = match route.access {
                Access::Public => "anybody".to_owned(),
                Access::Credential(list) => list.to_owned(),
            };
            let by = if route.handler.is_some() { "doorward" } else { "upstream" };
            writeln!(matrix, "{:6} {} | {} | {who} | {by}", route.method, route.path, route.action).unwrap();
        }
    }
    writeln!(matrix, "\n[console]").unwrap();
    for route in doorward_console::routes::all() {
        let fresh = if route.fresh { ", proven again" } else { "" };
        writeln!(matrix, "{:6} {} | {} | {}{fresh} | doorward", route.method, route.path, route.action, route.access.word()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access_matrix.txt");
    if std::env::var_os("DOORWARD_ACCEPT").is_some() {
        std::fs::write(&path, &matrix).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(matrix, agreed, "the routes changed: read the difference, then run again with DOORWARD_ACCEPT=1");
}

#[test]
fn no_two_routes_of_a_dialect_share_an_action_name_and_method() {
    for dialect in doorward_dialects::all() {
        let mut seen = std::collections::HashSet::new();
        for route in dialect.routes() {
            assert!(seen.insert((route.method, route.path)), "{} {} twice", route.method, route.path);
        }
    }
    let mut seen = std::collections::HashSet::new();
    for route in doorward_console::routes::all() {
        assert!(seen.insert((route.method, route.path)), "{} {} twice", route.method, route.path);
    }
}
