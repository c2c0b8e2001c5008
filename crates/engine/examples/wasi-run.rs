//! Runs a WASI command, such as a test binary built for wasm32-wasip1, in the engine that the policy runs in.
//!
//! `CARGO_TARGET_WASM32_WASIP1_RUNNER=target/debug/examples/wasi-run cargo test --target wasm32-wasip1`

use std::process::ExitCode;

use wasmtime_provider::wasmtime::{Engine, Error, Linker, Module, Store};
use wasmtime_provider::wasmtime_wasi::p1::{WasiP1Ctx, add_to_linker_sync};
use wasmtime_provider::wasmtime_wasi::{I32Exit, WasiCtxBuilder};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(module) = arguments.next() else {
        eprintln!("usage: wasi-run MODULE [ARGUMENT]…");
        return ExitCode::from(2);
    };
    match run(&module, arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{module}: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// The exit code of the command.
fn run(module: &str, arguments: impl Iterator<Item = String>) -> Result<u8, Error> {
    let engine = Engine::default();
    let code = Module::from_file(&engine, module)?;
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    add_to_linker_sync(&mut linker, |context| context)?;
    // The guest SDK imports waPC, which no test calls.
    linker.define_unknown_imports_as_traps(&code)?;

    let mut context = WasiCtxBuilder::new();
    context.inherit_stdio().arg(module);
    for argument in arguments {
        context.arg(argument);
    }
    let mut store = Store::new(&engine, context.build_p1());
    let instance = linker.instantiate(&mut store, &code)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    match start.call(&mut store, ()) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(exit) => Ok(u8::try_from(exit.0).unwrap_or(1)),
            None => Err(error),
        },
    }
}
