//! Envoy asks over gRPC: `envoy.service.auth.v3.Authorization/Check`.
//!
//! Reading order:
//! - [`frame`]: one message in, one out;
//! - [`message`]: the few messages of Envoy's API that are read or written here;
//! - [`question`]: the request that is asked about; [`answer`]: what Envoy is told.

pub mod answer;
pub mod frame;
pub mod message;
pub mod question;

/// The one method.
pub const PATH: &str = "/envoy.service.auth.v3.Authorization/Check";
