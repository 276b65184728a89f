//! The verbs. Each looks, weighs, decides, writes, and returns a value; none of them ever sees a request or a socket.

pub mod accounts;
pub mod api_tokens;
mod boarding;
pub mod login;
pub(crate) mod proof;
pub mod refresh;
pub mod revoke;
pub mod second_factor;
pub mod sweep;
pub mod verify;
