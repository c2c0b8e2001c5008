#!/usr/bin/env bats
# The policy as its users run it: annotated and judged by kwctl, Kubewarden's own command line tool.
#
#   make e2e-tests        (needs kwctl and bats on the PATH, and policy.wasm)
#
# What is judged how is the business of tests/corpus; here is shown that kwctl understands the module, its metadata,
# its settings and the manifests of policies/.

bats_require_minimum_version 1.5.0

setup_file() {
  # A whole file cannot be skipped here; each test is, below.
  command -v kwctl > /dev/null || return 0
  cd "$BATS_TEST_DIRNAME/../.."
  [ -f policy.wasm ] || { echo "policy.wasm is missing: run make policy.wasm" >&2; return 1; }
  export MODULE="$BATS_FILE_TMPDIR/annotated-policy.wasm"
  kwctl annotate --metadata-path metadata.yml --output-path "$MODULE" policy.wasm
}

setup() {
  command -v kwctl > /dev/null || skip "kwctl is not on the PATH"
  cd "$BATS_TEST_DIRNAME/../.."
}

# kwctl logs to stderr, for one that it found no signatures to trust. Its answer is on stdout.
judge() { # request [kwctl options...]
  local request=$1
  shift
  run --separate-stderr kwctl run --request-path "$request" "$@" "$MODULE"
}

accepted() {
  [ "$status" -eq 0 ] && [[ $output == *'"allowed":true'* ]] || report
}

rejected() { # text of the message
  [ "$status" -eq 0 ] && [[ $output == *'"allowed":false'* ]] && [[ $output == *"$1"* ]] || report
}

report() {
  printf 'status: %s\nstdout: %s\nstderr: %s\n' "$status" "$output" "$stderr"
  return 1
}

# A manifest of policies/ that loads the module from this machine instead of a registry.
local_manifest() {
  local manifest="$BATS_TEST_TMPDIR/$1"
  sed "s#module: registry://.*#module: file://$MODULE#" "policies/$1" > "$manifest"
  grep -q "module: file://" "$manifest"
  echo "$manifest"
}

@test "accept: the tag is always pulled" {
  judge tests/data/deployment-always.json
  accepted
}

@test "reject: the tag is kept by the node, and the message says how to fix it" {
  judge tests/data/deployment-stale.json
  rejected 'container \"web\" at spec.template.spec.containers[0]: image \"harbor.example.com/shop/web:1.1\" can go stale: it has no digest and its pull policy is IfNotPresent, so a node that holds this tag keeps running the old content. Set imagePullPolicy: Always, or pin the image as harbor.example.com/shop/web@sha256:'
  rejected '[mutable-image]'
  rejected '"code":403'
}

@test "reject: kubectl debug with a tag, as an AdmissionReview" {
  judge examples/kubectl-debug.json
  rejected 'ephemeral container \"debugger-8xk2p\" at spec.ephemeralContainers[0]'
}

@test "settings: a registry that is not allowed" {
  judge tests/data/deployment-always.json --settings-json '{"registries": {"allow": ["ghcr.io"]}}'
  rejected '[registry-not-allowed]'
}

@test "settings: from a YAML file" {
  echo 'require: digest' > "$BATS_TEST_TMPDIR/settings.yml"
  judge tests/data/deployment-always.json --settings-path "$BATS_TEST_TMPDIR/settings.yml"
  rejected '[digest-required]'
}

@test "settings: warnings instead of a rejection" {
  judge tests/data/deployment-stale.json --settings-json '{"enforcement": "warn"}'
  accepted
  [[ $output == *'"warnings":["container '*' can go stale '*'[mutable-image]"]'* ]] || report
}

@test "settings: an unknown key is refused, with its path" {
  judge tests/data/deployment-always.json --settings-json '{"registry": {"allow": ["ghcr.io"]}}'
  [ "$status" -ne 0 ] || report
  [ "$output" = "" ] || report
  [[ $stderr == *"settings are not valid: settings.registry: unknown key"* ]] || report
}

@test "settings: all problems are told at once" {
  judge tests/data/deployment-always.json \
    --settings-json '{"require": "digests", "registries": {"allow": [" "]}, "tags": {"reject": "latest"}}'
  [ "$status" -ne 0 ] || report
  [[ $stderr == *"settings.require: "* ]] || report
  [[ $stderr == *"settings.registries.allow[0]: "* ]] || report
  [[ $stderr == *"settings.tags.reject: "* ]] || report
}

# The JSON patch that the API server gets.
patch() {
  jq --raw-output .patch <<< "$output" | base64 --decode
}

@test "mutate: always pull, as a JSON patch" {
  command -v jq > /dev/null || skip "jq is not on the PATH"
  judge tests/data/deployment-stale.json --settings-json '{"mutate": {"to": "pullAlways"}}'
  accepted
  [[ $output == *'now has imagePullPolicy: Always, was IfNotPresent'* ]] || report
  [ "$(patch)" = '[{"op":"replace","path":"/spec/template/spec/containers/0/imagePullPolicy","value":"Always"}]' ] || report
}

@test "mutate: pin the digest that a registry answered, replayed" {
  command -v jq > /dev/null || skip "jq is not on the PATH"
  judge tests/data/deployment-stale.json \
    --settings-json '{"mutate": {"to": "pinDigest", "registries": ["harbor.example.com"]}}' \
    --replay-host-capabilities-interactions tests/data/harbor-session.yml
  accepted
  [[ $(patch) == *'"value":"harbor.example.com/shop/web@sha256:e3fa324aa123b6ca78469732371341be543263c7f36dd003a65a3074bf1b30e8"'* ]] || report
  [[ $(patch) == *'fresh-images.github.io/pinned-from'* ]] || report
}

@test "mutate: a registry that does not answer is a rejection" {
  judge tests/data/deployment-stale.json \
    --settings-json '{"mutate": {"to": "pinDigest", "registries": ["harbor.example.com"]}}'
  rejected 'could not be pinned: '
}

@test "policies: fresh-images-always-pull.yml mutates by its settings" {
  run --separate-stderr kwctl run --request-path tests/data/deployment-stale.json "$(local_manifest fresh-images-always-pull.yml)"
  accepted
}

@test "policies: fresh-images.yml judges by its settings" {
  manifest=$(local_manifest fresh-images.yml)
  run --separate-stderr kwctl run --request-path tests/data/deployment-always.json "$manifest"
  accepted
  run --separate-stderr kwctl run --request-path tests/data/deployment-stale.json "$manifest"
  rejected '[mutable-image]'
}

@test "policies: fresh-images-strict.yml judges by its settings" {
  manifest=$(local_manifest fresh-images-strict.yml)
  run --separate-stderr kwctl run --request-path tests/data/deployment-always.json "$manifest"
  rejected '[registry-not-allowed]'
  rejected '[digest-required]'
}

@test "policies: an AdmissionPolicy judges by its settings" {
  manifest=$(local_manifest fresh-images-namespace.yml)
  run --separate-stderr kwctl run --request-path tests/data/deployment-always.json "$manifest"
  rejected '[registry-not-allowed]'
}

@test "metadata: kwctl shows what it wrote into the module" {
  run --separate-stderr kwctl inspect --output yaml "$MODULE"
  [ "$status" -eq 0 ] || report
  for line in \
    'protocolVersion: v1' \
    'mutating: true' \
    'backgroundAudit: true' \
    'executionMode: kubewarden-wapc' \
    '- oci/v1/manifest_digest' \
    'io.kubewarden.policy.title: fresh-images' \
    '- pods/ephemeralcontainers'; do
    [[ $output == *"$line"* ]] || { echo "missing: $line"; report; }
  done
}

@test "metadata: kwctl finds no host capability in the module that is not declared" {
  run --separate-stderr kwctl annotate --metadata-path metadata.yml \
    --output-path "$BATS_TEST_TMPDIR/again.wasm" policy.wasm
  [ "$status" -eq 0 ] || report
  [[ $stderr != *[Cc]apabilit* ]] || report
}

@test "metadata: artifacthub-pkg.yml is what kwctl makes of it" {
  run --separate-stderr kwctl scaffold artifacthub --metadata-path metadata.yml --questions-path questions-ui.yml
  [ "$status" -eq 0 ] || report
  # Only the date is its own.
  diff <(grep -v ^createdAt: <<< "$output") <(grep -v ^createdAt: artifacthub-pkg.yml)
}
