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

const starts = 20 // of each function

// A coldAim is what the zip, in MB of 10⁶ bytes, and the start of a function should not exceed. Applicants wait for the start of some.
type coldAim struct {
	zip   float64
	start time.Duration
}

var coldAims = map[string]coldAim{"api": {4.5, 10 * time.Millisecond}, "portal": {4.5, 10 * time.Millisecond}}

// otherAim is the aim of the functions that are not in coldAims.
var otherAim = coldAim{4, 15 * time.Millisecond}

func (a coldAim) compare(zip float64, start time.Duration) string {
	return compareWithAim(zip <= a.zip && start <= a.start, fmt.Sprintf("aim: at most %v MB and %v ms", a.zip, a.start.Milliseconds()))
}

// floors are the functions that show what any function in Go needs, in folder floors, and what they are.
var floors = []struct{ name, is string }{
	{"empty", "an empty function"}, {"dynamodb", "with DynamoDB's client"}, {"clients", "with KMS, S3, Step Functions"},
}

// measureFunctions prints the size of each function's zip and our part of its cold start, from exec until the function requests
// its first event. The zip is built for the processor on AWS, the start is of a binary for this machine. The same of functions that only
// import what ours need follows, as a floor.
func (b *Bench) measureFunctions(ctx context.Context) error {
	folder := filepath.Join(b.folder, "functions")
	deployed, here := filepath.Join(folder, "deployed"), filepath.Join(folder, "here")
	floor, floorHere := filepath.Join(folder, "floor"), filepath.Join(folder, "floor-here")
	native := "GOARCH_OF_ENV=" + runtime.GOARCH
	if err := errors.Join(build(ctx, "build-functions", "FUNCTIONS="+deployed), build(ctx, "build-functions", "FUNCTIONS="+here, native),
		build(ctx, "build-floors", "FUNCTIONS="+floor), build(ctx, "build-floors", "FUNCTIONS="+floorHere, native)); err != nil {
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
	measure := func(title, deployed, here string, compare func(zip float64, start time.Duration) string) error {
		size, err := zipMB(filepath.Join(deployed, "bootstrap"))
		if err != nil {
			return err
		}
		start, best, memory, err := coldStart(ctx, filepath.Join(here, "bootstrap"), api.(*net.TCPListener))
		if err != nil {
			return fmt.Errorf("starting %s: %w", title, err)
		}
		fmt.Fprintf(b.out, "  %-28s %8.2f %9.1f %8.1f %12d   %s\n", title, size, start.Seconds()*1000, best.Seconds()*1000, memory, compare(size, start))
		return nil
	}
	fmt.Fprintf(b.out, "%-30s %8s %9s %8s %12s\n", "The functions, as deployed", "zip MB", "start ms", "best ms", "resident MB")
	for _, entry := range names {
		name := entry.Name()
		aim, own := coldAims[name]
		if !own {
			aim = otherAim
		}
		if err := measure(name, filepath.Join(deployed, name), filepath.Join(here, name), aim.compare); err != nil {
			return err
		}
		if coldEvents[name] == "" {
			continue
		}
		first, next, err := coldRequest(ctx, name, filepath.Join(here, name), api.Addr().String())
		if err != nil {
			return fmt.Errorf("a request to %s: %w", name, err)
		}
		fmt.Fprintf(b.out, "  %-28s %8s %9.1f ms with the start of its process, the next %.1f ms\n", "  its first request", "", first.Seconds()*1000, next.Seconds()*1000)
	}
	fmt.Fprintln(b.out, "The floor, with the same settings")
	for _, f := range floors {
		if err := measure(f.is, filepath.Join(floor, f.name), filepath.Join(floorHere, f.name), func(float64, time.Duration) string { return "" }); err != nil {
			return err
		}
	}
	fmt.Fprintln(b.out)
	return nil
}

// build makes a target of the Makefile.
func build(ctx context.Context, target string, variables ...string) error {
	command := exec.CommandContext(ctx, "make", append([]string{target}, variables...)...)
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
// in MB then, and the shortest time.
func coldStart(ctx context.Context, binary string, api *net.TCPListener) (median, best time.Duration, resident int, err error) {
	var took []time.Duration
	var memory []int
	for range starts {
		t, m, err := startOnce(ctx, binary, api)
		if err != nil {
			return 0, 0, 0, err
		}
		took, memory = append(took, t), append(memory, m)
	}
	slices.Sort(took)
	slices.Sort(memory)
	return took[starts/2], took[0], memory[starts/2], nil
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
		environ.SMSSecrets: benchSecret, environ.BounceSecrets: benchSecret, environ.AccessSecrets: benchSecret,
	}
	for _, name := range slices.Concat(setup.ForDecisions, setup.ForBucket, setup.ForUploads, setup.ForMessages, setup.ForSMSReply, setup.ForMailBounce, setup.ForAccessChecks, setup.ForRegulator, setup.ForPortal, setup.ForStaff) {
		if own[name] == "" && !slices.Contains(environ.Optional, name) {
			own[name] = "https://bench.example"
		}
	}
	for name, value := range own {
		values = append(values, string(name)+"="+value)
	}
	return values
}
