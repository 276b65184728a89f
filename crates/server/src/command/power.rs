//! `doorward user power`: who runs the server or a site in the console.

use doorward_core::account::Power;
use doorward_core::house::entry;

use super::room::Room;
use super::user::Which;
use super::{Failed, out};

/// A power, and who shall have it.
#[derive(clap::Args)]
pub(super) struct Give {
    #[command(flatten)]
    which: Which,
    /// owner: the whole server; admin: the user's own site; none: their own things only
    #[arg(value_parser = ["owner", "admin", "none"])]
    power: String,
}

impl Give {
    pub(super) async fn run(self, room: &Room) -> Result<(), Failed> {
        let account = room.found(&self.which).await?.1;
        let power = Power::parse(&self.power).ok_or_else(|| Failed::Usage(format!("`{}` is no power", self.power)))?;
        let (site, number) = (account.site, account.number);
        let mark = entry(&room.call(), Some(site), Some(number), "command.user.power", Ok("granted"), power.word());
        room.house()
            .work(move |desk| {
                desk.set_power(site, number, power)?;
                desk.remember(&mark)
            })
            .await?;
        out::line(format_args!("{}: {}", account.login, told(power)));
        Ok(())
    }
}

fn told(power: Power) -> &'static str {
    match power {
        Power::Owner => "runs the whole server in the console",
        Power::Admin => "runs their site in the console",
        Power::None => "sees their own things in the console",
    }
}
