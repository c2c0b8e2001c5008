//! `fresh-images`: judges manifests before a cluster does.
//!
//! ```text
//! $ fresh-images check web.yaml
//! REJECTED   web.yaml:1  Pod web
//!     web.yaml:7:12: container "web" at spec.containers[0]: image "nginx:1.25" can go stale: it has no
//!       digest and its pull policy defaults to IfNotPresent, so a node that holds this tag keeps running
//!       the old content. Set imagePullPolicy: Always, or pin the image as
//!       docker.io/library/nginx@sha256:… [mutable-image]
//!
//! 1 document, 1 image: 1 rejected
//! ```

#![forbid(unsafe_code)]

mod cli;

/// The allocator of musl gives the memory of each instance back to the system, which takes longer than judging.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
