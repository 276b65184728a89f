//! One transaction with reasons of its own for going back: the store takes only faults as a reason, so the true one goes by
//! another way.

use std::sync::{Arc, Mutex, PoisonError};

use crate::house::House;
use crate::port::store::Work;
use crate::refusal::Fault;

/// Runs a job as one transaction; whatever it says no with, nothing is written then.
///
/// # Errors
/// The job's, or the store's.
pub async fn whole<T: Send + 'static, E: From<Fault> + Send + 'static>(
    house: &House,
    job: impl FnOnce(&mut dyn Work) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let slot = Arc::new(Mutex::new(None));
    let inside = Arc::clone(&slot);
    let outcome = house
        .work(move |desk| match job(desk) {
            Ok(done) => Ok(done),
            Err(stopped) => {
                *inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopped);
                Err(Fault::new("nothing of the edit was written"))
            }
        })
        .await;
    let stopped = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (outcome, stopped) {
        (Ok(done), _) => Ok(done),
        (Err(_), Some(stopped)) => Err(stopped),
        (Err(fault), None) => Err(fault.into()),
    }
}
