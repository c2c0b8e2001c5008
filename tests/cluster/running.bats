#!/usr/bin/env bats
# What `fresh-images stale` sees of a cluster: through kubectl, and in a Pod as the service account of deploy/.

load helper

ACCOUNT=system:serviceaccount:fresh-images:fresh-images-stale

setup_file() {
  [ -n "${CONTROL_PLANE:-}" ] || skip "it changes cluster roles"
}

# Runs the command as in a Pod: with the address of the API server, its certificate authority and the token of an account.
in_pod() { # service account, arguments...
  local account=$1 server folder=$BATS_TEST_TMPDIR/account
  shift
  mkdir -p "$folder"
  server=$(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.server}')
  server=${server#https://}
  kubectl config view --raw --minify --output 'jsonpath={.clusters[0].cluster.certificate-authority-data}' | base64 -d > "$folder/ca.crt"
  [ -s "$folder/ca.crt" ] ||
    cp "$(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.certificate-authority}')" "$folder/ca.crt"
  kubectl create token "$account" --namespace fresh-images > "$folder/token"
  printf fresh-images > "$folder/namespace"
  env --ignore-environment KUBERNETES_SERVICE_HOST="${server%:*}" KUBERNETES_SERVICE_PORT="${server##*:}" \
    unshare --mount bash -euc 'mount -t tmpfs none /run; mkdir -p /run/secrets/kubernetes.io
      cp -r "$1" /run/secrets/kubernetes.io/serviceaccount; shift; exec "$@"' - "$folder" "$ROOT/target/debug/fresh-images" stale "$@"
}

teardown() {
  clean_up
  kubectl delete namespace fresh-images --ignore-not-found --wait=false > /dev/null
  kubectl delete crd reports.openreports.io --ignore-not-found > /dev/null
}

deploy() { # kustomization
  # What an earlier scenario left is gone first.
  kubectl delete namespace fresh-images --ignore-not-found --timeout=60s > /dev/null
  kubectl apply --kustomize "$1" > /dev/null
  eventually kubectl get serviceaccount default --namespace fresh-images
}

may() { # verb, resource
  kubectl auth can-i "$1" "$2" --all-namespaces --as "$ACCOUNT"
}

@test "the CronJob of deploy may list what it compares, and nothing else" {
  deploy deploy/stale
  for resource in pods nodes replicasets.apps; do may list "$resource" > /dev/null; done
  for request in "get secrets" "list secrets" "get pods/log" "create pods" "create reports.openreports.io"; do
    run may $request
    [ "${lines[-1]}" = no ] || report "$request"
  done
  # Its Pod is as strict as a namespace can demand, and the policy accepts it.
  policy fresh-images.yml
  act kubectl create job --namespace fresh-images --from cronjob/fresh-images-stale first
  goes_on
  silent Warning
  eventually test 1 -eq "$(kubectl get pods --namespace fresh-images --output name | wc -l)"
}

@test "in a Pod stale reads the API server as its service account" {
  [ "$(id -u)" -eq 0 ] || skip "files are mounted as in a Pod, which needs root"
  deploy deploy/stale
  before deployment
  eventually count_pods 2
  act in_pod fresh-images-stale --all-namespaces --offline --output json
  goes_on
  says "\"namespace\": \"$NAMESPACE\""
  says '"kind": "Deployment"'
  silent 'forbidden'
  act in_pod default --all-namespaces --offline
  [ "$status" -eq 2 ] || report "the default account may not list Pods"
  says 'the API server refuses /api/v1/pods: pods is forbidden'
}

@test "with reports the CronJob of deploy writes one for each namespace" {
  command -v go > /dev/null || skip "the CRD of openreports.io comes from its Go module"
  [ "$(id -u)" -eq 0 ] || skip "files are mounted as in a Pod, which needs root"
  reports_exist
  deploy deploy/reports
  [[ $(kubectl get cronjob fresh-images-stale --namespace fresh-images --output jsonpath='{..args}') == *--apply* ]]
  before deployment
  eventually count_pods 2
  # The second time it changes what the first has written.
  for _ in 1 2; do
    act in_pod fresh-images-stale --all-namespaces --offline --apply
    goes_on
  done
  act k get reports.openreports.io fresh-images-stale --output 'jsonpath={.results[*].properties.workload}'
  says Deployment/web
}

# The CRD of openreports.io, whose schema refuses unknown fields.
reports_exist() {
  local module
  module=$(go mod download -json github.com/openreports/reports-api@v0.2.1 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  kubectl apply --filename "$module/config/crd/openreports.io_reports.yaml" > /dev/null
  kubectl wait --for=condition=Established crd/reports.openreports.io > /dev/null
}
