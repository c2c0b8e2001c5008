package celproof

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	celplugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/kubernetes/scheme"
)

// An evaluator is what the plugin compiles a policy to, without the plugin around it, because the plugin tells no cost.
type evaluator struct {
	validations, messages celplugin.ConditionEvaluator
}

// oldest is the first Kubernetes in which ValidatingAdmissionPolicies are stable.
var oldest = version.MajorMinor(1, 30)

// compile allows no expression that the oldest Kubernetes would not accept.
func compile(t *testing.T, manifests string) evaluator {
	t.Helper()
	objects, err := decodeManifests(manifests)
	if err != nil {
		t.Fatal(err)
	}
	policy := objects[0].(*admissionregistrationv1.ValidatingAdmissionPolicy)
	compiler, err := celplugin.NewCompositedCompiler(environment.MustBaseEnvSet(oldest))
	if err != nil {
		t.Fatal(err)
	}
	declared := celplugin.OptionalVariableDeclarations{HasAuthorizer: true}
	for _, variable := range policy.Spec.Variables {
		expression := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		if result := compiler.CompileAndStoreVariable(expression, declared, environment.NewExpressions); result.Error != nil {
			t.Fatalf("%s: %v", variable.Name, result.Error)
		}
	}
	var validations, messages []celplugin.ExpressionAccessor
	for _, validation := range policy.Spec.Validations {
		validations = append(validations, &validating.ValidationCondition{Expression: validation.Expression})
		messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression})
	}
	for _, condition := range policy.Spec.MatchConditions {
		expression := &matchconditions.MatchCondition{Name: condition.Name, Expression: condition.Expression}
		if result := compiler.CompileCELExpression(expression, declared, environment.NewExpressions); result.Error != nil {
			t.Fatalf("%s: %v", condition.Name, result.Error)
		}
	}
	for _, expression := range append(slices.Clone(validations), messages...) {
		if result := compiler.CompileCELExpression(expression, declared, environment.NewExpressions); result.Error != nil {
			t.Fatalf("%s: %v", expression.GetExpression(), result.Error)
		}
	}
	return evaluator{
		validations: compiler.CompileCondition(validations, declared, environment.NewExpressions),
		messages:    compiler.CompileCondition(messages, celplugin.OptionalVariableDeclarations{}, environment.NewExpressions),
	}
}

// cost is that of the validations and of the messages, which Kubernetes evaluates in any case.
func (e evaluator) cost(t *testing.T, attributes admission.Attributes) (int64, time.Duration) {
	t.Helper()
	versioned, err := admission.NewVersionedAttributes(attributes, attributes.GetKind(), admission.NewObjectInterfacesFromScheme(scheme.Scheme))
	if err != nil {
		t.Fatal(err)
	}
	request := celplugin.CreateAdmissionRequest(attributes, metav1.GroupVersionResource(attributes.GetResource()),
		metav1.GroupVersionKind(attributes.GetKind()))
	bindings := celplugin.OptionalVariableBindings{Authorizer: authorizerfactory.NewAlwaysAllowAuthorizer()}
	started := time.Now()
	budget := int64(celconfig.RuntimeCELCostBudget)
	left := budget
	for _, evaluated := range []celplugin.ConditionEvaluator{e.validations, e.messages} {
		var results []celplugin.EvaluationResult
		results, left, err = evaluated.ForInput(context.Background(), versioned, request, bindings, &corev1.Namespace{}, left)
		if err != nil {
			t.Errorf("over the budget: %v", err)
			return budget, time.Since(started)
		}
		for _, result := range results {
			if result.Error != nil {
				t.Error(result.Error)
			}
		}
	}
	return budget - left, time.Since(started)
}

// pod is a request with containers of a kind.
func pod(t *testing.T, containers int, image string, update bool) admission.Attributes {
	t.Helper()
	list := make([]map[string]string, containers)
	for index := range list {
		list[index] = map[string]string{"name": fmt.Sprintf("container-%d", index), "image": image, "imagePullPolicy": "Always"}
	}
	object := map[string]any{"spec": map[string]any{"containers": list}}
	request := map[string]any{
		"operation": "CREATE", "namespace": "shop", "kind": map[string]string{"version": "v1", "kind": "Pod"}, "object": object,
	}
	if update {
		request["operation"], request["oldObject"] = "UPDATE", object
	}
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := attributesOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return attributes
}

// TestOldestKubernetes compiles every exported policy as the first Kubernetes with them does.
func TestOldestKubernetes(t *testing.T) {
	eachGroup(t, func(next group) {
		if next.Manifests != "" {
			compile(t, next.Manifests)
		}
	})
}

const costsDocument = "../../docs/without-kubewarden.md"

var (
	// The times of a table, which differ from run to run.
	milliseconds = regexp.MustCompile(`, [0-9.]+ ms`)
	blessing     sync.Mutex
)

// expectInDocument compares a table with the one of the document, or with BLESS=1 writes it there.
func expectInDocument(t *testing.T, name, size, table string) {
	t.Helper()
	blessing.Lock()
	defer blessing.Unlock()
	text, err := os.ReadFile(costsDocument)
	if err != nil {
		t.Fatal(err)
	}
	start, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	before, rest, found := strings.Cut(string(text), start)
	written, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no %s", costsDocument, start)
	}
	made := size + "\n\n" + table
	plain := func(text string) string { return milliseconds.ReplaceAllString(text, "") }
	switch {
	case os.Getenv("BLESS") != "":
		if err := os.WriteFile(costsDocument, []byte(before+start+made+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case plain(written) != plain(made):
		t.Errorf("%s says otherwise (BLESS=1 make cel-test writes it):\n%s", costsDocument, made)
	}
}

// large are settings of about as many patterns as are exported.
const large = "costs with 800 registries and 200 rejected images"

// TestCosts holds the tables of docs/without-kubewarden.md, and every limit of Kubernetes.
func TestCosts(t *testing.T) {
	const tag = "registry.example.com:5000/team-a/shop-frontend:1.25.3"
	const digest = "registry.example.com:5000/team-a/shop-frontend@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	eachGroup(t, func(next group) {
		if !strings.HasPrefix(next.Name, "costs") {
			return
		}
		evaluator := compile(t, next.Manifests)
		var table strings.Builder
		fmt.Fprintln(&table, "| containers | CREATE, tag | CREATE, digest | UPDATE, unchanged |\n|---|---|---|---|")
		counts := []int{1, 10, 100, 500}
		if next.Name == large {
			// What is exported is to be within every limit for a hundred containers.
			counts = counts[:3]
		}
		for _, containers := range counts {
			fmt.Fprintf(&table, "| %d |", containers)
			for column, attributes := range []admission.Attributes{
				pod(t, containers, tag, false), pod(t, containers, digest, false), pod(t, containers, tag, true),
			} {
				cost, elapsed := evaluator.cost(t, attributes)
				fmt.Fprintf(&table, " %d, %.1f ms |", cost, float64(elapsed.Microseconds())/1000)
				if containers == 1 && cost >= 2_000 && next.Name != large {
					t.Errorf("%s: one container costs %d in column %d", next.Name, cost, column)
				}
			}
			fmt.Fprintln(&table)
		}
		t.Log(next.Name + "\n" + table.String())
		size := fmt.Sprintf("%d KiB of manifests.", (len(next.Manifests)+1023)/1024)
		expectInDocument(t, next.Name, size, table.String())
	})
}
