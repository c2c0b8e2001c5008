package story

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// program is a static program that waits.
func program(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "./program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program of the images cannot be built: %s", output)
	}
	bytes, err := os.ReadFile(path)
	must(t, err)
	return bytes
}

// image is what a build gives: the program, and a file that tells one content from another.
func image(t *testing.T, program []byte, content string, created time.Time) v1.Image {
	t.Helper()
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, file := range []struct {
		name string
		mode int64
		body []byte
	}{{"program", 0o755, program}, {"content", 0o644, []byte(content)}} {
		must(t, writer.WriteHeader(&tar.Header{Name: file.name, Mode: file.mode, Size: int64(len(file.body))}))
		_, err := writer.Write(file.body)
		must(t, err)
	}
	must(t, writer.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	})
	must(t, err)
	built, err := mutate.AppendLayers(empty.Image, layer)
	must(t, err)
	built, err = mutate.ConfigFile(built, &v1.ConfigFile{
		Architecture: runtime.GOARCH,
		OS:           "linux",
		Created:      v1.Time{Time: created},
		Config:       v1.Config{Entrypoint: []string{"/program"}},
		RootFS:       rootFS(t, built),
	})
	must(t, err)
	return built
}

func rootFS(t *testing.T, image v1.Image) v1.RootFS {
	t.Helper()
	config, err := image.ConfigFile()
	must(t, err)
	return config.RootFS
}

// index wraps an image as BuildKit does: the same content has another digest at each build, told apart by salt.
func index(image v1.Image, salt string) v1.ImageIndex {
	wrapped := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: image,
		Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "linux", Architecture: runtime.GOARCH},
		},
	})
	return mutate.Annotations(wrapped, map[string]string{"build": salt}).(v1.ImageIndex)
}

// push writes an index under a tag, and gives its digest.
func push(t *testing.T, reference string, index v1.ImageIndex) string {
	t.Helper()
	tag, err := name.ParseReference(reference, name.Insecure)
	must(t, err)
	must(t, remote.WriteIndex(tag, index))
	digest, err := index.Digest()
	must(t, err)
	return digest.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func configOf(t *testing.T, image v1.Image) string {
	t.Helper()
	config, err := image.ConfigName()
	must(t, err)
	return config.String()
}
