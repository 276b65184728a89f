//! What a world is set up with: sites, their languages, people and their credentials.

use doorward_core::account::{Account, Status};
use doorward_core::call::Time;
use doorward_core::policy::{Rule, Scopes};
use doorward_core::site::SiteId;
use doorward_core::testkit::FROZEN;
use serde_json::Value;

/// A person of a site.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) account: Account,
    /// Stored hash; `None` = no password.
    pub(crate) hash: Option<String>,
    /// TOTP secret, 20 bytes.
    pub(crate) totp: Option<[u8; 20]>,
    pub(crate) recovery: Vec<String>,
    /// Plain API tokens.
    pub(crate) tokens: Vec<(String, Scopes)>,
}

impl Person {
    /// Somebody with the common password, as a hash of md5 (the cheapest): role subscriber, level 3.
    pub(crate) fn new(number: i64, login: &str) -> Self {
        let account = Account {
            site: SiteId(1),
            number,
            login: login.into(),
            email: format!("{login}@example.com"),
            nicename: login.into(),
            display_name: login.to_uppercase(),
            url: String::new(),
            registered: Time(1_736_899_200),
            roles: vec!["subscriber".into()],
            level: 3,
            status: Status::Active,
            avatar: None,
            service: false,
            valid_after: Time(0),
            second_factor: false,
        };
        // Unsalted MD5 of "correct horse".
        let hash = Some(MD5_OF_PASSWORD.to_owned());
        Self { account, hash, totp: None, recovery: Vec::new(), tokens: Vec::new() }
    }

    pub(crate) fn role(mut self, role: &str, level: u8) -> Self {
        self.account.roles = vec![role.into()];
        self.account.level = level;
        self
    }

    pub(crate) fn status(mut self, status: Status) -> Self {
        self.account.status = status;
        self
    }

    pub(crate) fn hash(mut self, hash: &str) -> Self {
        self.hash = Some(hash.into());
        self
    }

    pub(crate) fn nicename(mut self, nicename: &str) -> Self {
        self.account.nicename = nicename.into();
        self
    }

    pub(crate) fn totp(mut self) -> Self {
        self.totp = Some(*b"12345678901234567890");
        self
    }

    pub(crate) fn recovery(mut self, code: &str) -> Self {
        self.recovery.push(code.into());
        self
    }

    pub(crate) fn token(mut self, text: &str) -> Self {
        self.tokens.push((text.into(), Scopes::All));
        self
    }
}

/// MD5 of [`super::PASSWORD`].
const MD5_OF_PASSWORD: &str = "3cb4e732631f47e6eb961f34554b7cde";

/// A site to be set up.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) cors_origins: Vec<String>,
    pub(crate) dialects: Vec<(String, Value)>,
    pub(crate) people: Vec<Person>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) upstream: bool,
    pub(crate) now: Time,
}

impl Stage {
    /// One site that speaks one language with these settings.
    pub(crate) fn of(dialect: &str, settings: Value) -> Self {
        Self {
            id: 1,
            name: "yoursite".into(),
            hosts: vec!["wire.example".into()],
            cors_origins: Vec::new(),
            dialects: vec![(dialect.into(), settings)],
            people: Vec::new(),
            rules: Vec::new(),
            upstream: true,
            now: FROZEN,
        }
    }

    pub(crate) fn and(mut self, dialect: &str, settings: Value) -> Self {
        self.dialects.push((dialect.into(), settings));
        self
    }

    pub(crate) fn person(mut self, person: Person) -> Self {
        self.people.push(person);
        self
    }

    pub(crate) fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    pub(crate) fn origins(mut self, origins: &[&str]) -> Self {
        self.cors_origins = origins.iter().map(|o| (*o).to_owned()).collect();
        self
    }
}
