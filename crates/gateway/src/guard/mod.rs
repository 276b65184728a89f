//! One decision: whose path it is, which rules hold, what was shown, what was proven.
//!
//! What the application may take for another request (`X-HTTP-Method-Override`, a format behind the path) must pass the
//! rules of that request as well.
//!
//! Reading order: this file (whose path, which rules); `prove` (one rule); `joint` (plugins beside each other); `rates` (how often); `strip` (what the
//! upstream does not see); `own` (the languages' own endpoints); `plain` (what may be answered again as it was); `witness` (who
//! wants to know why).

mod joint;
mod own;
mod plain;
mod prove;
mod rates;
mod strip;
mod witness;

pub use joint::Denial;
pub use own::Gate;
pub use plain::Plain;
pub use rates::Tally;
pub use strip::hidden;
pub use witness::{Checked, RuleSeen, Seen, Witness};

use std::ops::Deref;
use std::sync::Arc;

use doorward_core::call::{Client, Time};
use doorward_core::flow::verify::Pass;
use doorward_core::house::House;
use doorward_core::policy::{CompiledRule, Way, opens_by_case_alone};
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::SiteView;
use doorward_web::{Dialect, Fields, Head, Territory};
use http::{HeaderName, Method};

/// The doorman.
pub struct Guard {
    house: Arc<House>,
    dialects: Vec<Arc<dyn Dialect>>,
}

/// Who was let in.
#[derive(Debug)]
pub enum Admission {
    /// Nobody in particular, where nobody need be anybody.
    Anonymous,
    /// Somebody who proved it.
    Known(Arc<Pass>),
}

/// What a decision was about: the rule's action, or where there was no rule what that means.
#[derive(Clone, Debug)]
pub enum Action {
    /// No rule's.
    Plain(&'static str),
    /// A rule's.
    Of(Arc<CompiledRule>),
}

impl Deref for Action {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Plain(name) => name,
            Self::Of(rule) => &rule.rule.action,
        }
    }
}

/// What is at a request's own path: looked up once for each request, and handed on.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The language that owns the path, if one does.
    pub owner: Option<&'a Arc<dyn Dialect>>,
    /// The rule for it, if there is one.
    pub(crate) rule: Option<&'a Arc<CompiledRule>>,
}

/// A decision, and in whose words it is answered.
pub struct Judged {
    /// The language that owns the path, if one does.
    pub owner: Option<Arc<dyn Dialect>>,
    /// What it was about.
    pub action: Action,
    /// The decision.
    pub outcome: Result<Admission, No>,
    /// What rate limits have counted.
    pub tally: Tally,
    /// True if credentials are removed before the upstream sees the request.
    pub strip: bool,
}

/// What is judged.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The site.
    pub view: &'a Arc<SiteView>,
    /// The request's head.
    pub head: &'a Head,
    /// Its fields: the query's, and the body's if it had to be read.
    pub fields: &'a Fields,
    /// Now.
    pub now: Time,
    /// Who asks.
    pub client: &'a Client,
    /// What limits have counted of it already, when a proxy asked about it: that is not counted again.
    pub counted: &'a Tally,
    /// Who watches: then nothing is spent. `None` for requests of clients.
    pub witness: Option<&'a Witness>,
}

impl Guard {
    /// A doorman for these languages.
    #[must_use]
    pub fn new(house: Arc<House>, dialects: Vec<Arc<dyn Dialect>>) -> Self {
        Self { house, dialects }
    }

    /// The languages of this build.
    #[must_use]
    pub fn dialects(&self) -> &[Arc<dyn Dialect>] {
        &self.dialects
    }

    /// The language that owns a path of a site: the surest claim wins, then who guards it before who joins them, then the site's own
    /// order.
    #[must_use]
    pub fn owner(&self, view: &SiteView, path: &str) -> Option<&Arc<dyn Dialect>> {
        let mut best: Option<(Territory, &Arc<dyn Dialect>)> = None;
        for spoken in view.dialects() {
            let Some(dialect) = self.by_name(spoken.profile.name()) else { continue };
            let claim = dialect.territory(view, path);
            let before = |(b, other): (Territory, &Arc<dyn Dialect>)| {
                claim > b || (claim == b && claim != Territory::No && other.joins(view, path) && !dialect.joins(view, path))
            };
            if best.map_or(claim > Territory::No, before) {
                best = Some((claim, dialect));
            }
        }
        best.map(|(_, dialect)| dialect)
    }

    /// What is at a request's own path.
    #[must_use]
    pub fn place<'a>(&'a self, view: &'a SiteView, head: &Head) -> Place<'a> {
        let owner = self.owner(view, &head.target.path);
        Place { owner, rule: rule_of(view, owner, head.method.as_str(), &head.target.path, &head.host) }
    }

    /// How surely a site's languages claim a path.
    #[must_use]
    pub fn claim(&self, view: &SiteView, path: &str) -> Territory {
        let claims = view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name())).map(|d| d.territory(view, path));
        claims.max().unwrap_or(Territory::No)
    }

    /// A language by name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<dyn Dialect>> {
        self.dialects.iter().find(|d| d.name() == name)
    }

    /// True if the credential that a request's rule asks for may be in its body, which must be read first.
    #[must_use]
    pub fn wants_body(&self, view: &SiteView, head: &Head, place: Place<'_>) -> bool {
        let Place { owner, rule } = place;
        let speaks = |rule: &CompiledRule, way: Way| match self.answering(rule, owner) {
            Some(dialect) => dialect.in_body(view, head, way),
            None => view.dialects().filter_map(|d| self.by_name(d.profile.name())).any(|d| d.in_body(view, head, way)),
        };
        let none = Fields::default();
        let others = self.others(view, owner, head, &none);
        // The rules of the path's other names as well: they are asked for the same body.
        let aliases = head.target.aliases.iter().filter_map(|path| rule_of(view, owner, head.method.as_str(), path, &head.host));
        rule.into_iter()
            .chain(aliases)
            .chain(others)
            .any(|found| found.rule.off.is_none() && found.rule.ways.iter().any(|&way| speaks(found, way)))
    }

    /// Judges a request of which it is known what is at its path.
    pub async fn judge(&self, asked: Asked<'_>, place: Place<'_>) -> Judged {
        self.judge_further(asked, place, Tally::default()).await
    }

    /// Judges a request of which limits have counted something already.
    pub(crate) async fn judge_further(&self, asked: Asked<'_>, place: Place<'_>, tally: Tally) -> Judged {
        let head = asked.head;
        let Place { owner, rule: first } = place;
        let judged = |action, outcome, tally| Judged { owner: owner.cloned(), action, outcome, tally, strip: false };
        if !passes(&head.method) {
            return judged(Action::Plain("no_method"), Err(Refusal::MethodNotAllowed(METHODS).into()), tally);
        }
        let mut judged = match first {
            Some(found) => self.by_found(asked, found, owner, tally).await,
            // A path that nobody owns is the site's public business; one that a language owns is shut unless a rule opens it.
            None if owner.is_some() => judged(Action::Plain("no_rule"), Err(Refusal::NoRoute.into()), tally),
            None => judged(Action::Plain("no_rule"), Ok(Admission::Anonymous), tally),
        };
        for other in self.others(asked.view, owner, head, asked.fields) {
            if judged.outcome.is_err() {
                break;
            }
            if first.is_some_and(|first| Arc::ptr_eq(first, other)) {
                continue;
            }
            let strip = judged.strip;
            let mut next = self.by_found(asked, other, owner, std::mem::take(&mut judged.tally)).await;
            if matches!(next.outcome, Ok(Admission::Anonymous)) {
                (judged.tally, judged.strip) = (next.tally, strip || next.strip);
            } else {
                next.strip |= strip;
                judged = next;
            }
        }
        judged
    }

    async fn by_found(&self, asked: Asked<'_>, found: &Arc<CompiledRule>, owner: Option<&Arc<dyn Dialect>>, mut tally: Tally) -> Judged {
        let owner = self.answering(found, owner);
        let outcome = self.by_rule(asked, found, owner, &mut tally).await;
        let strip = found.rule.strip_credential;
        let (owner, outcome) = match outcome {
            Ok(admission) => (owner.cloned(), Ok(admission)),
            Err(Denial { no, by }) => (by.or_else(|| owner.cloned()), Err(no)),
        };
        Judged { owner, action: Action::Of(Arc::clone(found)), outcome, tally, strip }
    }

    /// The rules of what the application may take the request for, besides what it says: another method, another
    /// spelling of the path.
    fn others<'a>(&self, view: &'a SiteView, owner: Option<&Arc<dyn Dialect>>, head: &Head, fields: &Fields) -> Vec<&'a Arc<CompiledRule>> {
        let (path, method) = (head.target.path.as_str(), head.method.as_str());
        let mut also = view.dialects().filter_map(|d| self.by_name(d.profile.name())?.also(path)).peekable();
        let mut named = fields.folded("_method").map(str::to_ascii_uppercase).chain(overrides(head)).peekable();
        // Nearly every request has one name only.
        if also.peek().is_none() && named.peek().is_none() && head.target.literal.is_none() {
            return Vec::new();
        }
        let methods: Vec<String> = named.chain([method.to_owned()]).collect();
        let paths: Vec<&str> = head.target.literal.as_deref().into_iter().chain(also).chain([path]).collect();
        let pairs = methods.iter().flat_map(|m| paths.iter().map(move |p| (m.as_str(), *p)));
        pairs.filter(|pair| *pair != (method, path)).filter_map(|(m, p)| rule_of(view, owner, m, p, &head.host)).collect()
    }

    fn answering<'a>(&'a self, rule: &CompiledRule, owner: Option<&'a Arc<dyn Dialect>>) -> Option<&'a Arc<dyn Dialect>> {
        rule.rule.answers_as.as_deref().and_then(|name| self.by_name(name)).or(owner)
    }
}

/// The site's own rules first, then the owner's.
pub(crate) fn rule_of<'a>(
    view: &'a SiteView,
    owner: Option<&Arc<dyn Dialect>>,
    method: &str,
    path: &str,
    host: &str,
) -> Option<&'a Arc<CompiledRule>> {
    let theirs = || view.dialect(owner?.name())?.rules.find(method, path, host);
    match view.rules().find(method, path, host) {
        // An opening in another spelling does not open what the owner's rules shut.
        Some(own) if opens_by_case_alone(&own.rule, path) => theirs().filter(|found| !found.rule.is_open()).or(Some(own)),
        own => own.or_else(theirs),
    }
}

/// What an answer to a method that goes no further allows.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// False for methods that are no application's business (`CONNECT`, `TRACE`) and for those in lower case, which PHP takes for
/// their upper-case namesakes and no rule does.
fn passes(method: &Method) -> bool {
    *method != Method::CONNECT && *method != Method::TRACE && !method.as_str().bytes().any(|b| b.is_ascii_lowercase())
}

/// The methods that headers name in place of the request's own.
fn overrides(head: &Head) -> impl Iterator<Item = String> {
    const NAMES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
    // By length first: it is asked of every header of every request.
    let folded = |name: &HeaderName| {
        let name = name.as_str();
        matches!(name.len(), 13 | 17 | 22) && NAMES.iter().any(|n| crate::identity::folds_to(name, n))
    };
    let named = head.headers.iter().filter(move |(name, _)| folded(name));
    named.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_uppercase())
}
