//! Ports for servers that a test starts and that must be known before: of a block that no other test takes and that the system gives to
//! nobody.
//!
//! A port that was free a moment ago may be an outgoing connection's when a server wants it, or wants it again after a restart. So these
//! lie below the range that outgoing connections come from, in blocks: whoever listens on the first port of one has the others.
//! tests/ports.py and tests/console/lab.cjs do the same.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use parking_lot::Mutex;

const SIZE: u16 = 100;
const BLOCKS: u16 = 120;

/// The ports of this process.
struct Block {
    first: u16,
    /// The port that was given last, counted from the first.
    last: u16,
    _held: TcpListener,
}

static BLOCK: Mutex<Option<Block>> = Mutex::new(None);

/// An address that nobody listens on, until whoever asked for it does.
///
/// # Errors
/// If there is none.
pub fn free() -> Result<SocketAddr, Error> {
    let mut held = BLOCK.lock();
    let block = match held.take() {
        Some(block) => held.insert(block),
        None => held.insert(Block::claim()?),
    };
    for _ in 1..SIZE {
        block.last = block.last % (SIZE - 1) + 1;
        if let Ok(free) = listen(block.first + block.last) {
            return free.local_addr();
        }
    }
    Err(Error::new(ErrorKind::AddrInUse, "no port of the block is free"))
}

impl Block {
    fn claim() -> Result<Self, Error> {
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        let low = range.split_whitespace().next().and_then(|low| low.parse().ok()).filter(|low| *low > 15_000).unwrap_or(32_768_u16);
        let from = u16::try_from(std::process::id() % u32::from(BLOCKS)).unwrap_or_default();
        (0..BLOCKS)
            .map(|n| low - SIZE * (1 + (from + n) % BLOCKS))
            .find_map(|first| Some(Self { first, last: 0, _held: listen(first).ok()? }))
            .ok_or_else(|| Error::new(ErrorKind::AddrInUse, "no block of ports is free"))
    }
}

fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}
