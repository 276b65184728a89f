//! Its noes: every error of the plugin by its number, with its text, and the status that each generation gives it.

use doorward_core::refusal::{Fault, No};
use doorward_web::Reply;

use super::Generation;

/// An error of the plugin: its number and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Word {
    /// The number on the wire.
    pub(super) code: u16,
    /// The text on the wire.
    pub(super) text: String,
    /// The status, where it is not the usual one of the number.
    status: Option<u16>,
}

/// Why an endpoint stopped: in the plugin's words, in the house's, or with an answer of its own.
#[derive(Debug)]
pub(super) enum Stop {
    /// The plugin's.
    Word(Word),
    /// The house's.
    No(No),
    /// A whole answer.
    Reply(Box<Reply>),
}

/// An error of the plugin.
pub(super) fn word(code: u16, text: impl Into<String>) -> Word {
    Word { code, text: text.into(), status: None }
}

/// An error with a status that its number alone does not tell.
pub(super) fn word_with(status: u16, code: u16, text: impl Into<String>) -> Word {
    Word { code, text: text.into(), status: Some(status) }
}

impl Word {
    /// The status: 4.x has one per number; 3.x says 400 to all but what is wrong with a token's time or standing.
    pub(super) fn status(&self, generation: Generation) -> u16 {
        if generation == Generation::V3 {
            return match self.code {
                403 => 403,
                12..=14 | 55 => 401,
                _ => 400,
            };
        }
        if let Some(status) = self.status {
            return status;
        }
        match self.code {
            23 | 35..=37 | 42 | 46 | 47 | 53 | 59..=63 | 65 | 94..=96 | 113 => 422,
            24 | 64 | 74 | 80 | 89 => 404,
            26 | 28 | 31 | 33 | 39 | 41 | 45 | 56 | 70 | 81..=83 | 105 | 114 => 403,
            27 | 48 | 51 | 55 | 68 | 72 | 73 | 75 | 78 | 79 | 84 | 93 => 401,
            38 => 409,
            57 => 405,
            0 | 29 | 30 | 52 | 54 | 69 | 71 | 77 | 85..=87 | 97..=104 | 106..=112 | 115..=117 => 500,
            _ => 400,
        }
    }

    /// The stable reason for audit and log.
    pub(super) fn reason(&self) -> &'static str {
        match self.code {
            1..=11 | 15..=22 => "token_malformed",
            12 | 13 => "token_early",
            14 => "token_expired",
            23 | 35 | 42 | 46 | 47 | 51 | 53 | 59..=61 | 63 | 71 | 77 | 94 | 97 | 101 => "missing_field",
            24 | 64 => "account_gone",
            26 | 31 | 39 | 45 | 56 | 70 | 81..=83 => "switched_off",
            27 | 32 | 40 | 58 | 62 | 72 | 78 | 98 | 102 => "auth_code_wrong",
            28 | 33 | 41 => "address_not_allowed",
            29 | 30 => "token_claims",
            48 | 74 | 80 | 100 | 104 | 111 | 112 => "bad_credentials",
            49 | 50 | 55 => "token_revoked",
            75 => "no_credential",
            73 | 79 | 99 | 103 => "unknown_token",
            84 => "unknown_token",
            113 => "login_way_off",
            114 => "role_missing",
            _ => "invalid_field",
        }
    }
}

impl From<Word> for Stop {
    fn from(word: Word) -> Self {
        Self::Word(word)
    }
}

impl From<No> for Stop {
    fn from(no: No) -> Self {
        Self::No(no)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::No(No::Broken(fault))
    }
}

impl From<doorward_core::refusal::Refusal> for Stop {
    fn from(refusal: doorward_core::refusal::Refusal) -> Self {
        Self::No(No::Refused(refusal))
    }
}

impl From<Reply> for Stop {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_statuses() {
        for (code, v4, v3) in
            [(48, 401, 400), (14, 400, 401), (55, 401, 401), (46, 422, 400), (24, 404, 400), (30, 500, 400), (2, 400, 400)]
        {
            let word = word(code, "");
            assert_eq!((word.status(Generation::V4), word.status(Generation::V3)), (v4, v3), "{code}");
        }
        assert_eq!(word_with(422, 51, "").status(Generation::V4), 422);
    }
}
