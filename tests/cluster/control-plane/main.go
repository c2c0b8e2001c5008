// Command control-plane is a cluster for tests/cluster, without containers: etcd, the API server and the controllers of
// Kubernetes, a policy server, and what stands for Kubewarden's controller and for nodes.
//
//	control-plane DIRECTORY MODULE              runs until it is interrupted; DIRECTORY/bin has the programs
//	control-plane DIRECTORY MODULE COMMAND...   runs until the command ends, which has KUBECONFIG and DIRECTORY/bin in PATH
//	control-plane policy-server --port 3000 …       what stands for policy-server: see server.go
//	control-plane load NAME refuses|accepts 30s 4   creates Pods in the cluster of KUBECONFIG: see load.go
//
// It writes DIRECTORY/kubeconfig when the cluster is ready, and the logs of each program beside it.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: control-plane DIRECTORY MODULE [COMMAND...]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case os.Args[1] == "policy-server":
		err = serve(ctx, os.Args[2:])
	case os.Args[1] == "load" && len(os.Args) == 6:
		clients, _ := strconv.Atoi(os.Args[5])
		err = load(ctx, os.Args[2], os.Args[3], os.Args[4], clients)
	default:
		err = run(ctx, os.Args[1], os.Args[2], os.Args[3:])
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() > 0 {
		os.Exit(failed.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "control-plane:", err)
		os.Exit(1)
	}
}

// A plane is where everything is, and what runs.
type plane struct {
	directory string
	ports     map[string]int
	running   []*exec.Cmd
	ended     chan error
}

func (p *plane) path(name string) string { return filepath.Join(p.directory, name) }

func (p *plane) url(name string) string { return fmt.Sprintf("127.0.0.1:%d", p.ports[name]) }

// start runs a program, whose log is beside the kubeconfig. Its end is the end of all.
func (p *plane) start(name string, args ...string) error {
	output, err := os.Create(p.path(name + ".log"))
	if err != nil {
		return err
	}
	command := exec.Command(p.path("bin/"+name), args...)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	p.running = append(p.running, command)
	go func() { p.ended <- fmt.Errorf("%s ended: %w: see %s", name, command.Wait(), output.Name()) }()
	return nil
}

func run(ctx context.Context, directory, module string, command []string) error {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return err
	}
	plane := &plane{directory: directory, ports: map[string]int{}, ended: make(chan error, 3)}
	for _, name := range []string{"kubeconfig", "etcd.data", "certs"} {
		if err := os.RemoveAll(plane.path(name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"etcd", "etcd-peer", "api", "webhook", "readiness"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		plane.ports[name] = listener.Addr().(*net.TCPAddr).Port
		listener.Close()
	}
	defer func() {
		for _, command := range plane.running {
			command.Process.Kill()
		}
		os.Remove(plane.path("kubeconfig"))
	}()
	output, err := os.Create(plane.path("control-plane.log"))
	if err != nil {
		return err
	}
	log.SetOutput(output)
	wasm, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	guest, err := newGuest(ctx, wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", module, err)
	}
	if err := plane.kubernetes(); err != nil {
		return err
	}
	config, err := plane.config("admin")
	if err != nil {
		return err
	}
	if err := plane.ready(ctx, config); err != nil {
		return err
	}
	ca, err := plane.certificate()
	if err != nil {
		return err
	}
	server, err := newProcess(plane, module)
	if err != nil {
		return err
	}
	defer func() {
		if server.command != nil {
			server.command.Process.Kill()
		}
	}()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	controller := &controller{server: server, guest: guest, url: "https://" + plane.url("webhook"), ca: ca, client: client, dynamic: dynamicClient}
	if err := controller.install(ctx); err != nil {
		return err
	}
	if err := (&kubelet{client: client, nodes: []string{"node-1", "node-2"}}).start(ctx); err != nil {
		return err
	}
	go controller.run(ctx)
	if err := os.Rename(plane.path("admin.kubeconfig"), plane.path("kubeconfig")); err != nil {
		return err
	}
	finished := make(chan error, 1)
	if len(command) > 0 {
		child := exec.CommandContext(ctx, command[0], command[1:]...)
		child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
		child.Env = append(os.Environ(), "KUBECONFIG="+plane.path("kubeconfig"), "CONTROL_PLANE="+directory,
			"PATH="+plane.path("bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
		if err := child.Start(); err != nil {
			return err
		}
		go func() { finished <- child.Wait() }()
	} else {
		fmt.Println("ready: export KUBECONFIG=" + plane.path("kubeconfig"))
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-finished:
		return err
	case err := <-plane.ended:
		return err
	}
}

// kubernetes starts what is Kubernetes. etcd writes nothing through to the disk: nothing here outlives a test.
func (p *plane) kubernetes() error {
	certs := p.path("certs")
	if err := os.MkdirAll(certs, 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	tokens := ""
	for _, user := range []string{"admin,admin,1,system:masters", "controllers,system:kube-controller-manager,2"} {
		tokens += user + "\n"
	}
	account := p.path("certs/account.key")
	for file, text := range map[string][]byte{
		account:                pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}),
		p.path("certs/tokens"): []byte(tokens),
	} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
	}
	etcd, peer := "http://"+p.url("etcd"), "http://"+p.url("etcd-peer")
	if err := p.start("etcd", "--unsafe-no-fsync", "--data-dir", p.path("etcd.data"), "--log-level", "warn",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", peer,
		"--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer); err != nil {
		return err
	}
	if err := p.start("kube-apiserver", "--etcd-servers", etcd, "--cert-dir", certs, "--bind-address", "127.0.0.1",
		"--secure-port", fmt.Sprint(p.ports["api"]), "--endpoint-reconciler-type", "none",
		"--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC", "--token-auth-file", p.path("certs/tokens"),
		"--service-account-issuer", "https://"+p.url("api"), "--service-account-key-file", account,
		"--service-account-signing-key-file", account, "--allow-privileged"); err != nil {
		return err
	}
	if _, err := p.config("controllers"); err != nil {
		return err
	}
	// Leases of nodes are nobody's business here. Everything else is on, each controller with its own service account.
	return p.start("kube-controller-manager", "--kubeconfig", p.path("controllers.kubeconfig"), "--leader-elect=false",
		"--secure-port", "0", "--service-account-private-key-file", account, "--use-service-account-credentials",
		"--controllers", "*,-node-lifecycle-controller")
}

// config writes a kubeconfig whose user has this token.
func (p *plane) config(token string) (*rest.Config, error) {
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "test",
		"clusters": [{"name": "test", "cluster": {"server": "https://%s", "certificate-authority": %q}}],
		"users": [{"name": %q, "user": {"token": %[3]q}}],
		"contexts": [{"name": "test", "context": {"cluster": "test", "user": %[3]q}}]}`,
		p.url("api"), p.path("certs/apiserver.crt"), token)
	file := p.path(token + ".kubeconfig")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(p.path("certs/apiserver.crt")); err == nil {
			break
		} else if time.Now().After(deadline) {
			return nil, err
		}
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err == nil {
		config.QPS, config.Burst = 1000, 1000
	}
	return config, err
}

func (p *plane) ready(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, err := client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		if err == nil {
			// Made by a controller, so that one runs too.
			_, err = client.CoreV1().ServiceAccounts("default").Get(ctx, "default", meta.GetOptions{})
		}
		if err == nil {
			return nil
		}
		select {
		case ended := <-p.ended:
			return ended
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the API server is not ready: %w", err)
		}
	}
}

// install makes what Kubewarden's chart does: custom resources, a namespace, a policy server and its Deployment.
func (c *controller) install(ctx context.Context) error {
	definitions := c.dynamic.Resource(schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	})
	for _, kind := range kinds() {
		if _, err := definitions.Create(ctx, kind, meta.CreateOptions{}); err != nil {
			return err
		}
	}
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: kubewarden}}
	if _, err := c.client.CoreV1().Namespaces().Create(ctx, namespace, meta.CreateOptions{}); err != nil {
		return err
	}
	labels := map[string]string{"kubewarden/policy-server": "default"}
	deployment := &apps.Deployment{
		ObjectMeta: meta.ObjectMeta{Name: defaultServer},
		Spec: apps.DeploymentSpec{
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec:       core.PodSpec{Containers: []core.Container{{Name: "server", Image: "policy-server"}}},
			},
		},
	}
	if _, err := c.client.AppsV1().Deployments(kubewarden).Create(ctx, deployment, meta.CreateOptions{}); err != nil {
		return err
	}
	policyServer := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "policies.kubewarden.io/v1", "kind": "PolicyServer", "metadata": map[string]any{"name": "default"},
	}}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, err := c.dynamic.Resource(resource("policyservers")).Create(ctx, policyServer, meta.CreateOptions{})
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// certificate writes one for this machine, and its key, and gives as PEM the one that vouches for it, which is the same.
func (p *plane) certificate() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "policy-server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})
	if err := os.WriteFile(p.path("certs/webhook.crt"), certificate, 0o600); err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return certificate, os.WriteFile(p.path("certs/webhook.key"), text, 0o600)
}
