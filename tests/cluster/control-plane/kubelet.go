package main

import (
	"context"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"log"
)

// A kubelet stands for scheduler and nodes: it binds Pods, says that they run, and lets deleted ones go. It starts nothing.
//
// Of images it knows one rule, that of the real one (`pkg/kubelet/images/image_manager.go`): `Always` asks the registry, and
// the others do not if the node has the image. Here nodes have all images, and the registry is down while the ConfigMap
// `kube-system/registry-is-down` exists.
type kubelet struct {
	client kubernetes.Interface
	nodes  []string
	next   int
}

func (k *kubelet) start(ctx context.Context) error {
	for _, name := range k.nodes {
		node := &core.Node{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{core.LabelHostname: name}}}
		if _, err := k.client.CoreV1().Nodes().Create(ctx, node, meta.CreateOptions{}); err != nil {
			return err
		}
		// What the controller of leases would do, which is off. Others write to a new node too.
		status := `{"status": {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"operatingSystem": "linux", "architecture": "amd64"}}}`
		nodes := k.client.CoreV1().Nodes()
		if _, err := nodes.Patch(ctx, name, types.MergePatchType, []byte(`{"spec": {"taints": null}}`), meta.PatchOptions{}); err != nil {
			return err
		}
		if _, err := nodes.Patch(ctx, name, types.MergePatchType, []byte(status), meta.PatchOptions{}, "status"); err != nil {
			return err
		}
	}
	go func() {
		for ctx.Err() == nil {
			if err := k.step(ctx); err != nil && ctx.Err() == nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
				log.Println("kubelet:", err)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return nil
}

func (k *kubelet) step(ctx context.Context) error {
	pods, err := k.client.CoreV1().Pods("").List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	schedulable, err := k.schedulable(ctx)
	if err != nil {
		return err
	}
	_, down := k.client.CoreV1().ConfigMaps("kube-system").Get(ctx, "registry-is-down", meta.GetOptions{})
	for i := range pods.Items {
		pod := &pods.Items[i]
		err := error(nil)
		switch {
		case pod.DeletionTimestamp != nil:
			now := int64(0)
			options := meta.DeleteOptions{GracePeriodSeconds: &now}
			err = k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
		case pod.Spec.NodeName == "":
			err = k.bind(ctx, pod, schedulable)
		case pod.Status.Phase == core.PodPending:
			err = k.run(ctx, pod, down == nil)
		}
		if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
			return err
		}
	}
	return nil
}

func (k *kubelet) schedulable(ctx context.Context) (map[string]bool, error) {
	nodes, err := k.client.CoreV1().Nodes().List(ctx, meta.ListOptions{})
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, node := range nodes.Items {
		names[node.Name] = !node.Spec.Unschedulable
	}
	return names, nil
}

// bind puts a Pod on the next node, that of a DaemonSet on its own.
func (k *kubelet) bind(ctx context.Context, pod *core.Pod, schedulable map[string]bool) error {
	node := ""
	if affinity := pod.Spec.Affinity; affinity != nil && affinity.NodeAffinity != nil &&
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution != nil {
		for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
			for _, field := range term.MatchFields {
				node = field.Values[0]
			}
		}
	}
	for range k.nodes {
		if node != "" {
			break
		}
		k.next = (k.next + 1) % len(k.nodes)
		if schedulable[k.nodes[k.next]] {
			node = k.nodes[k.next]
		}
	}
	if node == "" {
		return nil
	}
	return k.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &core.Binding{
		ObjectMeta: meta.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		Target:     core.ObjectReference{Kind: "Node", Name: node},
	}, meta.CreateOptions{})
}

// run says that the containers run, that those of a Job have ended, or that an image cannot be pulled.
func (k *kubelet) run(ctx context.Context, pod *core.Pod, down bool) error {
	now := meta.Now()
	running := core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: now}}
	phase, ready := core.PodRunning, core.ConditionTrue
	if pod.Spec.RestartPolicy != core.RestartPolicyAlways {
		phase, ready = core.PodSucceeded, core.ConditionFalse
		running = core.ContainerState{Terminated: &core.ContainerStateTerminated{Reason: "Completed", FinishedAt: now}}
	}
	var statuses []core.ContainerStatus
	for _, container := range pod.Spec.Containers {
		state := running
		if down && container.ImagePullPolicy == core.PullAlways {
			phase, ready = core.PodPending, core.ConditionFalse
			state = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "ErrImagePull", Message: "the registry does not answer"}}
		}
		started := state.Running != nil
		statuses = append(statuses, core.ContainerStatus{
			Name: container.Name, Image: container.Image, State: state, Ready: started, Started: &started,
		})
	}
	if phase == core.PodPending && len(pod.Status.ContainerStatuses) > 0 {
		return nil
	}
	pod.Status.Phase, pod.Status.ContainerStatuses, pod.Status.StartTime = phase, statuses, &now
	pod.Status.Conditions = []core.PodCondition{
		{Type: core.PodReady, Status: ready, LastTransitionTime: now},
		{Type: core.ContainersReady, Status: ready, LastTransitionTime: now},
	}
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, meta.UpdateOptions{})
	return err
}
