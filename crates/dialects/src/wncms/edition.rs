//! Its editions: as seed 002 documents it, and as two generations of the real application answer (contract §1).

use doorward_core::site::ConfigProblem;

use crate::config::Reader;

/// An edition. They differ in how they say no, and in nothing that decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// As seed 002 says.
    #[default]
    Documented,
    /// The application from 6.3.0-alpha2 on: the status is the body's `code`.
    V63,
    /// The application from 6.0.0 to 6.3.0-alpha1: what it says itself has status 200, and the number is in `code` alone.
    V6,
}

impl Edition {
    /// Reads the member `edition`; absent is [`Edition::Documented`].
    ///
    /// # Errors
    /// If it is no edition of this language.
    pub(super) fn read(top: Reader<'_>) -> Result<Self, ConfigProblem> {
        match top.text("edition")? {
            None | Some("documented") => Ok(Self::Documented),
            Some("v6.3") => Ok(Self::V63),
            Some("v6") => Ok(Self::V6),
            Some(_) => Err(top.wrong("edition", "must be one of documented, v6.3, v6")),
        }
    }
}
