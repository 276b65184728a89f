//! How it speaks of an account: levels, personas, and the user object.

use doorward_core::account::Account;
use serde::Serialize;

/// An account as a login and `users/me` show it, in the seed's order.
#[derive(Serialize)]
pub(super) struct User<'a> {
    id: i64,
    username: &'a str,
    email: &'a str,
    level: u8,
    role: &'static str,
    r#type: i64,
    type_label: &'static str,
    avatar: Option<&'a str>,
    created_at: String,
}

impl<'a> User<'a> {
    /// The user object of an account.
    pub(super) fn of(account: &'a Account) -> Self {
        Self {
            id: account.number,
            username: &account.login,
            email: &account.email,
            level: account.level,
            role: persona(account.level),
            r#type: account.status.number(),
            type_label: account.status.label(),
            avatar: account.avatar.as_deref(),
            created_at: account.registered.iso(),
        }
    }
}

/// The name of a level (contract §1); it is the `persona` of tokens and the `role` of users.
pub(super) fn persona(level: u8) -> &'static str {
    match level {
        0 => "public",
        1..=5 => "user",
        6..=7 => "moderator",
        8..=9 => "admin",
        10.. => "superadmin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_persona() {
        let names: Vec<_> = (0..=10).map(persona).collect();
        let expected = ["public", "user", "user", "user", "user", "user", "moderator", "moderator", "admin", "admin", "superadmin"];
        assert_eq!(names, expected);
    }
}
