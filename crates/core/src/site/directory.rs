//! The directory: every site, compiled, in one immutable value that is swapped whole when something changes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

use super::{ConfigProblem, Profile, Site, SiteId};
use crate::meter::Meter;
use crate::policy::{Flaw, RuleTable};
use crate::token::KeyRing;

/// A site, compiled.
pub struct SiteView {
    /// The site as configured.
    pub site: Site,
    dialects: Vec<DialectView>,
    rules: RuleTable,
    epoch: Arc<AtomicU64>,
    meter: Arc<Meter>,
}

/// One language of a site, compiled.
pub struct DialectView {
    /// The language's profile.
    pub profile: Arc<dyn Profile>,
    /// Its keys on this site.
    pub ring: KeyRing,
    /// Other languages of the site whose access tokens it takes as well.
    pub accepts: Vec<String>,
    /// The rules that hold on its paths where the site has none of its own.
    pub rules: RuleTable,
    settings: Box<dyn Any + Send + Sync>,
}

impl SiteView {
    /// Compiles a site: its own rules, and each language's with its rules.
    ///
    /// # Errors
    /// The first setting or rule that cannot be used.
    pub fn compile(site: Site, languages: Vec<(Arc<dyn Profile>, KeyRing)>, epoch: Arc<AtomicU64>) -> Result<Self, ConfigProblem> {
        let own = RuleTable::compile(site.rules.clone()).map_err(|problem| ConfigProblem::rule(&problem))?;
        let mut dialects = Vec::new();
        for (profile, ring) in languages {
            let Some(config) = site.dialects.iter().find(|d| d.dialect == profile.name()) else { continue };
            let settings = profile.compile(&site, &config.config.0)?;
            let rules = RuleTable::compile(profile.default_rules(settings.as_ref()))
                .map_err(|problem| ConfigProblem::at(format!("dialects.{}", profile.name()), problem.to_string()))?;
            let accepts = accepted(profile.name(), &config.config.0)?;
            dialects.push(DialectView { profile, ring, accepts, rules, settings });
        }
        Ok(Self { site, dialects, rules: own, epoch, meter: Arc::default() })
    }

    /// The same, counting on a meter that outlives it.
    #[must_use]
    pub fn counting(mut self, meter: Arc<Meter>) -> Self {
        self.meter = meter;
        self
    }

    /// The site's meter.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The language, if the site speaks it.
    #[must_use]
    pub fn dialect(&self, name: &str) -> Option<&DialectView> {
        self.dialects.iter().find(|d| d.profile.name() == name)
    }

    /// All languages of the site.
    pub fn dialects(&self) -> impl Iterator<Item = &DialectView> {
        self.dialects.iter()
    }

    /// The compiled settings of a language, in the type that its profile made.
    #[must_use]
    pub fn settings<T: 'static>(&self, dialect: &str) -> Option<&T> {
        self.dialect(dialect)?.settings.downcast_ref()
    }

    /// The site's own rules; they come before any language's.
    #[must_use]
    pub fn rules(&self) -> &RuleTable {
        &self.rules
    }

    /// What of the site does not do what whoever wrote it may think: flaws of its own rules and of those that its languages'
    /// settings make, and what the languages say of their settings. With the path in a bundle's site.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let of = |table: &RuleTable, at: &str| -> Vec<String> {
            let told = |(number, flaw): (usize, &Flaw)| format!("{at}[{}].{flaw}", number - 1);
            table.iter().flat_map(|rule| rule.flaws.iter().map(|flaw| (rule.number, flaw))).map(told).collect()
        };
        let mut all = of(&self.rules, "endpoints");
        for spoken in &self.dialects {
            all.extend(of(&spoken.rules, &format!("dialects.{}, its rules", spoken.profile.name())));
            all.extend(spoken.profile.warnings(spoken.settings.as_ref()));
        }
        all
    }

    /// The site's epoch: moves whenever an account or credential of it changes. What was remembered in an older epoch
    /// is looked up again.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for SiteView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SiteView({})", self.site.name)
    }
}

fn accepted(dialect: &str, config: &serde_json::Value) -> Result<Vec<String>, ConfigProblem> {
    let path = || format!("dialects.{dialect}.accept_tokens_of");
    match config.get("accept_tokens_of") {
        None => Ok(Vec::new()),
        Some(serde_json::Value::Array(list)) => list
            .iter()
            .map(|v| v.as_str().map(str::to_owned).ok_or_else(|| ConfigProblem::at(path(), "must be a list of dialect names")))
            .collect(),
        Some(_) => Err(ConfigProblem::at(path(), "must be a list of dialect names")),
    }
}

/// All sites, by id, name and host.
#[derive(Debug, Default)]
pub struct Directory {
    sites: Vec<Arc<SiteView>>,
    by_host: HashMap<String, usize, RandomState>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<SiteId, usize, RandomState>,
}

impl Directory {
    /// A directory of sites in their order; the first also answers unknown hosts. A host of the server's own selects none.
    #[must_use]
    pub fn new(sites: Vec<Arc<SiteView>>, is_own: impl Fn(&str) -> bool) -> Self {
        let mut directory = Self::default();
        for (index, view) in sites.iter().enumerate() {
            for host in view.site.hosts.iter().filter(|host| !is_own(host)) {
                directory.by_host.entry(host.to_ascii_lowercase()).or_insert(index);
            }
            directory.by_name.insert(view.site.name.clone(), index);
            directory.by_id.insert(view.site.id, index);
        }
        directory.sites = sites;
        directory
    }

    /// The site that a `Host` value selects; with its port first, then without.
    #[must_use]
    pub fn by_host(&self, host: &str) -> Option<&Arc<SiteView>> {
        let lower;
        let host = if host.bytes().any(|b| b.is_ascii_uppercase()) {
            lower = host.to_ascii_lowercase();
            &lower
        } else {
            host
        };
        let bare = || {
            let (name, port) = host.rsplit_once(':')?;
            port.bytes().all(|b| b.is_ascii_digit()).then(|| self.by_host.get(name)).flatten()
        };
        self.by_host.get(host).or_else(bare).map(|&index| &self.sites[index])
    }

    /// The site with this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<SiteView>> {
        self.by_name.get(name).map(|&index| &self.sites[index])
    }

    /// The site with this id.
    #[must_use]
    pub fn by_id(&self, id: SiteId) -> Option<&Arc<SiteView>> {
        self.by_id.get(&id).map(|&index| &self.sites[index])
    }

    /// All sites, in order.
    #[must_use]
    pub fn sites(&self) -> &[Arc<SiteView>] {
        &self.sites
    }
}
