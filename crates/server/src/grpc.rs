//! The listener of Envoy's gRPC questions: plain HTTP/2, on an address of its own, stopped gracefully.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::reception::Reception;

/// Questions under way on one connection; Envoy opens another for more.
const STREAMS: u32 = 256;
/// The largest list of headers of a question itself, in bytes; the original's headers are in its message.
const HEAD_BYTES: u32 = 16 * 1024;
/// A connection that says nothing is asked whether it lives, and closed if it does not answer.
const PING: Duration = Duration::from_secs(60);
/// How long questions in flight are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// Serves until `stop` is done, then finishes what is in flight.
pub async fn serve(listener: TcpListener, reception: Arc<Reception>, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new()).max_concurrent_streams(STREAMS).max_header_list_size(HEAD_BYTES).keep_alive_interval(PING);
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // As at the other listeners: wait for descriptors to come back instead of spinning.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let reception = Arc::clone(&reception);
        let service = service_fn(move |request| {
            let reception = Arc::clone(&reception);
            async move { Ok::<_, Infallible>(reception.asked_over_grpc(request, peer.ip()).await) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // An Envoy that breaks off is no news.
            let _ = connection.await;
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_WAIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some questions were still in flight after 8 s and are cut off");
    }
}
