#!/usr/bin/env bats
# The policies that mutate. Pinning asks a registry on this machine, so it needs docker-registry (.ci/setup registry), and a
# policy server that reaches it.

load helper

teardown() {
  [ -z "${REGISTRY_PID:-}" ] || kill "$REGISTRY_PID" 2> /dev/null || true
  clean_up
  kubectl delete policyserver pinning --ignore-not-found > /dev/null
}

# A registry, and a tag in it.
registry() {
  [ -n "${CONTROL_PLANE:-}" ] || skip "only the policy server of make control-plane reaches a registry of this machine"
  command -v docker-registry > /dev/null || skip "docker-registry is not on the PATH: .ci/setup registry"
  PORT=$((20000 + RANDOM % 10000))
  REGISTRY="127.0.0.1:$PORT"
  cat > "$BATS_TEST_TMPDIR/registry.yml" << END
version: 0.1
storage: {filesystem: {rootdirectory: $BATS_TEST_TMPDIR/registry}}
http: {addr: $REGISTRY}
log: {level: error}
END
  docker-registry serve "$BATS_TEST_TMPDIR/registry.yml" > "$BATS_TEST_TMPDIR/registry.log" 2>&1 3>&- &
  REGISTRY_PID=$!
  eventually curl --fail --silent "http://$REGISTRY/v2/"
  push 1
  IMAGE="$REGISTRY/shop/web:1.1"
}

# Another content under the same tag.
push() { # content
  local manifest="$BATS_TEST_TMPDIR/manifest.json" config digest location
  config="{\"architecture\": \"amd64\", \"os\": \"linux\", \"created\": \"2026-01-0${1}T00:00:00Z\"}"
  digest="sha256:$(printf %s "$config" | sha256sum | cut --delimiter ' ' --fields 1)"
  location=$(curl --fail --silent --request POST --dump-header - "http://$REGISTRY/v2/shop/web/blobs/uploads/" |
    tr --delete '\r' | sed -n 's/^Location: //ip')
  curl --fail --silent --request PUT --header 'Content-Type: application/octet-stream' --data-binary "$config" "$location&digest=$digest"
  printf '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": %s, "digest": "%s"}, "layers": []}' \
    "${#config}" "$digest" > "$manifest"
  curl --fail --silent --request PUT --header 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
    --data-binary "@$manifest" "http://$REGISTRY/v2/shop/web/manifests/1.1"
  DIGEST="sha256:$(sha256sum "$manifest" | cut --delimiter ' ' --fields 1)"
}

# fresh-images-pin-digest.yml for that registry.
pinning() {
  kubectl apply --filename - <<< '{"apiVersion": "policies.kubewarden.io/v1", "kind": "PolicyServer", "metadata": {"name": "pinning"}}'
  sed "s/registries: .registry.example.com./registries: [\"$REGISTRY\"]/" policies/fresh-images-pin-digest.yml | kubectl apply --filename -
  policy fresh-images-pods.yml
}

image() { # kind
  k get "$1" web --output "jsonpath={..spec.containers[0].image}"
}

@test "always-pull: Pods get Always, templates stay as they were written" {
  policy fresh-images-always-pull.yml fresh-images-pods.yml
  act apply < <(deployment)
  goes_on
  silent Warning:
  eventually count_pods 2
  [ "$(pull_policies)" = Always ]
  act k diff --filename - < <(deployment)
  goes_on
  act apply < <(pod)
  goes_on
  says 'Warning: container "web"'
  says 'now has imagePullPolicy: Always, was IfNotPresent'
}

@test "pin-digest: the tag becomes the digest, and applying again after a rebuild rolls out" {
  registry
  pinning
  act apply < <(deployment)
  goes_on
  says Warning:
  [ "$(image deployment)" = "$REGISTRY/shop/web@$DIGEST" ]
  local first=$DIGEST
  push 2
  [ "$first" != "$DIGEST" ]
  act apply < <(deployment)
  goes_on
  says configured
  [ "$(image deployment)" = "$REGISTRY/shop/web@$DIGEST" ]
}

@test "pin-digest: while the registry is down, applying again changes nothing, and what is new gets Always" {
  registry
  pinning
  act apply < <(deployment)
  goes_on
  kill "$REGISTRY_PID"
  eventually eval "! curl --silent http://$REGISTRY/v2/"
  act apply < <(deployment)
  goes_on
  says configured
  [ "$(image deployment)" = "$REGISTRY/shop/web@$DIGEST" ]
  act apply < <(pod)
  goes_on
  # It says why, too.
  says 'now has imagePullPolicy: Always, was IfNotPresent; no digest: '
  [ "$(k get pod web --output 'jsonpath={.spec.containers[0].imagePullPolicy}')" = Always ]
}

@test "pin-digest: a Job applied again is as it was" {
  registry
  pinning
  act apply < <(job)
  goes_on
  act apply < <(job)
  goes_on
  says configured
  [ "$(image job)" = "$REGISTRY/shop/web@$DIGEST" ]
}

@test "pin-digest: an old CronJob goes on, and its Pods are pinned" {
  registry
  before cron_job
  pinning
  is_due
  eventually pods_are "$REGISTRY/shop/web@$DIGEST"
}

pods_are() { # image
  [ "$(k get pods --output 'jsonpath={.items[*].spec.containers[*].image}')" = "$1" ]
}

@test "pin-digest: server-side apply from the start has no conflict, and its diff is empty but for the image" {
  registry
  pinning
  act apply --server-side < <(deployment)
  goes_on
  act apply --server-side < <(deployment)
  goes_on
  silent conflict
}

@test "pin-digest: client-side apply and then server-side is a conflict about the image" {
  registry
  pinning
  act apply < <(deployment)
  goes_on
  act apply --server-side < <(deployment)
  says conflict
}
