//! Runs a policy the way Kubewarden's policy-server does.
//!
//! ```
//! use fresh_images_host::{Engine, Options, POLICY};
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
//! # Ok::<(), fresh_images_host::EngineError>(())
//! ```
//!
//! The module is compiled once. Every call then gets a **fresh instance**: nothing that a request leaves behind
//! can be seen by the next one, and whatever a policy prepares lazily it prepares each time. Times that are
//! measured here are therefore the times that a cluster sees.

mod capability;
mod error;
mod response;
mod time_limit;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wapc::WapcHost;
use wasmtime_provider::wasmtime::{self, Config, Module};
use wasmtime_provider::{
    EpochDeadlines, ResourceLimits, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre,
};

pub use capability::{LogEvent, LogSink, ManifestDigest, NoRegistry};
pub use error::EngineError;
pub use response::{Response, SettingsResponse};

use time_limit::Ticker;

/// What a policy may use.
#[derive(Clone)]
pub struct Options {
    /// How long one call may run, and how long an instance may take to start. Time that the host spends for the
    /// policy (a slow registry) counts, but is noticed only when the policy goes on. policy-server allows 2
    /// seconds by default; so do we.
    pub time_limit: Duration,
    /// How large the memory of one instance may grow, in bytes. 64 MiB by default: twenty times the largest
    /// request that a Kubernetes API server takes.
    pub memory_limit: usize,
    /// Who answers when the policy asks for the digest of an image. By default nobody does;
    /// [`Registry`](crate::registry::Registry) asks registries.
    pub manifest_digest: Arc<dyn ManifestDigest>,
    /// Who gets what the policy logs. By default it is dropped.
    pub log: LogSink,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(2),
            memory_limit: 64 * 1024 * 1024,
            manifest_digest: Arc::new(NoRegistry),
            log: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("time_limit", &self.time_limit)
            .field("memory_limit", &self.memory_limit)
            .finish_non_exhaustive()
    }
}

/// A compiled policy.
pub struct Engine {
    wasmtime: wasmtime::Engine,
    module: Module,
    ticker: Arc<Ticker>,
    options: Options,
    instances: WasmtimeEngineProviderPre,
}

impl Engine {
    /// Compiles a policy from its binary WebAssembly module.
    pub fn new(wasm: &[u8], options: Options) -> Result<Self, EngineError> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        // A backtrace would replace the reason of a trap in the error text, and a stripped module has no names.
        config.wasm_backtrace_max_frames(None);
        let wasmtime = wasmtime::Engine::new(&config).map_err(EngineError::compile)?;
        let module = Module::from_binary(&wasmtime, wasm).map_err(EngineError::compile)?;
        let ticker = Arc::new(Ticker::start(wasmtime.clone())?);
        Self::assemble(wasmtime, module, ticker, options)
    }

    /// The same compiled policy under other options.
    pub fn with_options(&self, options: Options) -> Result<Self, EngineError> {
        Self::assemble(self.wasmtime.clone(), self.module.clone(), Arc::clone(&self.ticker), options)
    }

    fn assemble(
        wasmtime: wasmtime::Engine,
        module: Module,
        ticker: Arc<Ticker>,
        options: Options,
    ) -> Result<Self, EngineError> {
        let limits = ResourceLimits { max_memory_size: Some(options.memory_limit), max_table_elements: None };
        let instances = WasmtimeEngineProviderBuilder::new()
            .engine(wasmtime.clone())
            .module(module.clone())
            .enable_resource_limits(limits)
            .build_pre()
            .map_err(EngineError::compile)?;
        Ok(Self { wasmtime, module, ticker, options, instances })
    }

    /// The options that it was made with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Judges a request: `{"request": {…}, "settings": {…}}`.
    pub fn validate(&self, payload: &[u8]) -> Result<Response, EngineError> {
        self.ask("validate", payload)
    }

    /// Judges settings.
    pub fn validate_settings(&self, settings: &[u8]) -> Result<SettingsResponse, EngineError> {
        self.ask("validate_settings", settings)
    }

    /// The version of Kubewarden's protocol that the policy speaks, such as `v1`.
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
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>, EngineError> {
        let ticks = self.ticker.ticks(self.options.time_limit);
        let deadlines = EpochDeadlines { wapc_init: ticks, wapc_func: ticks };
        let instance = self.instances.rehydrate(Some(deadlines)).map_err(EngineError::start)?;
        let host = WapcHost::new(Box::new(instance), Some(capability::callback(&self.options)))
            .map_err(|error| EngineError::from_start(&error, self.options.time_limit))?;
        host.call(function, payload)
            .map_err(|error| EngineError::from_call(&error, function, self.options.time_limit))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}
