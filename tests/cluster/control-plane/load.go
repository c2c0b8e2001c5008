package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// load creates Pods for a while, as many clients as it is told, and prints how long that took. Of what is in force it knows
// whether a stale Pod has to be refused; each answer that is another, or none, is an error.
//
//	control-plane load NAME refuses|accepts 30s 4
func load(ctx context.Context, name, expected, duration string, clients int) error {
	span, err := time.ParseDuration(duration)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	namespace := "load-" + name
	if _, err := client.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: namespace}}, meta.CreateOptions{}); err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	for {
		if _, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", meta.GetOptions{}); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	var mutex sync.Mutex
	var accepted, refused []time.Duration
	var wrong []string
	var workers sync.WaitGroup
	end := time.Now().Add(span)
	for range clients {
		workers.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				// Every fourth is stale. What is created is not stored: that would measure etcd, and fill it.
				stale := i%4 == 3
				pod := loadPod(stale)
				start := time.Now()
				_, err := client.CoreV1().Pods(namespace).Create(ctx, pod, meta.CreateOptions{DryRun: []string{meta.DryRunAll}})
				took := time.Since(start)
				denied := err != nil && (strings.Contains(err.Error(), "denied") || strings.Contains(err.Error(), "can go stale"))
				mutex.Lock()
				switch {
				case err != nil && !denied, denied != (stale && expected == "refuses"):
					wrong = append(wrong, fmt.Sprintf("stale %t: %v", stale, err))
				case denied:
					refused = append(refused, took)
				case !stale:
					accepted = append(accepted, took)
				}
				mutex.Unlock()
			}
		})
	}
	workers.Wait()
	fmt.Printf("%-8s accepted %6d  median %s  99 %% %s   refused %5d  median %s   wrong or missing %d   memory of the server %s\n", name,
		len(accepted), percentile(accepted, 50), percentile(accepted, 99), len(refused), percentile(refused, 50), len(wrong), memory())
	if len(wrong) > 0 {
		return fmt.Errorf("%d of %d answers are wrong or missing, such as: %s", len(wrong), len(wrong)+len(accepted)+len(refused), wrong[0])
	}
	return nil
}

func loadPod(stale bool) *core.Pod {
	policy := core.PullAlways
	if stale {
		policy = core.PullIfNotPresent
	}
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{GenerateName: "web-", Labels: map[string]string{"app": "web"}},
		Spec: core.PodSpec{Containers: []core.Container{
			{Name: "web", Image: "harbor.example.com/shop/web:1.1", ImagePullPolicy: policy},
		}},
	}
}

func percentile(all []time.Duration, percent int) string {
	if len(all) == 0 {
		return "-"
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return fmt.Sprintf("%.2f ms", float64(all[(len(all)-1)*percent/100].Microseconds())/1000)
}

// memory is that of the policy server.
func memory() string {
	pid, err := os.ReadFile(filepath.Join(os.Getenv("CONTROL_PLANE"), "policy-server.pid"))
	if err != nil {
		return "unknown"
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%s/status", pid))
	if err != nil {
		return "unknown"
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, is := strings.CutPrefix(line, "VmRSS:"); is {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
