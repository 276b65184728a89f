//! `[console]`: the pages for people, on an origin of their own.

use std::net::SocketAddr;

use doorward_console::PublicUrl;
use doorward_core::flow::console::Lifetimes;

use super::key::{Key, Kind};
use super::server::optional_address;
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "console.listen",
        env: "DOORWARD_CONSOLE_LISTEN",
        flag: Some("--console-listen"),
        kind: Kind::OptionalAddress,
        default: "127.0.0.1:8081",
        about: "Where people reach the console, in plain HTTP. It has a listener of its own so that its pages share no origin with \
                what a site serves. Empty = no listener; where console.url is https, the TLS listener serves it all the same.",
    },
    Key {
        name: "console.url",
        env: "DOORWARD_CONSOLE_URL",
        flag: None,
        kind: Kind::Text,
        default: "",
        about: "The console's one address, such as https://console.example.com: links in letters, passkeys and the check of where a \
                request comes from use it, never a header. Its host is no site's: it is refused for one, and if a site has it already, \
                the console answers there and a warning says so. The TLS listener serves the console under this name if it is https; a \
                proxy in front must keep the Host. Plain http is only taken for this machine. Empty = \
                http://localhost and the port of console.listen.",
    },
    Key {
        name: "console.idle_minutes",
        env: "DOORWARD_CONSOLE_IDLE_MINUTES",
        flag: None,
        kind: Kind::Number(1, 1440),
        default: "30",
        about: "Minutes without a request after which somebody is signed out of the console.",
    },
    Key {
        name: "console.absolute_hours",
        env: "DOORWARD_CONSOLE_ABSOLUTE_HOURS",
        flag: None,
        kind: Kind::Number(1, 720),
        default: "12",
        about: "Hours after which somebody is signed out of the console whatever they do.",
    },
    Key {
        name: "console.reauth_minutes",
        env: "DOORWARD_CONSOLE_REAUTH_MINUTES",
        flag: None,
        kind: Kind::Number(1, 60),
        default: "5",
        about: "Minutes that a password, a code or a passkey is good for before something dangerous asks for it again.",
    },
    Key {
        name: "console.list_sites",
        env: "DOORWARD_CONSOLE_LIST_SITES",
        flag: None,
        kind: Kind::Word(&["off", "on"]),
        default: "off",
        about: "On: the sign-in page offers the names of all sites. Off: who signs in types the name of theirs, unless there is only one.",
    },
];

/// The section's values.
#[derive(Clone, Debug)]
pub struct Console {
    /// Where; `None` = no listener.
    pub listen: Option<SocketAddr>,
    /// Its address; `None` = this machine's name and the listener's port.
    pub url: Option<PublicUrl>,
    /// How long visits last.
    pub lifetimes: Lifetimes,
    /// True if sites are named before anybody signs in.
    pub lists_sites: bool,
}

impl Console {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        Ok(Self {
            listen: values.parse("console.listen", optional_address)?,
            url: values.parse("console.url", |text| if text.is_empty() { Ok(None) } else { PublicUrl::parse(text).map(Some) })?,
            lifetimes: Lifetimes {
                idle: values.number::<i64>("console.idle_minutes")? * 60,
                absolute: values.number::<i64>("console.absolute_hours")? * 3600,
                fresh: values.number::<i64>("console.reauth_minutes")? * 60,
            },
            lists_sites: values.word("console.list_sites", &["off", "on"])? == "on",
        })
    }

    /// The console's address, given where its listener is.
    #[must_use]
    pub fn address(&self, listener: Option<SocketAddr>) -> Option<PublicUrl> {
        let local = |address: SocketAddr| PublicUrl::parse(&format!("http://localhost:{}", address.port())).ok();
        self.url.clone().or_else(|| listener.and_then(local))
    }
}
