//! What the application may take a request for by another name of its path, or by a field of its posted body: when the body
//! must be read, and what is judged besides.

mod stream;

pub use stream::{Arrival, Beginning, Rest, Scanned};

use std::sync::Arc;

use doorward_core::policy::Rule;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::guise::{Folds, Guises, Posted};
use doorward_web::{Found, Head, Target};
use http::Method;

use crate::guard::{Admission, Asked, Guard, Judged, Place, rule_of};

/// Methods that a form may name.
const NAMED: [&str; 8] = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "LINK", "UNLINK"];
/// WordPress's own scripts that take uploads and ask nobody for a route: their bodies are streamed.
const SCRIPTS: [&str; 5] =
    ["/wp-admin/async-upload.php", "/wp-admin/media-new.php", "/wp-admin/update.php", "/wp-admin/admin-ajax.php", "/xmlrpc.php"];

impl Guard {
    /// True if the body of a request must be read because the application could take it for a request that other rules
    /// are for. Only a posted form (or JSON) of a site whose languages' platforms look there, and only where it matters.
    #[must_use]
    pub fn wants_guises(&self, view: &SiteView, head: &Head, place: Place<'_>) -> bool {
        if head.method != Method::POST {
            return false;
        }
        let folds = self.folds(view);
        let posted = Posted::of(head.content_type());
        let posted = Posted { form: posted.form || doubly_typed(head), ..posted };
        let by_method = (posted.form && folds.method) || (posted.json && folds.json_method);
        (posted.form && folds.route && !is_script(&head.target)) || (by_method && self.method_matters(view, head, place))
    }

    /// Judges a request, also by the other names of its path, and where its body was read as what that makes of it.
    pub async fn judge_guises(&self, asked: Asked<'_>, place: Place<'_>, guises: &Guises) -> Judged {
        let mut judged = self.judge(asked, place).await;
        let heads = match self.heads(asked, place, guises) {
            Ok(heads) => heads,
            Err(refusal) => {
                judged.outcome = judged.outcome.and(Err(refusal.into()));
                return judged;
            }
        };
        for head in &heads {
            if judged.outcome.is_err() {
                break;
            }
            // One request, however many names it has: a limit counts it once.
            let tally = std::mem::take(&mut judged.tally);
            let mut next = self.judge_further(Asked { head, ..asked }, self.place(asked.view, head), tally).await;
            let strip = judged.strip || next.strip;
            if matches!(next.outcome, Ok(Admission::Anonymous)) {
                judged.tally = next.tally;
            } else {
                std::mem::swap(&mut judged, &mut next);
            }
            judged.strip = strip;
        }
        judged
    }

    /// The heads that the application may read instead.
    fn heads(&self, asked: Asked<'_>, place: Place<'_>, guises: &Guises) -> Result<Vec<Head>, Refusal> {
        let folds = self.folds(asked.view);
        let mut heads = Vec::new();
        for alias in &asked.head.target.aliases {
            let target = Target { path: alias.clone(), aliases: Vec::new(), ..asked.head.target.clone() };
            // What Doorward answers itself has one name. Where nobody would answer, it was not that name that was meant.
            if self.is_own(asked.view, asked.head.method.as_str(), &target) {
                return Err(Refusal::NoRoute);
            }
            heads.push(Head { target, ..asked.head.clone() });
        }
        if folds.route && !is_script(&asked.head.target) {
            for route in &guises.routes {
                let raw = format!("/?rest_route={}", percent(route));
                // What could mean two things in a query could in a form.
                let target = Target::parse(&raw).map_err(|_| Refusal::MalformedBody)?;
                if self.is_own(asked.view, "POST", &target) {
                    return Err(Refusal::NoRoute);
                }
                heads.push(Head { target: Target { literal: None, ..target }, ..asked.head.clone() });
            }
        }
        if folds.method || folds.json_method {
            for method in &guises.methods {
                let Ok(method) = Method::from_bytes(method.as_bytes()) else { continue };
                // As with a method in the query: only rules that are there.
                if rule_of(asked.view, place.owner, method.as_str(), &asked.head.target.path, &asked.head.host).is_some() {
                    heads.push(Head { method, ..asked.head.clone() });
                }
            }
        }
        Ok(heads)
    }

    /// True for an endpoint that Doorward answers: behind it, it would be a door beside the counters.
    fn is_own(&self, view: &SiteView, method: &str, target: &Target) -> bool {
        let mut spoken = view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name()));
        spoken.any(|dialect| match dialect.find(view, method, target) {
            Found::Hit(route, _) => route.handler.is_some(),
            Found::WrongMethod(_) | Found::Lookalike => true,
            Found::Miss => false,
        })
    }

    fn folds(&self, view: &SiteView) -> Folds {
        let spoken = view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name()));
        spoken.map(|dialect| dialect.folds()).fold(Folds::default(), Folds::and)
    }

    /// True if another method at this path has a rule of its own that asks for something.
    fn method_matters(&self, view: &SiteView, head: &Head, place: Place<'_>) -> bool {
        let path = head.target.path.as_str();
        let also = view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name())?.also(path));
        let Place { owner, rule: mine } = place;
        let mut paths = also.chain(head.target.literal.as_deref()).chain([path]);
        paths.any(|path| {
            let others = NAMED.iter().filter_map(|method| rule_of(view, owner, method, path, &head.host));
            let mut others = others;
            others.any(|found| !mine.is_some_and(|mine| Arc::ptr_eq(mine, found)) && asks(&found.rule))
        })
    }
}

/// True unless a rule lets everybody in.
fn asks(rule: &Rule) -> bool {
    !rule.is_open()
        || rule.unknown_mode.is_some()
        || rule.min_level > 0
        || !(rule.roles.is_empty() && rule.scopes.is_empty() && rule.ip_allow.is_empty() && rule.ip_deny.is_empty())
}

/// True if it is not sure which type the body has.
fn doubly_typed(head: &Head) -> bool {
    head.headers.get_all(http::header::CONTENT_TYPE).iter().nth(1).is_some()
}

fn is_script(target: &Target) -> bool {
    SCRIPTS.contains(&target.path.as_str())
}

/// A text as a value of a query.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
