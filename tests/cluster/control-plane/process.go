package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"syscall"
	"time"
)

// A process is the policy server: `policy-server` where it is on the PATH, else the one of server.go.
type process struct {
	program  []string
	module   string
	plane    *plane
	policies map[string]servedPolicy
	command  *exec.Cmd
	ended    chan struct{}
	hangs    bool
}

func newProcess(plane *plane, module string) (*process, error) {
	module, err := filepath.Abs(module)
	if err != nil {
		return nil, err
	}
	program := []string{"policy-server", "--ignore-kubernetes-connection-failure", "--log-no-color",
		"--policies-download-dir", plane.path("certs"), "--sigstore-cache-dir", plane.path("certs")}
	if _, err := exec.LookPath(program[0]); err != nil {
		program = []string{os.Args[0], "policy-server"}
	}
	return &process{program: program, module: module, plane: plane}, nil
}

// set starts it anew if the policies are others than before: policy-server reads them once.
func (p *process) set(policies map[string]policySpec) error {
	served := map[string]servedPolicy{}
	for id, policy := range policies {
		module := "file://" + p.module
		if len(policy.Policies) == 0 {
			served[id] = servedPolicy{URL: module, Module: module, Mode: policy.Mode, Mutating: policy.Mutating, Settings: policy.Settings}
			continue
		}
		members := map[string]servedPolicy{}
		for name, member := range policy.Policies {
			members[name] = servedPolicy{Module: module, Settings: member.Settings}
		}
		served[id] = servedPolicy{Mode: policy.Mode, Policies: members, Expression: policy.Expression, Message: policy.Message}
	}
	if reflect.DeepEqual(served, p.policies) {
		return nil
	}
	text, err := json.Marshal(served)
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.plane.path("policies.yml"), text, 0o600); err != nil {
		return err
	}
	p.policies = served
	if p.command == nil {
		return nil
	}
	p.stop()
	return p.start()
}

// setState starts or stops it, or lets it hang: connections are taken, and nobody answers.
func (p *process) setState(up, hangs bool) error {
	if up && p.command != nil {
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: see policy-server.log", p.program[0])
		default:
		}
	}
	switch {
	case up && p.command == nil:
		if p.policies == nil {
			return p.set(map[string]policySpec{})
		}
		if err := p.start(); err != nil {
			return err
		}
	case !up && p.command != nil:
		p.stop()
	}
	if p.command == nil || hangs == p.hangs {
		return nil
	}
	signal := syscall.SIGCONT
	if hangs {
		signal = syscall.SIGSTOP
	}
	p.hangs = hangs
	return p.command.Process.Signal(signal)
}

func (p *process) stop() {
	os.Remove(p.plane.path("policy-server.pid"))
	p.command.Process.Kill()
	<-p.ended
	p.command, p.hangs = nil, false
}

func (p *process) start() error {
	output, err := os.OpenFile(p.plane.path("policy-server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	ports := p.plane.ports
	args := append(p.program[1:], "--addr", "127.0.0.1", "--port", fmt.Sprint(ports["webhook"]),
		"--readiness-probe-port", fmt.Sprint(ports["readiness"]), "--policies", p.plane.path("policies.yml"),
		"--cert-file", p.plane.path("certs/webhook.crt"), "--key-file", p.plane.path("certs/webhook.key"))
	command := exec.Command(p.program[0], args...)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		command.Wait()
		output.Close()
		close(ended)
	}()
	p.command, p.ended = command, ended
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get("http://" + p.plane.url("readiness") + "/readiness")
		if err == nil {
			response.Body.Close()
			// Scenarios wait for this file.
			pid := []byte(fmt.Sprint(command.Process.Pid))
			return os.WriteFile(p.plane.path("policy-server.pid"), pid, 0o600)
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended: see policy-server.log", p.program[0])
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready: %w", p.program[0], err)
		}
	}
}
