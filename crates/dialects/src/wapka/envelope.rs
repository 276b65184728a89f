//! How it wraps answers: `data`, `pagination` for lists, `error`; and `meta` with the request's id and time on all.

use std::collections::BTreeMap;

use doorward_core::call::{Call, Time};
use doorward_web::json::Style;
use doorward_web::{About, Reply};
use serde::Serialize;

/// Which page of how many things; `page` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    page: usize,
    limit: usize,
    total_items: usize,
    total_pages: usize,
    has_next: bool,
    has_prev: bool,
}

#[derive(Serialize)]
struct One<'a, T> {
    data: &'a T,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct Many<'a, T> {
    data: &'a [T],
    pagination: Pagination,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct Failure<'a> {
    error: Story<'a>,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct Story<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'a str, [&'a str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    request_id: &'a str,
    timestamp: String,
}

impl Pagination {
    /// The place of a page among `total_items`; `page` and `limit` are at least 1.
    pub(super) fn of(page: usize, limit: usize, total_items: usize) -> Self {
        let total_pages = total_items.div_ceil(limit.max(1));
        Self { page, limit, total_items, total_pages, has_next: page < total_pages, has_prev: page > 1 }
    }

    /// The things of this page, out of all.
    pub(super) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip((self.page.saturating_sub(1)).saturating_mul(self.limit)).take(self.limit).collect()
    }
}

/// One object.
pub(super) fn one(status: u16, call: &Call, data: &impl Serialize) -> Reply {
    Reply::json(status, Style::Plain, &One { data, meta: meta(call.request_id.as_str(), call.now) })
}

/// One page of a list.
pub(super) fn many(call: &Call, data: &[impl Serialize], pagination: Pagination) -> Reply {
    Reply::json(200, Style::Plain, &Many { data, pagination, meta: meta(call.request_id.as_str(), call.now) })
}

/// A failure.
pub(super) fn error(about: &About<'_>, status: u16, code: &str, message: &str) -> Reply {
    failure(about, status, Story { code, message, details: BTreeMap::new() })
}

/// A failure of fields: their names, separated by commas, and what is wrong with each of them.
pub(super) fn invalid(about: &About<'_>, fields: &str, problem: &str) -> Reply {
    let details = fields.split(',').map(|field| (field, [problem])).collect();
    failure(about, 422, Story { code: "validation_error", message: "The request is not valid", details })
}

fn failure(about: &About<'_>, status: u16, error: Story<'_>) -> Reply {
    Reply::json(status, Style::Plain, &Failure { error, meta: meta(about.request_id, about.now) })
}

fn meta(request_id: &str, now: Time) -> Meta<'_> {
    Meta { request_id, timestamp: now.iso() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_neighbours() {
        for (page, limit, total, pages, next, prev) in [
            (1, 20, 0, 0, false, false),
            (1, 20, 20, 1, false, false),
            (1, 20, 142, 8, true, false),
            (8, 20, 142, 8, false, true),
            (9, 20, 142, 8, false, true),
        ] {
            let got = Pagination::of(page, limit, total);
            assert_eq!((got.total_pages, got.has_next, got.has_prev), (pages, next, prev), "{page} {limit} {total}");
        }
    }

    #[test]
    fn a_page_is_cut_out_of_the_whole() {
        let all = || (1..=5).collect::<Vec<_>>();
        assert_eq!(Pagination::of(1, 2, 5).cut(all()), [1, 2]);
        assert_eq!(Pagination::of(3, 2, 5).cut(all()), [5]);
        assert_eq!(Pagination::of(4, 2, 5).cut(all()), [0; 0]);
        assert_eq!(Pagination::of(usize::MAX, 100, 5).cut(all()), [0; 0]);
    }

    #[test]
    fn a_failure_of_fields_names_each() {
        let about = About { head: None, fields: None, path: "/v1/auth/login", own: true, request_id: "req_x", now: Time(0) };
        let body = invalid(&about, "site,password", "is required").body;
        let expected = concat!(
            r#"{"error":{"code":"validation_error","message":"The request is not valid","#,
            r#""details":{"password":["is required"],"site":["is required"]}},"#,
            r#""meta":{"requestId":"req_x","timestamp":"1970-01-01T00:00:00Z"}}"#
        );
        assert_eq!(body, expected);
    }
}
