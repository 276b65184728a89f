//! The clock that a connection's heads are waited for by: set once, and set anew only when it rings.
//!
//! Each head has its own deadline, later than that of the one before. To set a timer and take it back for each would cost a
//! check more than its decision does; a clock that rings for a head long read is asked for the next deadline instead.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use parking_lot::Mutex;
use tokio::time::{self, sleep_until};

/// One connection's clock.
#[derive(Clone, Default)]
pub(super) struct Alarm(Arc<Mutex<Option<Pin<Box<time::Sleep>>>>>);

/// Done at a deadline.
struct Until {
    deadline: time::Instant,
    clock: Alarm,
}

impl Timer for Alarm {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until { deadline: deadline.into(), clock: self.clone() })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }
}

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut clock = self.clock.0.lock();
        let clock = clock.get_or_insert_with(|| Box::pin(sleep_until(self.deadline)));
        if clock.deadline() > self.deadline {
            clock.as_mut().reset(self.deadline);
        }
        loop {
            ready!(clock.as_mut().poll(cx));
            if clock.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            // It rang for another head.
            clock.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn each_head_has_its_own_deadline() {
        let alarm = Alarm::default();
        let mut first = alarm.sleep(HOUR);
        assert!(first.as_mut().now_or_never().is_none());
        drop(first);
        // One that is over is over, though the clock is set to a later one.
        alarm.sleep_until(alarm.now()).await;
        // A clock that rang for another head has not rung for this one.
        assert!(alarm.sleep(HOUR).now_or_never().is_none());
        alarm.sleep(Duration::ZERO).await;
        assert!(alarm.sleep(HOUR).now_or_never().is_none());
    }
}
