// Package celproof holds the policies that `fresh-images export` writes against the policy itself: they are put in force
// in the API server's own plugin, and have to say what the policy says.
package celproof

import (
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

func TestMain(m *testing.M) {
	// The API server's code reports each start and stop.
	klog.SetLogger(logr.Discard())
	os.Exit(m.Run())
}
