//! Policy: actions, rules, and the decision. Data, compiled once, swapped whole, decided by a pure function.

mod address;
mod compiled;
mod decide;
mod hidden;
pub mod path;
mod rate;
mod rule;
mod scopes;
mod shape;
mod table;

pub use address::{AddressList, AddressProblem};
pub use compiled::{CompiledRule, RuleProblem};
pub use decide::{Verdict, decide};
pub use hidden::hidden;
pub use rate::{CompiledLimit, Per, RateLimit};
pub use rule::{PathMatch, Rule, Stale, Way};
pub use scopes::Scopes;
pub use shape::{Flaw, flaws};
pub use table::{RuleTable, opens_by_case_alone};
