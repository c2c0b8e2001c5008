package celproof

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/admission/plugin/policy/manifest/loader"
	"k8s.io/client-go/kubernetes/scheme"
)

// accept takes one kind of object, as the API server does with that of a directory.
func accept[T any](object runtime.Object) ([]*T, error) {
	if wanted, ok := any(object).(*T); ok {
		return []*T{wanted}, nil
	}
	return nil, loader.ErrUnrecognizedType
}

// TestFiles has the API server's own loader read what `export --manifest-dir` writes.
func TestFiles(t *testing.T) {
	command := os.Getenv("FRESH_IMAGES")
	if command == "" {
		t.Skip("FRESH_IMAGES names no command: run make cel-test")
	}
	directory := t.TempDir()
	settings := filepath.Join(directory, "settings.yaml")
	if err := os.WriteFile(settings, []byte("mutate: {to: pullAlways}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	manifests := filepath.Join(directory, "a", "b")
	export := func(args ...string) {
		t.Helper()
		output, err := exec.Command(command, append(args, "--manifest-dir", manifests)...).CombinedOutput()
		if err != nil || len(output) > 0 {
			t.Fatalf("%v: %s", err, output)
		}
	}
	export("export", "map", "--settings", settings)
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	validating := filepath.Join(manifests, "validating")
	policies, bindings, _, err := loader.LoadPolicyManifests(validating, decoder,
		accept[v1.ValidatingAdmissionPolicy], accept[v1.ValidatingAdmissionPolicyBinding],
		func(binding *v1.ValidatingAdmissionPolicyBinding) string { return binding.Spec.PolicyName })
	if err != nil || len(policies) != 1 || len(bindings) != 1 {
		t.Errorf("%v: %d policies, %d bindings", err, len(policies), len(bindings))
	}
	_, mutations, _, err := loader.LoadPolicyManifests(filepath.Join(manifests, "mutating"), decoder,
		accept[v1.MutatingAdmissionPolicy], accept[v1.MutatingAdmissionPolicyBinding],
		func(binding *v1.MutatingAdmissionPolicyBinding) string { return binding.Spec.PolicyName })
	if err != nil || len(mutations) != 1 {
		t.Errorf("%v: %d bindings", err, len(mutations))
	}

	// A loader that takes everything would show nothing.
	text, err := os.ReadFile(filepath.Join(validating, "fresh-images.static.k8s.io.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(other, []byte(strings.ReplaceAll(string(text), ".static.k8s.io", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := loader.LoadPolicyManifests(filepath.Dir(other), decoder,
		accept[v1.ValidatingAdmissionPolicy], accept[v1.ValidatingAdmissionPolicyBinding],
		func(binding *v1.ValidatingAdmissionPolicyBinding) string { return binding.Spec.PolicyName }); err == nil {
		t.Error("a name without the suffix was taken")
	}

	// A policy that mutates no more leaves nothing behind that would.
	export("export", "vap")
	left, err := os.ReadDir(filepath.Join(manifests, "mutating"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v: %v", err, left)
	}
}
