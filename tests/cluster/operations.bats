#!/usr/bin/env bats
# What administrators do and meet: servers that are down, emergencies and the way back, policies that are not active, and the
# places where a refusal shows.

load helper

seconds() { # command...
  local start=${EPOCHREALTIME/./}
  act "$@"
  elapsed=$(((${EPOCHREALTIME/./} - start) / 1000000))
}

@test "a policy server that is down refuses at once" {
  policy fresh-images.yml
  server_down
  seconds k create deployment web --image=harbor.example.com/shop/web
  refused 'failed calling webhook "clusterwide-fresh-images.kubewarden.admission"'
  [ "$elapsed" -lt 4 ] || report "$elapsed seconds"
}

@test "one that hangs refuses after timeoutSeconds" {
  policy fresh-images.yml
  server_hangs
  seconds k create deployment web --image=harbor.example.com/shop/web
  refused 'failed calling webhook "clusterwide-fresh-images.kubewarden.admission"'
  [ "$elapsed" -ge 5 ] && [ "$elapsed" -lt 9 ] || report "$elapsed seconds"
}

@test "labels, annotations and finalizers go on while it is down, an image does not" {
  before deployment
  eventually count_pods 2
  policy fresh-images.yml
  server_down
  act k label deployment,replicaset,pods --all a=b
  goes_on
  act k annotate deployment,replicaset,pods --all a=b
  goes_on
  act k set image deployment web web=harbor.example.com/shop/web
  refused 'failed calling webhook'
}

@test "without the condition they would not" {
  before deployment
  policy fresh-images.yml
  kubectl patch clusteradmissionpolicy fresh-images --type merge --patch '{"spec": {"matchConditions": null}}'
  in_force
  server_down
  act k label deployment web a=b
  refused 'failed calling webhook'
}

@test "the way back from warn: the file says reject, so applying it refuses again" {
  policy fresh-images.yml
  # As docs/operations.md says.
  kubectl patch clusteradmissionpolicy fresh-images --type merge --patch '{"spec": {"settings": {"enforcement": "warn"}}}'
  in_force
  act apply < <(deployment)
  goes_on
  says 'Warning:'
  says '[mutable-image]'
  act kubectl apply --filename policies/fresh-images.yml
  says configured
  in_force
  act k create deployment other --image=harbor.example.com/shop/web:1.1
  refused '[mutable-image]'
}

@test "from monitor to protect by applying the other file" {
  policy fresh-images-monitor.yml
  act apply < <(deployment)
  goes_on
  silent Warning:
  act kubectl apply --filename policies/fresh-images.yml
  says configured
  in_force
  act k create deployment other --image=harbor.example.com/shop/web:1.1
  refused '[mutable-image]'
}

@test "from gentle to protect, and back in an emergency" {
  policy fresh-images-monitor.yml fresh-images-gentle.yml
  before cron_job
  policy fresh-images.yml
  kubectl delete --filename policies/fresh-images-gentle.yml
  in_force
  act apply < <(deployment)
  refused '[mutable-image]'
  # As docs/operations.md says.
  policy fresh-images-gentle.yml
  kubectl delete clusteradmissionpolicy fresh-images
  in_force
  is_due
  eventually pods_are Always
}

pods_are() { # pull policy
  [ "$(pull_policies)" = "$1" ]
}

@test "gentle refuses nothing: what it cannot mutate, it tells" {
  before pod
  policy fresh-images-gentle.yml
  act k set image pod/web web=harbor.example.com/shop/web:1.2
  goes_on
  says '[mutable-image]'
}

@test "gentle tells people, and not controllers" {
  policy fresh-images-gentle.yml
  act apply < <(deployment)
  goes_on
  says 'Warning: container "web": image "harbor.example.com/shop/web:1.1" can go stale'
  eventually count_pods 2
  pods_are Always
  # The templates stay as they were written: nothing for a GitOps tool to see.
  [ "$(k get deployment,replicaset --output 'jsonpath={.items[*].spec.template.spec.containers[*].imagePullPolicy}')" = "IfNotPresent IfNotPresent" ]
}

@test "a policy whose PolicyServer does not exist is scheduled, and pins nothing" {
  kubectl delete policyserver pinning --ignore-not-found
  kubectl apply --filename policies/fresh-images-pin-digest.yml
  sleep 1
  act kubectl wait --for=condition=PolicyActive --timeout=2s clusteradmissionpolicy fresh-images-pin-digest
  refused 'timed out'
  [ "$(kubectl get clusteradmissionpolicy fresh-images-pin-digest --output 'jsonpath={.status.policyStatus}')" = scheduled ]
  act apply < <(deployment)
  goes_on
  silent Warning:
}

# What docs/why-does-my-pod-not-come.md says to run.
refusals() {
  local command
  command=$(awk '/<!-- refusals -->/ { inside = 1; next } /<!-- \/refusals -->/ { exit } inside && !/^```/ { sub(/^\$ /, ""); print }' \
    docs/why-does-my-pod-not-come.md)
  bash -c "$command"
}

@test "why does my Pod not come: one command lists all that are refused" {
  before deployment
  policy fresh-images.yml
  k delete pods --all
  NAMESPACE_OF_JOB="$NAMESPACE-job"
  namespace "$NAMESPACE_OF_JOB"
  eventually told
  run refusals
  says "$NAMESPACE"
  says ReplicaSet/web-
  says '[mutable-image]'
}

told() {
  k get events --output json | jq --exit-status '[.items[] | select(.reason == "FailedCreate")] | length > 0'
}

@test "an old Deployment shows the refusal in a condition, not in its columns" {
  before deployment
  eventually count_pods 2
  policy fresh-images.yml
  act k scale deployment web --replicas=3
  goes_on
  eventually told
  eventually failure
  act k get deployment web --output 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}'
  says '[mutable-image]'
  act k get deployment web
  says '2/3'
}

failure() {
  [ "$(k get deployment web --output 'jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].status}')" = True ]
}

@test "a CronJob shows the refusal in its events only" {
  before cron_job
  policy fresh-images.yml
  is_due
  eventually told
  act k describe cronjob web
  says '[mutable-image]'
}

@test "an object of more than 2 MiB is refused, whatever is in it" {
  policy fresh-images.yml
  head --bytes 2200000 /dev/zero | tr '\0' x > "$BATS_TEST_TMPDIR/long"
  PULL_POLICY=Always deployment | jq --rawfile long "$BATS_TEST_TMPDIR/long" \
    '.spec.template.spec.containers[0].env = [{name: "A", value: $long}]' > "$BATS_TEST_TMPDIR/large.json"
  act k create --filename "$BATS_TEST_TMPDIR/large.json" --dry-run=server
  refused 'failed calling webhook'
}
