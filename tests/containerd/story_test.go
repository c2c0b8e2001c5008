// Package story tells on a real containerd what README begins with: a tag is rebuilt, and a node keeps running the old
// content. `fresh-images stale` judges what the runtime itself says of its containers.
package story

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

var (
	old = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	// Long before a container of this test starts.
	rebuilt = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
)

// TestStory needs root, containerd, runc and docker-registry.
func TestStory(t *testing.T) {
	command := os.Getenv("FRESH_IMAGES")
	if command == "" {
		t.Fatal("FRESH_IMAGES names the command")
	}
	for _, tool := range []string{"containerd", "runc", "docker-registry"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s", tool)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("containerd needs root")
	}
	binary := program(t)
	upstream, cache := registry(t), registry(t)
	pause := upstream + "/pause:1"
	push(t, pause, index(image(t, binary, "pause", old), "1"))
	web := upstream + "/shop/web:1.1"
	before, after := image(t, binary, "before", old), image(t, binary, "after", rebuilt)
	push(t, web, index(before, "1"))
	// A mirror that has held the tag since before it was rebuilt.
	push(t, cache+"/shop/web:1.1", index(before, "1"))

	first, second := start(t, "node-1", pause), start(t, "node-2", pause)
	early := first.run(t, "early", web, "IfNotPresent")
	judge := func(arguments []string, objects ...object) map[string]finding {
		t.Helper()
		return stale(t, command, append(arguments, "--insecure-registry", upstream), objects)
	}
	expect := func(found map[string]finding, pod, code string) finding {
		t.Helper()
		if got := found[pod].Code; got != code {
			t.Errorf("%s: %s instead of %s: %+v", pod, got, code, found[pod])
		}
		return found[pod]
	}
	earlyPod := func() object { return first.pod(t, "early", web, "IfNotPresent", early) }

	// What runs is what the tag names.
	expect(judge(nil, first.node(t), earlyPod()), "early", "same-digest")

	// A build of the same content has another digest.
	push(t, web, index(before, "2"))
	expect(judge(nil, first.node(t), earlyPod()), "early", "same-content")

	// The tag is rebuilt. Nothing on the node changes, and a restart would not help.
	digest := push(t, web, index(after, "1"))
	found := expect(judge(nil, first.node(t), earlyPod()), "early", "stale-content")
	if found.Current.Digest != digest || !found.helps("RestartKeepsOld") {
		t.Errorf("early: %+v", found)
	}

	// The story: a new Pod on the same node takes what the node holds, one on a new node pulls.
	late := first.run(t, "late", web, "IfNotPresent")
	fresh := second.run(t, "fresh", web, "IfNotPresent")
	all := []object{
		first.node(t), second.node(t), earlyPod(),
		first.pod(t, "late", web, "IfNotPresent", late),
		second.pod(t, "fresh", web, "IfNotPresent", fresh),
	}
	report := judge(nil, all...)
	expect(report, "late", "stale-content")
	expect(report, "fresh", "same-digest")

	// Somebody pulls the tag on the first node: what runs there keeps its digest, and has no tag any more.
	id := status(earlyPod())["imageID"]
	first.pull(t, web)
	pod := earlyPod()
	if status(pod)["imageID"] != id || status(pod)["image"] != configOf(t, before) {
		t.Errorf("containerd names what runs %v", status(pod))
	}
	found = expect(judge(nil, first.node(t), pod), "early", "stale-content")
	if found.helps("RestartKeepsOld") {
		t.Errorf("the node holds the new content: %+v", found)
	}
	expect(stale(t, command, []string{"--offline"}, []object{first.node(t), pod}), "early", "stale-on-node")

	// Always, and a mirror that answers for the registry: the old content, pulled after the tag moved.
	third := start(t, "node-3", pause)
	third.mirror(t, upstream, cache)
	mirrored := third.run(t, "mirrored", web, "Always")
	pod = third.pod(t, "mirrored", web, "Always", mirrored)
	if id := status(pod)["imageID"].(string); !strings.HasPrefix(id, upstream+"/shop/web@") {
		t.Errorf("containerd names what it pulled %s", id)
	}
	found = expect(judge(nil, third.node(t), pod), "mirrored", "stale-content")
	if !found.helps("Mirror") {
		t.Errorf("mirrored: %+v", found)
	}
}

type finding struct {
	Name    string
	Code    string
	Current struct{ Digest string }
	Help    []struct{ Help string }
}

func (f finding) helps(kind string) bool {
	for _, help := range f.Help {
		if strings.EqualFold(help.Help, kind) {
			return true
		}
	}
	return false
}

// stale runs the command, and gives its findings by Pod.
func stale(t *testing.T, command string, arguments []string, objects []object) map[string]finding {
	t.Helper()
	list, err := json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": objects})
	must(t, err)
	run := exec.Command(command, append([]string{"stale", "--output", "json", "-"}, arguments...)...)
	run.Stdin = bytes.NewReader(list)
	output, err := run.Output()
	var exit *exec.ExitError
	// 1 is that something is stale.
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v: %s", err, output)
	}
	var report struct{ Findings []finding }
	must(t, json.Unmarshal(output, &report))
	found := map[string]finding{}
	for _, one := range report.Findings {
		found[one.Name] = one
	}
	return found
}

func status(pod object) object {
	return pod["status"].(object)["containerStatuses"].([]object)[0]
}
