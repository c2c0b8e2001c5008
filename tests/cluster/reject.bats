#!/usr/bin/env bats
# fresh-images.yml, and those like it: what is refused, what goes on, and what people read.

load helper

@test "the story: a rebuilt tag is refused, and the message says how to mend it" {
  policy fresh-images.yml
  act k create deployment web --image=harbor.example.com/shop/web:1.1
  refused 'admission webhook "clusterwide-fresh-images.kubewarden.admission" denied the request: container "web" at spec.template.spec.containers[0]'
  says 'image "harbor.example.com/shop/web:1.1" can go stale'
  says 'Set imagePullPolicy: Always, or pin the image as harbor.example.com/shop/web@sha256:'
  says '[mutable-image]'
}

@test "Always is accepted, and so is a digest" {
  policy fresh-images.yml
  PULL_POLICY=Always act apply < <(PULL_POLICY=Always deployment)
  goes_on
  eventually count_pods 2
  act k set image deployment web "web=harbor.example.com/shop/web@sha256:$(printf 'a%.0s' {1..64})"
  goes_on
}

@test "kubectl create deployment with the tag latest is accepted, for its Pods get Always" {
  policy fresh-images.yml
  act k create deployment web --image=harbor.example.com/shop/web
  goes_on
  eventually count_pods 1
  [ "$(pull_policies)" = Always ]
}

@test "an image that changes is judged, one that stays is not" {
  before deployment
  policy fresh-images.yml
  act k set image deployment web web=harbor.example.com/shop/web:1.2
  refused '[mutable-image]'
  act k set env deployment web A=b
  goes_on
  act k annotate deployment web a=b
  goes_on
  act k scale deployment web --replicas=1
  goes_on
  eventually count_pods 1
}

@test "a Pod with a finalizer from before can go" {
  before pod
  k patch pod web --type merge --patch '{"metadata": {"finalizers": ["example.com/wait"]}}'
  policy fresh-images.yml
  k delete pod web --wait=false
  act k patch pod web --type merge --patch '{"metadata": {"finalizers": null}}'
  goes_on
  eventually count_pods 0
}

@test "deletion and eviction ask nobody, not even while the policy server is down" {
  before deployment
  eventually count_pods 2
  policy fresh-images.yml
  server_down
  local name
  name=$(pods 'jsonpath={.items[0].metadata.name}')
  act kubectl create --raw "/api/v1/namespaces/$NAMESPACE/pods/$name/eviction" --filename - \
    <<< "{\"apiVersion\": \"policy/v1\", \"kind\": \"Eviction\", \"metadata\": {\"name\": \"$name\"}}"
  goes_on
  act k delete pods --all
  goes_on
  act k delete deployments --all
  goes_on
}

@test "kubectl debug: the message names its own flag, which helps" {
  before pod
  policy fresh-images.yml
  act k debug web --image=harbor.example.com/tools/debug:1 --container=debug
  refused 'ephemeral container "debug" at spec.ephemeralContainers[0]'
  says '--image-pull-policy=Always'
  act k debug web --image=harbor.example.com/tools/debug:1 --container=debug --image-pull-policy=Always
  goes_on
}

@test "kubectl debug node is refused without Always" {
  policy fresh-images.yml
  local node
  node=$(kubectl get nodes --output 'jsonpath={.items[0].metadata.name}')
  act k debug "node/$node" --image=harbor.example.com/tools/debug:1
  refused '[mutable-image]'
  act k debug "node/$node" --image=harbor.example.com/tools/debug:1 --image-pull-policy=Always
  goes_on
}

@test "an image volume is judged like a container" {
  policy fresh-images.yml
  act apply --dry-run=server < <(workload v1 Pod '{"containers": [{"name": "web", "image": "harbor.example.com/shop/web"}],
    "volumes": [{"name": "data", "image": {"reference": "harbor.example.com/shop/data:1", "pullPolicy": "IfNotPresent"}}]}')
  refused 'image volume "data" at spec.volumes[0]'
}

@test "dry run and kubectl diff are answered like the real thing" {
  policy fresh-images.yml
  act apply --dry-run=server < <(deployment)
  refused '[mutable-image]'
  act k diff --filename - < <(deployment)
  refused '[mutable-image]'
}

@test "generateName: refused before there is a name" {
  policy fresh-images.yml
  act k create --filename - <<< "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"generateName\": \"web-\"}, \"spec\": $(pod_spec "$IMAGE")}"
  refused '[mutable-image]'
}

@test "of a List of 500, one is refused and the others are created" {
  policy fresh-images.yml
  PULL_POLICY=Always pod | jq --arg image "$IMAGE" '. as $pod | {apiVersion: "v1", kind: "List", items: [range(500) as $i | $pod
    | .metadata.name += "-\($i)" | if $i == 250 then .spec.containers[0].imagePullPolicy = "IfNotPresent" else . end]}' > "$BATS_TEST_TMPDIR/list.json"
  act k create --dry-run=server --output name --filename "$BATS_TEST_TMPDIR/list.json"
  refused '[mutable-image]'
  [ "$(grep -c '^pod/' <<< "$output")" -eq 499 ] || report "not 499"
}

@test "thirty containers fit a screen" {
  policy fresh-images.yml
  act apply < <(pod | jq '.spec.containers = [range(30) as $i | .spec.containers[0] | .name += "-\($i)"]')
  refused 'container "web-0" at spec.containers[0]'
  [ "$(grep -o 'Set imagePullPolicy: Always' <<< "$output" | wc -l)" -eq 1 ] || report "says the cure more than once"
  [ "$(wc -c <<< "$output")" -lt 4300 ] || report "too long"
}

@test "a static Pod's mirror is accepted with a warning" {
  policy fresh-images.yml
  local node
  node=$(kubectl get nodes --output 'jsonpath={.items[0].metadata.name}')
  act k create --as="system:node:$node" --as-group=system:nodes --as-group=system:masters --dry-run=server --filename - \
    < <(pod | jq --arg node "$node" '.metadata.annotations = {"kubernetes.io/config.mirror": "x"} | .spec.nodeName = $node')
  goes_on
  says Warning:
}

@test "an exemption for the service account of a controller reaches its Pods, and nobody else's" {
  before deployment
  policy fresh-images.yml
  kubectl patch clusteradmissionpolicy fresh-images --type merge --patch '{"spec": {"settings": {"exempt": [
    {"users": ["system:serviceaccount:kube-system:replicaset-controller"], "reason": "old Deployments"}]}}}'
  in_force
  act k scale deployment web --replicas=3
  goes_on
  eventually count_pods 3
  act apply < <(pod)
  refused '[mutable-image]'
}

@test "fresh-images-namespace.yml judges one namespace, and its name tells it from the cluster's" {
  kubectl create namespace shop --dry-run=client --output yaml | kubectl apply --filename -
  policy fresh-images-namespace.yml
  act kubectl create deployment web --namespace shop --image=registry.example.com/shop/web:1.1 --dry-run=server
  refused 'admission webhook "namespaced-shop-fresh-images-namespace.kubewarden.admission" denied the request'
  act kubectl create deployment web --namespace shop --image=ghcr.io/shop/web --dry-run=server
  refused '[registry-not-allowed]'
  act k create deployment web --image=registry.example.com/shop/web:1.1 --dry-run=server
  goes_on
}

@test "fresh-images-strict.yml judges namespaces labelled environment: production" {
  policy fresh-images-strict.yml
  act k create deployment web --image=registry.example.com/web --dry-run=server
  refused '[digest-required]'
  kubectl label namespace "$NAMESPACE" environment=test --overwrite
  sleep 1
  act k create deployment web --image=registry.example.com/web --dry-run=server
  goes_on
}

@test "two policies that refuse one object: kubectl shows the message of one" {
  policy fresh-images.yml fresh-images-strict.yml
  act k create deployment web --image=harbor.example.com/shop/web:1.1
  [ "$status" -ne 0 ] && [ "$(grep -o 'denied the request' <<< "$output" | wc -l)" -eq 1 ] || report "not one message"
}

@test "a custom kind is judged as soon as a rule names it, by * as well" {
  rollouts
  knative_services
  policy fresh-images.yml
  act apply --dry-run=server < <(rollout && knative_service)
  goes_on
  kubectl patch clusteradmissionpolicy fresh-images --type json --patch '[
    {"op": "add", "path": "/spec/rules/-", "value":
      {"apiGroups": ["argoproj.io"], "apiVersions": ["*"], "resources": ["*"], "operations": ["CREATE", "UPDATE"]}},
    {"op": "add", "path": "/spec/rules/-", "value":
      {"apiGroups": ["serving.knative.dev"], "apiVersions": ["v1"], "resources": ["services"], "operations": ["*"]}}]'
  in_force
  act apply --dry-run=server < <(rollout)
  refused 'container "web" at spec.template.spec.containers[0]'
  act apply --dry-run=server < <(knative_service)
  refused 'container "web" at spec.template.spec.containers[0]'
  act apply --dry-run=server < <(PULL_POLICY=Always rollout && PULL_POLICY=Always knative_service)
  goes_on
}

@test "a group refuses if its expression does not hold, with its own message" {
  kubectl apply --filename - <<< '
    apiVersion: policies.kubewarden.io/v1
    kind: ClusterAdmissionPolicyGroup
    metadata: {name: fresh-or-ours}
    spec:
      policyServer: default
      rules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: [CREATE, UPDATE]}]
      policies:
        fresh: {module: registry://ghcr.io/fresh-images/policies/fresh-images:v0.1.0, settings: {}}
        ours:
          module: registry://ghcr.io/fresh-images/policies/fresh-images:v0.1.0
          settings: {require: none, registries: {allow: [registry.example.com]}}
      expression: fresh() || ours()
      message: an image is neither fresh nor ours'
  in_force
  act k create deployment web --image=registry.example.com/web:1.1
  goes_on
  act k create deployment fresh --image=harbor.example.com/shop/web
  goes_on
  act k create deployment other --image=harbor.example.com/shop/web:1.1
  refused 'admission webhook "clusterwide-group-fresh-or-ours.kubewarden.admission" denied the request: an image is neither fresh nor ours'
  silent 'can go stale'
}

@test "a group of a namespace judges there alone" {
  k apply --filename - <<< '
    apiVersion: policies.kubewarden.io/v1
    kind: AdmissionPolicyGroup
    metadata: {name: fresh}
    spec:
      policyServer: default
      rules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: [CREATE, UPDATE]}]
      policies:
        fresh: {module: registry://ghcr.io/fresh-images/policies/fresh-images:v0.1.0, settings: {}}
      expression: fresh()
      message: an image can go stale'
  in_force
  act k create deployment web --image=harbor.example.com/shop/web:1.1
  refused 'an image can go stale'
  act kubectl create deployment web --namespace default --image=harbor.example.com/shop/web:1.1 --dry-run=server
  goes_on
}

@test "fresh-images export vap: the same rule in force without Kubewarden" {
  command -v target/debug/fresh-images > /dev/null || skip "target/debug/fresh-images is not built"
  before deployment
  target/debug/fresh-images export vap > "$BATS_TEST_TMPDIR/vap.yaml"
  kubectl apply --filename "$BATS_TEST_TMPDIR/vap.yaml"
  # The API server compiles it and starts to enforce it some seconds later.
  local try
  for try in $(seq 100); do
    act k create deployment other --image=harbor.example.com/shop/web:1.1 --dry-run=server
    [ "$status" -eq 0 ] || break
    sleep 0.2
  done
  kubectl delete --filename "$BATS_TEST_TMPDIR/vap.yaml" --wait=false
  refused 'ValidatingAdmissionPolicy'
  says 'harbor.example.com/shop/web:1.1'
}

@test "fresh-images export vap --policy: the namespaces, conditions and actions of a policy" {
  command -v target/debug/fresh-images > /dev/null || skip "target/debug/fresh-images is not built"
  local file=$BATS_TEST_TMPDIR/vap.yaml
  target/debug/fresh-images export vap --policy policies/fresh-images-strict.yml > "$file"
  before deployment
  eventually count_pods 2
  kubectl apply --filename "$file"
  local try
  for try in $(seq 100); do
    act k create deployment other --image=quay.io/shop/web:1.1 --dry-run=server
    [ "$status" -eq 0 ] || break
    sleep 0.2
  done
  refused 'ValidatingAdmissionPolicy'
  kubectl label namespace "$NAMESPACE" environment-
  act k create deployment other --image=quay.io/shop/web:1.1 --dry-run=server
  kubectl delete --filename "$file" --wait=false
  goes_on
}

@test "fresh-images export map: what starts gets Always without Kubewarden" {
  command -v target/debug/fresh-images > /dev/null || skip "target/debug/fresh-images is not built"
  local file=$BATS_TEST_TMPDIR/map.yaml
  # Pods are mutated, and templates that people write warn.
  target/debug/fresh-images export map --policy policies/fresh-images-gentle.yml > "$file"
  kubectl apply --filename "$file"
  # The API server compiles it and starts to enforce it some seconds later.
  local try
  for try in $(seq 100); do
    pod > "$BATS_TEST_TMPDIR/pod.json"
    act kubectl create --filename "$BATS_TEST_TMPDIR/pod.json" --dry-run=server --output 'jsonpath={.spec.containers[0].imagePullPolicy}'
    [ "$output" != Always ] || break
    sleep 0.2
  done
  [ "$output" = Always ] || report "the Pod does not get Always"
  # The policy of the templates is another one, and may be in force later.
  for try in $(seq 100); do
    act k create deployment other --image=harbor.example.com/shop/web:1.1 --dry-run=server
    [[ $output != *Warning:* ]] || break
    sleep 0.2
  done
  kubectl delete --filename "$file" --wait=false
  goes_on
  says 'Warning: '
  says 'harbor.example.com/shop/web:1.1'
}
