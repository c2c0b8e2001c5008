//! Measures two policies by turns.

use std::time::{Duration, Instant};

use fresh_images_engine::{Policy, Result};

/// How often both have their turn.
const ROUNDS: usize = 41;

/// How long one turn lasts, about. Long enough for some calls of any request, short enough that both policies see
/// the same machine.
const TURN: Duration = Duration::from_millis(20);

/// Seconds for one request.
pub(crate) struct Comparison {
    pub(crate) empty: f64,
    pub(crate) policy: f64,
    pub(crate) ratio: f64,
    pub(crate) noise: f64,
}

/// Measures both policies with one request.
pub(crate) fn compare(empty: &Policy, policy: &Policy, payload: &[u8]) -> Result<Comparison> {
    // Not counted: the first calls fill caches.
    turn(empty, payload)?;
    turn(policy, payload)?;
    let (mut empties, mut policies, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (empty, policy) = (turn(empty, payload)?, turn(policy, payload)?);
        empties.push(empty);
        policies.push(policy);
        ratios.push(policy / empty);
    }
    let ratio = quantile(&mut ratios, 0.5);
    let noise = (quantile(&mut ratios, 0.75) - quantile(&mut ratios, 0.25)) / ratio;
    Ok(Comparison { empty: quantile(&mut empties, 0.5), policy: quantile(&mut policies, 0.5), ratio, noise })
}

/// The median of the calls of one turn.
fn turn(policy: &Policy, payload: &[u8]) -> Result<f64> {
    let started = Instant::now();
    let mut times = Vec::new();
    while times.len() < 3 || started.elapsed() < TURN {
        times.push(time(policy, payload)?);
    }
    Ok(quantile(&mut times, 0.5))
}

/// Seconds for one call.
pub(crate) fn time(policy: &Policy, payload: &[u8]) -> Result<f64> {
    let started = Instant::now();
    let answer = policy.call("validate", payload)?;
    let time = started.elapsed().as_secs_f64();
    drop(answer);
    Ok(time)
}

/// The value below which this part of the values lies.
pub(crate) fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let skipped = values.iter().enumerate().filter(|(index, _)| {
        // Positions as floats are exact for so few values.
        u32::try_from(*index).map_or(0.0, f64::from)
            < part * u32::try_from(values.len()).map_or(0.0, f64::from) - 0.5
    });
    values.get(skipped.count()).or(values.last()).copied().unwrap_or(f64::NAN)
}
