//! What can go wrong in the engine, each in one line.

use std::fmt;
use std::time::Duration;

/// Why the engine has no answer of the policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The policy answered, but with something that is no response.
    #[error("the policy's answer to {function} is no response: {reason}")]
    Answer {
        /// The function of the policy.
        function: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The module is no WebAssembly, or not a policy for this engine.
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
    /// No instance could be started.
    #[error("the policy could not start: {reason}")]
    Start {
        /// What prevented it.
        reason: String,
    },
    /// The policy ran longer than the limit and was stopped.
    #[error("the policy was stopped in {function} after the time limit of {limit:?}")]
    TimeLimit {
        /// The function of the policy; `start` if it is still starting.
        function: String,
        /// The limit.
        limit: Duration,
    },
}

/// How the engine reports a passed deadline. There is no typed error for it: the reason comes as text only.
const DEADLINE: &str = "execution deadline exceeded";

impl EngineError {
    pub(super) fn answer(function: &str, error: &serde_json::Error) -> Self {
        Self::Answer { function: function.into(), reason: one_line(error) }
    }

    pub(super) fn compile(error: impl fmt::Display) -> Self {
        // The alternate form has the whole chain of causes.
        Self::Compile { reason: one_line(format_args!("{error:#}")) }
    }

    pub(super) fn start(error: impl fmt::Display) -> Self {
        Self::Start { reason: one_line(format_args!("{error:#}")) }
    }

    pub(super) fn from_start(error: &wapc::errors::Error, limit: Duration) -> Self {
        let reason = reason(error);
        if reason.contains(DEADLINE) {
            return Self::TimeLimit { function: "start".into(), limit };
        }
        Self::Start { reason }
    }

    pub(super) fn from_call(error: &wapc::errors::Error, function: &str, limit: Duration) -> Self {
        let reason = reason(error);
        if reason.contains(DEADLINE) {
            return Self::TimeLimit { function: function.into(), limit };
        }
        Self::Guest { function: function.into(), reason }
    }
}

/// The text inside the two errors that a call can give, without the words around it.
fn reason(error: &wapc::errors::Error) -> String {
    match error {
        wapc::errors::Error::GuestCallFailure(text) | wapc::errors::Error::InitFailed(text) => one_line(text),
        other => one_line(other),
    }
}

/// Texts of compilers and guests may have several lines.
fn one_line(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
