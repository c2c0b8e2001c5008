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
	URL      string          `json:"url"`
	Module   string          `json:"module"`
	Mode     string          `json:"policyMode"`
	Mutating bool            `json:"allowedToMutate"`
	Settings json.RawMessage `json:"settings"`
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
		wasm, err := os.ReadFile(strings.TrimPrefix(policy.Module, "file://"))
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
	answer := s.judge(policy, review.Request, request.Object)
	answer.UID = request.UID
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(admission.AdmissionReview{
		TypeMeta: meta.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Response: answer,
	})
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
