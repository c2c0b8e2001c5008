# What scenarios share: a namespace for each, policies as administrators apply them, and old workloads.
#
# They run against whatever cluster KUBECONFIG names. They delete all policies of Kubewarden there, so use one of your own.
# MODULE=registry://… replaces the module of the manifests, for a cluster that has to pull it. Without MODULE the module is
# the one that `make cluster-test` has built, which its own policy server serves under any name.

bats_require_minimum_version 1.5.0
BATS_TEST_TIMEOUT=600
ROOT="$BATS_TEST_DIRNAME/../.."
# A tag that somebody may move, and a pull policy under which a node does not ask.
IMAGE=${IMAGE:-harbor.example.com/shop/web:1.1}
POLICIES=({cluster,}admissionpolic{ies,ygroups}.policies.kubewarden.io)
SERVER=(deployment/policy-server-default --namespace kubewarden)

setup() {
  [ -n "${KUBECONFIG:-}" ] || { echo "KUBECONFIG names no cluster: run make cluster-test" >&2; return 1; }
  cd "$ROOT"
  NAMESPACE="scenario-$BATS_SUITE_TEST_NUMBER-$RANDOM"
  no_policies
  namespace "$NAMESPACE"
}

teardown() {
  clean_up
}

clean_up() {
  no_policies
  kubectl delete configmap registry-is-down --namespace kube-system --ignore-not-found > /dev/null
  server_up
  kubectl delete namespaces --selector scenario --wait=false > /dev/null 2>&1 || true
}

namespace() { # name
  kubectl create namespace "$1" > /dev/null
  kubectl label namespace "$1" scenario= environment=production > /dev/null
  until kubectl get serviceaccount default --namespace "$1" > /dev/null 2>&1; do sleep 0.1; done
}

no_policies() {
  local kind
  for kind in "${POLICIES[@]}"; do
    kubectl delete "$kind" --all --all-namespaces > /dev/null
  done
  # Until the API server asks nobody any more.
  until ! kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations --output name | grep -q -- '/\(clusterwide\|namespaced\)-'; do
    sleep 0.1
  done
  sleep 0.3
}

# Applies manifests of policies/ as they are, and waits until they are in force.
policy() { # file...
  local file text
  for file; do
    text=$(cat "policies/$file")
    [ -z "${MODULE:-}" ] || text=$(sed "s#module: registry://.*#module: $MODULE#" <<< "$text")
    kubectl apply --filename - <<< "$text" > /dev/null
  done
  in_force
}

in_force() {
  sleep 0.5
  # Where policy-server is one process, it starts anew with other policies. Kubewarden replaces it without a gap.
  [ -z "${CONTROL_PLANE:-}" ] || eventually test -e "$CONTROL_PLANE/policy-server.pid"
  local kind
  for kind in "${POLICIES[@]}"; do
    [ -z "$(kubectl get "$kind" --all-namespaces --output name)" ] ||
      kubectl wait --for=condition=PolicyActive --timeout=3m --all --all-namespaces "$kind" > /dev/null
  done
  # The API server takes up webhooks a moment later.
  sleep 1
}

# `kubectl`, in the namespace of the scenario.
k() {
  kubectl --namespace "$NAMESPACE" "$@"
}

# What a person does: `$output` has what the person reads, `$status` is not 0 if it was refused.
act() { # command...
  run "$@"
}

goes_on() {
  [ "$status" -eq 0 ] || report "refused, should go on"
}

refused() { # part of the message
  [ "$status" -ne 0 ] || report "goes on, should be refused"
  says "$1"
}

says() { # text
  [[ $output == *"$1"* ]] || report "does not say: $1"
}

silent() { # text
  [[ $output != *"$1"* ]] || report "says: $1"
}

report() { # what is wrong
  printf '%s\nstatus: %s\n%s\n' "$1" "${status:-}" "${output:-}"
  return 1
}

# Tries until it works, for twenty seconds.
eventually() { # command...
  local end=$((SECONDS + 20))
  while [ "$SECONDS" -lt "$end" ]; do
    ! "$@" > /dev/null 2>&1 || return 0
    sleep 0.1
  done
  echo "never: $*"
  "$@"
}

# Scaled away, a policy server refuses connections at once; one that hangs takes them and never answers.
server_down() {
  kubectl scale "${SERVER[@]}" --replicas=0 > /dev/null
  server_seen
}

server_hangs() {
  [ -n "${CONTROL_PLANE:-}" ] || skip "only the policy server of make control-plane can be made to hang"
  kubectl annotate "${SERVER[@]}" --overwrite tests/hangs=true > /dev/null
  server_seen
}

server_up() {
  [ -z "${CONTROL_PLANE:-}" ] || kubectl annotate "${SERVER[@]}" tests/hangs- > /dev/null
  kubectl scale "${SERVER[@]}" --replicas=1 > /dev/null
  server_seen
}

# The real definition of a kind, from the Go module of its project.
definition() { # module@version, file, its name
  ! kubectl get crd "$3" > /dev/null 2>&1 || return 0
  [ -n "${CONTROL_PLANE:-}" ] || skip "the cluster has no $3"
  local module
  module=$(cd tests/cluster/control-plane && go mod download -json "$1" | jq --raw-output --exit-status .Dir) || skip "no $1 to be had"
  kubectl apply --server-side --filename "$module/$2" > /dev/null
  # Its status comes a moment later.
  eventually kubectl wait --for=condition=Established "crd/$3"
}

rollouts() {
  definition github.com/argoproj/argo-rollouts@v1.8.3 manifests/crds/rollout-crd.yaml rollouts.argoproj.io
}

knative_services() {
  definition knative.dev/serving@v0.51.0 config/core/300-resources/service.yaml services.serving.knative.dev
}

server_seen() {
  if [ -n "${CONTROL_PLANE:-}" ]; then
    sleep 0.5
  else
    kubectl rollout status "${SERVER[@]}" --timeout=2m > /dev/null
  fi
}

registry_down() {
  [ -n "${CONTROL_PLANE:-}" ] || skip "only nodes of make control-plane know of a registry that is down"
  kubectl create configmap registry-is-down --namespace kube-system > /dev/null
}

# ---- Workloads as they were before there was a policy. Their image and its pull policy are those of the story.

pod_spec() { # image, more of the spec
  printf '{"containers": [{"name": "web", "image": "%s", "imagePullPolicy": "%s"}]%s}' "$1" "${PULL_POLICY:-IfNotPresent}" "${2:-}"
}

template() { # image, more of the spec
  printf '{"metadata": {"labels": {"app": "web", "scenario": "%s"}}, "spec": %s}' "$NAMESPACE" "$(pod_spec "$@")"
}

workload() { # apiVersion, kind, spec
  printf '{"apiVersion": "%s", "kind": "%s", "metadata": {"name": "web", "namespace": "%s", "labels": {"app": "web"}}, "spec": %s}\n' \
    "$1" "$2" "$NAMESPACE" "$3"
}

pod() { # image
  workload v1 Pod "$(pod_spec "${1:-$IMAGE}")"
}

deployment() { # image
  workload apps/v1 Deployment "{\"replicas\": 2, \"selector\": {\"matchLabels\": {\"app\": \"web\"}}, \"template\": $(template "${1:-$IMAGE}")}"
}

stateful_set() {
  workload apps/v1 StatefulSet "{\"replicas\": 1, \"serviceName\": \"web\", \"selector\": {\"matchLabels\": {\"app\": \"web\"}}, \"template\": $(template "$IMAGE")}"
}

daemon_set() {
  workload apps/v1 DaemonSet "{\"selector\": {\"matchLabels\": {\"app\": \"web\"}}, \"template\": $(template "$IMAGE")}"
}

job() {
  workload batch/v1 Job "{\"template\": $(template "$IMAGE" ', "restartPolicy": "Never"')}"
}

cron_job() {
  workload batch/v1 CronJob "{\"schedule\": \"0 0 1 1 *\", \"jobTemplate\": {\"spec\": {\"template\": $(template "$IMAGE" ', "restartPolicy": "Never"')}}}"
}

rollout() { # image
  workload argoproj.io/v1alpha1 Rollout "{\"selector\": {\"matchLabels\": {\"app\": \"web\"}}, \"template\": $(template "${1:-$IMAGE}")}"
}

knative_service() { # image
  workload serving.knative.dev/v1 Service "{\"template\": {\"spec\": $(pod_spec "${1:-$IMAGE}")}}"
}

# What is written on standard input, in the cluster.
apply() {
  kubectl apply --filename - "$@"
}

before() { # workload, its arguments
  "$@" | apply > /dev/null
}

# A CronJob whose time has come: it missed the beginning of this year.
is_due() {
  k patch cronjob web --subresource status --type merge \
    --patch "{\"status\": {\"lastScheduleTime\": \"$(date --utc +%Y --date '2 years ago')-06-01T00:00:00Z\"}}" > /dev/null
}

pods() { # output format
  k get pods --selector app=web --output "$@"
}

count_pods() { # how many run
  [ "$(pods name --field-selector status.phase=Running | wc -l)" -eq "$1" ]
}

pull_policies() {
  pods 'jsonpath={range .items[*].spec.containers[*]}{.imagePullPolicy}{"\n"}{end}' | sort -u | xargs
}
