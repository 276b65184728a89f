//! What a command works with: the open house, a call from loopback, and the site it is about.

use std::io::{BufRead, IsTerminal, Read, stdin};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use doorward_core::account::{Account, Handle};
use doorward_core::call::{Call, Client, RequestId};
use doorward_core::credential::ApiTokenText;
use doorward_core::credential::password::MAX_PASSWORD;
use doorward_core::house::House;
use doorward_core::port::store::SiteRow;
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_web::Source;

use super::{Common, Failed, out};
use crate::config::did_you_mean;
use crate::source::Machine;
use crate::wire::{self, DATABASE_FILE, Opened};

/// The open house of a command.
pub(super) struct Room {
    pub(super) opened: Opened,
}

/// Runs a command's future.
pub(super) fn block<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|e| Failed::Said(format!("no runtime: {e}")))?.block_on(work)
}

impl Room {
    /// Opens what is there; a mistyped directory is not made into a new one.
    pub(super) async fn open(common: &Common) -> Result<Self, Failed> {
        let settings = common.settings()?;
        let data = &settings.data;
        if data.database.is_none() && !data.dir.join(DATABASE_FILE).exists() {
            let dir = data.dir.display();
            return Err(Failed::Said(format!(
                "there is no Doorward in {dir}: name its directory with --data, or start `doorward serve` to make one"
            )));
        }
        Self::open_or_make(common).await
    }

    /// Opens what is there, or makes it.
    pub(super) async fn open_or_make(common: &Common) -> Result<Self, Failed> {
        let mut settings = common.settings()?;
        settings.hash.threads = 1;
        let source: Arc<dyn Source> = Arc::new(Machine);
        Ok(Self { opened: wire::open(&settings, &source).await? })
    }

    pub(super) fn house(&self) -> &Arc<House> {
        &self.opened.house
    }

    /// A call of this machine's operator.
    pub(super) fn call(&self) -> Call {
        call(self.opened.source.as_ref())
    }

    /// The site of a name, or the only one there is.
    pub(super) async fn site(&self, name: Option<&str>) -> Result<SiteRow, Failed> {
        let mut sites = self.house().look(|desk| desk.sites()).await?;
        let names: Vec<String> = sites.iter().map(|s| s.name.clone()).collect();
        let at = match name {
            Some(name) => names.iter().position(|n| n == name).ok_or_else(|| {
                Failed::Said(format!("there is no site `{name}`{}", did_you_mean(name, names.iter().map(String::as_str))))
            })?,
            None if names.len() == 1 => 0,
            None if names.is_empty() => return Err(Failed::said("there is no site yet: make one with `doorward site add NAME --url URL`")),
            None => return Err(Failed::Usage(format!("there are several sites: name one with --site ({})", names.join(", ")))),
        };
        Ok(sites.swap_remove(at))
    }

    /// The account that somebody names: by login, e-mail address or number.
    pub(super) async fn account(&self, site: SiteId, name: &str) -> Result<Account, Failed> {
        let (handle, number) = (Handle::LoginOrEmail(name.to_owned()), name.parse().ok().map(Handle::Number));
        let found = self
            .house()
            .look(move |desk| match (desk.account_by(site, &handle)?, number) {
                (None, Some(number)) => desk.account_by(site, &number),
                (found, _) => Ok(found),
            })
            .await?;
        found.ok_or_else(|| Failed::Said(format!("the site has no user `{name}`")))
    }
}

/// A call of this machine's operator.
pub(super) fn call(source: &dyn Source) -> Call {
    let mut dice = source.dice();
    let request_id = RequestId::draw(dice.as_mut());
    let client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: Some("doorward command".into()) };
    Call { now: source.now(), dice, client, request_id, actor: None }
}

/// A secret from standard input: its first line, without the line end.
pub(super) fn secret_from_stdin(what: &str) -> Result<Secret, Failed> {
    if stdin().is_terminal() {
        out::warn(&format!("type the {what} and press Enter; it is shown as you type"));
    }
    let mut text = zeroize::Zeroizing::new(Vec::with_capacity(MAX_PASSWORD + 2));
    let limit = u64::try_from(MAX_PASSWORD + 2).unwrap_or(u64::MAX);
    stdin().lock().take(limit).read_until(b'\n', &mut text).map_err(|e| Failed::Said(format!("standard input: {e}")))?;
    let line = text.strip_suffix(b"\n").unwrap_or(&text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Failed::Said(format!("standard input holds no {what}")));
    }
    if line.len() > MAX_PASSWORD {
        return Err(Failed::Said(format!("the {what} has more than {MAX_PASSWORD} bytes")));
    }
    Ok(Secret::new(line))
}

/// A password for somebody who has none yet: twenty letters and digits, 119 bits.
pub(super) fn draw_password(call: &mut Call) -> ApiTokenText {
    ApiTokenText::draw_with_prefix("", 20, call.dice.as_mut())
}
