package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	registration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"log"
)

const (
	kubewarden    = "kubewarden"
	ourLabel      = "tests/policy"
	defaultServer = "policy-server-default"
)

// What of the spec of Kubewarden's policies matters to a webhook. Source: `api/policies/v1/policy_types.go`.
type policySpec struct {
	PolicyServer      string                            `json:"policyServer"`
	Mode              string                            `json:"mode"`
	Mutating          bool                              `json:"mutating"`
	Settings          json.RawMessage                   `json:"settings"`
	Rules             []registration.RuleWithOperations `json:"rules"`
	FailurePolicy     *registration.FailurePolicyType   `json:"failurePolicy"`
	MatchPolicy       *registration.MatchPolicyType     `json:"matchPolicy"`
	MatchConditions   []registration.MatchCondition     `json:"matchConditions"`
	NamespaceSelector *meta.LabelSelector               `json:"namespaceSelector"`
	ObjectSelector    *meta.LabelSelector               `json:"objectSelector"`
	TimeoutSeconds    *int32                            `json:"timeoutSeconds"`
	// Of a group.
	Policies   map[string]policyMember `json:"policies"`
	Expression string                  `json:"expression"`
	Message    string                  `json:"message"`
	id         string
	namespace  string
}

// A member of a group.
type policyMember struct {
	Settings json.RawMessage `json:"settings"`
}

// settingsProblem says what is wrong with the settings, or with those of a member.
func (p policySpec) settingsProblem(guest *guest) string {
	if len(p.Policies) == 0 {
		return settingsProblem(guest, p.Settings)
	}
	for name, member := range p.Policies {
		if problem := settingsProblem(guest, member.Settings); problem != "" {
			return name + ": " + problem
		}
	}
	return ""
}

// A controller does what Kubewarden's does: it registers a webhook for each policy, and says in its status that it did.
type controller struct {
	server  *process
	guest   *guest
	url     string
	ca      []byte
	client  kubernetes.Interface
	dynamic dynamic.Interface
}

func resource(plural string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "policies.kubewarden.io", Version: "v1", Resource: plural}
}

// run reads everything again and again: a hundred objects at most, and nothing to go out of step with.
func (c *controller) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := c.reconcile(ctx); err != nil && ctx.Err() == nil {
			log.Println("controller:", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (c *controller) reconcile(ctx context.Context) error {
	deployment, err := c.client.AppsV1().Deployments(kubewarden).Get(ctx, defaultServer, meta.GetOptions{})
	if err != nil {
		return err
	}
	if err := c.setServer(ctx, deployment); err != nil {
		return err
	}
	servers, err := c.dynamic.Resource(resource("policyservers")).List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, one := range servers.Items {
		known[one.GetName()] = true
	}
	active := map[string]policySpec{}
	statuses := []func() error{}
	for _, plural := range []string{
		"clusteradmissionpolicies", "admissionpolicies", "clusteradmissionpolicygroups", "admissionpolicygroups",
	} {
		policies, err := c.dynamic.Resource(resource(plural)).List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		for i := range policies.Items {
			policy := &policies.Items[i]
			text, err := json.Marshal(policy.Object["spec"])
			if err != nil {
				return err
			}
			spec := policySpec{namespace: policy.GetNamespace()}
			if err := json.Unmarshal(text, &spec); err != nil {
				log.Printf("%s: %v", policy.GetName(), err)
				continue
			}
			group := ""
			if strings.HasSuffix(plural, "groups") {
				group = "group-"
			}
			spec.id = "clusterwide-" + group + policy.GetName()
			if spec.namespace != "" {
				spec.id = fmt.Sprintf("namespaced-%s%s-%s", group, spec.namespace, policy.GetName())
			}
			problem := ""
			if known[spec.PolicyServer] {
				if problem = spec.settingsProblem(c.guest); problem == "" {
					active[spec.id] = spec
				}
			}
			isActive := known[spec.PolicyServer] && problem == ""
			statuses = append(statuses, func() error { return c.setStatus(ctx, plural, policy, isActive, known[spec.PolicyServer], problem) })
		}
	}
	if err := c.server.set(active); err != nil {
		return err
	}
	if err := c.register(ctx, active); err != nil {
		return err
	}
	for _, status := range statuses {
		if err := status(); err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
			return err
		}
	}
	return nil
}

// setServer follows the Deployment of the policy server: `kubectl scale` stops it, and an annotation makes it hang.
func (c *controller) setServer(ctx context.Context, deployment *apps.Deployment) error {
	replicas := int32(1)
	if deployment.Spec.Replicas != nil {
		replicas = *deployment.Spec.Replicas
	}
	if err := c.server.setState(replicas > 0, deployment.Annotations["tests/hangs"] == "true"); err != nil {
		return err
	}
	if deployment.Annotations["tests/observed"] == fmt.Sprint(deployment.Generation, deployment.Annotations["tests/hangs"]) {
		return nil
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"tests/observed":"%v"}}}`,
		fmt.Sprint(deployment.Generation, deployment.Annotations["tests/hangs"]))
	_, err := c.client.AppsV1().Deployments(kubewarden).
		Patch(ctx, defaultServer, "application/merge-patch+json", []byte(patch), meta.PatchOptions{})
	return err
}

func (c *controller) setStatus(ctx context.Context, plural string, policy *unstructured.Unstructured, active, known bool, problem string) error {
	state, condition := "scheduled", "False"
	if known {
		state = "pending"
	}
	if active {
		state, condition = "active", "True"
	}
	status := map[string]any{
		"policyStatus":       state,
		"observedGeneration": policy.GetGeneration(),
		"conditions": []any{map[string]any{"type": "PolicyActive", "status": condition, "reason": "Reconciled", "message": problem,
			"observedGeneration": policy.GetGeneration()}},
	}
	if equality.Semantic.DeepEqual(policy.Object["status"], status) {
		return nil
	}
	policy.Object["status"] = status
	_, err := c.dynamic.Resource(resource(plural)).Namespace(policy.GetNamespace()).UpdateStatus(ctx, policy, meta.UpdateOptions{})
	return err
}

// webhook is what Kubewarden registers. Source: `internal/controller/policy_subreconciler_webhook.go`.
func (c *controller) webhook(policy policySpec) registration.ValidatingWebhook {
	url := fmt.Sprintf("%s/validate/%s", c.url, policy.id)
	none, scope := registration.SideEffectClassNone, registration.AllScopes
	selector := &meta.LabelSelector{}
	if policy.namespace == "" {
		selector.MatchExpressions = []meta.LabelSelectorRequirement{
			{Key: core.LabelMetadataName, Operator: meta.LabelSelectorOpNotIn, Values: []string{kubewarden}},
		}
		if policy.NamespaceSelector != nil {
			selector.MatchExpressions = append(selector.MatchExpressions, policy.NamespaceSelector.MatchExpressions...)
		}
	} else {
		selector.MatchLabels = map[string]string{core.LabelMetadataName: policy.namespace}
	}
	rules := append([]registration.RuleWithOperations(nil), policy.Rules...)
	for i := range rules {
		if rules[i].Scope == nil {
			rules[i].Scope = &scope
		}
	}
	matchPolicy, failurePolicy, timeout := registration.Equivalent, registration.Fail, int32(10)
	hook := registration.ValidatingWebhook{
		Name:                    policy.id + ".kubewarden.admission",
		ClientConfig:            registration.WebhookClientConfig{URL: &url, CABundle: c.ca},
		Rules:                   rules,
		FailurePolicy:           policy.FailurePolicy,
		MatchPolicy:             policy.MatchPolicy,
		NamespaceSelector:       selector,
		ObjectSelector:          policy.ObjectSelector,
		SideEffects:             &none,
		TimeoutSeconds:          policy.TimeoutSeconds,
		AdmissionReviewVersions: []string{"v1"},
		MatchConditions:         policy.MatchConditions,
	}
	if hook.FailurePolicy == nil {
		hook.FailurePolicy = &failurePolicy
	}
	if hook.MatchPolicy == nil {
		hook.MatchPolicy = &matchPolicy
	}
	if hook.TimeoutSeconds == nil {
		hook.TimeoutSeconds = &timeout
	}
	if hook.ObjectSelector == nil {
		hook.ObjectSelector = &meta.LabelSelector{}
	}
	return hook
}

func (c *controller) register(ctx context.Context, active map[string]policySpec) error {
	ours := meta.ListOptions{LabelSelector: ourLabel}
	about := func(id string) meta.ObjectMeta {
		return meta.ObjectMeta{Name: id, Labels: map[string]string{ourLabel: "true"}}
	}
	validating := c.client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	there, err := validating.List(ctx, ours)
	if err != nil {
		return err
	}
	found := map[string]registration.ValidatingWebhookConfiguration{}
	for _, one := range there.Items {
		if policy, is := active[one.Name]; !is || policy.Mutating {
			if err := validating.Delete(ctx, one.Name, meta.DeleteOptions{}); err != nil {
				return err
			}
		}
		found[one.Name] = one
	}
	mutating := c.client.AdmissionregistrationV1().MutatingWebhookConfigurations()
	thereMutating, err := mutating.List(ctx, ours)
	if err != nil {
		return err
	}
	foundMutating := map[string]registration.MutatingWebhookConfiguration{}
	for _, one := range thereMutating.Items {
		if policy, is := active[one.Name]; !is || !policy.Mutating {
			if err := mutating.Delete(ctx, one.Name, meta.DeleteOptions{}); err != nil {
				return err
			}
		}
		foundMutating[one.Name] = one
	}
	for id, policy := range active {
		hook := c.webhook(policy)
		if !policy.Mutating {
			old, is := found[id]
			wanted := []registration.ValidatingWebhook{hook}
			if !is {
				_, err = validating.Create(ctx, &registration.ValidatingWebhookConfiguration{ObjectMeta: about(id), Webhooks: wanted}, meta.CreateOptions{})
			} else if !equality.Semantic.DeepEqual(old.Webhooks, wanted) {
				old.Webhooks = wanted
				_, err = validating.Update(ctx, &old, meta.UpdateOptions{})
			}
		} else {
			never := registration.NeverReinvocationPolicy
			text, marshalError := json.Marshal(hook)
			if marshalError != nil {
				return marshalError
			}
			wanted := registration.MutatingWebhook{ReinvocationPolicy: &never}
			if err := json.Unmarshal(text, &wanted); err != nil {
				return err
			}
			old, is := foundMutating[id]
			if !is {
				_, err = mutating.Create(ctx, &registration.MutatingWebhookConfiguration{ObjectMeta: about(id), Webhooks: []registration.MutatingWebhook{wanted}}, meta.CreateOptions{})
			} else if !equality.Semantic.DeepEqual(old.Webhooks, []registration.MutatingWebhook{wanted}) {
				old.Webhooks = []registration.MutatingWebhook{wanted}
				_, err = mutating.Update(ctx, &old, meta.UpdateOptions{})
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

// kinds are Kubewarden's custom resources, without their schema: real ones are in its Helm chart.
func kinds() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, one := range [][3]string{
		{"ClusterAdmissionPolicy", "clusteradmissionpolicies", "Cluster"},
		{"AdmissionPolicy", "admissionpolicies", "Namespaced"},
		{"ClusterAdmissionPolicyGroup", "clusteradmissionpolicygroups", "Cluster"},
		{"AdmissionPolicyGroup", "admissionpolicygroups", "Namespaced"},
		{"PolicyServer", "policyservers", "Cluster"},
	} {
		all = append(all, crd("policies.kubewarden.io", "v1", one[0], one[1], one[2]))
	}
	return all
}

func crd(group, version, kind, plural, scope string) *unstructured.Unstructured {
	open := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1",
		"kind":       "CustomResourceDefinition",
		"metadata":   map[string]any{"name": plural + "." + group},
		"spec": map[string]any{
			"group": group,
			"scope": scope,
			"names": map[string]any{"kind": kind, "plural": plural, "singular": strings.ToLower(kind)},
			"versions": []any{map[string]any{
				"name": version, "served": true, "storage": true,
				"subresources": map[string]any{"status": map[string]any{}},
				"schema":       map[string]any{"openAPIV3Schema": open},
			}},
		},
	}}
}

// settingsProblem says what is wrong with the settings of a policy, as the module does.
func settingsProblem(guest *guest, settings json.RawMessage) string {
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	answer, err := guest.call("validate_settings", settings)
	var verdict struct {
		Valid   bool   `json:"valid"`
		Message string `json:"message"`
	}
	if err == nil {
		err = json.Unmarshal(answer, &verdict)
	}
	if err != nil {
		return err.Error()
	}
	if !verdict.Valid && verdict.Message == "" {
		return "the settings are invalid"
	}
	return verdict.Message
}
