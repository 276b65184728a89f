//! Statements: prepared once per connection, their rows read into values, their failures told without values.

use std::collections::HashMap;

use doorward_core::port::store::stored;
use doorward_core::refusal::Fault;
use postgres::types::{FromSql, ToSql};
use postgres::{Client, Row, Statement};

/// The values of a statement, by position.
pub(crate) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// A connection and the statements that were prepared on it.
pub(crate) struct Link {
    pub(crate) client: Client,
    statements: HashMap<Box<str>, Statement>,
}

impl Link {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    /// Forgets prepared statements: after a failure, which may have been that the schema has changed under them.
    pub(crate) fn forget_statements(&mut self) {
        self.statements.clear();
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

/// One job's way to the database. Remembers whether a statement failed: such a job is never committed.
pub(crate) struct Sql<'l> {
    link: &'l mut Link,
    failed: bool,
    /// How the engine goes about what is asked, where a test wants to see it.
    #[cfg(test)]
    pub(crate) plans: Option<Vec<String>>,
}

impl<'l> Sql<'l> {
    pub(crate) fn new(link: &'l mut Link) -> Self {
        Self {
            link,
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
    pub(crate) fn rows<T>(&mut self, sql: &str, values: Values<'_>, read: impl Fn(&Row) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        #[cfg(test)]
        self.explain(sql, values)?;
        let found = self.link.prepared(sql).and_then(|s| self.link.client.query(&s, values)).map_err(|e| fault(&e));
        let found = found.and_then(|rows| rows.iter().map(read).collect());
        self.failed |= found.is_err();
        found
    }

    /// The first row, if there is one.
    pub(crate) fn first<T>(&mut self, sql: &str, values: Values<'_>, read: impl Fn(&Row) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        Ok(self.rows(sql, values, read)?.into_iter().next())
    }

    /// Runs a statement that writes and returns how many rows it touched.
    pub(crate) fn run(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let done = self.link.prepared(sql).and_then(|s| self.link.client.execute(&s, values)).map_err(|e| fault(&e));
        self.failed |= done.is_err();
        done
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
        let rows = self.link.client.query(&format!("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) {sql}"), values).map_err(|e| fault(&e))?;
        let steps: Vec<String> = rows.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
        plans.push(steps.join("\n"));
        Ok(())
    }
}

/// A column of a row.
pub(crate) fn get<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T, Fault> {
    row.try_get(at).map_err(|_| stored::broken(row.columns().get(at).map_or("column", postgres::Column::name)))
}

/// What broke, without the values that were being written: the server's DETAIL holds whole rows, so it stays unsaid.
pub(crate) fn fault(error: &postgres::Error) -> Fault {
    match error.as_db_error() {
        Some(db) => {
            let on = db.constraint().or(db.table()).map_or(String::new(), |name| format!(" ({name})"));
            Fault::new(format_args!("postgres: {} {}{on}", db.code().code(), db.message()))
        }
        None => {
            let cause = std::error::Error::source(error).map_or(String::new(), |cause| format!(": {cause}"));
            let story = error.to_string();
            let cause = if story.ends_with(&cause) { "" } else { &cause };
            Fault::new(format_args!("postgres: {story}{cause}"))
        }
    }
}
