//! Who may say what at which door.
