//! What became of other auth servers, tried on this one. Each test is named by the lesson and walks the whole family.

mod bad_input;
mod bombs;
mod changes;
mod corpus;
pub(crate) mod doors;
mod downgrade;
mod forgeries;
mod forwarded;
mod guises;
mod hosts;
mod identity;
mod letter_case;
mod lockout;
mod methods;
mod paths;
mod races;
mod repeated;
mod same_decision;
mod second_factor;
mod shapes;
mod smuggling;
mod uploads;
