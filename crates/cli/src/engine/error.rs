//! What can go wrong in the engine, each in one line.

use std::fmt;

use wasmi::TrapCode;
use wasmi::errors::{ErrorKind, InstantiationError, MemoryError, TableError};

use super::wapc::Host;

/// Why the engine has no answer of the policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The policy answered, but not with a response.
    #[error("the policy's answer to {function} is not a response: {reason}")]
    Answer {
        /// The function of the policy.
        function: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The module is not WebAssembly, or not a policy for this engine.
    #[error("the module is not usable: {reason}")]
    Compile {
        /// What is wrong with the module.
        reason: String,
    },
    /// The policy trapped (it panicked, or hit the memory limit), or refused to answer.
    #[error("the policy failed in {function}: {reason}")]
    Guest {
        /// The function of the policy.
        function: String,
        /// What the policy or the trap says.
        reason: String,
    },
    /// The policy executed more instructions than the limit and was stopped.
    #[error("the policy was stopped in {function}, after {limit} instructions")]
    InstructionLimit {
        /// The function of the policy; `start` if it is still starting.
        function: String,
        /// The limit.
        limit: u64,
    },
    /// No instance could be started.
    #[error("the policy could not start: {reason}")]
    Start {
        /// What prevented it.
        reason: String,
    },
}

impl EngineError {
    pub(super) fn answer(function: &str, error: &serde_json::Error) -> Self {
        Self::Answer { function: function.into(), reason: one_line(error) }
    }

    pub(super) fn compile(error: impl fmt::Display) -> Self {
        Self::Compile { reason: one_line(error) }
    }

    pub(super) fn start(error: impl fmt::Display) -> Self {
        Self::Start { reason: one_line(error) }
    }

    /// The policy says why it does not answer.
    pub(super) fn refusal(function: &str, failure: &[u8]) -> Self {
        Self::Guest { function: function.into(), reason: one_line(String::from_utf8_lossy(failure)) }
    }

    /// The policy ended in the middle of this function.
    pub(super) fn of(error: &wasmi::Error, function: &str, host: &Host) -> Self {
        if error.as_trap_code() == Some(TrapCode::OutOfFuel) {
            let limit = host.options.instruction_limit;
            return Self::InstructionLimit { function: function.into(), limit };
        }
        let mut reason = one_line(error);
        if is_denied(error) {
            let limit = host.options.memory_limit / (1024 * 1024);
            reason = format!("it asked for more memory than the limit of {limit} MiB");
        }
        let output = one_line(String::from_utf8_lossy(&host.output));
        if !output.is_empty() {
            reason = format!("{reason}; it printed: {output}");
        }
        if function == "start" {
            return Self::Start { reason };
        }
        Self::Guest { function: function.into(), reason }
    }
}

/// Whether it is a growth beyond the limits, at the start or later.
fn is_denied(error: &wasmi::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TrapCode(TrapCode::GrowthOperationLimited)
            | ErrorKind::Memory(MemoryError::ResourceLimiterDeniedAllocation)
            | ErrorKind::Table(TableError::ResourceLimiterDeniedAllocation)
            | ErrorKind::Instantiation(
                InstantiationError::FailedToInstantiateMemory(MemoryError::ResourceLimiterDeniedAllocation)
                    | InstantiationError::FailedToInstantiateTable(
                        TableError::ResourceLimiterDeniedAllocation
                    )
            )
    )
}

/// Texts of engines and guests may have several lines.
fn one_line(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
