//! The few calls of [WASI](https://github.com/WebAssembly/WASI/tree/wasi-0.1) that a policy makes.
//!
//! | calls | a module gets |
//! |---|---|
//! | `args_*`, `environ_*` | no arguments, one variable |
//! | `clock_*`, `random_get` | the true time, true random bytes |
//! | `fd_write` to standard output and error | the text is kept, and shown if the module fails |
//! | `fd_read`, `fd_prestat_*` and others of files | an empty standard input, and no files |
//! | `proc_exit` | its end |
//!
//! A module may import anything else, and may start: only a call of it is an error.

use std::time::{SystemTime, UNIX_EPOCH};

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, ExternType, Linker, Module};

use super::wapc::{Host, memory, read, write};

/// Numbers of errors, from the specification.
const SUCCESS: u32 = 0;
const BAD_DESCRIPTOR: u32 = 8;
const INVALID: u32 = 28;
const IO: u32 = 29;
/// Standard input, output and error are character devices.
const CHARACTER_DEVICE: u8 = 2;

/// Nobody waits in line behind this host, so the policy may ask it for any number of digests.
const ENVIRONMENT: &[u8] = b"FRESH_IMAGES_UNLIMITED_LOOK_UPS=1\0";

type Answer = Result<u32, Error>;
type Call<'a> = Caller<'a, Host>;

pub(super) fn define(linker: &mut Linker<Host>) -> Result<(), LinkerError> {
    // What both versions of the interface have in common; old toolchains use the first.
    for wasi in ["wasi_snapshot_preview1", "wasi_unstable"] {
        linker
            .func_wrap(wasi, "args_get", |_: u32, _: u32| SUCCESS)?
            .func_wrap(wasi, "args_sizes_get", |caller: Call<'_>, count: u32, size: u32| {
                sizes(caller, count, 0, size, 0)
            })?
            .func_wrap(wasi, "environ_get", environ_get)?
            .func_wrap(wasi, "environ_sizes_get", |caller: Call<'_>, count: u32, size: u32| {
                sizes(caller, count, 1, size, ENVIRONMENT.len())
            })?
            .func_wrap(wasi, "clock_res_get", |caller: Call<'_>, _: u32, at: u32| number(caller, at, 1))?
            .func_wrap(wasi, "clock_time_get", clock_time_get)?
            .func_wrap(wasi, "random_get", random_get)?
            .func_wrap(wasi, "fd_write", fd_write)?
            .func_wrap(wasi, "fd_read", fd_read)?
            .func_wrap(wasi, "fd_close", |_: u32| SUCCESS)?
            .func_wrap(wasi, "fd_seek", |_: u32, _: i64, _: u32, _: u32| BAD_DESCRIPTOR)?
            .func_wrap(wasi, "fd_fdstat_get", fd_fdstat_get)?
            .func_wrap(wasi, "fd_fdstat_set_flags", |_: u32, _: u32| SUCCESS)?
            .func_wrap(wasi, "fd_prestat_get", |_: u32, _: u32| BAD_DESCRIPTOR)?
            .func_wrap(wasi, "fd_prestat_dir_name", |_: u32, _: u32, _: u32| BAD_DESCRIPTOR)?
            .func_wrap(wasi, "sched_yield", || SUCCESS)?
            .func_wrap(wasi, "proc_exit", |code: i32| -> Result<(), Error> { Err(Error::i32_exit(code)) })?;
    }
    Ok(())
}

/// Lets the module import what this host does not have: calling it is an error that names it.
pub(super) fn define_others(linker: &mut Linker<Host>, module: &Module) -> Result<(), LinkerError> {
    for import in module.imports() {
        let ExternType::Func(function) = import.ty().clone() else { continue };
        let name = format!("{}::{}", import.module(), import.name());
        let missing = move |_: Call<'_>, _: &[wasmi::Val], _: &mut [wasmi::Val]| {
            Err(Error::new(format!("this host has no function {name}")))
        };
        match linker.func_new(import.module(), import.name(), function, missing) {
            Ok(_) | Err(LinkerError::DuplicateDefinition { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How many strings there are, and how many bytes they take.
fn sizes(mut caller: Call<'_>, count_at: u32, count: u32, size_at: u32, size: usize) -> Answer {
    write(&mut caller, count_at, &count.to_le_bytes())?;
    write(&mut caller, size_at, &u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes())?;
    Ok(SUCCESS)
}

fn environ_get(mut caller: Call<'_>, pointers: u32, strings: u32) -> Answer {
    write(&mut caller, pointers, &strings.to_le_bytes())?;
    write(&mut caller, strings, ENVIRONMENT)?;
    Ok(SUCCESS)
}

fn number(mut caller: Call<'_>, at: u32, value: u64) -> Answer {
    write(&mut caller, at, &value.to_le_bytes())?;
    Ok(SUCCESS)
}

fn clock_time_get(caller: Call<'_>, clock: u32, _precision: u64, at: u32) -> Answer {
    let time = match clock {
        0 => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        // The monotonic one starts somewhere; those of the process and of the thread never lag behind it.
        1..=3 => caller.data().started.elapsed(),
        _ => return Ok(INVALID),
    };
    number(caller, at, u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

fn random_get(mut caller: Call<'_>, at: u32, length: u32) -> Answer {
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    let Some(bytes) = memory(&caller)?.data_mut(&mut caller).get_mut(start..end) else {
        return Err(wasmi::TrapCode::MemoryOutOfBounds.into());
    };
    Ok(if getrandom::fill(bytes).is_ok() { SUCCESS } else { IO })
}

fn fd_write(mut caller: Call<'_>, descriptor: u32, buffers: u32, count: u32, written: u32) -> Answer {
    if !matches!(descriptor, 1 | 2) {
        return Ok(BAD_DESCRIPTOR);
    }
    let mut total = 0_u32;
    let list = read(&caller, buffers, count.saturating_mul(8))?;
    for buffer in list.chunks_exact(8) {
        let [a, b, c, d, e, f, g, h] = *buffer else { continue };
        let (at, length) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let text = read(&caller, at, length)?;
        caller.data_mut().print(&text);
        total = total.saturating_add(length);
    }
    write(&mut caller, written, &total.to_le_bytes())?;
    Ok(SUCCESS)
}

fn fd_read(mut caller: Call<'_>, descriptor: u32, _buffers: u32, _count: u32, read: u32) -> Answer {
    if descriptor != 0 {
        return Ok(BAD_DESCRIPTOR);
    }
    write(&mut caller, read, &0_u32.to_le_bytes())?;
    Ok(SUCCESS)
}

fn fd_fdstat_get(mut caller: Call<'_>, descriptor: u32, at: u32) -> Answer {
    if descriptor > 2 {
        return Ok(BAD_DESCRIPTOR);
    }
    // The type, and then flags and rights, all of them off.
    let mut status = [0; 24];
    if let Some(kind) = status.first_mut() {
        *kind = CHARACTER_DEVICE;
    }
    write(&mut caller, at, &status)?;
    Ok(SUCCESS)
}
