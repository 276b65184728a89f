//! Envoy's gRPC questions: who answers on their listener, and what a connection may cost there.

use std::sync::Arc;

use doorward_gateway::Body;
use http::{Request, Response};
use hyper::body::Incoming;

use crate::listener::{Answers, Peer, Terms};
use crate::reception::Reception;

/// Questions under way on one connection; Envoy opens another for more.
const STREAMS: u32 = 256;
/// The largest list of headers of a question itself, in bytes; the original's headers are in its message.
const HEAD_BYTES: usize = 16 * 1024;

/// What a connection may cost, where others may cost this.
#[must_use]
pub fn terms(others: Terms) -> Terms {
    Terms { streams: STREAMS, head_bytes: HEAD_BYTES, ..others }
}

/// Answers Envoy's questions.
pub struct Questions(pub Arc<Reception>);

impl Answers for Questions {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        self.0.asked_over_grpc(request, peer.address).await
    }

    fn connection(&self, change: i64) {
        self.0.count_connection(change);
    }
}
