package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"gomodules.xyz/jsonpatch/v2"
	admission "k8s.io/api/admission/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"log"
)

// The API server's largest object in both versions does not fit: policy-server has the same limit.
const maxBody = 2 << 20

// A server answers webhooks as policy-server does: it honours the mode, whether a policy may mutate, and its settings.
type server struct {
	guest    *guest
	address  string
	tls      *tls.Config
	mutex    sync.RWMutex
	policies map[string]policySpec
	running  *http.Server
	hangs    bool
}

func (s *server) set(policies map[string]policySpec) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.policies = policies
}

// setState starts or stops listening, or lets requests wait for ever, as the Deployment says.
func (s *server) setState(up, hangs bool) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.hangs = hangs
	switch {
	case up && s.running == nil:
		listener, err := net.Listen("tcp", s.address)
		if err != nil {
			return err
		}
		s.running = &http.Server{Handler: http.HandlerFunc(s.handle)}
		go s.running.Serve(tls.NewListener(listener, s.tls))
	case !up && s.running != nil:
		err := s.running.Close()
		s.running = nil
		return err
	}
	return nil
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.mutex.RLock()
	hangs := s.hangs
	policy, known := s.policies[strings.TrimPrefix(r.URL.Path, "/validate/")]
	s.mutex.RUnlock()
	if hangs {
		<-r.Context().Done()
		return
	}
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

func (s *server) judge(policy policySpec, request json.RawMessage, object runtime.RawExtension) *admission.AdmissionResponse {
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
		log.Printf("policy %s: accepted %t, mutates %t: %s", policy.id, verdict.Accepted, mutates, verdict.Message)
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

// problem says what is wrong with the settings of a policy.
func (s *server) problem(settings json.RawMessage) string {
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	answer, err := s.guest.call("validate_settings", settings)
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
