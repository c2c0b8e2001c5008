//! The engine that Kubewarden's policy-server runs policies in, for tests and benchmarks.
//!
//! The command line runs the same module in a smaller engine. Here the module is held against the one that a cluster
//! has: it compiles for minutes, so nothing that a user builds depends on it.
//!
//! The module is compiled once. Every call then gets a **fresh instance**, as in policy-server, so times that are
//! measured here are the times that a cluster sees.

#![forbid(unsafe_code)]

use std::error::Error;

use wapc::WapcHost;
use wasmtime_provider::wasmtime::{Config, Engine, Module};
use wasmtime_provider::{ResourceLimits, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

/// What can go wrong has a text, and no more is asked of it.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A compiled policy.
#[derive(Clone)]
pub struct Policy {
    engine: Engine,
    module: Module,
    instances: WasmtimeEngineProviderPre,
    digest: Option<&'static str>,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Policy {
    /// Compiles a policy from its binary WebAssembly module.
    ///
    /// # Errors
    ///
    /// If it is not WebAssembly, or imports what policy-server does not have.
    pub fn new(wasm: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        // As policy-server sets it, although nothing here counts: the check has its price at every loop and call.
        config.epoch_interruption(true);
        // A backtrace would replace the reason of a trap, and a stripped module has no names.
        config.wasm_backtrace_max_frames(None);
        let engine = Engine::new(&config)?;
        let module = Module::from_binary(&engine, wasm)?;
        let instances = instances(&engine, &module, None)?;
        Ok(Self { engine, module, instances, digest: None })
    }

    /// `policy.wasm`, as it was built.
    ///
    /// # Errors
    ///
    /// If it was not built, or is not a policy.
    pub fn built() -> Result<Self> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy.wasm");
        Self::new(&std::fs::read(path).map_err(|error| format!("{path}: {error}; run `make policy.wasm`"))?)
    }

    /// The same policy with at most so many bytes of memory.
    ///
    /// # Errors
    ///
    /// If the module starts with more.
    pub fn with_memory(&self, bytes: usize) -> Result<Self> {
        let instances = instances(&self.engine, &self.module, Some(bytes))?;
        Ok(Self { instances, ..self.clone() })
    }

    /// The same policy, in a cluster where all images have this digest. Without it none is known.
    #[must_use]
    pub fn with_digest(self, digest: &'static str) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// Calls a function of the policy in a fresh instance, and gives what it answers.
    ///
    /// # Errors
    ///
    /// What the policy or its trap says.
    pub fn call(&self, function: &str, payload: &[u8]) -> Result<Vec<u8>> {
        let digest = self.digest;
        let capabilities = move |_: u64, binding: &str, namespace: &str, operation: &str, image: &[u8]| match (
            binding, namespace, operation, digest,
        ) {
            ("kubewarden", "oci", "v1/manifest_digest", Some(digest)) => {
                Ok(format!(r#"{{"digest":"{digest}"}}"#).into_bytes())
            }
            // As where no registry may be asked.
            ("kubewarden", "oci", "v1/manifest_digest", None) => {
                let image = String::from_utf8_lossy(image);
                Err(format!("no registry is available to look up {}", image.trim_matches('"')).into())
            }
            _ => Err(format!("{binding}/{namespace}/{operation} is not answered here").into()),
        };
        // Far away, but added to the epoch.
        let instance = self.instances.rehydrate(Some(wasmtime_provider::EpochDeadlines {
            wapc_init: u64::MAX >> 1,
            wapc_func: u64::MAX >> 1,
        }))?;
        Ok(WapcHost::new(Box::new(instance), Some(Box::new(capabilities)))?.call(function, payload)?)
    }
}

fn instances(engine: &Engine, module: &Module, memory: Option<usize>) -> Result<WasmtimeEngineProviderPre> {
    let limits = ResourceLimits { max_memory_size: memory, max_table_elements: None };
    Ok(WasmtimeEngineProviderBuilder::new()
        .engine(engine.clone())
        .module(module.clone())
        .enable_resource_limits(limits)
        .build_pre()?)
}
