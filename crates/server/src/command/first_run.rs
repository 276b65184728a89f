//! The first start: a site that speaks every dialect, and its administrator with a password that is shown once.

use doorward_core::account::Power;
use doorward_core::flow::console::setup;
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use serde_json::{Map, Value};

use super::room;
use crate::bundle::{Bundle, Mode, Stopped, format, import};
use crate::wire::Opened;

/// The name of the first site.
pub(super) const SITE: &str = "default";
/// The login of the first administrator.
pub(super) const LOGIN: &str = "admin";

/// Makes site and administrator if there is no site yet; returns the password, for once.
pub(super) async fn make(opened: &Opened, url: &str) -> Result<Option<Secret>, Fault> {
    if !opened.house.look(|desk| desk.sites()).await?.is_empty() {
        return Ok(None);
    }
    let mut call = room::call(opened.source.as_ref());
    let password = room::draw_password(&mut call);
    let hash = opened.house.terms().hasher.hash(Secret::new(password.reveal())).await;
    let hash = hash.map_err(|_| Fault::new("the first password could not be hashed"))?;
    let user = format::User {
        id: Some(1),
        login: LOGIN.into(),
        // A real address is set later; this one is reserved, so no mail ever goes there.
        email: Some("admin@doorward.localhost".into()),
        display_name: Some("Administrator".into()),
        roles: Some(["administrator", "admin", "superadmin"].map(str::to_owned).to_vec()),
        level: Some(10),
        password_hash: Some(Some(hash.reveal().to_owned())),
        ..format::User::default()
    };
    let site = format::Site {
        name: SITE.into(),
        url: Some(url.to_owned()),
        dialects: Some(opened.dialects.iter().map(|d| (d.name().to_owned(), Value::Object(Map::new()))).collect()),
        users: Some(vec![user]),
        ..format::Site::default()
    };
    let bundle = Bundle { doorward_bundle: format::VERSION, without_secrets: false, sites: vec![site] };
    match import(&opened.house, call, bundle, Mode::Write("first_run")).await {
        Ok(_) => {
            let site = opened.house.directory().by_name(SITE).map(|view| view.site.id);
            let site = site.ok_or_else(|| Fault::new("the first site was made and is not there"))?;
            opened.house.work(move |desk| desk.set_power(site, 1, Power::Owner)).await?;
            setup::await_first(&opened.house, &mut room::call(opened.source.as_ref())).await?;
            Ok(Some(Secret::new(password.reveal())))
        }
        Err(Stopped::Problem(problem)) => Err(Fault::new(problem).while_doing("making the first site")),
        Err(Stopped::Kept(reason)) => Err(Fault::new(reason)),
        Err(Stopped::Fault(fault)) => Err(fault),
    }
}
