//! For tests of every crate: the frozen call, seeded dice, and the contract that every store keeps.

pub mod store_contract;
mod wait;

pub use wait::block_on;

use std::net::{IpAddr, Ipv4Addr};

use crate::call::{Call, Client, Dice, RequestId, Time};
use crate::secret::sha256;

/// Dice that fall the same way for the same seed: SHA-256 over seed and counter.
#[derive(Clone, Debug)]
pub struct SeededDice {
    seed: u64,
    counter: u64,
}

impl SeededDice {
    /// Dice for a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl Dice for SeededDice {
    fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let mut text = [0; 16];
            text[..8].copy_from_slice(&self.seed.to_be_bytes());
            text[8..].copy_from_slice(&self.counter.to_be_bytes());
            self.counter += 1;
            chunk.copy_from_slice(&sha256(&text)[..chunk.len()]);
        }
    }
}

/// The moment at which tests stand still: 2026-01-02T03:04:05Z.
pub const FROZEN: Time = Time(1_767_323_045);

/// A call from loopback at a moment, with seeded dice.
#[must_use]
pub fn frozen_call(now: Time, seed: u64) -> Call {
    let mut dice = Box::new(SeededDice::new(seed));
    let request_id = RequestId::draw(dice.as_mut());
    Call { now, dice, client: Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: None }, request_id, actor: None }
}
