//! Reports of imports: the newest, kept in the store, so that every node has them and a restart loses none.

use doorward_core::call::Time;
use doorward_core::house::House;
use doorward_core::port::store::Kept;
use doorward_core::refusal::Fault;
use serde_json::{Value, json};

/// Reports that are kept.
pub(super) const MOST: usize = 20;
/// Warnings that are kept of one.
const WARNINGS: usize = 200;
/// Seconds that a report is kept: a year.
const LIFE: i64 = 365 * 24 * 3600;
/// Where they are kept: by date, so that the oldest come first.
const UNDER: &str = "import/";

/// Keeps a report; the oldest go when there are too many.
///
/// # Errors
/// The store's.
pub(super) async fn keep(house: &House, id: &str, mut report: Value, now: Time) -> Result<(), Fault> {
    if let Some(warnings) = report.pointer_mut("/report/warnings").and_then(Value::as_array_mut)
        && warnings.len() > WARNINGS
    {
        let more = warnings.len() - WARNINGS;
        warnings.truncate(WARNINGS);
        warnings.push(json!(format!("and {more} more")));
    }
    let name = format!("{UNDER}{:012}/{id}", now.0.max(0));
    let kept = Kept { name, value: report.to_string().into_bytes(), expires: now.plus(LIFE) };
    let work = house.work(move |desk| {
        desk.keep(&kept)?;
        let all = desk.kept(UNDER)?;
        let old = all.len().saturating_sub(MOST);
        all.iter().take(old).try_for_each(|old| desk.forget(&old.name).map(|_| ()))
    });
    work.await
}

/// All that are kept, newest first.
///
/// # Errors
/// The store's.
pub(super) async fn all(house: &House) -> Result<Vec<Value>, Fault> {
    let all = house.look(|desk| desk.kept(UNDER)).await?;
    all.iter().rev().map(read).collect()
}

/// The report of an import, if it is still kept.
///
/// # Errors
/// The store's.
pub(super) async fn find(house: &House, id: &str) -> Result<Option<Value>, Fault> {
    let end = format!("/{id}");
    let all = house.look(|desk| desk.kept(UNDER)).await?;
    let found = all.into_iter().find(|kept| kept.name.ends_with(&end));
    found.as_ref().map(read).transpose()
}

fn read(kept: &Kept) -> Result<Value, Fault> {
    serde_json::from_slice(&kept.value).map_err(|_| Fault::new("a kept report cannot be read"))
}
