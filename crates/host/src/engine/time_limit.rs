//! The clock that cuts off a policy which does not end.
//!
//! The compiled policy compares a counter, the *epoch*, with its deadline at every loop and call. A thread adds
//! one to the counter every [`TICK`]; reading the real time in the policy would cost more.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime_provider::wasmtime;

use super::EngineError;

/// How finely time is measured: a limit may be overrun by this much.
const TICK: Duration = Duration::from_millis(10);

/// Ticks until it is dropped.
pub(super) struct Ticker {
    /// Never used to send: the thread ends when it is gone.
    alive: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine) -> Result<Self, EngineError> {
        let (alive, dropped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("time limit".into())
            .spawn(move || {
                while dropped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            })
            .map_err(EngineError::start)?;
        Ok(Self { alive: Some(alive), thread: Some(thread) })
    }

    /// How many ticks from now a limit ends, never before its time.
    pub(super) fn ticks(&self, limit: Duration) -> u64 {
        let ticks = limit.as_nanos().div_ceil(TICK.as_nanos());
        // One more, because the current tick has already begun. A deadline is added to the epoch, so stay far
        // from the largest number.
        u64::try_from(ticks).map_or(u64::MAX >> 1, |ticks| ticks.saturating_add(1).min(u64::MAX >> 1))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // It can only fail if the thread panicked, and then it has ended as well.
            let _ = thread.join();
        }
    }
}
