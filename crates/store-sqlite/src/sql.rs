//! Statements: prepared once per connection, their rows read into values, their failures told without values.

use doorward_core::port::store::stored;
use doorward_core::refusal::Fault;
use rusqlite::types::FromSql;
use rusqlite::{Connection, ErrorCode, Row, ToSql};

/// The values of a statement, by position.
pub(crate) type Values<'v> = &'v [&'v dyn ToSql];

/// One job's way to the database. Remembers whether a statement failed: such a job is never committed.
pub(crate) struct Sql<'c> {
    connection: &'c Connection,
    failed: bool,
    /// How the engine goes about what is asked, where a test wants to see it.
    #[cfg(test)]
    pub(crate) plans: Option<Vec<String>>,
}

impl<'c> Sql<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            failed: false,
            #[cfg(test)]
            plans: None,
        }
    }

    /// True if a statement failed.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    /// Every row, read by `read`.
    pub(crate) fn rows<T>(&mut self, sql: &str, values: Values<'_>, read: impl Fn(&Row<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        #[cfg(test)]
        self.explain(sql, values)?;
        let found = fetch(self.connection, sql, values, read);
        self.failed |= found.is_err();
        found
    }

    /// The first row, if there is one.
    pub(crate) fn first<T>(
        &mut self,
        sql: &str,
        values: Values<'_>,
        read: impl Fn(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// Runs a statement that writes and returns how many rows it touched.
    pub(crate) fn run(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let done = self.connection.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(|e| fault(&e));
        self.failed |= done.is_err();
        done.map(|n| n as u64)
    }

    /// Runs a conditional write: true if it touched a row.
    pub(crate) fn hit(&mut self, sql: &str, values: Values<'_>) -> Result<bool, Fault> {
        Ok(self.run(sql, values)? > 0)
    }
}

#[cfg(test)]
impl Sql<'_> {
    fn explain(&mut self, sql: &str, values: Values<'_>) -> Result<(), Fault> {
        let Some(plans) = &mut self.plans else { return Ok(()) };
        let mut plan = fetch(self.connection, &format!("EXPLAIN QUERY PLAN {sql}"), values, |row| get::<String>(row, 3))?;
        let mut statement = self.connection.prepare(sql).map_err(|e| fault(&e))?;
        let mut rows = statement.query(values).map_err(|e| fault(&e))?;
        while rows.next().map_err(|e| fault(&e))?.is_some() {}
        drop(rows);
        plan.push(format!("steps {}", statement.get_status(rusqlite::StatementStatus::VmStep)));
        plans.push(plan.join("\n"));
        Ok(())
    }
}

/// A column of a row.
pub(crate) fn get<T: FromSql>(row: &Row<'_>, at: usize) -> Result<T, Fault> {
    row.get(at).map_err(|_| stored::broken(row.as_ref().column_name(at).unwrap_or("column")))
}

/// What broke, without the values that were being written.
pub(crate) fn fault(error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => Fault::new("sqlite: another process held the database for too long"),
        Some(ErrorCode::DiskFull) => Fault::new("sqlite: the disk is full"),
        _ => Fault::new(format_args!("sqlite: {error}")),
    }
}

fn fetch<T>(connection: &Connection, sql: &str, values: Values<'_>, read: impl Fn(&Row<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(|e| fault(&e))?;
    let mut rows = statement.query(values).map_err(|e| fault(&e))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(|e| fault(&e))? {
        out.push(read(row)?);
    }
    Ok(out)
}
