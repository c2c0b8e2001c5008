// Package celproof holds the policies that `fresh-images export` writes against the policy itself: they are put in force
// in the API server's own plugin, and have to say what the policy says.
package celproof

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/klog/v2"
	"sigs.k8s.io/yaml"
)

func TestMain(m *testing.M) {
	// The API server's code reports each start and stop.
	klog.SetLogger(logr.Discard())
	os.Exit(m.Run())
}

// The oldest API server whose conditions are stable takes those of policies/. It lets new expressions use what the version
// before it knew.
func TestConditionsOfPoliciesCompileOnKubernetes130(t *testing.T) {
	compiler := cel.NewCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, 29)))
	files, err := filepath.Glob("../../policies/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			var policy struct {
				Spec struct {
					MatchConditions []matchconditions.MatchCondition `json:"matchConditions"`
				} `json:"spec"`
			}
			if err := yaml.Unmarshal([]byte(document), &policy); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, condition := range policy.Spec.MatchConditions {
				options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
				if result := compiler.CompileCELExpression(&condition, options, environment.NewExpressions); result.Error != nil {
					t.Errorf("%s: %s: %v", file, condition.Name, result.Error)
				}
				seen++
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d conditions", seen)
	}
}
