package celproof

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/apiserver/pkg/warning"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/component-base/featuregate"
	sigsyaml "sigs.k8s.io/yaml"
)

// A server is the API server's own plugin for ValidatingAdmissionPolicy, with policies in force.
type server struct {
	plugin *validating.Plugin
	stop   context.CancelFunc
}

// start puts manifests in force. Each namespace has the label that the API server gives it.
func start(t testing.TB, manifests string, namespaces []string) *server {
	t.Helper()
	objects, err := decodeManifests(manifests)
	if err != nil {
		t.Fatalf("%v\n%s", err, manifests)
	}
	for _, name := range namespaces {
		labels := map[string]string{corev1.LabelMetadataName: name}
		objects = append(objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}})
	}
	client := fake.NewSimpleClientset(objects...)
	factory := informers.NewSharedInformerFactory(client, 0)
	plugin, err := validating.NewPlugin(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	initializer.New(
		client,
		dynamicfake.NewSimpleDynamicClient(runtime.NewScheme()),
		factory,
		authorizerfactory.NewAlwaysAllowAuthorizer(),
		featuregate.NewFeatureGate(),
		compatibility.DefaultBuildEffectiveVersion(),
		ctx.Done(),
		meta.NewDefaultRESTMapper(nil),
	).Initialize(plugin)
	if err := plugin.ValidateInitialization(); err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if !plugin.WaitForReady() {
		t.Fatal("the plugin does not become ready")
	}
	return &server{plugin: plugin, stop: cancel}
}

// decodeManifests reads policies and bindings strictly, and defaults them as the API server does.
func decodeManifests(text string) ([]runtime.Object, error) {
	var objects []runtime.Object
	reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		var kind metav1.TypeMeta
		if err := sigsyaml.Unmarshal(document, &kind); err != nil {
			return nil, err
		}
		object, err := scheme.Scheme.New(kind.GroupVersionKind())
		if err != nil {
			return nil, err
		}
		if err := sigsyaml.UnmarshalStrict(document, object); err != nil {
			return nil, err
		}
		setDefaults(object)
		objects = append(objects, object)
	}
	if len(objects) == 0 {
		return nil, errors.New("no manifests")
	}
	return objects, nil
}

// setDefaults does what pkg/apis/admissionregistration/v1/defaults.go of Kubernetes does.
func setDefaults(object runtime.Object) {
	policy, ok := object.(*admissionregistrationv1.ValidatingAdmissionPolicy)
	if !ok {
		return
	}
	if policy.Spec.FailurePolicy == nil {
		fail := admissionregistrationv1.Fail
		policy.Spec.FailurePolicy = &fail
	}
	match := policy.Spec.MatchConstraints
	if match.MatchPolicy == nil {
		equivalent := admissionregistrationv1.Equivalent
		match.MatchPolicy = &equivalent
	}
	if match.NamespaceSelector == nil {
		match.NamespaceSelector = &metav1.LabelSelector{}
	}
	if match.ObjectSelector == nil {
		match.ObjectSelector = &metav1.LabelSelector{}
	}
	for index := range match.ResourceRules {
		if match.ResourceRules[index].Scope == nil {
			all := admissionregistrationv1.AllScopes
			match.ResourceRules[index].Scope = &all
		}
	}
}

// An answer is what a user would learn.
type answer struct {
	allowed bool
	// Of the rejection, or the warnings.
	message string
	// Why an expression could not be evaluated; a fault of the export.
	failure string
}

var (
	code     = regexp.MustCompile(`\[([a-z-]+)\]`)
	preamble = regexp.MustCompile(`(?s)^.*(?: denied request: |Validation failed for ValidatingAdmissionPolicy '[^']*' with binding '[^']*': )`)
)

// codes are the codes of findings that the message names.
func (a answer) codes() []string {
	var codes []string
	for _, match := range code.FindAllStringSubmatch(a.message, -1) {
		codes = append(codes, match[1])
	}
	return codes
}

// judge asks the plugin.
func (s *server) judge(attributes admission.Attributes) answer {
	warnings := &recorder{}
	ctx := warning.WithWarningRecorder(context.Background(), warnings)
	err := s.plugin.Validate(ctx, attributes, admission.NewObjectInterfacesFromScheme(scheme.Scheme))
	text := strings.Join(warnings.texts, "\n")
	if err != nil {
		text = err.Error()
	}
	result := answer{allowed: err == nil, message: preamble.ReplaceAllString(text, "")}
	if text != "" && len(result.codes()) == 0 {
		result.failure = text
	}
	return result
}

type recorder struct {
	lock  sync.Mutex
	texts []string
}

func (r *recorder) AddWarning(_, text string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.texts = append(r.texts, text)
}
