package bench

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

const (
	zipAim   = 4.0 // MB of 10⁶ bytes
	startAim = 15 * time.Millisecond
	starts   = 9 // the median counts
)

// measureFunctions prints the size of each function's zip and our part of its cold start, from exec until the function requests
// its first event. The zip is built for the processor on AWS, the start is of a binary for this machine.
func (b *Bench) measureFunctions(ctx context.Context) error {
	folder := filepath.Join(b.folder, "functions")
	deployed, here := filepath.Join(folder, "deployed"), filepath.Join(folder, "here")
	if err := errors.Join(buildFunctions(ctx, "FUNCTIONS="+deployed), buildFunctions(ctx, "FUNCTIONS="+here, "GOARCH_OF_ENV="+runtime.GOARCH)); err != nil {
		return err
	}
	names, err := os.ReadDir(deployed)
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer api.Close()
	fmt.Fprintf(b.out, "%-30s %8s %9s %12s\n", "The functions, as deployed", "zip MB", "start ms", "resident MB")
	for _, name := range names {
		size, err := zipMB(filepath.Join(deployed, name.Name(), "bootstrap"))
		if err != nil {
			return err
		}
		start, memory, err := coldStart(ctx, filepath.Join(here, name.Name(), "bootstrap"), api.(*net.TCPListener))
		if err != nil {
			return fmt.Errorf("starting %s: %w", name.Name(), err)
		}
		fmt.Fprintf(b.out, "  %-28s %8.2f %9.1f %12d   %s\n", name.Name(), size, start.Seconds()*1000, memory,
			compareWithAim(size <= zipAim && start <= startAim, "aim: at most 4 MB and 15 ms"))
		if coldEvents[name.Name()] == "" {
			continue
		}
		first, next, err := coldRequest(ctx, name.Name(), filepath.Join(here, name.Name()), api.Addr().String())
		if err != nil {
			return fmt.Errorf("a request to %s: %w", name.Name(), err)
		}
		fmt.Fprintf(b.out, "  %-28s %8s %9.1f ms with the start of its process, the next %.1f ms\n", "  its first request", "", first.Seconds()*1000, next.Seconds()*1000)
	}
	fmt.Fprintln(b.out)
	return nil
}

// buildFunctions builds the functions with the settings for AWS.
func buildFunctions(ctx context.Context, variables ...string) error {
	command := exec.CommandContext(ctx, "make", append([]string{"build-functions"}, variables...)...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the functions: %w\n%s", err, output)
	}
	return nil
}

// zipMB returns the size in MB of a zip with the binary, deflated like the CDK does.
func zipMB(binary string) (float64, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return 0, err
	}
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	w, err := archive.Create("bootstrap")
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(content); err != nil {
		return 0, err
	}
	err = archive.Close()
	return float64(file.Len()) / 1e6, err
}

// coldStart starts a function several times and returns the medians of the time until it was ready and of its resident memory
// in MB then.
func coldStart(ctx context.Context, binary string, api *net.TCPListener) (time.Duration, int, error) {
	var took []time.Duration
	var memory []int
	for range starts {
		t, m, err := startOnce(ctx, binary, api)
		if err != nil {
			return 0, 0, err
		}
		took, memory = append(took, t), append(memory, m)
	}
	slices.Sort(took)
	slices.Sort(memory)
	return took[starts/2], memory[starts/2], nil
}

// startOnce starts a function and kills it when it requests its first event.
func startOnce(ctx context.Context, binary string, api *net.TCPListener) (took time.Duration, memory int, err error) {
	if err := api.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return 0, 0, err
	}
	var output bytes.Buffer
	function := exec.CommandContext(ctx, binary)
	function.Env, function.Stderr = lambdaEnvironment(api.Addr().String()), &output
	started := time.Now()
	if err := function.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		_ = function.Process.Kill() // fails if it has ended already
		_ = function.Wait()         // reports the kill
		if err != nil {
			err = fmt.Errorf("%w; it wrote: %s", err, output.Bytes())
		}
	}()
	caller, err := api.Accept()
	if err != nil {
		return 0, 0, err
	}
	defer caller.Close()
	request, err := http.ReadRequest(bufio.NewReader(caller))
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(started)
	if request.URL.Path != "/2018-06-01/runtime/invocation/next" {
		return 0, 0, errors.New("its first request is to " + request.URL.Path)
	}
	return took, memoryMB(function.Process.Pid, "VmRSS"), nil
}

// benchSecret has the form of a secret of webhooks.
const benchSecret = "whsec_YmVuY2gtc2VjcmV0LWJlbmNoLXNlY3JldA=="

// lambdaEnvironment is the environment that Lambda and the stack set, with placeholder values.
func lambdaEnvironment(api string) []string {
	values := []string{
		"AWS_LAMBDA_RUNTIME_API=" + api, "AWS_ENDPOINT_URL=http://" + api, "AWS_REGION=cn-north-1",
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_SESSION_TOKEN=bench",
	}
	own := map[environ.Name]string{
		environ.KMSKey: "bench", environ.KMSMACKey: "bench", environ.BureauProvider: "99001",
		environ.BureauKey: codec.Key, environ.BureauIV: codec.IV, environ.Retention: setup.RetentionValue(filing.DefaultRetention),
		environ.SMSSecrets: benchSecret, environ.AccessSecrets: benchSecret,
	}
	for _, name := range slices.Concat(setup.ForDecisions, setup.ForBucket, setup.ForUploads, setup.ForMessages, setup.ForSMSReply, setup.ForAccessChecks, setup.ForRegulator, setup.ForPortal, setup.ForStaff) {
		if own[name] == "" && !slices.Contains(environ.Optional, name) {
			own[name] = "https://bench.example"
		}
	}
	for name, value := range own {
		values = append(values, string(name)+"="+value)
	}
	return values
}
