//! The console's one public origin: links, passkeys and the origin check come from it, never from a header.

use http::Uri;

/// An origin: scheme and authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    authority: String,
}

impl PublicUrl {
    /// Reads a URL without path. Plain HTTP is only for this machine: cookies and passwords travel in it.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no URL such as https://console.example.com");
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| wrong())?;
        let scheme = uri.scheme_str().ok_or_else(wrong)?.to_ascii_lowercase();
        let authority = uri.authority().ok_or_else(wrong)?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong());
        }
        let host = authority.host().to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" if is_loopback(&host) => 80,
            "http" => return Err(format!("`{text}`: plain http is only for this machine (localhost); use https")),
            _ => return Err(wrong()),
        };
        let authority = match authority.port_u16() {
            Some(port) if port != default_port => format!("{host}:{port}"),
            Some(_) | None => host.clone(),
        };
        Ok(Self { origin: format!("{scheme}://{authority}"), host, authority })
    }

    /// `https://console.example.com`, as browsers write an `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host without port: the id under which passkeys are kept.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True if a `Host` value is this one.
    #[must_use]
    pub fn is_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let default = if self.origin.starts_with("https:") { ":443" } else { ":80" };
        host == self.authority || host.strip_suffix(default) == Some(self.authority.as_str())
    }

    /// The host that is no site's because of it. Over TLS it is the name with any port: cookies and passkeys do not tell ports apart.
    /// On this machine many things are told apart by their port alone.
    #[must_use]
    pub fn own_host(&self) -> &str {
        if self.is_secure() { &self.host } else { &self.authority }
    }

    /// True if it is served over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// A page of the console.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_is_one_and_plain_http_is_for_this_machine() {
        for (text, origin) in [
            ("https://Console.example.com", "https://console.example.com"),
            ("https://console.example.com/", "https://console.example.com"),
            ("https://console.example.com:443", "https://console.example.com"),
            ("https://console.example.com:8443", "https://console.example.com:8443"),
            ("http://localhost:8081", "http://localhost:8081"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert_eq!(PublicUrl::parse(text).map(|url| url.origin), Ok(origin.to_owned()), "{text}");
        }
        for text in [
            "",
            "console.example.com",
            "http://console.example.com",
            "https://u@x.example",
            "https://x.example/path",
            "ftp://localhost",
            "https://",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_is_this_one_with_or_without_its_own_port() {
        let url = PublicUrl::parse("https://console.example.com").unwrap();
        for (host, is) in
            [("console.example.com", true), ("CONSOLE.example.com:443", true), ("console.example.com:80", false), ("evil.example", false)]
        {
            assert_eq!(url.is_host(host), is, "{host}");
        }
        assert_eq!(PublicUrl::parse("https://console.example.com:8443").unwrap().own_host(), "console.example.com");
        assert_eq!(PublicUrl::parse("http://localhost:8081").unwrap().own_host(), "localhost:8081");
        let url = PublicUrl::parse("http://localhost:8081").unwrap();
        assert!(url.is_host("localhost:8081") && !url.is_host("localhost") && !url.is_host("127.0.0.1:8081"));
    }
}
