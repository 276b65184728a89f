//! Where upstreams are: base URLs as sites name them, one or several with a blank between.

use std::fmt;

use doorward_core::refusal::Fault;

/// How an upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP/1.1 in plain.
    Http,
    /// HTTP/2 in plain, without asking (prior knowledge).
    H2c,
    /// TLS; HTTP/2 if the other side chooses it, else HTTP/1.1.
    Https,
}

/// One upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What stands before each path, without a trailing slash; mostly empty.
    pub base: String,
    /// Host and port as written, for a request that names no host.
    pub authority: String,
}

impl Address {
    /// Reads a base URL.
    ///
    /// # Errors
    /// What it must be.
    pub fn parse(url: &str) -> Result<Self, String> {
        let problem = || {
            "must be a URL such as http://127.0.0.1:9000 (or https://, or h2c:// for HTTP/2 in plain), without user, query and fragment"
                .to_owned()
        };
        let uri: http::Uri = url.trim_end_matches('/').parse().map_err(|_| problem())?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("h2c") => Scheme::H2c,
            Some("https") => Scheme::Https,
            Some(_) | None => return Err(problem()),
        };
        let authority = uri.authority().filter(|a| !a.as_str().contains('@') && !a.host().is_empty()).ok_or_else(problem)?;
        if uri.query().is_some() || url.contains(['#', ' ']) {
            return Err(problem());
        }
        let port = authority.port_u16().unwrap_or(if scheme == Scheme::Https { 443 } else { 80 });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let base = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, host, port, base, authority: authority.as_str().to_owned() })
    }

    /// Reads all upstreams of a site.
    ///
    /// # Errors
    /// If one of them is no URL: the site was checked when it was written, so this is a fault.
    pub fn list(urls: &str) -> Result<Vec<Self>, Fault> {
        let read = |url| Self::parse(url).map_err(|text| Fault::new(format_args!("the upstream {text}")));
        urls.split_ascii_whitespace().map(read).collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_upstream_is() {
        for (url, expected) in [
            ("http://127.0.0.1:9000", Some((Scheme::Http, "127.0.0.1", 9000, ""))),
            ("http://web/", Some((Scheme::Http, "web", 80, ""))),
            ("https://web.example/app/", Some((Scheme::Https, "web.example", 443, "/app"))),
            ("h2c://[::1]:50051", Some((Scheme::H2c, "::1", 50051, ""))),
            ("ftp://web", None),
            ("web:80", None),
            ("http://", None),
            ("http://user@web", None),
            ("http://web?x", None),
            ("http://web#x", None),
            ("http://a http://b", None),
        ] {
            let read = Address::parse(url).ok();
            assert_eq!(read.as_ref().map(|a| (a.scheme, a.host.as_str(), a.port, a.base.as_str())), expected, "{url}");
        }
        assert_eq!(Address::list("http://a:1 http://b:2").unwrap().len(), 2);
    }
}
