//! Accounts that somebody looks for, and the roles in use.

use doorward_core::account::{Account, Status, fold};
use doorward_core::port::store::{AccountQuery, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::types::ToSql;

use super::account;
use crate::sql::{Sql, get};

/// Beginnings of login, address and shown name, each by its index, and the number itself. As an array, so that they are found first: of how
/// many begin so at the end of the alphabet the engine may have a wrong idea, by its sample, and read everybody.
const BEGINS: &str = "a.number = ANY (ARRAY (
    SELECT number FROM account WHERE site_id = $1 AND login_fold COLLATE \"C\" >= $3 AND login_fold COLLATE \"C\" < $4
    UNION SELECT number FROM account WHERE site_id = $1 AND email_fold <> '' AND email_fold COLLATE \"C\" >= $3 AND email_fold COLLATE \"C\" < $4
    UNION SELECT number FROM account WHERE site_id = $1 AND name_fold COLLATE \"C\" >= $3 AND name_fold COLLATE \"C\" < $4
    UNION SELECT $5::bigint))";

/// The same, looked at row by row.
const BEGINS_HERE: &str = "((a.login_fold COLLATE \"C\" >= $3 AND a.login_fold COLLATE \"C\" < $4) OR (a.name_fold COLLATE \"C\" >= $3 AND a.name_fold COLLATE \"C\" < $4)
    OR (a.email_fold <> '' AND a.email_fold COLLATE \"C\" >= $3 AND a.email_fold COLLATE \"C\" < $4) OR a.number = $5)";

/// Rows that are looked at one by one before the indexes are asked: where many begin so, a page is full by then.
const NEAR: i64 = 2000;

pub(crate) fn find(sql: &mut Sql<'_>, query: &AccountQuery) -> Result<Vec<Account>, Fault> {
    if !fold(&query.text).is_empty() {
        let near = select(sql, query, Some(NEAR))?;
        if near.len() >= query.limit as usize {
            return Ok(near);
        }
    }
    select(sql, query, None)
}

fn select(sql: &mut Sql<'_>, query: &AccountQuery, near: Option<i64>) -> Result<Vec<Account>, Fault> {
    // The engine cannot hold such a text, so nobody has it.
    if query.text.contains('\0') || query.role.as_ref().is_some_and(|role| role.contains('\0')) {
        return Ok(Vec::new());
    }
    let (begin, limit) = (fold(&query.text), i64::from(query.limit));
    let (beyond, number) = (stored::beyond(&begin), begin.parse::<i64>().unwrap_or(0));
    let is_gone = query.status == Some(Status::Deleted);
    let gone = if is_gone { "true" } else { "false" };
    let mut text = String::from(concat!("SELECT ", columns!(), " FROM "));
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&query.site.0, &query.after];
    // Who has a role is found by it, unless a name finds fewer.
    let by_role = query.role.as_ref().filter(|_| begin.is_empty());
    match (by_role, near) {
        (Some(role), _) => {
            values.push(role);
            text.push_str(&format!(
                "account_role r JOIN account a ON a.site_id = r.site_id AND a.number = r.number
                 WHERE r.site_id = $1 AND r.deleted = {gone} AND r.role = $3 AND r.number > $2"
            ));
        }
        (None, Some(_)) => {
            text.push_str("(SELECT * FROM account WHERE site_id = $1 AND number > $2 ORDER BY number LIMIT $6) a WHERE a.site_id = $1")
        }
        (None, None) => text.push_str("account a WHERE a.site_id = $1 AND a.number > $2"),
    }
    if !begin.is_empty() {
        values.extend([&begin as &(dyn ToSql + Sync), &beyond, &number]);
        text.push_str(" AND ");
        text.push_str(if near.is_some() { BEGINS_HERE } else { BEGINS });
    }
    if let Some(near) = &near {
        values.push(near);
    }
    if let Some(role) = query.role.as_ref().filter(|_| by_role.is_none()) {
        values.push(role);
        text.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM account_role r WHERE r.site_id = a.site_id AND r.deleted = {gone} AND r.role = ${} AND r.number = a.number)",
            values.len()
        ));
    }
    // Written out, so that the index of the few can serve them.
    if let Some(service) = query.service {
        text.push_str(" AND ");
        text.push_str(if service { "a.service" } else { "NOT a.service" });
    }
    match query.status {
        Some(status) => text.push_str(&format!(" AND a.status = {}", status.number())),
        None => text.push_str(" AND a.status <> 4"),
    }
    values.push(&limit);
    let by = if by_role.is_some() { "r" } else { "a" };
    text.push_str(&format!(" ORDER BY {by}.number LIMIT ${}", values.len()));
    sql.rows(&text, &values, account)
}

/// Counted no further than anybody reads on.
pub(crate) fn count(sql: &mut Sql<'_>, site: SiteId, most: u32) -> Result<i64, Fault> {
    let count = "SELECT count(*) FROM (SELECT 1 FROM account WHERE site_id = $1 AND status <> 4 LIMIT $2) a";
    Ok(sql.first(count, &[&site.0, &(i64::from(most) + 1)], |row| get(row, 0))?.unwrap_or(0))
}

/// From one role to the next by the index, each counted along it, no further than anybody reads on.
pub(crate) fn roles(sql: &mut Sql<'_>, site: SiteId, most: u32) -> Result<Vec<(String, i64)>, Fault> {
    sql.rows(
        "WITH RECURSIVE known (role) AS (
             (SELECT role FROM account_role WHERE site_id = $1 AND deleted = false ORDER BY role COLLATE \"C\" LIMIT 1)
             UNION ALL SELECT (SELECT n.role FROM account_role n WHERE n.site_id = $1 AND n.deleted = false AND n.role COLLATE \"C\" > known.role COLLATE \"C\"
                               ORDER BY n.role COLLATE \"C\" LIMIT 1) FROM known WHERE known.role IS NOT NULL)
         SELECT known.role, (SELECT count(*) FROM (SELECT 1 FROM account_role c WHERE c.site_id = $1 AND c.deleted = false AND c.role = known.role
                                                   ORDER BY c.number LIMIT $2) few)
         FROM known WHERE known.role IS NOT NULL ORDER BY known.role COLLATE \"C\"",
        &[&site.0, &(i64::from(most) + 1)],
        |row| Ok((get(row, 0)?, get(row, 1)?)),
    )
}
