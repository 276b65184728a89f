//! What the console keeps: powers, visits, tickets, passkeys, self-service switches.

use doorward_core::account::Power;
use doorward_core::call::Time;
use doorward_core::port::store::{Change, ConsoleLook, ConsoleWork, Passkey, Sealed, SelfService, Ticket, Visit, stored};
use doorward_core::refusal::Fault;
use doorward_core::session::SessionId;
use doorward_core::site::SiteId;
use rusqlite::Row;

use crate::desk::Desk;
use crate::sql::get;

impl ConsoleLook for Desk<'_> {
    fn power(&mut self, site: SiteId, number: i64) -> Result<Power, Fault> {
        let select = "SELECT power FROM power WHERE site_id = ?1 AND account = ?2";
        Ok(self.sql.first(select, &[&site.0, &number], |row| power(row, 0))?.unwrap_or_default())
    }

    fn powers(&mut self) -> Result<Vec<(SiteId, i64, Power)>, Fault> {
        self.sql.rows("SELECT site_id, account, power FROM power ORDER BY site_id, account", &[], |row| {
            Ok((SiteId(get(row, 0)?), get(row, 1)?, power(row, 2)?))
        })
    }

    fn visit(&mut self, session: SessionId) -> Result<Option<Visit>, Fault> {
        self.sql.first("SELECT seen, proven, factors FROM visit WHERE session = ?1", &[&session.0.as_slice()], |row| {
            Ok(Visit { session, seen: Time(get(row, 0)?), proven: Time(get(row, 1)?), factors: get(row, 2)? })
        })
    }

    fn ticket(&mut self, kind: &str, key: &[u8; 32]) -> Result<Option<Ticket>, Fault> {
        let select = "SELECT kind, key, site_id, account, note, created, expires FROM ticket WHERE kind = ?1 AND key = ?2";
        self.sql.first(select, &[&kind, &key.as_slice()], ticket)
    }

    fn passkeys(&mut self, site: SiteId, number: i64) -> Result<Vec<Passkey>, Fault> {
        let select = "SELECT id, site_id, account, name, public, counter, created, used FROM passkey
                      WHERE site_id = ?1 AND account = ?2 ORDER BY created, id";
        self.sql.rows(select, &[&site.0, &number], passkey)
    }

    fn passkey(&mut self, id: &[u8]) -> Result<Option<Passkey>, Fault> {
        let select = "SELECT id, site_id, account, name, public, counter, created, used FROM passkey WHERE id = ?1";
        self.sql.first(select, &[&id], passkey)
    }

    fn self_service(&mut self, site: SiteId) -> Result<Option<SelfService>, Fault> {
        let select = "SELECT register, reset, change_email, roles, level FROM self_service WHERE site_id = ?1";
        self.sql.first(select, &[&site.0], |row| {
            Ok(SelfService {
                register: get(row, 0)?,
                reset: get(row, 1)?,
                change_email: get(row, 2)?,
                roles: stored::parse_list(&get::<String>(row, 3)?)?,
                level: u8::try_from(get::<i64>(row, 4)?).map_err(|_| stored::broken("level"))?,
            })
        })
    }
}

impl ConsoleWork for Desk<'_> {
    fn set_power(&mut self, site: SiteId, number: i64, power: Power) -> Result<(), Fault> {
        if power == Power::None {
            self.sql.run("DELETE FROM power WHERE site_id = ?1 AND account = ?2", &[&site.0, &number])?;
            return Ok(());
        }
        let put = "INSERT INTO power (site_id, account, power) VALUES (?1, ?2, ?3)
                   ON CONFLICT (site_id, account) DO UPDATE SET power = excluded.power";
        self.sql.run(put, &[&site.0, &number, &power.word()])?;
        Ok(())
    }

    fn put_visit(&mut self, visit: &Visit) -> Result<(), Fault> {
        let put = "INSERT INTO visit (session, seen, proven, factors) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (session) DO UPDATE SET seen = excluded.seen, proven = excluded.proven, factors = excluded.factors";
        self.sql.run(put, &[&visit.session.0.as_slice(), &visit.seen.0, &visit.proven.0, &visit.factors])?;
        Ok(())
    }

    fn add_ticket(&mut self, ticket: &Ticket) -> Result<(), Fault> {
        let put = "INSERT INTO ticket (kind, key, site_id, account, note, created, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                   ON CONFLICT (kind, key) DO UPDATE SET site_id = excluded.site_id, account = excluded.account, note = excluded.note,
                   created = excluded.created, expires = excluded.expires";
        let key = ticket.key.as_slice();
        let (site, account) = (ticket.site.0, ticket.account);
        self.sql.run(put, &[&ticket.kind, &key, &site, &account, &ticket.note.0, &ticket.created.0, &ticket.expires.0])?;
        Ok(())
    }

    fn take_ticket(&mut self, kind: &str, key: &[u8; 32], now: Time) -> Result<Option<Ticket>, Fault> {
        let take = "DELETE FROM ticket WHERE kind = ?1 AND key = ?2 AND expires > ?3
                    RETURNING kind, key, site_id, account, note, created, expires";
        self.sql.first(take, &[&kind, &key.as_slice(), &now.0], ticket)
    }

    fn drop_tickets(&mut self, kind: &str, site: SiteId, account: i64) -> Result<(), Fault> {
        self.sql.run("DELETE FROM ticket WHERE kind = ?1 AND site_id = ?2 AND account = ?3", &[&kind, &site.0, &account])?;
        Ok(())
    }

    fn add_passkey(&mut self, passkey: &Passkey) -> Result<bool, Fault> {
        stored::exact(&[&passkey.public])?;
        let insert = "INSERT INTO passkey (id, site_id, account, name, public, counter, created, used)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
        self.sql.hit(
            insert,
            &[
                &passkey.id,
                &passkey.site.0,
                &passkey.account,
                &stored::shown(&passkey.name),
                &passkey.public,
                &passkey.counter,
                &passkey.created.0,
                &passkey.used.map(|t| t.0),
            ],
        )
    }

    fn name_passkey(&mut self, site: SiteId, number: i64, id: &[u8], name: &str) -> Result<bool, Fault> {
        let update = "UPDATE passkey SET name = ?4 WHERE id = ?3 AND site_id = ?1 AND account = ?2";
        self.sql.hit(update, &[&site.0, &number, &id, &stored::shown(name)])
    }

    fn use_passkey(&mut self, passkey: &Passkey, from: i64) -> Result<bool, Fault> {
        let update = "UPDATE passkey SET public = ?3, counter = ?4, used = ?5 WHERE id = ?1 AND counter = ?2";
        self.sql.hit(update, &[&passkey.id, &from, &passkey.public, &passkey.counter, &passkey.used.map(|t| t.0)])
    }

    fn remove_passkey(&mut self, site: SiteId, number: i64, id: &[u8]) -> Result<bool, Fault> {
        self.sql.hit("DELETE FROM passkey WHERE id = ?3 AND site_id = ?1 AND account = ?2", &[&site.0, &number, &id])
    }

    fn set_self_service(&mut self, site: SiteId, offers: &SelfService) -> Result<(), Fault> {
        let put = "INSERT INTO self_service (site_id, register, reset, change_email, roles, level) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (site_id) DO UPDATE SET register = excluded.register, reset = excluded.reset,
                   change_email = excluded.change_email, roles = excluded.roles, level = excluded.level";
        let roles = stored::list_text(&offers.roles);
        self.sql.run(put, &[&site.0, &offers.register, &offers.reset, &offers.change_email, &roles, &i64::from(offers.level)])?;
        Ok(())
    }

    fn restore_api_token(&mut self, site: SiteId, id: i64) -> Result<bool, Fault> {
        let update = "UPDATE api_token SET revoked = NULL WHERE id = ?2 AND site_id = ?1 AND revoked IS NOT NULL";
        let done = self.sql.hit(update, &[&site.0, &id])?;
        self.note_if(done, Change::Account(site))
    }
}

fn power(row: &Row<'_>, at: usize) -> Result<Power, Fault> {
    Power::parse(&get::<String>(row, at)?).ok_or_else(|| stored::broken("power"))
}

fn ticket(row: &Row<'_>) -> Result<Ticket, Fault> {
    Ok(Ticket {
        kind: get(row, 0)?,
        key: stored::digest(&get::<Vec<u8>>(row, 1)?)?,
        site: SiteId(get(row, 2)?),
        account: get(row, 3)?,
        note: Sealed(get(row, 4)?),
        created: Time(get(row, 5)?),
        expires: Time(get(row, 6)?),
    })
}

fn passkey(row: &Row<'_>) -> Result<Passkey, Fault> {
    Ok(Passkey {
        id: get(row, 0)?,
        site: SiteId(get(row, 1)?),
        account: get(row, 2)?,
        name: get(row, 3)?,
        public: get(row, 4)?,
        counter: get(row, 5)?,
        created: Time(get(row, 6)?),
        used: get::<Option<i64>>(row, 7)?.map(Time),
    })
}
