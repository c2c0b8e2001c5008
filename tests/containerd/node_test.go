package story

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// node is containerd with runc, and what a kubelet does with it.
type node struct {
	name    string
	runtime cri.RuntimeServiceClient
	images  cri.ImageServiceClient
	hosts   string
}

// object is one of Kubernetes, as kubectl prints it.
type object = map[string]any

// start runs containerd in directories of its own.
func start(t *testing.T, name, pause string) *node {
	t.Helper()
	// A socket's path must be short.
	root, err := os.MkdirTemp("", "fresh")
	must(t, err)
	socket := filepath.Join(root, "sock")
	hosts := filepath.Join(root, "hosts")
	must(t, os.MkdirAll(hosts, 0o755))
	config := fmt.Sprintf(`version = 2
root = %q
state = %q
[grpc]
  address = %q
[plugins."io.containerd.internal.v1.opt"]
  path = %q
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  restrict_oom_score_adj = true
  disable_cgroup = true
  disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_dir = %q
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = %q
`, root+"/root", root+"/state", socket, root+"/opt", pause, root+"/cni", hosts)
	path := filepath.Join(root, "config.toml")
	must(t, os.WriteFile(path, []byte(config), 0o600))
	log, err := os.Create(filepath.Join(root, "log"))
	must(t, err)
	process := exec.Command("containerd", "--config", path)
	process.Stdout, process.Stderr = log, log
	must(t, process.Start())
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	n := &node{
		name:    name,
		runtime: cri.NewRuntimeServiceClient(connection),
		images:  cri.NewImageServiceClient(connection),
		hosts:   hosts,
	}
	t.Cleanup(func() {
		n.stop(t)
		_ = connection.Close()
		_ = process.Process.Signal(os.Interrupt)
		_ = process.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			lines := strings.Split(string(text), "\n")
			t.Logf("containerd: %s", strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
		_ = os.RemoveAll(root)
	})
	for range 100 {
		_, err = n.runtime.Version(t.Context(), &cri.VersionRequest{})
		if err == nil {
			return n
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("containerd does not start: %v", err)
	return nil
}

func (n *node) stop(t *testing.T) {
	// The context of the test is over.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	pods, err := n.runtime.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{})
	if err != nil {
		t.Log(err)
		return
	}
	for _, pod := range pods.Items {
		_, stopped := n.runtime.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: pod.Id})
		_, removed := n.runtime.RemovePodSandbox(ctx, &cri.RemovePodSandboxRequest{PodSandboxId: pod.Id})
		if err := errors.Join(stopped, removed); err != nil {
			t.Log(err)
		}
	}
}

// mirror lets another registry answer for this one, tags and all.
func (n *node) mirror(t *testing.T, registry, by string) {
	t.Helper()
	folder := filepath.Join(n.hosts, registry)
	must(t, os.MkdirAll(folder, 0o755))
	text := fmt.Sprintf("server = \"http://%s\"\n[host.\"http://%s\"]\n  capabilities = [\"pull\", \"resolve\"]\n", registry, by)
	must(t, os.WriteFile(filepath.Join(folder, "hosts.toml"), []byte(text), 0o600))
}

func (n *node) pull(t *testing.T, image string) {
	t.Helper()
	_, err := n.images.PullImage(t.Context(), &cri.PullImageRequest{Image: &cri.ImageSpec{Image: image}})
	must(t, err)
}

// run starts a Pod of one container as the kubelet does, with what the node holds or what it pulls, and gives the
// container.
func (n *node) run(t *testing.T, pod, image, policy string) string {
	t.Helper()
	ctx := t.Context()
	status, err := n.images.ImageStatus(ctx, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: image}})
	must(t, err)
	if policy == "Always" || status.Image == nil {
		n.pull(t, image)
		status, err = n.images.ImageStatus(ctx, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: image}})
		must(t, err)
	}
	host := cri.NamespaceMode_NODE
	sandbox := &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: pod, Namespace: "shop", Uid: pod},
		LogDirectory: t.TempDir(),
		Linux: &cri.LinuxPodSandboxConfig{SecurityContext: &cri.LinuxSandboxSecurityContext{
			NamespaceOptions: &cri.NamespaceOption{Network: host, Ipc: host, Pid: cri.NamespaceMode_CONTAINER},
		}},
	}
	run, err := n.runtime.RunPodSandbox(ctx, &cri.RunPodSandboxRequest{Config: sandbox})
	must(t, err)
	container, err := n.runtime.CreateContainer(ctx, &cri.CreateContainerRequest{
		PodSandboxId:  run.PodSandboxId,
		SandboxConfig: sandbox,
		Config: &cri.ContainerConfig{
			Metadata: &cri.ContainerMetadata{Name: "web"},
			// By id, as the kubelet does.
			Image:   &cri.ImageSpec{Image: status.Image.Id},
			LogPath: "web.log",
			Linux: &cri.LinuxContainerConfig{SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: &cri.NamespaceOption{Network: host, Ipc: host, Pid: cri.NamespaceMode_CONTAINER},
			}},
		},
	})
	must(t, err)
	_, err = n.runtime.StartContainer(ctx, &cri.StartContainerRequest{ContainerId: container.ContainerId})
	must(t, err)
	return container.ContainerId
}

// pod is what the kubelet says of a container: `image` and `imageID` are `image.image` and `image_ref` of CRI.
func (n *node) pod(t *testing.T, name, image, policy, container string) object {
	t.Helper()
	answer, err := n.runtime.ContainerStatus(t.Context(), &cri.ContainerStatusRequest{ContainerId: container})
	must(t, err)
	status := answer.Status
	if status.State != cri.ContainerState_CONTAINER_RUNNING {
		t.Fatalf("%s does not run: %v", name, status)
	}
	started := time.Unix(0, status.StartedAt).UTC().Format(time.RFC3339)
	return object{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   object{"name": name, "namespace": "shop"},
		"spec": object{
			"nodeName":   n.name,
			"containers": []object{{"name": "web", "image": image, "imagePullPolicy": policy}},
		},
		"status": object{"phase": "Running", "containerStatuses": []object{{
			"name":    "web",
			"image":   status.Image.Image,
			"imageID": status.ImageRef,
			"state":   object{"running": object{"startedAt": started}},
		}}},
	}
}

// node is what the kubelet says of itself: of each image the digests, then the tags.
func (n *node) node(t *testing.T) object {
	t.Helper()
	answer, err := n.images.ListImages(t.Context(), &cri.ListImagesRequest{})
	must(t, err)
	var images []object
	for _, image := range answer.Images {
		images = append(images, object{"names": append(image.RepoDigests, image.RepoTags...), "sizeBytes": image.Size})
	}
	return object{
		"apiVersion": "v1",
		"kind":       "Node",
		"metadata":   object{"name": n.name},
		"status": object{
			"images":   images,
			"nodeInfo": object{"operatingSystem": "linux", "architecture": runtime.GOARCH},
		},
	}
}

// registry runs docker-registry, and gives its host.
func registry(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	config := fmt.Sprintf("version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\n"+
		"storage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: '127.0.0.1:0', secret: tests}\n", root+"/storage")
	path := filepath.Join(root, "config.yml")
	must(t, os.WriteFile(path, []byte(config), 0o600))
	process := exec.Command("docker-registry", "serve", path)
	log, err := process.StderrPipe()
	must(t, err)
	must(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if _, rest, found := strings.Cut(lines.Text(), "listening on 127.0.0.1:"); found {
			port := strings.TrimRight(strings.Fields(rest)[0], `",`)
			go func() {
				for lines.Scan() {
				}
			}()
			return "127.0.0.1:" + port
		}
	}
	t.Fatal("docker-registry does not start")
	return ""
}
