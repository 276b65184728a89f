//! Behind: what only the server can do, as the console sees it. The server implements it; the console never knows how.

/// What only the server can do.
pub trait Behind: Send + Sync {
    /// The server's version.
    fn version(&self) -> &'static str;
}
