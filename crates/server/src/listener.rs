//! The listener: accepts, speaks HTTP/1.1, and stops gracefully.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_gateway::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

/// How long a head may take to arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long requests in flight are waited for at the end.
const LAST_WAIT: Duration = Duration::from_secs(8);
/// The largest head, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// What answers the requests of a listener.
pub trait Answers: Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> impl Future<Output = Response<Body>> + Send;
    /// A connection came (+1) or went (-1).
    fn connection(&self, _change: i64) {}
}

/// Serves until `stop` is done, then finishes what is in flight (at most 8 s).
pub async fn serve<A: Answers>(listener: TcpListener, answers: Arc<A>, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES).half_close(true);
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back instead of spinning.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let answers = Arc::clone(&answers);
        answers.connection(1);
        let service = {
            let answers = Arc::clone(&answers);
            service_fn(move |request| {
                let answers = Arc::clone(&answers);
                async move { Ok::<_, Infallible>(answers.answer(request, peer.ip()).await) }
            })
        };
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that breaks off is no news.
            let _ = connection.await;
            answers.connection(-1);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_WAIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still in flight after 8 s and are cut off");
    }
}

impl Answers for crate::reception::Reception {
    fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> impl Future<Output = Response<Body>> + Send {
        Self::answer(self, request, peer)
    }

    fn connection(&self, change: i64) {
        self.count_connection(change);
    }
}
