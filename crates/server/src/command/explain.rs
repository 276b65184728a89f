//! `doorward explain`: what would be decided of a request, and why.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use doorward_gateway::guard::{Checked, Seen};
use doorward_web::client_addr::TrustedProxies;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::metrics::Metrics;
use crate::reception::{Came, Explanation, Question, Reception};

/// Say what would be decided of a request, and why: the rule, each check, the reason and the exact answer.
///
/// Nothing is sent on, counted, charged or remembered. A password is not weighed unless --weigh is given. Rate limits are
/// counted in the running server: this command sees them unused.
#[derive(clap::Args)]
pub(super) struct Explain {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The request's method
    #[arg(long, default_value = "GET")]
    method: String,
    /// Its path, with a query if it has one
    #[arg(long)]
    path: String,
    /// A header, such as 'Authorization: Bearer …'; can be repeated. Other users of the machine may see it
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// A file with its body; - is standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The client's address [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// The Host that is asked [default: the site's first]
    #[arg(long)]
    host: Option<String>,
    /// Weigh a password that is shown; a wrong one is charged as one that a client sends
    #[arg(long)]
    weigh: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let body = self.body.as_deref().map(read).transpose()?;
        block(async {
            let room = Room::open(common).await?;
            let site = room.site(self.site.as_deref()).await?;
            let host = self.host.clone().or_else(|| site.hosts.first().cloned());
            let question = self.question(host.as_deref(), body)?;
            let opened = &room.opened;
            let reception = Reception::new(
                Arc::clone(room.house()),
                opened.dialects.clone(),
                TrustedProxies::default(),
                common.settings()?.server.body_time,
                Arc::clone(&opened.source),
                Arc::new(Metrics::default()),
            );
            let told = reception.explain(question).await;
            if let Some(other) = told.site.as_ref().filter(|name| **name != site.name) {
                return Err(Failed::Said(format!("that request is for the site {other}: name a host of {} with --host", site.name)));
            }
            if self.json {
                out::json(&told.json());
            } else {
                show(&told);
            }
            Ok(())
        })
    }

    fn question(&self, host: Option<&str>, body: Option<Bytes>) -> Result<Question, Failed> {
        let usage = |what: &str, text: &str| Failed::Usage(format!("`{text}` is no {what}"));
        let mut headers = HeaderMap::new();
        for line in &self.headers {
            let pair = line.split_once(':').and_then(|(name, value)| {
                Some((HeaderName::from_bytes(name.trim().as_bytes()).ok()?, HeaderValue::from_str(value.trim()).ok()?))
            });
            // What was given is not repeated: it may be a credential.
            let (name, value) = pair.ok_or_else(|| Failed::Usage("a header must be NAME: VALUE".into()))?;
            headers.append(name, value);
        }
        if let Some(host) = host.filter(|_| !headers.contains_key(HOST)) {
            headers.insert(HOST, HeaderValue::from_str(host).map_err(|_| usage("host", host))?);
        }
        if let Some(body) = &body {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Ok(Question {
            method: Method::from_bytes(self.method.as_bytes()).map_err(|_| usage("method", &self.method))?,
            target: self.path.parse::<Uri>().map_err(|_| usage("path", &self.path))?,
            headers,
            body: body.unwrap_or_default(),
            address: self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            weighs: self.weigh,
        })
    }
}

fn read(file: &std::path::Path) -> Result<Bytes, Failed> {
    let mut body = Vec::new();
    let done = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut body).map(|_| ())
    } else {
        std::fs::read(file).map(|b| body = b)
    };
    done.map_err(|e| Failed::Said(format!("{} cannot be read: {e}", file.display())))?;
    Ok(Bytes::from(body))
}

fn show(told: &Explanation) {
    let outcome = match &told.came {
        Came::Through { upstream, target, .. } => format!("passes, to {}{target}", upstream.trim_end_matches('/')),
        Came::Refused(reason) => format!("refused: {reason}"),
        Came::Endpoint(_) | Came::Answered => "answered by Doorward itself".to_owned(),
        Came::Unweighed => "a password would be weighed (--weigh does)".to_owned(),
        Came::Broken => "broken: something of ours fails, the door stays shut".to_owned(),
    };
    out::facts(&[
        ("outcome", outcome),
        ("site", told.site.clone().unwrap_or_else(|| "none".into())),
        ("dialect", told.dialect.unwrap_or("none").to_owned()),
        ("action", told.action.clone()),
    ]);
    for seen in &told.seen {
        match seen {
            Seen::Rule(rule) => {
                let of = rule.dialect.map_or_else(|| format!("of the site {}", rule.site), |dialect| format!("of {dialect}"));
                out::line(format_args!("\nrule {} {of}: {}", rule.number, rule.path));
            }
            Seen::Check(check, about, checked) => {
                let result = match checked {
                    Checked::Passed => "yes".to_owned(),
                    Checked::Refused(reason) => format!("no: {reason}"),
                    Checked::Absent => "nothing is shown".to_owned(),
                    Checked::Unweighed => "not weighed".to_owned(),
                    Checked::Broken => "broken".to_owned(),
                };
                let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
                out::line(format_args!("  {check}{about}: {result}"));
            }
        }
    }
    if let Came::Through { told, .. } = &told.came {
        out::line("\nthe upstream is told");
        headers(told);
    }
    if let Some(reply) = &told.answer {
        out::line(format_args!("\nanswer {}", reply.status.as_u16()));
        headers(&reply.headers);
        out::line(format_args!("\n{}", String::from_utf8_lossy(&reply.body)));
    }
}

fn headers(map: &HeaderMap) {
    for (name, value) in map {
        out::line(format_args!("  {name}: {}", String::from_utf8_lossy(value.as_bytes())));
    }
}
