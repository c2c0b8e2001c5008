package celproof

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	sigsyaml "sigs.k8s.io/yaml"
)

// A mutant is an exported policy with one fault.
type mutant struct {
	// The variable or validation, and what was done to it. The same fault of other settings has the same name.
	name  string
	group group
}

var (
	// A test of a text against an expression, or against another text.
	match = regexp.MustCompile(`\.(matches|startsWith|endsWith)\(r?'[^']*'\)`)
	// A comparison.
	comparison = regexp.MustCompile(` == | != | <= | > `)
	// The condition of a list.
	filter = regexp.MustCompile(`(?s)\.filter\((\w), (.*)\)$`)
)

// mutants plants each fault once, in what validates and in what mutates.
func mutants(t *testing.T, original group) []mutant {
	t.Helper()
	var all []mutant
	for _, fault := range planted(t, original.Manifests) {
		changed := original
		changed.Manifests = fault.expression
		all = append(all, mutant{fault.name, changed})
	}
	if original.Mutation != "" {
		for _, fault := range planted(t, original.Mutation) {
			changed := original
			changed.Mutation = fault.expression
			all = append(all, mutant{"mutation: " + fault.name, changed})
		}
	}
	return all
}

// ofMutation are the variables of a policy that mutates alone.
var ofMutation = []string{"pointer", "immutable", "hadAlways", "toAlways"}

// planted gives the manifests with each fault.
func planted(t *testing.T, manifests string) []fault {
	t.Helper()
	policy, binding, found := strings.Cut(manifests, "\n---\n")
	if !found {
		t.Fatal("no binding")
	}
	var document map[string]any
	if err := sigsyaml.Unmarshal([]byte(policy), &document); err != nil {
		t.Fatal(err)
	}
	spec := document["spec"].(map[string]any)
	mutations, isMutating := spec["mutations"].([]any)
	var all []fault
	plant := func(part map[string]any, key, name string) {
		original := part[key].(string)
		for _, planted := range faults(original) {
			part[key] = planted.expression
			text, err := sigsyaml.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			planted.name = ofUser.ReplaceAllString(name+": "+planted.name, "$1$2")
			all = append(all, fault{planted.name, string(text) + "---\n" + binding})
		}
		part[key] = original
	}
	for _, section := range []string{"matchConditions", "variables"} {
		for _, part := range spec[section].([]any) {
			part := part.(map[string]any)
			// What only mutates shares its variables with what validates, in which their faults are planted.
			if !isMutating || section == "matchConditions" || slices.Contains(ofMutation, part["name"].(string)) {
				plant(part, "expression", strings.TrimRight(part["name"].(string), "0123456789"))
			}
		}
	}
	validations, _ := spec["validations"].([]any)
	for index, part := range validations {
		plant(part.(map[string]any), "expression", fmt.Sprintf("validation %d", index))
		plant(part.(map[string]any), "messageExpression", fmt.Sprintf("message %d", index))
	}
	for _, part := range mutations {
		plant(part.(map[string]any)["jsonPatch"].(map[string]any), "expression", "patch")
	}
	return all
}

type fault struct{ name, expression string }

// faults of an expression: its condition dropped or negated, and each test in it negated.
func faults(expression string) []fault {
	var all []fault
	if parts := filter.FindStringSubmatchIndex(expression); parts != nil {
		condition := expression[parts[4]:parts[5]]
		before, after := expression[:parts[4]], expression[parts[5]:]
		all = append(all,
			fault{"keeps all", before + "true" + after},
			fault{"keeps none", before + "false" + after},
			fault{"negated", before + "!(" + condition + ")" + after})
	}
	for _, at := range match.FindAllStringIndex(expression, -1) {
		all = append(all, fault{
			before(expression, at[0]) + " match negated",
			expression[:at[1]] + " == false" + expression[at[1]:],
		})
	}
	for _, at := range comparison.FindAllStringIndex(expression, -1) {
		operator := expression[at[0]:at[1]]
		other, ok := map[string]string{" == ": " != ", " != ": " == ", " <= ": " > ", " > ": " <= "}[operator]
		if ok {
			all = append(all, fault{
				before(expression, at[0]) + operator + "becomes" + other + after(expression, at[1]),
				expression[:at[0]] + other + expression[at[1]:],
			})
		}
	}
	return all
}

var (
	digits = regexp.MustCompile(`[0-9]+`)
	// A name of the settings: that of one exemption is as good as that of another.
	ofUser = regexp.MustCompile(`^(exempt: ).*(match negated|becomes != )'?.*$`)
)

// before and after are the text around a place, which is the same under other settings.
func before(expression string, place int) string {
	text := expression[max(0, place-24):place]
	return digits.ReplaceAllString(text[strings.LastIndexAny(text, "(,\n")+1:], "N")
}

func after(expression string, place int) string {
	text, _, _ := strings.Cut(expression[place:], "\n")
	return strings.TrimSpace(text[:min(12, len(text))])
}

// TestMutants plants faults in exported policies. Each has to show in a case.
func TestMutants(t *testing.T) {
	var (
		lock   sync.Mutex
		killed = map[string]bool{}
	)
	isKilled := func(name string) bool {
		lock.Lock()
		defer lock.Unlock()
		if !killed[name] {
			killed[name] = false
		}
		return killed[name]
	}
	eachGroup(t, func(next group) {
		if next.Manifests == "" || len(next.Cases) == 0 {
			return
		}
		for _, mutant := range mutants(t, next) {
			if isKilled(mutant.name) {
				continue
			}
			if shows(t, mutant.group) {
				lock.Lock()
				killed[mutant.name] = true
				lock.Unlock()
			}
		}
	})
	for name, isKilled := range killed {
		if !isKilled {
			t.Errorf("no case shows the fault: %s", name)
		}
	}
	t.Logf("%d faults were planted", len(killed))
}

// shows tells whether a case differs under the policies of a group.
func shows(t *testing.T, group group) bool {
	server := start(t, group.Manifests, namespaces(group))
	defer server.stop()
	var mutation *mutator
	if group.Mutation != "" {
		var err error
		if mutation, err = compileMutation(group.Mutation); err != nil {
			return true
		}
	}
	for _, it := range group.Cases {
		if _, problem := compare(server, mutation, group, it); problem != "" {
			return true
		}
	}
	return false
}
