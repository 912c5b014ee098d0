package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"beian/infra/local/lambdahost"
)

// coldEvents are sample events of requests that call no AWS service, by the function that answers them. Others would measure the service as well.
var coldEvents = map[string]string{"api": "province-beijing", "portal": "home"}

// coldRequest returns the medians of the time from the start of a function's process to its answer to the first request, through the Runtime API, and of the time
// that the next request takes.
func coldRequest(ctx context.Context, name, folder, api string) (first, next time.Duration, err error) {
	event, err := os.ReadFile(filepath.Join("events", name, coldEvents[name]+".json"))
	if err != nil {
		return 0, 0, err
	}
	environment := slices.DeleteFunc(lambdaEnvironment(api), func(v string) bool { return strings.HasPrefix(v, "AWS_LAMBDA_RUNTIME_API=") })
	var all [2][]time.Duration
	for range starts {
		took, err := requestTwice(ctx, name, folder, environment, event)
		if err != nil {
			return 0, 0, err
		}
		for i := range all {
			all[i] = append(all[i], took[i])
		}
	}
	slices.Sort(all[0])
	slices.Sort(all[1])
	return all[0][starts/2], all[1][starts/2], nil
}

// requestTwice starts a function, and measures two requests.
func requestTwice(ctx context.Context, name, folder string, environment []string, event []byte) (took [2]time.Duration, err error) {
	var output lockedBuffer
	var host lambdahost.Host
	host.Install(name, lambdahost.Program{Folder: folder, Env: environment, MaxProcesses: 1, Output: &output})
	defer host.Close()
	for i := range took {
		started := time.Now()
		answer, err := host.Invoke(ctx, name, event)
		took[i] = time.Since(started)
		var response struct{ StatusCode int }
		if err = errors.Join(err, json.Unmarshal(answer, &response)); err != nil || response.StatusCode != 200 {
			return took, fmt.Errorf("%w: status %d, %s", err, response.StatusCode, output.String())
		}
	}
	return took, nil
}

// A lockedBuffer is a buffer that is safe for concurrent use.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
