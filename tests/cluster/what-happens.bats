#!/usr/bin/env bats
# The table that opens docs/operations.md: what happens to whom, under which manifest. Each test is a column, each function
# `row_…` a row, whose first cell is in the comment. What the cluster does is put into the words of the table, and held
# against the cell.
#
# A row says what was there `before` the policy, and what then is done, the `act`.

load helper

row_scale() { # `kubectl scale` up
  case $1 in
    before) before deployment ;;
    act) act k scale deployment web --replicas=3 ;;
  esac
}

row_restart() { # `kubectl rollout restart`
  case $1 in
    before) before deployment ;;
    act) act k rollout restart deployment web ;;
  esac
}

row_rollback() { # `kubectl rollout undo`
  case $1 in
    before)
      before deployment harbor.example.com/shop/web:1.0
      eventually count_pods 2
      k set image deployment web "web=$IMAGE" > /dev/null
      ;;
    act) act k rollout undo deployment web ;;
  esac
}

row_drain() { # `kubectl drain`
  case $1 in
    before) before deployment ;;
    act)
      local node
      node=$(pods 'jsonpath={.items[0].spec.nodeName}')
      act kubectl drain "$node" --pod-selector "scenario=$NAMESPACE"
      kubectl uncordon "$node" > /dev/null
      ;;
  esac
}

row_stateful_set() { # a Pod of an old StatefulSet is lost
  case $1 in
    before) before stateful_set ;;
    act) act k delete pod web-0 ;;
  esac
}

row_daemon_set() { # a Pod of an old DaemonSet is lost
  case $1 in
    before) before daemon_set ;;
    act) act k delete pods --selector app=web ;;
  esac
}

row_cron_job() { # the time of an old CronJob comes
  case $1 in
    before) before cron_job ;;
    act) act is_due ;;
  esac
}

row_job_from() { # `kubectl create job --from` an old CronJob
  case $1 in
    before) before cron_job ;;
    act) act k create job web --from=cronjob/web ;;
  esac
}

row_label() { # `kubectl label` of an old Deployment
  case $1 in
    before) before deployment ;;
    act) act k label deployment web team=shop ;;
  esac
}

row_apply() { # `kubectl apply` of a new stale Deployment
  case $1 in
    act) act apply < <(deployment) ;;
  esac
}

row_apply_again() { # the same once more
  case $1 in
    act)
      apply < <(deployment) > /dev/null 2>&1 || true
      act apply < <(deployment)
      ;;
  esac
}

row_server_side() { # `kubectl apply --server-side`, twice
  case $1 in
    act)
      apply --server-side < <(deployment) > /dev/null 2>&1 || true
      act apply --server-side < <(deployment)
      ;;
  esac
}

row_job_again() { # `kubectl apply` of a stale Job, twice
  case $1 in
    act)
      apply < <(job) > /dev/null 2>&1 || true
      act apply < <(job)
      ;;
  esac
}

row_debug() { # `kubectl debug` with a stale image
  case $1 in
    before) before pod ;;
    act) act k debug web --image=harbor.example.com/tools/debug:1 --container=debug ;;
  esac
}

row_registry() { # the registry is down, and a Pod is lost
  case $1 in
    before) before deployment ;;
    act)
      registry_down
      act k delete pod "$(pods 'jsonpath={.items[0].metadata.name}')"
      ;;
  esac
}

row_server_down() { # the policy server is down, and a Pod is lost
  case $1 in
    before) before deployment ;;
    act)
      server_down
      act k delete pod "$(pods 'jsonpath={.items[0].metadata.name}')"
      ;;
  esac
}

row_server_down_apply() { # the policy server is down: `kubectl apply` of a new Deployment
  case $1 in
    act)
      server_down
      act apply < <(deployment)
      ;;
  esac
}

row_server_down_label() { # the policy server is down: `kubectl label`
  case $1 in
    before) before deployment ;;
    act)
      server_down
      act k label deployment,pods --selector app=web team=shop
      ;;
  esac
}

row_server_hangs() { # the policy server hangs: `kubectl apply` of a new Pod
  case $1 in
    act)
      server_hangs
      act apply < <(pod)
      ;;
  esac
}

# ---- What is seen

uids() {
  k get pods --output 'jsonpath={range .items[*]}{.metadata.uid}{"\n"}{end}'
}

# The new Pods, or the events that say why there are none.
seen() {
  [ "$(k get pods --output json | jq --argjson old "$OLD" '[.items[] | select(.metadata.uid | IN($old[]) | not)
    | select(.status.phase != "Pending" or (.status.containerStatuses // [] | length > 0))] | length')" -gt 0 ] ||
    k get events --output json | jq --exit-status '[.items[] | select(.reason == "FailedCreate" or .reason == "ReplicaSetCreateError")] | length > 0'
}

# The cell, in the words of the table.
in_words() { # row
  local words=() new
  case $1 in
    label | server_down_label) ;;
    debug)
      new=$(k get pod web --output 'jsonpath={.spec.ephemeralContainers[*].imagePullPolicy}')
      case $new in Always) words+=(fresh) ;; "") ;; *) words+=(stale) ;; esac
      ;;
    *)
      [ "$status" -ne 0 ] || eventually seen
      new=$(k get pods --output json | jq --raw-output --argjson old "$OLD" '[.items[] | select(.metadata.uid | IN($old[]) | not)
        | if .spec.containers | all(.imagePullPolicy == "Always" or (.image | contains("@"))) then
            (if .status.phase == "Pending" and (.status.containerStatuses // [] | length > 0) then "fresh, waits" else "fresh" end)
          else "stale" end] | unique | join("/")')
      if [ -n "$new" ]; then words+=("$new"); elif [ "$status" -eq 0 ]; then words+=("no Pod"); fi
      ;;
  esac
  [ "$status" -eq 0 ] || words=(refused)
  # kubectl has warnings of its own, which name no image.
  ! grep --quiet 'Warning: .*image "' <<< "$output" || words+=(warned)
  [ "${#words[@]}" -gt 0 ] || words=("goes on")
  printf '%s\n' "${words[@]}" | paste --serial --delimiters , | sed 's/,\b/, /g'
}

rows() {
  sed -n 's/^row_\([a-z_]*\)() { # .*/\1/p' "$BATS_TEST_FILENAME"
}

# The title of a row, from the comment behind its name.
title() { # row
  sed -n "s/^row_$1() { # //p" "$BATS_TEST_FILENAME"
}

# What the table of docs/operations.md says.
cell() { # title, column
  awk -F ' *[|] *' -v title="$1" -v column="$2" '
    /<!-- what-happens -->/ { inside = 1 }
    /<!-- \/what-happens -->/ { inside = 0 }
    inside && !at { for (i = 2; i < NF; i++) if ($i ~ column) at = i }
    inside && $2 == title { print $at }' docs/operations.md
}

column() { # name, manifests...
  local column=$1 row wrong=() base=$NAMESPACE found
  shift
  for row in $(rows); do
    NAMESPACE="$base-${row//_/-}"
    namespace "$NAMESPACE"
    "row_$row" before
  done
  for row in $(rows); do
    NAMESPACE="$base-${row//_/-}"
    eventually all_run || { k get pods,deployments,statefulsets,daemonsets; return 1; }
  done
  policy "$@"
  for row in $(rows); do
    NAMESPACE="$base-${row//_/-}"
    k delete events --all > /dev/null
    OLD=$(uids | jq --raw-input . | jq --slurp .)
    "row_$row" act
    found=$(in_words "$row")
    [ "$found" = "$(cell "$(title "$row")" "$column")" ] ||
      wrong+=("$(title "$row"): the table says '$(cell "$(title "$row")" "$column")', the cluster '$found': ${output//$'\n'/ }")
    case $row in
      registry) kubectl delete configmap registry-is-down --namespace kube-system > /dev/null ;;
      server_*) server_up ;;
    esac
  done
  [ "${#wrong[@]}" -eq 0 ] || { printf '%s\n' "${wrong[@]}"; return 1; }
}

all_run() {
  [ "$(k get pods --output json | jq '[.items[] | select(.status.phase == "Pending")] | length')" -eq 0 ]
  k get deployments,statefulsets,daemonsets --output json | jq --exit-status 'all(.items[].status;
    (.readyReplicas // .numberReady // 0) > 0 and (.updatedReplicas // 1) > 0)'
}

@test "what happens to: monitor" {
  column monitor fresh-images-monitor.yml
}

@test "what happens to: gentle" {
  column gentle fresh-images-gentle.yml
}

@test "what happens to: always-pull" {
  column always-pull fresh-images-always-pull.yml fresh-images-pods.yml
}

@test "what happens to: pin-digest" {
  kubectl apply --filename - > /dev/null <<< '{"apiVersion": "policies.kubewarden.io/v1", "kind": "PolicyServer", "metadata": {"name": "pinning"}}'
  column pin-digest fresh-images-pin-digest.yml fresh-images-pods.yml
}

@test "what happens to: protect" {
  column protect fresh-images.yml
}
