//! The letters that the console sends: every word of them, in one place. Links come from the console's configured address alone.

use crate::port::mailer::Mail;

/// A letter.
#[derive(Clone, Copy, Debug)]
pub enum Letter<'a> {
    /// Who registered shall verify their address.
    Verify {
        /// The link.
        link: &'a str,
    },
    /// Somebody registered with an address that has an account already.
    AlreadyThere,
    /// Who forgot the password may set another.
    Reset {
        /// The link.
        link: &'a str,
    },
    /// An administrator made an account, or wants its owner to set a password.
    SetPassword {
        /// The link.
        link: &'a str,
    },
    /// A new address shall be confirmed.
    ConfirmEmail {
        /// The link.
        link: &'a str,
    },
    /// To the old address: another one was asked for.
    EmailWillChange {
        /// The new one.
        new: &'a str,
    },
    /// To the old address: another one is in its place now.
    EmailChanged {
        /// The new one.
        new: &'a str,
    },
    /// The password was changed.
    PasswordChanged,
}

impl Letter<'_> {
    /// Writes it for somebody of a site.
    #[must_use]
    pub fn write(&self, to: &str, site: &str) -> Mail {
        let (subject, body) = match self {
            Self::Verify { link } => (
                format!("Verify your address for {site}"),
                format!(
                    "Somebody, most likely you, made an account at {site} with this address.\n\nTo verify it, open\n{link}\n\nThe link is good for a day. If it was not you, do nothing: without it there is no account."
                ),
            ),
            Self::AlreadyThere => (
                format!("You have an account at {site} already"),
                format!(
                    "Somebody, most likely you, tried to make an account at {site} with this address. It has one already: sign in, or use \"Forgot password\". If it was not you, do nothing."
                ),
            ),
            Self::Reset { link } => (
                format!("A new password for {site}"),
                format!(
                    "Somebody, most likely you, asked for a new password at {site}.\n\nTo set one, open\n{link}\n\nThe link is good for an hour and once. If it was not you, do nothing: your password stays."
                ),
            ),
            Self::SetPassword { link } => (
                format!("Set your password for {site}"),
                format!(
                    "An administrator of {site} asks you to set a password.\n\nTo do it, open\n{link}\n\nThe link is good for a day and once."
                ),
            ),
            Self::ConfirmEmail { link } => (
                format!("Confirm your new address for {site}"),
                format!(
                    "This address shall become that of your account at {site}.\n\nTo confirm it, sign in and open\n{link}\n\nThe link is good for a day. If you asked for nothing, do nothing."
                ),
            ),
            Self::EmailWillChange { new } => (
                format!("Your address at {site} shall change"),
                format!(
                    "Somebody who is signed in as you asked to change the address of your account at {site} to {new}. It changes when the new address is confirmed. If it was not you, change your password and sign out everywhere."
                ),
            ),
            Self::EmailChanged { new } => (
                format!("Your address at {site} was changed"),
                format!("The address of your account at {site} is now {new}. If it was not you, tell the administrators of {site}."),
            ),
            Self::PasswordChanged => (
                format!("Your password at {site} was changed"),
                format!(
                    "The password of your account at {site} was changed, and everything that was signed in with it was signed out. If it was not you, tell the administrators of {site}."
                ),
            ),
        };
        Mail { to: to.to_owned(), subject, body: format!("{body}\n"), html: false }
    }
}
