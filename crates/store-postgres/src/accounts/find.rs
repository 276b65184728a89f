//! Accounts that somebody looks for, and the roles in use.

use doorward_core::account::{Account, fold};
use doorward_core::port::store::{AccountQuery, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::types::ToSql;

use super::account;
use crate::sql::{Sql, get};

/// Beginnings of login, address and shown name, each by its index, and the number itself.
const BEGINS: &str = "a.number IN (
    SELECT number FROM account WHERE site_id = $1 AND login_fold COLLATE \"C\" >= $3 AND login_fold COLLATE \"C\" < $4
    UNION SELECT number FROM account WHERE site_id = $1 AND email_fold <> '' AND email_fold COLLATE \"C\" >= $3 AND email_fold COLLATE \"C\" < $4
    UNION SELECT number FROM account WHERE site_id = $1 AND name_fold COLLATE \"C\" >= $3 AND name_fold COLLATE \"C\" < $4
    UNION SELECT $5::bigint)";

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
    let status = query.status.map(doorward_core::account::Status::number);
    let mut text = String::from(concat!("SELECT ", columns!(), " FROM "));
    text.push_str(match near {
        Some(_) => "(SELECT * FROM account WHERE site_id = $1 AND number > $2 ORDER BY number LIMIT $6) a WHERE a.site_id = $1",
        None => "account a WHERE a.site_id = $1 AND a.number > $2",
    });
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&query.site.0, &query.after];
    if !begin.is_empty() {
        values.extend([&begin as &(dyn ToSql + Sync), &beyond, &number]);
        text.push_str(" AND ");
        text.push_str(if near.is_some() { BEGINS_HERE } else { BEGINS });
    }
    if let Some(near) = &near {
        values.push(near);
    }
    let mut ask = |condition: &str, value| {
        values.push(value);
        text.push_str(&format!(" AND {}", condition.replace('?', &format!("${}", values.len()))));
    };
    if let Some(role) = &query.role {
        ask("jsonb_exists(a.roles::jsonb, ?)", role);
    }
    if let Some(service) = &query.service {
        ask("a.service = ?", service);
    }
    match &status {
        Some(status) => ask("a.status = ?", status),
        None => ask("a.status <> ?", &4_i64),
    }
    values.push(&limit);
    text.push_str(&format!(" ORDER BY a.number LIMIT ${}", values.len()));
    sql.rows(&text, &values, account)
}

pub(crate) fn roles(sql: &mut Sql<'_>, site: SiteId) -> Result<Vec<(String, i64)>, Fault> {
    sql.rows(
        "SELECT r.value, count(*) FROM account a, jsonb_array_elements_text(a.roles::jsonb) r WHERE a.site_id = $1 AND a.status <> 4
         GROUP BY r.value ORDER BY r.value COLLATE \"C\"",
        &[&site.0],
        |row| Ok((get(row, 0)?, get(row, 1)?)),
    )
}
