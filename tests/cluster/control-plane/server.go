package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"gomodules.xyz/jsonpatch/v2"
	admission "k8s.io/api/admission/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// The API server's largest object in both versions does not fit: policy-server has the same limit.
const maxBody = 2 << 20

// A server answers webhooks as policy-server does, and has what is needed here of its command line: it honours the mode of a
// policy, whether it may mutate, and its settings.
type server struct {
	guest    *guest
	policies map[string]servedPolicy
}

// A policy in the file that policy-server reads. Source: `crates/policy-server/src/config.rs`.
type servedPolicy struct {
	// Its name before and after Kubewarden 1.30.
	URL      string          `json:"url,omitempty"`
	Module   string          `json:"module,omitempty"`
	Mode     string          `json:"policyMode,omitempty"`
	Mutating bool            `json:"allowedToMutate,omitempty"`
	Settings json.RawMessage `json:"settings,omitempty"`
	// Of a group.
	Policies   map[string]servedPolicy `json:"policies,omitempty"`
	Expression string                  `json:"expression,omitempty"`
	Message    string                  `json:"message,omitempty"`
}

// module is the one that all policies share.
func (p servedPolicy) module() string {
	for _, member := range p.Policies {
		return member.Module
	}
	return p.Module
}

// serve runs until it is killed.
func serve(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("policy-server", flag.ContinueOnError)
	address := flags.String("addr", "127.0.0.1", "where to listen")
	port := flags.Int("port", 3000, "where to listen")
	ready := flags.Int("readiness-probe-port", 8081, "the port that says whether it is ready")
	certificate := flags.String("cert-file", "", "PEM")
	key := flags.String("key-file", "", "PEM")
	file := flags.String("policies", "policies.yml", "the policies, here as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	server := &server{}
	if err := json.Unmarshal(text, &server.policies); err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	for _, policy := range server.policies {
		wasm, err := os.ReadFile(strings.TrimPrefix(policy.module(), "file://"))
		if err != nil {
			return err
		}
		// All are the same module.
		if server.guest, err = newGuest(ctx, wasm); err != nil {
			return err
		}
		break
	}
	go http.ListenAndServe(fmt.Sprintf("%s:%d", *address, *ready), http.NotFoundHandler())
	web := &http.Server{Addr: fmt.Sprintf("%s:%d", *address, *port), Handler: http.HandlerFunc(server.handle)}
	return web.ListenAndServeTLS(*certificate, *key)
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	policy, known := s.policies[strings.TrimPrefix(r.URL.Path, "/validate/")]
	if !known {
		http.Error(w, "unknown policy", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, "length limit exceeded", http.StatusRequestEntityTooLarge)
		return
	}
	var review struct {
		Request json.RawMessage `json:"request"`
	}
	if err == nil {
		err = json.Unmarshal(body, &review)
	}
	var request admission.AdmissionRequest
	if err == nil {
		err = json.Unmarshal(review.Request, &request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	judge := s.judge
	if len(policy.Policies) > 0 {
		judge = s.judgeGroup
	}
	answer := judge(policy, review.Request, request.Object)
	answer.UID = request.UID
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(admission.AdmissionReview{
		TypeMeta: meta.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Response: answer,
	})
}

// judgeGroup asks the members that the expression asks. Source: `crates/policy-evaluator/src/policy_group_evaluator/evaluator.rs`.
func (s *server) judgeGroup(group servedPolicy, request json.RawMessage, object runtime.RawExtension) *admission.AdmissionResponse {
	var causes []meta.StatusCause
	var members []cel.EnvOption
	for name, member := range group.Policies {
		asked := func(...ref.Val) ref.Val {
			answer := s.judge(member, request, object)
			if !answer.Allowed {
				causes = append(causes, meta.StatusCause{Field: "spec.policies." + name, Message: answer.Result.Message})
			}
			return types.Bool(answer.Allowed)
		}
		members = append(members, cel.Function(name, cel.Overload(name, nil, cel.BoolType, cel.FunctionBinding(asked))))
	}
	holds, err := func() (bool, error) {
		environment, err := cel.NewEnv(members...)
		if err != nil {
			return false, err
		}
		expression, issues := environment.Compile(group.Expression)
		if issues.Err() != nil {
			return false, issues.Err()
		}
		program, err := environment.Program(expression)
		if err != nil {
			return false, err
		}
		result, _, err := program.Eval(map[string]any{})
		if err != nil {
			return false, err
		}
		return result.Value() == true, nil
	}()
	switch {
	case err != nil:
		return &admission.AdmissionResponse{Result: &meta.Status{
			Message: "error evaluating policy group expression: " + err.Error(), Code: http.StatusInternalServerError}}
	case holds || group.Mode == "monitor":
		return &admission.AdmissionResponse{Allowed: true}
	}
	return &admission.AdmissionResponse{Result: &meta.Status{Message: group.Message, Details: &meta.StatusDetails{Causes: causes}}}
}

func (s *server) judge(policy servedPolicy, request json.RawMessage, object runtime.RawExtension) *admission.AdmissionResponse {
	settings := policy.Settings
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	payload := fmt.Sprintf(`{"request":%s,"settings":%s}`, request, settings)
	refuse := func(message string, code int32) *admission.AdmissionResponse {
		return &admission.AdmissionResponse{Result: &meta.Status{Message: message, Code: code}}
	}
	answer, err := s.guest.call("validate", []byte(payload))
	if err != nil {
		return refuse(err.Error(), http.StatusInternalServerError)
	}
	var verdict struct {
		Accepted bool            `json:"accepted"`
		Message  string          `json:"message"`
		Code     int32           `json:"code"`
		Mutated  json.RawMessage `json:"mutated_object"`
		Warnings []string        `json:"warnings"`
	}
	if err := json.Unmarshal(answer, &verdict); err != nil {
		return refuse("internal server error: "+err.Error(), http.StatusInternalServerError)
	}
	mutates := len(verdict.Mutated) > 0 && string(verdict.Mutated) != "null"
	switch {
	case policy.Mode == "monitor":
		fmt.Printf("monitor: accepted %t, mutates %t: %s\n", verdict.Accepted, mutates, verdict.Message)
		return &admission.AdmissionResponse{Allowed: true}
	case !verdict.Accepted:
		response := refuse(verdict.Message, verdict.Code)
		response.Warnings = verdict.Warnings
		return response
	case mutates && !policy.Mutating:
		return refuse("The policy attempted to mutate the request, but it is currently configured to not allow mutations.", 0)
	}
	response := &admission.AdmissionResponse{Allowed: true, Warnings: verdict.Warnings}
	if mutates {
		operations, err := jsonpatch.CreatePatch(object.Raw, verdict.Mutated)
		if err != nil {
			return refuse("internal server error: "+err.Error(), http.StatusInternalServerError)
		}
		if len(operations) > 0 {
			patch, _ := json.Marshal(operations)
			kind := admission.PatchTypeJSONPatch
			response.Patch, response.PatchType = patch, &kind
		}
	}
	return response
}
