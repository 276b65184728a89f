//! Letters that wait for the mail server.

use doorward_core::call::Time;
use doorward_core::port::store::{PostLook, PostWork, Sealed, SealedLetter};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::Row;

use crate::desk::Desk;
use crate::sql::get;

/// A claim is known by its end, which no other has while nothing comes of it, and by the tries, which grow with each that something comes of.
macro_rules! is_taken {
    () => {
        "id = $1 AND due = $2 AND tries = $3"
    };
}

impl PostLook for Desk<'_> {
    fn next_letter(&mut self) -> Result<Option<Time>, Fault> {
        Ok(self.sql.first("SELECT min(due) FROM letter", &[], |row| get::<Option<i64>>(row, 0))?.flatten().map(Time))
    }
}

impl PostWork for Desk<'_> {
    fn add_letter(&mut self, letter: &SealedLetter) -> Result<i64, Fault> {
        let made = self.sql.first(
            "INSERT INTO letter (site_id, sealed, made, due, tries) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            &[&letter.site.0, &letter.sealed.0, &letter.made.0, &letter.due.0, &letter.tries],
            |row| get(row, 0),
        )?;
        made.ok_or_else(|| Fault::new("a letter was not added"))
    }

    /// One statement: whoever comes second finds them put off.
    fn take_letters(&mut self, now: Time, until: Time, limit: u32) -> Result<Vec<SealedLetter>, Fault> {
        let mut taken = self.sql.rows(
            "UPDATE letter SET due = $2 WHERE id IN (SELECT id FROM letter WHERE due <= $1 ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED)
             RETURNING id, site_id, sealed, made, due, tries",
            &[&now.0, &until.0, &i64::from(limit)],
            letter,
        )?;
        taken.sort_by_key(|letter| letter.id);
        Ok(taken)
    }

    fn put_off_letter(&mut self, taken: &SealedLetter, due: Time, tries: i64) -> Result<bool, Fault> {
        self.sql.hit(
            concat!("UPDATE letter SET due = $4, tries = $5 WHERE ", is_taken!()),
            &[&taken.id, &taken.due.0, &taken.tries, &due.0, &tries],
        )
    }

    fn give_up_letter(&mut self, taken: &SealedLetter) -> Result<bool, Fault> {
        self.sql.hit(concat!("DELETE FROM letter WHERE ", is_taken!()), &[&taken.id, &taken.due.0, &taken.tries])
    }

    fn remove_letter(&mut self, id: i64) -> Result<bool, Fault> {
        self.sql.hit("DELETE FROM letter WHERE id = $1", &[&id])
    }
}

fn letter(row: &Row) -> Result<SealedLetter, Fault> {
    Ok(SealedLetter {
        id: get(row, 0)?,
        site: SiteId(get(row, 1)?),
        sealed: Sealed(get(row, 2)?),
        made: Time(get(row, 3)?),
        due: Time(get(row, 4)?),
        tries: get(row, 5)?,
    })
}
