//! Measures requests that are near the limits of an API server.

use std::env;
use std::process::{Command, Stdio};

use fresh_images_engine::{Policy, Result};

use crate::measure::{quantile, time};

/// The unit in which WebAssembly memory grows.
const PAGE: usize = 64 * 1024;

/// The largest memory that is tried, in pages: 256 MiB.
const MOST: usize = 4096;

/// The argument that makes this program tell how much memory a request needs, instead of measuring times.
pub(crate) const MEMORY: &str = "--memory-of-request=";

/// Seconds for one call, and the memory that the policy needs.
pub(crate) struct Figures {
    pub(crate) empty: f64,
    pub(crate) policy: f64,
    pub(crate) mebibytes: f64,
}

/// Measures both policies with the request at this index.
pub(crate) fn measure(empty: &Policy, policy: &Policy, index: usize, payload: &[u8]) -> Result<Figures> {
    let (empty, policy) = (empty.with_memory(MOST * PAGE)?, policy.with_memory(MOST * PAGE)?);
    let (mut empties, mut policies) = (Vec::new(), Vec::new());
    for _ in 0..11 {
        empties.push(time(&empty, payload)?);
        policies.push(time(&policy, payload)?);
    }
    // A policy that lacks memory says so on standard error, many times: the search runs in a process of its own.
    let output =
        Command::new(env::current_exe()?).arg(format!("{MEMORY}{index}")).stderr(Stdio::null()).output()?;
    let pages: u32 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Figures {
        empty: quantile(&mut empties, 0.5),
        policy: quantile(&mut policies, 0.5),
        mebibytes: f64::from(pages) / 16.0,
    })
}

/// The fewest pages with which the policy answers, found by halving.
pub(crate) fn smallest_memory(policy: &Policy, payload: &[u8]) -> Result<usize> {
    let (mut too_few, mut enough) = (0, MOST);
    while enough.saturating_sub(too_few) > 1 {
        let middle = usize::midpoint(too_few, enough);
        match policy.with_memory(middle.saturating_mul(PAGE))?.call("validate", payload) {
            Ok(_) => enough = middle,
            // With the most memory it did answer, so what it lacks here is memory.
            Err(_) => too_few = middle,
        }
    }
    Ok(enough)
}
