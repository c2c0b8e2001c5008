package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"log"
)

// A guest is the module, called over waPC (https://wapc.io/docs/spec/). Each call gets a fresh instance, as in policy-server.
type guest struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// What one call and the host share.
type call struct {
	operation, payload      []byte
	answer, failure         []byte
	hostAnswer, hostFailure []byte
}

type callKey struct{}

func newGuest(ctx context.Context, wasm []byte) (*guest, error) {
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, err
	}
	of := func(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }
	read := func(m api.Module, at, length uint32) []byte {
		bytes, ok := m.Memory().Read(at, length)
		if !ok {
			panic("out of the memory of the module")
		}
		return append([]byte(nil), bytes...)
	}
	write := func(m api.Module, at uint32, bytes []byte) {
		if !m.Memory().Write(at, bytes) {
			panic("out of the memory of the module")
		}
	}
	host := runtime.NewHostModuleBuilder("wapc")
	export := func(name string, function any) { host.NewFunctionBuilder().WithFunc(function).Export(name) }
	export("__guest_request", func(ctx context.Context, m api.Module, operation, payload uint32) {
		write(m, operation, of(ctx).operation)
		write(m, payload, of(ctx).payload)
	})
	export("__guest_response", func(ctx context.Context, m api.Module, at, length uint32) {
		of(ctx).answer = read(m, at, length)
	})
	export("__guest_error", func(ctx context.Context, m api.Module, at, length uint32) {
		of(ctx).failure = read(m, at, length)
	})
	export("__console_log", func(_ context.Context, m api.Module, at, length uint32) {
		log.Printf("the module says: %q", read(m, at, length))
	})
	export("__host_call", func(ctx context.Context, m api.Module, b, bl, n, nl, o, ol, p, pl uint32) uint32 {
		name := fmt.Sprintf("%s/%s/%s", read(m, b, bl), read(m, n, nl), read(m, o, ol))
		answer, err := capability(ctx, name, read(m, p, pl))
		if err != nil {
			of(ctx).hostFailure = []byte(err.Error())
			return 0
		}
		of(ctx).hostAnswer = answer
		return 1
	})
	export("__host_response_len", func(ctx context.Context) uint32 { return uint32(len(of(ctx).hostAnswer)) })
	export("__host_response", func(ctx context.Context, m api.Module, at uint32) { write(m, at, of(ctx).hostAnswer) })
	export("__host_error_len", func(ctx context.Context) uint32 { return uint32(len(of(ctx).hostFailure)) })
	export("__host_error", func(ctx context.Context, m api.Module, at uint32) { write(m, at, of(ctx).hostFailure) })
	if _, err := host.Instantiate(ctx); err != nil {
		return nil, err
	}
	module, err := runtime.CompileModule(ctx, wasm)
	return &guest{runtime, module}, err
}

// call runs an operation for at most two seconds, the limit of policy-server.
func (g *guest) call(operation string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	state := &call{operation: []byte(operation), payload: payload}
	ctx = context.WithValue(ctx, callKey{}, state)
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize", "_start", "wapc_init").
		WithSysWalltime().WithSysNanotime()
	instance, err := g.runtime.InstantiateModule(ctx, g.module, config)
	if err != nil {
		return nil, err
	}
	defer instance.Close(context.Background())
	lengths := []uint64{uint64(len(operation)), uint64(len(payload))}
	result, err := instance.ExportedFunction("__guest_call").Call(ctx, lengths...)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, errors.New("Policy execution interrupted because it exceeded the allowed execution time")
	case err != nil:
		return nil, fmt.Errorf("internal server error: %w", err)
	case len(result) == 0 || result[0] == 0:
		return nil, fmt.Errorf("internal server error: %s", state.failure)
	}
	return state.answer, nil
}

// capability looks a digest up, as policy-server does; from registries on this machine over plain HTTP.
func capability(ctx context.Context, name string, payload []byte) ([]byte, error) {
	var image string
	if name != "kubewarden/oci/v1/manifest_digest" {
		return nil, fmt.Errorf("unknown host capability %s", name)
	}
	if err := json.Unmarshal(payload, &image); err != nil {
		return nil, err
	}
	host, rest, _ := strings.Cut(image, "/")
	repository, tag, _ := strings.Cut(rest, ":")
	scheme := "https"
	if strings.HasPrefix(host, "127.0.0.1") || strings.HasPrefix(host, "localhost") {
		scheme = "http"
	}
	url := fmt.Sprintf("%s://%s/v2/%s/manifests/%s", scheme, host, repository, tag)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	for _, kind := range []string{"vnd.oci.image.index.v1", "vnd.oci.image.manifest.v1",
		"vnd.docker.distribution.manifest.list.v2", "vnd.docker.distribution.manifest.v2"} {
		request.Header.Add("Accept", "application/"+kind+"+json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", image, response.Status)
	}
	return json.Marshal(map[string]string{"digest": fmt.Sprintf("sha256:%x", sha256.Sum256(body))})
}
