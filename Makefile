# `make` lists the targets. Everything a target needs, and that rustup or Debian's packages can bring, it installs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

WASM_TARGET := wasm32-wasip1
WASM_DIR := target/$(WASM_TARGET)/release
# KiB. An administrator's PolicyServer loads the module; see "How it is built" in the README.
MAX_WASM_KIB := 256

# Where the sources lie must not show in the module: the same sources give the same bytes anywhere.
CARGO_HOME ?= $(HOME)/.cargo
export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS := --remap-path-prefix=$(CARGO_HOME)/registry/src=cargo --remap-path-prefix=$(CURDIR)=.
# Test binaries for WASI run in the engine that the policy is tested with.
export CARGO_TARGET_WASM32_WASIP1_RUNNER := $(CURDIR)/target/debug/examples/wasi-run
export CARGO_TERM_COLOR ?= auto

PLAYGROUND := crates/playground
BROWSER_TARGET := wasm32-unknown-unknown
# Where playground-tools puts a Node.js, if that of the system is older than this.
MIN_NODE := 20
export PATH := $(CURDIR)/target/node/node_modules/.bin:$(PATH)

SOURCES := Cargo.toml Cargo.lock Makefile $(shell find src crates/json/src crates/json/Cargo.toml -type f)

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9.-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: policy.wasm ## Judge the manifests in examples/ with policy.wasm, in the engine that Kubewarden uses.
	@cargo run --quiet --package fresh-images-host --bin fresh-images -- check examples || test $$? -eq 1

.PHONY: test
test: lint deny policy.wasm test-native test-wasi playground-test ## Lint, build and run every test.

# How many cases each property has here; `cargo test` alone tries 512.
PROPTEST_CASES ?= 10000
.PHONY: test-native
test-native: policy.wasm registry-tools playground-build
	PROPTEST_CASES=$(PROPTEST_CASES) PLAYGROUND_CORPUS_RUNNER=$(CURDIR)/$(PLAYGROUND)/test/corpus-runner.mjs \
	  cargo test --workspace

# The library alone, on the machine that it runs on in a cluster.
WASI_TESTS := --lib --test completeness --test messages --test mutate --test patterns --test reference --test settings --test update
.PHONY: test-wasi
test-wasi: setup
	cargo build --package fresh-images-host --example wasi-run
	cargo test --target $(WASM_TARGET) --package fresh-images $(WASI_TESTS)
	cargo test --target $(WASM_TARGET) --package fresh-images-json --lib

.PHONY: lint
lint: policy.wasm ## Check format and lints, warnings denied.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --package fresh-images --lib --target $(WASM_TARGET) -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --quiet

.PHONY: fmt
fmt: setup ## Format the sources.
	cargo fmt --all

policy.wasm: $(SOURCES) | setup ## Build the policy.
	cargo build --release --lib --package fresh-images --target $(WASM_TARGET)
	@bytes=$$(stat --format=%s $(WASM_DIR)/fresh_images.wasm); \
	echo "policy.wasm: $$bytes bytes, $$(( (bytes + 1023) / 1024 )) of $(MAX_WASM_KIB) KiB"; \
	test $$bytes -le $$(( $(MAX_WASM_KIB) * 1024 )) || { echo "policy.wasm is too large" >&2; exit 1; }
	@cp $(WASM_DIR)/fresh_images.wasm $@

KWCTL_HINT := kwctl is not on the PATH: get it from https://github.com/kubewarden/adm-controller/releases

annotated-policy.wasm: policy.wasm metadata.yml README.md ## Add the metadata to the policy (needs kwctl).
	@command -v kwctl >/dev/null || { echo "$(KWCTL_HINT)" >&2; exit 1; }
	kwctl annotate --metadata-path metadata.yml --usage-path README.md --output-path $@ policy.wasm

.PHONY: e2e-tests
e2e-tests: policy.wasm ## Run the policy in kwctl (skipped where kwctl or bats is missing).
	@if ! command -v kwctl >/dev/null; then echo "skipped: $(KWCTL_HINT)"; \
	elif ! command -v bats >/dev/null; then echo "skipped: bats is not on the PATH: apt-get install bats"; \
	else $(MAKE) --no-print-directory annotated-policy.wasm \
	  && cargo build --quiet --package fresh-images-host --bin fresh-images \
	  && bats e2e.bats e2e-registry.bats; fi

# metadata.yml says which version it is.
POLICY_VERSION = $(shell sed -n 's/^ *io\.kubewarden\.policy\.version: *//p' metadata.yml)
MODULE := annotated-policy.wasm
.PHONY: push
push: $(MODULE) ## Push the annotated policy: make push REGISTRY=ghcr.io/OWNER/policies (needs kwctl).
	@test -n "$(REGISTRY)" || { echo "usage: make push REGISTRY=ghcr.io/OWNER/policies" >&2; exit 1; }
	@command -v kwctl >/dev/null || { echo "$(KWCTL_HINT)" >&2; exit 1; }
	@kwctl push --output json $(KWCTL_PUSH_ARGS) $(MODULE) registry://$(REGISTRY)/fresh-images:v$(POLICY_VERSION)

# Of what is committed, in places of different depth. Another compiler gives other bytes, so it says which one it was.
.PHONY: reproduce
reproduce: setup ## Build the policy in two clones: both have to give the same bytes.
	@dir=$$(mktemp --directory); trap 'rm -rf "$$dir"' EXIT; \
	for clone in "$$dir/one" "$$dir/another/place"; do \
	  git clone --quiet --no-hardlinks . "$$clone"; \
	  env --unset=CARGO_TARGET_DIR $(MAKE) --no-print-directory --directory "$$clone" policy.wasm; \
	done; \
	rustc --version; sha256sum "$$dir/one/policy.wasm" "$$dir/another/place/policy.wasm"; \
	cmp "$$dir/one/policy.wasm" "$$dir/another/place/policy.wasm"

DIST := target/dist
# In a clone, for the tool writes beside every Cargo.toml. The date is that of the commit, so the same commit gives the
# same file.
.PHONY: sbom
sbom: setup ## Write target/dist/policy.cdx.json, what the policy is made of, as CycloneDX (needs cargo-cyclonedx, jq).
	@command -v cargo-cyclonedx >/dev/null || { echo "cargo-cyclonedx is not on the PATH: cargo install --locked cargo-cyclonedx" >&2; exit 1; }
	@command -v jq >/dev/null || { echo "jq is not on the PATH: apt-get install jq" >&2; exit 1; }
	@mkdir -p $(DIST); dir=$$(mktemp --directory); trap 'rm -rf "$$dir"' EXIT; \
	git clone --quiet . "$$dir"; \
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) cargo cyclonedx --quiet --manifest-path "$$dir/Cargo.toml" \
	  --format json --spec-version 1.5 --target $(WASM_TARGET) --no-build-deps; \
	cargo tree --quiet --locked --manifest-path "$$dir/Cargo.toml" --package fresh-images --target $(WASM_TARGET) \
	  --edges normal,no-proc-macro --prefix none | awk '{ sub(/^v/, "", $$2); print $$1 "@" $$2 }' > "$$dir/linked"; \
	jq --rawfile linked "$$dir/linked" --arg root "$$dir" --arg commit $$(git rev-parse HEAD) \
	  --from-file .ci/sbom.jq "$$dir/fresh-images.cdx.json" > $(DIST)/policy.cdx.json
	@echo "$(DIST)/policy.cdx.json: $$(jq '.components | length' $(DIST)/policy.cdx.json) components"

.PHONY: licenses
licenses: setup ## Write target/dist/THIRD-PARTY-LICENSES, the licences of those (needs cargo-about).
	@command -v cargo-about >/dev/null || { echo "cargo-about is not on the PATH: cargo install --locked --features cli cargo-about" >&2; exit 1; }
	@mkdir -p $(DIST)
	cargo fetch --locked --quiet
	cargo about generate --offline --locked --fail --config about.toml --manifest-path Cargo.toml \
	  --output-file $(DIST)/THIRD-PARTY-LICENSES about.hbs

# Everything that follows from the version is held to it by tests/release.rs.
.PHONY: release
release: setup ## Set the version everywhere: make release VERSION=1.2.3.
	@.ci/release "$(VERSION)"

.PHONY: bench
bench: policy.wasm ## Measure the policy against an empty one, in the embedded engine.
	cargo build --release --package empty-policy --target $(WASM_TARGET)
	@ls -l policy.wasm $(WASM_DIR)/empty_policy.wasm
	cargo bench --profile dev --package fresh-images-host --bench guest

.PHONY: playground
playground: playground-build ## Serve the page that judges manifests in the browser, on loopback: PORT=8000.
	@node $(PLAYGROUND)/build/serve.mjs

.PHONY: playground-build
playground-build: setup playground-tools ## Build the page and the npm package in target/playground.
	node $(PLAYGROUND)/build/build.mjs

.PHONY: playground-test
playground-test: playground-build ## Test the npm package in Node.js, and the page in headless Chromium.
	node --test --test-concurrency 1 --test-reporter spec $(PLAYGROUND)/test/*.test.mjs

.PHONY: screenshot
screenshot: playground-build ## Make the picture of the README, docs/playground.png (needs pngquant).
	@command -v pngquant >/dev/null || { echo "pngquant is not on the PATH: apt-get install pngquant" >&2; exit 1; }
	node $(PLAYGROUND)/build/screenshot.mjs docs/playground.png

FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZ_SECONDS=60 (cargo-fuzz, on a nightly compiler).
	@rustc +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	for target in reference settings request update; do \
	  cargo +nightly fuzz run $$target --sanitizer none -- -dict=fuzz/dictionary.txt -max_len=8192 \
	    -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1; \
	done

# Advisories need the network: `cargo deny --workspace check`, as CI does.
.PHONY: deny
deny: ## Check licences, versions and sources of dependencies (skipped where cargo-deny is missing).
	@if command -v cargo-deny >/dev/null; then cargo deny --workspace --locked check bans licenses sources; \
	else echo "skipped: cargo-deny is not on the PATH: cargo install --locked cargo-deny"; fi

.PHONY: workflows
workflows: ## Check .github/workflows (skipped where zizmor or check-jsonschema is missing).
	@if command -v zizmor >/dev/null; then zizmor --offline --persona pedantic .github/workflows; \
	else echo "skipped: zizmor is not on the PATH: pip install zizmor"; fi
	@if command -v check-jsonschema >/dev/null; then \
	  check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml; \
	else echo "skipped: check-jsonschema is not on the PATH: pip install check-jsonschema"; fi

# Natively, and without the tests in the engine: the tests of the library have to find faults of the library. One that
# makes a test hang is found too, which is what 3 says.
MUTANTS_ENV := CARGO_PROFILE_DEV_DEBUG=0 PROPTEST_CASES=64 PROPTEST_RNG_SEED=1
.PHONY: mutants
mutants: setup ## Plant faults in the library: each has to fail a test (needs cargo-mutants; hours).
	@command -v cargo-mutants >/dev/null || { echo "cargo-mutants is not on the PATH: cargo install --locked cargo-mutants" >&2; exit 1; }
	$(MUTANTS_ENV) cargo mutants --workspace --no-shuffle --output target $(MUTANTS_ARGS) || test $$? -eq 3

MIN_COVERAGE := 98
.PHONY: coverage
coverage: setup ## Measure the lines of the library that its tests reach (needs cargo-llvm-cov).
	@command -v cargo-llvm-cov >/dev/null || { echo "cargo-llvm-cov is not on the PATH: cargo install --locked cargo-llvm-cov" >&2; exit 1; }
	@test -x "$$(rustc --print target-libdir)/../bin/llvm-cov" || rustup component add llvm-tools
	cargo llvm-cov --package fresh-images --package fresh-images-json --fail-under-lines $(MIN_COVERAGE)

.PHONY: clean
clean: ## Remove everything that was built.
	cargo clean
	rm -f policy.wasm annotated-policy.wasm

# A machine with rustup and make: the rest comes from here.
.PHONY: setup
setup:
	@command -v cc >/dev/null || { echo "installing a C toolchain, which Rust links with"; \
	  sudo=$$(test $$(id -u) -eq 0 || echo sudo); $$sudo apt-get update -qq && $$sudo apt-get install -qq -y gcc libc6-dev; }
	@rustc --version >/dev/null 2>&1 || rustup toolchain install stable --profile minimal
	@rustc --print target-list >/dev/null
	@test -d "$$(rustc --print sysroot)/lib/rustlib/$(WASM_TARGET)" || rustup target add $(WASM_TARGET)
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy

# The registry that tests push to; each starts its own, and none uses what Debian's package may start. Elsewhere those
# tests say that they are skipped.
.PHONY: registry-tools
registry-tools:
	@if ! command -v docker-registry >/dev/null && command -v apt-get >/dev/null; then \
	  echo "installing docker-registry, which tests push images to"; sudo=$$(test $$(id -u) -eq 0 || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq -y docker-registry; \
	fi

# What the page is built and tested with. Chrome does as well as Chromium.
.PHONY: playground-tools
playground-tools: $(PLAYGROUND)/node_modules/.package-lock.json
	@test -d "$$(rustc --print sysroot)/lib/rustlib/$(BROWSER_TARGET)" || rustup target add $(BROWSER_TARGET)
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
	  echo "installing chromium, which the page is tested in"; sudo=$$(test $$(id -u) -eq 0 || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq -y chromium; \
	fi

$(PLAYGROUND)/node_modules/.package-lock.json: $(PLAYGROUND)/package.json $(PLAYGROUND)/package-lock.json
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	  echo "installing Node.js, which the page is built with"; sudo=$$(test $$(id -u) -eq 0 || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -qq -y nodejs npm; \
	fi
	@node --eval 'process.exit(Number(parseInt(process.versions.node) < $(MIN_NODE)))' || { \
	  echo "installing Node.js 22, because this is $$(node --version)"; \
	  npm install --prefix target/node --no-save --no-audit --no-fund --loglevel error node@22; }
	npm ci --prefix $(PLAYGROUND) --ignore-scripts --no-audit --no-fund
	@touch $@
