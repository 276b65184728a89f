//! A witness of one decision: the rules that were asked, what was shown for their ways, each check and what became of it.
//!
//! Requests of clients have none. With one, the same decision is made and nothing is spent: limits are only looked at, no last
//! use is noted, and a password is weighed only if the witness asks for it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorward_core::flow::verify::{Pass, Shown, examine, verify};
use doorward_core::house::House;
use doorward_core::limit::Step;
use doorward_core::policy::{CompiledRule, Rule, Way};
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_core::site::SiteView;
use parking_lot::Mutex;

use super::Asked;

/// The witness.
#[derive(Default)]
pub struct Witness {
    seen: Mutex<Vec<Seen>>,
    weighs: bool,
    unweighed: AtomicBool,
}

/// A rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSeen {
    /// The site whose it is.
    pub site: String,
    /// The language whose it is; `None` = the site's own.
    pub dialect: Option<&'static str>,
    /// Its number in its list, from 1.
    pub number: usize,
    /// Its action's name.
    pub action: String,
    /// How it compares paths, and with which: `prefix /api`.
    pub path: String,
}

/// One thing that was seen, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A rule is asked; the checks that follow are its.
    Rule(RuleSeen),
    /// One of its checks: which, about what, and what became of it. Never holds a secret.
    Check(&'static str, String, Checked),
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was passed.
    Passed,
    /// It was not, for this reason.
    Refused(&'static str),
    /// There was nothing to check.
    Absent,
    /// A password, which was not weighed.
    Unweighed,
    /// Something of ours broke.
    Broken,
}

impl Witness {
    /// One that has passwords weighed as a request of a client would: a wrong one is charged to the counters of wrong tries.
    #[must_use]
    pub fn weighing() -> Self {
        Self { weighs: true, ..Self::default() }
    }

    /// What was seen, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }

    /// True if the decision ended where a password would have been weighed.
    #[must_use]
    pub fn is_unweighed(&self) -> bool {
        self.unweighed.load(Ordering::Relaxed)
    }

    /// A rule of a site, as it is told.
    #[must_use]
    pub fn told(view: &SiteView, found: &Arc<CompiledRule>) -> RuleSeen {
        let mut spoken = view.dialects();
        let dialect = spoken.find(|d| d.rules.iter().any(|rule| Arc::ptr_eq(rule, found))).map(|d| d.profile.name());
        let rule = &found.rule;
        let path = format!("{} {}", rule.matching.word(), rule.path);
        RuleSeen { site: view.site.name.clone(), dialect, number: found.number, action: rule.action.clone(), path }
    }

    /// What a language that looks at every call of the site said.
    pub fn watched(&self, dialect: &'static str, outcome: &Result<(), No>) {
        let about = format!("{dialect} looks at every call of the site");
        match outcome {
            Ok(()) => self.check("watch", about, None),
            Err(No::Refused(refusal)) => self.check("watch", about, Some(refusal)),
            Err(No::Broken(_)) => self.note("watch", about, Checked::Broken),
        }
    }

    pub(super) fn rule(&self, view: &SiteView, found: &Arc<CompiledRule>) {
        self.seen.lock().push(Seen::Rule(Self::told(view, found)));
    }

    pub(super) fn check(&self, check: &'static str, about: impl Into<String>, refusal: Option<&Refusal>) {
        let checked = refusal.map_or(Checked::Passed, |refusal| Checked::Refused(refusal.reason()));
        self.note(check, about, checked);
    }

    fn note(&self, check: &'static str, about: impl Into<String>, checked: Checked) {
        self.seen.lock().push(Seen::Check(check, about.into(), checked));
    }

    /// Switch, address, mode.
    pub(super) fn before(&self, address: IpAddr, refusal: Option<&Refusal>) {
        let switched_off = refusal.filter(|r| matches!(r, Refusal::SwitchedOff(_)));
        self.check("enabled", "", switched_off);
        if switched_off.is_none() {
            let shut_out = refusal.filter(|r| matches!(r, Refusal::AddressNotAllowed));
            self.check("address", address.to_string(), shut_out);
            if shut_out.is_none() && refusal.is_some() {
                self.check("mode", "", refusal);
            }
        }
    }

    /// A limit that was looked at.
    pub(super) fn counted(&self, label: &str, step: Step) -> Step {
        let refusal = (!step.granted).then_some(Refusal::RateLimited(step.wait));
        self.check("rate_limit", format!("{label}: {} left, all again in {} s", step.remaining, step.whole_in), refusal.as_ref());
        step
    }

    /// Nothing is shown for a way.
    pub(super) fn absent(&self, way: Way) {
        self.note("credential", way.word(), Checked::Absent);
    }

    /// Verifies what is shown, leaving no trace.
    pub(super) async fn verified(
        &self,
        house: &House,
        asked: Asked<'_>,
        dialect: &'static str,
        way: Way,
        shown: Shown<'_>,
    ) -> Result<Arc<Pass>, No> {
        let kind = match shown {
            Shown::ApiToken(_) => "an API token",
            Shown::Jwt(_) => "a JWT",
            Shown::Basic { .. } => "a name and a password",
            Shown::Session(_) => "a session cookie",
            Shown::Malformed => "no credential of the language",
        };
        let is_basic = matches!(shown, Shown::Basic { .. });
        let about = format!("{}: {kind}, read as {dialect} does", way.word());
        if is_basic && !self.weighs {
            self.unweighed.store(true, Ordering::Relaxed);
            self.note("credential", about, Checked::Unweighed);
            return Err(Fault::new("a password is not weighed for whoever only asks").into());
        }
        let outcome = if is_basic {
            verify(house, asked.view, dialect, shown, asked.now, asked.client).await
        } else {
            examine(house, asked.view, dialect, shown, asked.now, asked.client).await
        };
        match &outcome {
            Ok(pass) => {
                let whose = pass.account().map_or_else(|| "a guest".to_owned(), |account| format!("user {}", account.number));
                self.note("credential", format!("{about}: {whose} of {}", pass.site().site.name), Checked::Passed);
            }
            Err(No::Refused(refusal)) => self.check("credential", about, Some(refusal)),
            Err(No::Broken(_)) => self.note("credential", about, Checked::Broken),
        }
        outcome
    }

    /// Role, level, scope: as far as the rule asks for them, up to the first that is missing.
    pub(super) fn decided(&self, rule: &Rule, refusal: Option<&Refusal>) {
        let is = |wanted: fn(&Refusal) -> bool| refusal.filter(|r| wanted(r));
        let checks = [
            ("role", rule.roles.join(" or "), is(|r| matches!(r, Refusal::RoleMissing(_)))),
            ("level", if rule.min_level > 0 { rule.min_level.to_string() } else { String::new() }, is(|r| *r == Refusal::LevelTooLow)),
            ("scope", rule.scopes.join(" and "), is(|r| *r == Refusal::ScopeMissing)),
        ];
        for (check, about, missing) in checks.into_iter().filter(|(_, about, _)| !about.is_empty()) {
            self.check(check, about, missing);
            if missing.is_some() {
                break;
            }
        }
    }
}
