//! The site's rules: what each of their keys does, before the upstream and before the languages' own endpoints.

mod edits;
mod explain;
mod handed;
mod kinds;
pub(crate) mod nearby;
mod own;
mod rates;
mod strip;
mod ways;

use doorward_core::policy::{PathMatch, Rule, Way};
use doorward_core::refusal::Fault;

use crate::support::World;

/// A rule for a path and all below it.
pub(crate) fn prefix(path: &str, ways: &[Way]) -> Rule {
    Rule::new("test", PathMatch::Prefix, path, ways)
}

/// A rule for one path.
pub(super) fn exact(path: &str, ways: &[Way]) -> Rule {
    Rule::new("test", PathMatch::Exact, path, ways)
}

/// What an administrator does to the first site's rules; the problems of the compiling are returned.
pub(crate) fn edit(world: &World, rules: Vec<Rule>) -> Vec<String> {
    let put = move |desk: &mut dyn doorward_core::port::store::Work| {
        let mut row = desk.sites()?.into_iter().next().ok_or_else(|| Fault::new("no site"))?;
        row.rules = rules;
        desk.put_site(&row)
    };
    world.run(world.house.work(put)).unwrap();
    world.run(world.house.reload()).unwrap()
}
