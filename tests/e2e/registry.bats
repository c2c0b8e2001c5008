#!/usr/bin/env bats
# The way from this machine to a cluster: the policy is pushed to a registry, pulled from it, run from it, and made into
# a manifest, all by kwctl. What kwctl pushed, fresh-images pulls.
#
#   make e2e-tests        (needs kwctl, bats and docker-registry on the PATH, and policy.wasm)

bats_require_minimum_version 1.5.0

present() {
  command -v kwctl > /dev/null && command -v docker-registry > /dev/null
}

setup_file() {
  # A whole file cannot be skipped here; each test is, below.
  present || return 0
  cd "$BATS_TEST_DIRNAME/../.."
  [ -f policy.wasm ] || { echo "policy.wasm is missing: run make policy.wasm" >&2; return 1; }

  # A store of its own, and nobody's credentials.
  export HOME="$BATS_FILE_TMPDIR/home"
  unset XDG_CACHE_HOME XDG_CONFIG_HOME DOCKER_CONFIG
  mkdir "$HOME"

  export MODULE="$BATS_FILE_TMPDIR/annotated-policy.wasm"
  kwctl annotate --metadata-path metadata.yml --usage-path README.md --output-path "$MODULE" policy.wasm

  # The registry chooses a free port itself, and logs which.
  cat > "$BATS_FILE_TMPDIR/registry.yml" << CONFIG
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $BATS_FILE_TMPDIR/storage}}
http: {addr: '127.0.0.1:0', secret: tests}
CONFIG
  : > "$BATS_FILE_TMPDIR/registry.log"
  docker-registry serve "$BATS_FILE_TMPDIR/registry.yml" > "$BATS_FILE_TMPDIR/registry.log" 2>&1 3>&- &
  export REGISTRY_PID=$!
  local port="" try
  for try in {1..100}; do
    port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$BATS_FILE_TMPDIR/registry.log")
    [ -z "$port" ] || break
    sleep 0.1
  done
  [ -n "$port" ] || { cat "$BATS_FILE_TMPDIR/registry.log" >&2; return 1; }
  export REGISTRY="127.0.0.1:$port/policies"

  # It speaks plain HTTP, which kwctl has to be told.
  export SOURCES="$BATS_FILE_TMPDIR/sources.yml"
  printf 'insecure_sources: ["127.0.0.1:%s"]\n' "$port" > "$SOURCES"

  VERSION=$(sed -n 's/^ *io\.kubewarden\.policy\.version: *//p' metadata.yml)
  export POLICY="registry://$REGISTRY/fresh-images:v$VERSION"

  make --no-print-directory push REGISTRY="$REGISTRY" MODULE="$MODULE" KWCTL_PUSH_ARGS="--sources-path $SOURCES" \
    > "$BATS_FILE_TMPDIR/pushed" 2> "$BATS_FILE_TMPDIR/push.log" || { cat "$BATS_FILE_TMPDIR/push.log" >&2; return 1; }
}

teardown_file() {
  [ -z "${REGISTRY_PID:-}" ] || kill "$REGISTRY_PID"
}

setup() {
  present || skip "kwctl or docker-registry is not on the PATH"
  cd "$BATS_TEST_DIRNAME/../.."
}

report() {
  printf 'status: %s\nstdout: %s\nstderr: %s\n' "$status" "$output" "$stderr"
  return 1
}

@test "push: make push tells the digest that the registry has" {
  local digest
  digest=$(curl --silent --fail --head --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://${REGISTRY%%/*}/v2/policies/fresh-images/manifests/${POLICY##*:}" \
    | tr -d '\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p')
  [[ $digest == sha256:* ]]
  output=$(cat "$BATS_FILE_TMPDIR/pushed") status=0 stderr=""
  # What the release workflow reads.
  [[ $output == *"\"immutable_ref\":\"$REGISTRY/fresh-images@$digest\""* ]] || report
}

@test "push: the registry is not guessed" {
  run --separate-stderr make --no-print-directory push MODULE="$MODULE" REGISTRY=
  [ "$status" -eq 2 ] || report
  [[ $stderr == *"usage: make push REGISTRY=ghcr.io/OWNER/policies"* ]] || report
}

@test "pull: the module is the one that was pushed, byte for byte" {
  run --separate-stderr kwctl pull --sources-path "$SOURCES" --output-path "$BATS_TEST_TMPDIR/pulled.wasm" "$POLICY"
  [ "$status" -eq 0 ] || report
  cmp "$MODULE" "$BATS_TEST_TMPDIR/pulled.wasm"
}

@test "pull: a version that was not pushed is none" {
  run --separate-stderr kwctl pull --sources-path "$SOURCES" "${POLICY%:*}:v999.0.0"
  [ "$status" -ne 0 ] || report
}

@test "run: by its tag, a stale image is rejected" {
  run --separate-stderr kwctl run --sources-path "$SOURCES" --request-path tests/data/deployment-stale.json "$POLICY"
  [ "$status" -eq 0 ] || report
  [[ $output == *'"allowed":false'*'[mutable-image]'* ]] || report
}

@test "run: by its tag, an image that is always pulled is accepted" {
  run --separate-stderr kwctl run --sources-path "$SOURCES" --request-path tests/data/deployment-always.json "$POLICY"
  [ "$status" -eq 0 ] || report
  [[ $output == *'"allowed":true'* ]] || report
}

@test "scaffold: the manifest names the policy, its rules and its settings" {
  kwctl pull --sources-path "$SOURCES" "$POLICY"
  run --separate-stderr kwctl scaffold manifest --type ClusterAdmissionPolicy \
    --settings-json '{"require": "digest"}' "$POLICY"
  [ "$status" -eq 0 ] || report
  for line in \
    'kind: ClusterAdmissionPolicy' \
    "module: $POLICY" \
    '- pods/ephemeralcontainers' \
    'require: digest' \
    'mutating: true'; do
    [[ $output == *"$line"* ]] || { echo "missing: $line"; report; }
  done

  # And it runs as it was written.
  echo "$output" > "$BATS_TEST_TMPDIR/policy.yml"
  run --separate-stderr kwctl run --sources-path "$SOURCES" --request-path tests/data/deployment-always.json \
    "$BATS_TEST_TMPDIR/policy.yml"
  [ "$status" -eq 0 ] || report
  [[ $output == *'"allowed":false'*'[digest-required]'* ]] || report
}

@test "check: fresh-images judges with the module that kwctl pushed" {
  local command=target/debug/fresh-images
  [ -x "$command" ] || skip "fresh-images is not built: make e2e-tests builds it"
  cat > "$BATS_TEST_TMPDIR/policy.yml" << POLICY
apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: {name: pulled}
spec:
  module: $POLICY
  settings: {require: digest}
POLICY
  check() {
    run --separate-stderr "$command" check --policy "$BATS_TEST_TMPDIR/policy.yml" \
      --insecure-registry "${REGISTRY%%/*}" examples/story
    [ "$status" -eq 1 ] || report
    [[ $output == *'[digest-required]'*'3 documents, 3 images: 1 accepted, 2 rejected' ]] || report
  }
  check
  # It is the one that was pushed, byte for byte, under the digest that kwctl tells.
  local digest
  digest=$(sed -n 's/.*@sha256:\([0-9a-f]*\)".*/\1/p' "$BATS_FILE_TMPDIR/pushed")
  [ -f "$HOME/.cache/fresh-images/sha256/$digest.json" ]
  cmp "$MODULE" "$HOME"/.cache/fresh-images/sha256/*.wasm

  sed -i "s|module: .*|module: ${POLICY%:*}@sha256:$digest|" "$BATS_TEST_TMPDIR/policy.yml"
  check
}
