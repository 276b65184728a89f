//! Policy: actions, rules, and the decision. Data, compiled once, swapped whole, decided by a pure function.

mod address;
mod decide;
mod rule;
mod table;

pub use address::{AddressList, AddressProblem};
pub use decide::{Verdict, decide};
pub use rule::{PathMatch, Rule, Scopes, Way};
pub use table::{RuleTable, opens_by_case_alone};
