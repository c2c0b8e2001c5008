//! Runs a policy as a cluster does: the same module, called in the same way, in a small engine.
//!
//! ```
//! use fresh_images_cli::{Engine, Options, POLICY};
//!
//! let engine = Engine::new(POLICY, Options::default())?;
//! let response = engine.validate(
//!     br#"{
//!         "request": {
//!             "operation": "CREATE",
//!             "kind": {"group": "", "version": "v1", "kind": "Pod"},
//!             "object": {"spec": {"containers": [{"name": "web", "image": "nginx:1.25"}]}}
//!         },
//!         "settings": {}
//!     }"#,
//! )?;
//! assert!(!response.accepted);
//! assert!(response.message.unwrap_or_default().ends_with("[mutable-image]"));
//! # Ok::<(), fresh_images_cli::EngineError>(())
//! ```
//!
//! Every call gets a **fresh instance**, as in policy-server: nothing that a request leaves behind can be seen by the
//! next one. The module is interpreted, so it starts at once; a function is translated when it is first called.

mod capability;
mod error;
mod response;
mod wapc;
mod wasi;

use std::fmt;
use std::sync::Arc;

use fresh_images::mutate::{DigestResolver, Unresolved};
use wasmi::{Config, ExternType, Instance, Linker, Module, Store, TypedFunc, ValType};

pub use capability::{LogEvent, LogSink};
pub use error::EngineError;
pub use response::{Response, SettingsResponse};

use wapc::Host;

/// The function that waPC calls.
const GUEST_CALL: &str = "__guest_call";
/// What an instance starts with, where it has them.
const STARTS: [&str; 3] = ["_initialize", "_start", "wapc_init"];

/// What a policy may use.
#[derive(Clone)]
pub struct Options {
    /// How many instructions an instance may execute. They are counted, not timed, so that a verdict does not depend
    /// on how busy the machine is. 2 billion by default, which take some seconds; 100 containers need 3 million.
    pub instruction_limit: u64,
    /// How large the memory of one instance may grow, in bytes. 64 MiB by default: twenty times the largest
    /// request that a Kubernetes API server takes.
    pub memory_limit: usize,
    /// Who answers when the policy asks for the digest of an image. By default nobody does;
    /// [`Registry`](crate::registry::Registry) asks registries. The time that this takes is not limited here.
    pub resolver: Arc<dyn DigestResolver + Send + Sync>,
    /// Who gets what the policy logs. By default it is dropped.
    pub log: LogSink,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            instruction_limit: 2_000_000_000,
            memory_limit: 64 * 1024 * 1024,
            resolver: Arc::new(Unresolved),
            log: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("instruction_limit", &self.instruction_limit)
            .field("memory_limit", &self.memory_limit)
            .finish_non_exhaustive()
    }
}

/// A policy that is ready to be called, from several threads at once.
pub struct Engine {
    module: Module,
    linker: Linker<Host>,
    options: Arc<Options>,
}

impl Engine {
    /// Loads a policy from its binary WebAssembly module.
    ///
    /// # Errors
    ///
    /// If it is not WebAssembly, or not a policy that speaks waPC.
    pub fn new(wasm: &[u8], options: Options) -> Result<Self, EngineError> {
        let mut config = Config::default();
        config.consume_fuel(true);
        // As deep as in an engine that compiles, and as much memory as a thread has there.
        config.set_max_recursion_depth(10_000).set_max_stack_height(2 * 1024 * 1024);
        let engine = wasmi::Engine::new(&config);
        let module = Module::new(&engine, wasm).map_err(EngineError::compile)?;
        if !is_policy(&module) {
            return Err(EngineError::compile(format_args!(
                "it has no function {GUEST_CALL}, so it is not a policy that speaks waPC"
            )));
        }
        let mut linker = Linker::new(&engine);
        wapc::define(&mut linker)
            .and_then(|()| wasi::define(&mut linker))
            .and_then(|()| wasi::define_others(&mut linker, &module))
            .map_err(EngineError::compile)?;
        Ok(Self { module, linker, options: Arc::new(options) })
    }

    /// The options that it was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Judges a request: `{"request": {…}, "settings": {…}}`.
    ///
    /// # Errors
    ///
    /// If the policy fails, or answers with something else.
    pub fn validate(&self, payload: &[u8]) -> Result<Response, EngineError> {
        self.ask("validate", payload)
    }

    /// Judges settings.
    ///
    /// # Errors
    ///
    /// If the policy fails, or answers with something else.
    pub fn validate_settings(&self, settings: &[u8]) -> Result<SettingsResponse, EngineError> {
        self.ask("validate_settings", settings)
    }

    /// The version of Kubewarden's protocol that the policy speaks, such as `v1`.
    ///
    /// # Errors
    ///
    /// If the policy fails, or answers with something else.
    pub fn protocol_version(&self) -> Result<String, EngineError> {
        self.ask("protocol_version", b"")
    }

    fn ask<T: serde::de::DeserializeOwned>(
        &self,
        function: &'static str,
        payload: &[u8],
    ) -> Result<T, EngineError> {
        let answer = self.call(function, payload)?;
        serde_json::from_slice(&answer).map_err(|error| EngineError::answer(function, &error))
    }

    /// Calls a function of the policy in a fresh instance, and gives what it answers.
    ///
    /// # Errors
    ///
    /// If the policy fails.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>, EngineError> {
        let host = Host::new(Arc::clone(&self.options), function, payload);
        let mut store = Store::new(self.module.engine(), host);
        store.limiter(|host| &mut host.limits);
        store.set_fuel(self.options.instruction_limit).map_err(EngineError::start)?;
        let called = self.start(&mut store).map_err(|error| EngineError::of(&error, "start", store.data()));
        let length = |bytes| wapc::length(bytes);
        let lengths = (length(function.as_bytes()), length(payload));
        let called = called?.call(&mut store, lengths);
        match called.map_err(|error| EngineError::of(&error, function, store.data()))? {
            1 => Ok(store.into_data().answer),
            _ => Err(EngineError::refusal(function, &store.data().failure)),
        }
    }

    /// Starts an instance, and gives its way in.
    fn start(&self, store: &mut Store<Host>) -> Result<TypedFunc<(u32, u32), u32>, wasmi::Error> {
        let instance: Instance = self.linker.instantiate_and_start(&mut *store, &self.module)?;
        for name in STARTS {
            let Some(function) = instance.get_func(&mut *store, name) else { continue };
            match function.typed::<(), ()>(&*store)?.call(&mut *store, ()) {
                // The main function of a policy ends, with success, before the policy is called.
                Err(error) if error.i32_exit_status() == Some(0) => {}
                started => started?,
            }
        }
        instance.get_typed_func(&*store, GUEST_CALL)
    }
}

fn is_policy(module: &Module) -> bool {
    module.exports().any(|export| match export.ty() {
        ExternType::Func(function) => {
            export.name() == GUEST_CALL
                && function.params() == [ValType::I32; 2]
                && function.results() == [ValType::I32]
        }
        _ => false,
    })
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}
