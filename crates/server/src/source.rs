//! The machine's clock and dice: the only place that reads either.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use doorward_core::call::{Dice, Time};
use doorward_core::port::clock::Clock;
use doorward_web::Source;

/// The machine: the operating system's clock and random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Source for Machine {
    #[expect(clippy::disallowed_methods, reason = "the one reader of the clock: every request's `now` is made from this")]
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        Time(since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)))
    }

    fn dice(&self) -> Box<dyn Dice> {
        Box::new(MachineDice)
    }
}

/// The clock of a source, for the core's port.
pub struct ClockOf(pub Arc<dyn Source>);

impl Clock for ClockOf {
    fn now(&self) -> Time {
        self.0.now()
    }
}

/// Randomness of the operating system by way of AWS-LC, drawn in blocks per thread; bytes are wiped as they are handed out.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineDice;

struct Block {
    bytes: [u8; 512],
    used: usize,
}

thread_local! {
    static BLOCK: RefCell<Block> = const { RefCell::new(Block { bytes: [0; 512], used: 512 }) };
}

impl Dice for MachineDice {
    fn fill(&mut self, buffer: &mut [u8]) {
        BLOCK.with_borrow_mut(|block| {
            let mut wanted = buffer;
            while !wanted.is_empty() {
                if block.used == block.bytes.len() {
                    draw(&mut block.bytes);
                    block.used = 0;
                }
                let fresh = &mut block.bytes[block.used..];
                let (now, later) = wanted.split_at_mut(wanted.len().min(fresh.len()));
                now.copy_from_slice(&fresh[..now.len()]);
                fresh[..now.len()].fill(0);
                block.used += now.len();
                wanted = later;
            }
        });
    }
}

/// AWS-LC's generator fails only if the operating system has no randomness: then nothing here may go on.
#[expect(clippy::expect_used, reason = "without randomness no secret can be made: stopping is the only safe answer")]
fn draw(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the operating system gives random numbers");
}
