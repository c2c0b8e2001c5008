package celproof

import (
	"encoding/json"
	"fmt"

	"github.com/distribution/reference"
	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/kubernetes/scheme"
)

// errUnreachable is why a request never reaches a policy.
type errUnreachable struct{ reason string }

func (e errUnreachable) Error() string { return e.reason }

// attributesOf makes of an AdmissionRequest what the API server hands to its plugins: typed objects with defaults.
func attributesOf(text []byte) (admission.Attributes, error) {
	var request admissionv1.AdmissionRequest
	if err := json.Unmarshal(text, &request); err != nil {
		return nil, errUnreachable{"not an AdmissionRequest"}
	}
	kind := schema.GroupVersionKind(request.Kind)
	if kind.Version == "" {
		kind.Version = "v1"
	}
	resource, known := resources[kind.GroupKind()]
	if !known {
		return nil, errUnreachable{"a kind that no rule names"}
	}
	operation := admission.Operation(request.Operation)
	switch operation {
	case admission.Create, admission.Update:
	default:
		return nil, errUnreachable{"an operation that no rule names"}
	}
	object, err := decode(kind, request.Object.Raw)
	if err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errUnreachable{"no object"}
	}
	old, err := decode(kind, request.OldObject.Raw)
	if err != nil {
		return nil, err
	}
	if operation == admission.Update && old == nil {
		return nil, errUnreachable{"an update of nothing"}
	}
	if operation == admission.Create {
		old = nil
	}
	groups := request.UserInfo.Groups
	info := &user.DefaultInfo{Name: request.UserInfo.Username, UID: request.UserInfo.UID, Groups: groups}
	return admission.NewAttributesRecord(object, old, kind, request.Namespace, "name",
		schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: resource},
		request.SubResource, operation, nil, false, info), nil
}

var resources = map[schema.GroupKind]string{
	{Kind: "Pod"}:                        "pods",
	{Kind: "PodTemplate"}:                "podtemplates",
	{Kind: "ReplicationController"}:      "replicationcontrollers",
	{Group: "apps", Kind: "DaemonSet"}:   "daemonsets",
	{Group: "apps", Kind: "Deployment"}:  "deployments",
	{Group: "apps", Kind: "ReplicaSet"}:  "replicasets",
	{Group: "apps", Kind: "StatefulSet"}: "statefulsets",
	{Group: "batch", Kind: "CronJob"}:    "cronjobs",
	{Group: "batch", Kind: "Job"}:        "jobs",
}

// decode reads an object with the API server's decoder and defaults what decides.
func decode(kind schema.GroupVersionKind, text []byte) (runtime.Object, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(withKind(text, kind), nil, nil)
	if err != nil {
		return nil, errUnreachable{"an object that cannot be decoded"}
	}
	spec := podSpec(object)
	if spec == nil {
		return object, nil
	}
	for _, list := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for index := range list {
			setPullPolicy(&list[index].ImagePullPolicy, list[index].Image)
		}
	}
	for index := range spec.EphemeralContainers {
		container := &spec.EphemeralContainers[index]
		setPullPolicy(&container.ImagePullPolicy, container.Image)
	}
	for index := range spec.Volumes {
		if image := spec.Volumes[index].Image; image != nil {
			setPullPolicy(&image.PullPolicy, image.Reference)
		}
	}
	return object, nil
}

// withKind gives an object the kind of the request, which decides, whatever the object claims to be.
func withKind(text []byte, kind schema.GroupVersionKind) []byte {
	apiVersion, name := kind.ToAPIVersionAndKind()
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return text
	}
	members["apiVersion"] = fmt.Appendf(nil, "%q", apiVersion)
	members["kind"] = fmt.Appendf(nil, "%q", name)
	changed, err := json.Marshal(members)
	if err != nil {
		return text
	}
	return changed
}

// setPullPolicy does what pkg/apis/core/v1/defaults.go of Kubernetes does, with the parser that it uses.
func setPullPolicy(policy *corev1.PullPolicy, image string) {
	if *policy != "" {
		return
	}
	*policy = corev1.PullIfNotPresent
	if tagOf(image) == "latest" {
		*policy = corev1.PullAlways
	}
}

func tagOf(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return ""
	}
	if tagged, ok := named.(reference.Tagged); ok {
		return tagged.Tag()
	}
	if _, ok := named.(reference.Digested); ok {
		return ""
	}
	return "latest"
}

func podSpec(object runtime.Object) *corev1.PodSpec {
	switch object := object.(type) {
	case *corev1.Pod:
		return &object.Spec
	case *corev1.PodTemplate:
		return &object.Template.Spec
	case *corev1.ReplicationController:
		if object.Spec.Template == nil {
			return nil
		}
		return &object.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return &object.Spec.Template.Spec
	case *appsv1.Deployment:
		return &object.Spec.Template.Spec
	case *appsv1.ReplicaSet:
		return &object.Spec.Template.Spec
	case *appsv1.StatefulSet:
		return &object.Spec.Template.Spec
	case *batchv1.CronJob:
		return &object.Spec.JobTemplate.Spec.Template.Spec
	case *batchv1.Job:
		return &object.Spec.Template.Spec
	}
	return nil
}
