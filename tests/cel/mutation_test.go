package celproof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	celplugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/kubernetes/scheme"
)

// A mutator is what the API server compiles a MutatingAdmissionPolicy to. The plugin itself wants an OpenAPI document,
// which there is none of here.
type mutator struct {
	compiler *celplugin.CompositedCompiler
	matcher  matchconditions.Matcher
	patcher  patch.Patcher
}

// firstWithMutation is the first Kubernetes with MutatingAdmissionPolicies that we support, behind a feature gate.
var firstWithMutation = version.MajorMinor(1, 34)

// compileMutation does what compilePolicy of the plugin does, and allows no expression that the first Kubernetes with it would
// not accept.
func compileMutation(manifests string) (*mutator, error) {
	objects, err := decodeManifests(manifests)
	if err != nil {
		return nil, err
	}
	policy := objects[0].(*admissionregistrationv1.MutatingAdmissionPolicy)
	compiler, err := celplugin.NewCompositedCompiler(environment.MustBaseEnvSet(firstWithMutation))
	if err != nil {
		return nil, err
	}
	declared := celplugin.OptionalVariableDeclarations{HasAuthorizer: true}
	for _, variable := range policy.Spec.Variables {
		expression := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		if result := compiler.CompileAndStoreVariable(expression, declared, environment.NewExpressions); result.Error != nil {
			return nil, fmt.Errorf("%s: %w", variable.Name, result.Error)
		}
	}
	var conditions []celplugin.ExpressionAccessor
	for index := range policy.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[index]))
	}
	fail := admissionregistrationv1.Fail
	matching := compiler.CompileCondition(conditions, declared, environment.NewExpressions)
	declared.HasPatchTypes = true
	expression := &patch.JSONPatchCondition{Expression: policy.Spec.Mutations[0].JSONPatch.Expression}
	evaluator := compiler.CompileMutatingEvaluator(expression, declared, environment.NewExpressions)
	if err := errors.Join(evaluator.CompilationErrors()...); err != nil {
		return nil, err
	}
	return &mutator{
		compiler: compiler,
		matcher:  matchconditions.NewMatcher(matching, &fail, "policy", "mutate", policy.Name),
		patcher:  patch.NewJSONPatcher(evaluator),
	}, nil
}

// mutate gives the object as the policy makes it. The namespace selector is what the plugin would have looked at.
func (m *mutator) mutate(attributes admission.Attributes) (runtime.Object, error) {
	if attributes.GetNamespace() == "kube-system" {
		return attributes.GetObject(), nil
	}
	ctx := m.compiler.CreateContext(context.Background())
	objects := admission.NewObjectInterfacesFromScheme(scheme.Scheme)
	versioned, err := admission.NewVersionedAttributes(attributes, attributes.GetKind(), objects)
	if err != nil {
		return nil, err
	}
	match := m.matcher.Match(ctx, versioned, nil, nil)
	if match.Error != nil || !match.Matches {
		return attributes.GetObject(), match.Error
	}
	return m.patcher.Patch(ctx, patch.Request{
		MatchedResource:     attributes.GetResource(),
		VersionedAttributes: versioned,
		ObjectInterfaces:    objects,
		Namespace:           &corev1.Namespace{},
	}, celconfig.RuntimeCELCostBudget)
}

// compare holds what came of an object against what the policy makes of it. The problem is empty if both are the same.
func (m *mutator) compare(attributes admission.Attributes, mutated runtime.Object, it testCase, allowed bool) string {
	again, err := m.mutate(withObject(attributes, mutated))
	if err != nil {
		return "cannot be mutated again: " + err.Error()
	}
	if !equality.Semantic.DeepEqual(again, mutated) {
		return "the second time changes something"
	}
	// What is rejected never comes to be, and the policy does not mutate it.
	if !allowed {
		return ""
	}
	expected := attributes.GetObject()
	if len(it.Mutated) > 0 && string(it.Mutated) != "null" {
		if expected, err = decode(attributes.GetKind(), it.Mutated); err != nil {
			return "what the policy makes of it cannot be decoded: " + err.Error()
		}
	}
	if !equality.Semantic.DeepEqual(expected, mutated) {
		return fmt.Sprintf("mutated to %s\ninstead of %s", text(mutated), text(expected))
	}
	return ""
}

func text(object runtime.Object) string {
	bytes, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	return string(bytes)
}

// withObject is the same request with another object.
func withObject(attributes admission.Attributes, object runtime.Object) admission.Attributes {
	return admission.NewAttributesRecord(object, attributes.GetOldObject(), attributes.GetKind(), attributes.GetNamespace(),
		attributes.GetName(), attributes.GetResource(), attributes.GetSubresource(), attributes.GetOperation(), nil, false,
		attributes.GetUserInfo())
}
