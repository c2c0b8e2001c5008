package story

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPicture writes what the command prints of the story, for the picture of README: see `make picture`.
func TestPicture(t *testing.T) {
	file := os.Getenv("FRESH_IMAGES_PICTURE")
	if file == "" {
		t.Skip("only for make picture")
	}
	const host, web = "harbor.example.com", "harbor.example.com/shop/web:1.1"
	binary := program(t)
	upstream := registry(t)
	pause := upstream + "/pause:1"
	push(t, pause, index(image(t, binary, "pause", old), "1"))
	push(t, upstream+"/shop/web:1.1", index(image(t, binary, "before", old), "1"))

	first, second := start(t, "node-2", pause), start(t, "node-3", pause)
	// Nobody has this name here; the registry of the test answers for it, to the nodes and to the command.
	first.mirror(t, host, upstream)
	second.mirror(t, host, upstream)
	early := first.run(t, "web-7c9f6d-x2k8p", web, "IfNotPresent")
	push(t, upstream+"/shop/web:1.1", index(image(t, binary, "after", rebuilt), "1"))
	late := first.run(t, "web-7c9f6d-m5vqt", web, "IfNotPresent")
	fresh := second.run(t, "web-7c9f6d-9zr4w", web, "IfNotPresent")

	owned := func(pod object) object {
		pod["metadata"].(object)["ownerReferences"] = []object{{"kind": "ReplicaSet", "name": "web-7c9f6d", "controller": true}}
		return pod
	}
	objects := []object{
		first.node(t), second.node(t),
		owned(first.pod(t, "web-7c9f6d-x2k8p", web, "IfNotPresent", early)),
		owned(first.pod(t, "web-7c9f6d-m5vqt", web, "IfNotPresent", late)),
		owned(second.pod(t, "web-7c9f6d-9zr4w", web, "IfNotPresent", fresh)),
		{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": object{
			"name": "web-7c9f6d", "namespace": "shop",
			"ownerReferences": []object{{"kind": "Deployment", "name": "web", "controller": true}},
		}},
	}
	list, err := json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": objects})
	must(t, err)
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "cluster.json"), list, 0o600))
	arguments := []string{"stale", "cluster.json", "--insecure-registry", host}
	run := exec.Command(os.Getenv("FRESH_IMAGES"), append(arguments, "--color", "always")...)
	run.Dir = folder
	run.Env = append(os.Environ(), "HTTP_PROXY=http://"+upstream, "http_proxy=http://"+upstream, "NO_PROXY=", "no_proxy=")
	output, err := run.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("nothing is stale: %v\n%s", err, output)
	}
	shown, err := json.Marshal(map[string]any{"command": append([]string{"fresh-images"}, arguments...), "output": string(output)})
	must(t, err)
	must(t, os.WriteFile(file, shown, 0o644))
}
