//! The verbs. Each looks, weighs, decides, writes, and returns a value; none of them ever sees a request or a socket.

pub mod accounts;
pub mod admin;
pub mod api_tokens;
mod boarding;
pub mod console;
pub mod enrol;
pub mod errands;
pub mod keys;
pub mod login;
pub mod opening;
pub mod post;
pub(crate) mod proof;
pub mod refresh;
pub mod reset;
pub mod revoke;
pub mod second_factor;
pub mod second_step;
pub mod shown;
pub mod sweep;
pub mod verify;
pub mod whole;
