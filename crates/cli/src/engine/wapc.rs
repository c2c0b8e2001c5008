//! The host's side of [waPC](https://wapc.io/docs/spec/): what a module calls, and the state of one call.

use std::sync::Arc;
use std::time::Instant;

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker, Memory, StoreLimits, StoreLimitsBuilder};

use super::{Options, capability};

/// The most that a module can print in one call; what follows is dropped.
const MAX_OUTPUT: usize = 4096;

/// Everything that one instance shares with the host.
pub(super) struct Host {
    pub(super) options: Arc<Options>,
    /// The name of the function that is called.
    pub(super) operation: Vec<u8>,
    /// What it is called with.
    pub(super) payload: Vec<u8>,
    /// What it answers.
    pub(super) answer: Vec<u8>,
    /// Why it does not answer.
    pub(super) failure: Vec<u8>,
    /// What the last call of a capability gave.
    host_answer: Vec<u8>,
    host_failure: Vec<u8>,
    /// What the module printed.
    pub(super) output: Vec<u8>,
    /// When the call began: where its monotonic clock starts.
    pub(super) started: Instant,
    /// A growth beyond them ends the call.
    pub(super) limits: StoreLimits,
}

impl Host {
    pub(super) fn new(options: Arc<Options>, operation: &str, payload: &[u8]) -> Self {
        let none = Vec::new;
        // An element of a table is smaller than 64 bytes.
        let limits = StoreLimitsBuilder::new()
            .memory_size(options.memory_limit)
            .table_elements(options.memory_limit / 64)
            .memories(1)
            .trap_on_grow_failure(true)
            .build();
        Self {
            options,
            operation: operation.into(),
            payload: payload.into(),
            answer: none(),
            failure: none(),
            host_answer: none(),
            host_failure: none(),
            output: none(),
            started: Instant::now(),
            limits,
        }
    }

    pub(super) fn print(&mut self, text: &[u8]) {
        let room = MAX_OUTPUT.saturating_sub(self.output.len());
        self.output.extend(text.iter().take(room));
    }
}

pub(super) fn memory(caller: &Caller<'_, Host>) -> Result<Memory, Error> {
    let memory = caller.get_export("memory").and_then(wasmi::Extern::into_memory);
    memory.ok_or_else(|| Error::new("the module exports no memory"))
}

pub(super) fn read(caller: &Caller<'_, Host>, at: u32, length: u32) -> Result<Vec<u8>, Error> {
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    let bytes = memory(caller)?.data(caller).get(start..end).map(Into::into);
    bytes.ok_or_else(|| wasmi::TrapCode::MemoryOutOfBounds.into())
}

pub(super) fn write(caller: &mut Caller<'_, Host>, at: u32, bytes: &[u8]) -> Result<(), Error> {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    Ok(memory(caller)?.write(caller, at, bytes)?)
}

/// The length of bytes that fit into a module's memory.
pub(super) fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Gives bytes of the host to the module.
fn give(caller: &mut Caller<'_, Host>, at: u32, bytes: fn(&mut Host) -> &mut Vec<u8>) -> Result<(), Error> {
    let taken = std::mem::take(bytes(caller.data_mut()));
    let written = write(caller, at, &taken);
    *bytes(caller.data_mut()) = taken;
    written
}

pub(super) fn define(linker: &mut Linker<Host>) -> Result<(), LinkerError> {
    const WAPC: &str = "wapc";
    type Call<'a> = Caller<'a, Host>;
    linker
        .func_wrap(WAPC, "__guest_request", |mut caller: Call<'_>, operation: u32, payload: u32| {
            give(&mut caller, operation, |host| &mut host.operation)?;
            give(&mut caller, payload, |host| &mut host.payload)
        })?
        .func_wrap(WAPC, "__guest_response", |mut caller: Call<'_>, at: u32, length: u32| {
            caller.data_mut().answer = read(&caller, at, length)?;
            Ok(())
        })?
        .func_wrap(WAPC, "__guest_error", |mut caller: Call<'_>, at: u32, length: u32| {
            caller.data_mut().failure = read(&caller, at, length)?;
            Ok(())
        })?
        .func_wrap(WAPC, "__console_log", |mut caller: Call<'_>, at: u32, length: u32| {
            let text = read(&caller, at, length)?;
            caller.data_mut().print(&text);
            Ok(())
        })?
        .func_wrap(WAPC, "__host_call", host_call)?
        .func_wrap(WAPC, "__host_response_len", |caller: Call<'_>| length(&caller.data().host_answer))?
        .func_wrap(WAPC, "__host_error_len", |caller: Call<'_>| length(&caller.data().host_failure))?
        .func_wrap(WAPC, "__host_response", |mut caller: Call<'_>, at: u32| {
            give(&mut caller, at, |host| &mut host.host_answer)
        })?
        .func_wrap(WAPC, "__host_error", |mut caller: Call<'_>, at: u32| {
            give(&mut caller, at, |host| &mut host.host_failure)
        })?;
    Ok(())
}

/// Gives 1, or 0 for a failure.
#[expect(clippy::too_many_arguments, reason = "waPC defines them")]
fn host_call(
    mut caller: Caller<'_, Host>,
    binding: u32,
    binding_length: u32,
    namespace: u32,
    namespace_length: u32,
    operation: u32,
    operation_length: u32,
    payload: u32,
    payload_length: u32,
) -> Result<u32, Error> {
    let name = |at, length| read(&caller, at, length).map(|it| String::from_utf8_lossy(&it).into_owned());
    let (binding, namespace) = (name(binding, binding_length)?, name(namespace, namespace_length)?);
    let operation = name(operation, operation_length)?;
    let payload = read(&caller, payload, payload_length)?;
    let result = capability::call(&caller.data().options, &binding, &namespace, &operation, &payload);
    let host = caller.data_mut();
    match result {
        Ok(answer) => {
            host.host_answer = answer;
            Ok(1)
        }
        Err(message) => {
            host.host_failure = message.into();
            Ok(0)
        }
    }
}
