//! One decision: whose path it is, which rules hold, what was shown, what was proven.
//!
//! What the application may take for another request (`X-HTTP-Method-Override`, a format behind the path) must pass the
//! rules of that request as well.

use std::sync::Arc;

use doorward_core::call::{Client, Time};
use doorward_core::flow::verify::{Pass, Shown, verify};
use doorward_core::house::House;
use doorward_core::policy::{AddressList, Rule, Verdict, Way, decide};
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

/// A decision, and in whose words it is answered.
pub struct Judged {
    /// The language that owns the path, if one does.
    pub owner: Option<Arc<dyn Dialect>>,
    /// The rule's action, or where there was no rule what that means.
    pub action: String,
    /// The decision.
    pub outcome: Result<Admission, No>,
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

    /// The language that owns a path of a site: the surest claim wins, then the site's own order.
    #[must_use]
    pub fn owner(&self, view: &SiteView, path: &str) -> Option<&Arc<dyn Dialect>> {
        let mut best: Option<(Territory, &Arc<dyn Dialect>)> = None;
        for spoken in view.dialects() {
            let Some(dialect) = self.by_name(spoken.profile.name()) else { continue };
            let claim = dialect.territory(view, path);
            if claim > best.map_or(Territory::No, |(b, _)| b) {
                best = Some((claim, dialect));
            }
        }
        best.map(|(_, dialect)| dialect)
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
    pub fn wants_body(&self, view: &SiteView, head: &Head) -> bool {
        let owner = self.owner(view, &head.target.path);
        let speaks = |rule: &Rule, way: Way| match self.answering(rule, owner) {
            Some(dialect) => dialect.in_body(way),
            None => view.dialects().filter_map(|d| self.by_name(d.profile.name())).any(|d| d.in_body(way)),
        };
        let none = Fields::default();
        let others = self.others(view, owner, head, &none);
        let rules = rule_of(view, owner, head.method.as_str(), &head.target.path).into_iter().chain(others);
        rules.map(|(rule, _)| rule).any(|rule| rule.off.is_none() && rule.ways.iter().any(|&way| speaks(rule, way)))
    }

    /// Judges a request.
    pub async fn judge(&self, asked: Asked<'_>) -> Judged {
        let owner = self.owner(asked.view, &asked.head.target.path);
        if !passes(&asked.head.method) {
            let outcome = Err(Refusal::MethodNotAllowed(METHODS).into());
            return Judged { owner: owner.cloned(), action: "no_method".into(), outcome };
        }
        let first = rule_of(asked.view, owner, asked.head.method.as_str(), &asked.head.target.path);
        let mut judged = match first {
            Some(found) => self.by_found(asked, found, owner).await,
            // A path that nobody owns is the site's public business; one that a language owns is shut unless a rule opens it.
            None => {
                let outcome = if owner.is_some() { Err(Refusal::NoRoute.into()) } else { Ok(Admission::Anonymous) };
                Judged { owner: owner.cloned(), action: "no_rule".into(), outcome }
            }
        };
        for other in self.others(asked.view, owner, asked.head, asked.fields) {
            if judged.outcome.is_err() {
                break;
            }
            let is_new = first.is_none_or(|first| !std::ptr::eq(first.0, other.0));
            if is_new {
                let next = self.by_found(asked, other, owner).await;
                if !matches!(next.outcome, Ok(Admission::Anonymous)) {
                    judged = next;
                }
            }
        }
        judged
    }

    async fn by_found(&self, asked: Asked<'_>, (rule, addresses): (&Rule, &AddressList), owner: Option<&Arc<dyn Dialect>>) -> Judged {
        let owner = self.answering(rule, owner);
        let outcome = self.by_rule(asked, rule, addresses, owner).await;
        Judged { owner: owner.cloned(), action: rule.action.clone(), outcome }
    }

    /// The rules of what the application may take the request for, besides what it says: another method, another
    /// spelling of the path.
    fn others<'a>(
        &self,
        view: &'a SiteView,
        owner: Option<&Arc<dyn Dialect>>,
        head: &Head,
        fields: &Fields,
    ) -> Vec<(&'a Rule, &'a AddressList)> {
        let (path, method) = (head.target.path.as_str(), head.method.as_str());
        let mut methods: Vec<String> = fields.folded("_method").map(str::to_ascii_uppercase).collect();
        methods.extend(overrides(head));
        let also = view.dialects().filter_map(|d| self.by_name(d.profile.name())?.also(path));
        let mut paths: Vec<&str> = head.target.literal.as_deref().into_iter().chain(also).collect();
        if methods.is_empty() && paths.is_empty() {
            return Vec::new();
        }
        methods.push(method.to_owned());
        paths.push(path);
        let pairs = methods.iter().flat_map(|m| paths.iter().map(move |p| (m.as_str(), *p)));
        pairs.filter(|pair| *pair != (method, path)).filter_map(|(m, p)| rule_of(view, owner, m, p)).collect()
    }

    fn answering<'a>(&'a self, rule: &Rule, owner: Option<&'a Arc<dyn Dialect>>) -> Option<&'a Arc<dyn Dialect>> {
        rule.answers_as.as_deref().and_then(|name| self.by_name(name)).or(owner)
    }

    async fn by_rule(
        &self,
        asked: Asked<'_>,
        rule: &Rule,
        addresses: &AddressList,
        owner: Option<&Arc<dyn Dialect>>,
    ) -> Result<Admission, No> {
        let verdict = rule.before_proof(addresses, asked.client.address)?;
        let mut refused = None;
        for &way in rule.ways.iter().filter(|w| **w != Way::None) {
            let Some((dialect, shown)) = self.shown(asked, owner, way) else { continue };
            match verify(&self.house, asked.view, dialect.name(), shown, asked.now, asked.client).await {
                Ok(pass) => {
                    self.may(asked, rule, &pass, way)?;
                    return Ok(Admission::Known(pass));
                }
                Err(No::Refused(refusal)) => {
                    refused.get_or_insert(refusal);
                }
                Err(broken) => return Err(broken),
            }
        }
        match (refused, verdict) {
            (Some(refusal), _) => Err(refusal.into()),
            (None, Verdict::Open) => Ok(Admission::Anonymous),
            (None, Verdict::Prove) => Err(Refusal::NoCredential.into()),
        }
    }

    /// What the request shows for a way, in the words of the owner, or where nobody owns the path of any language of
    /// the site.
    fn shown<'r>(&self, asked: Asked<'r>, owner: Option<&Arc<dyn Dialect>>, way: Way) -> Option<(Arc<dyn Dialect>, Shown<'r>)> {
        let by = |dialect: &Arc<dyn Dialect>| {
            asked.view.dialect(dialect.name())?;
            dialect.shown(asked.view, asked.head, asked.fields, way).map(|shown| (Arc::clone(dialect), shown))
        };
        match owner {
            Some(dialect) => by(dialect),
            None => asked.view.dialects().filter_map(|d| self.by_name(d.profile.name())).find_map(by),
        }
    }

    /// The checks on what was proven. A credential that names another site (one host, many sites) is judged by that
    /// site's rules, not by those of the host it came to.
    fn may(&self, asked: Asked<'_>, rule: &Rule, pass: &Pass, way: Way) -> Result<(), Refusal> {
        let account = pass.account().map(AsRef::as_ref);
        if Arc::ptr_eq(pass.site(), asked.view) || pass.site().site.id == asked.view.site.id {
            return decide(rule, account, pass.level(), pass.scopes());
        }
        let there = pass.site();
        let owner = self.owner(there, &asked.head.target.path);
        let first = rule_of(there, owner, asked.head.method.as_str(), &asked.head.target.path).ok_or(Refusal::NoRoute)?;
        for (rule, addresses) in std::iter::once(first).chain(self.others(there, owner, asked.head, asked.fields)) {
            let verdict = rule.before_proof(addresses, asked.client.address)?;
            if verdict == Verdict::Prove && !rule.ways.contains(&way) {
                return Err(Refusal::NoCredential);
            }
            decide(rule, account, pass.level(), pass.scopes())?;
        }
        Ok(())
    }
}

/// The site's own rules first, then the owner's.
fn rule_of<'a>(view: &'a SiteView, owner: Option<&Arc<dyn Dialect>>, method: &str, path: &str) -> Option<(&'a Rule, &'a AddressList)> {
    view.rules().find(method, path).or_else(|| view.dialect(owner?.name())?.rules.find(method, path))
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
    let folded = |name: &HeaderName| NAMES.iter().any(|n| crate::identity::folds_to(name.as_str(), n));
    let named = head.headers.iter().filter(move |(name, _)| folded(name));
    named.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_uppercase())
}
