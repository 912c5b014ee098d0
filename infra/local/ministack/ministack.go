// Package ministack starts MiniStack, an emulator of AWS from PyPI, which `make dist/python/.installed` installs:
//
//	server, err := ministack.Start(program, folder, "ap-southeast-1")
//	defer server.Close()
package ministack

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"beian/infra/local/subprocess"
)

// A Server is a MiniStack process. It behaves like an empty AWS account.
type Server struct {
	Address string // host and port on loopback
	process *exec.Cmd
	output  bytes.Buffer
}

// Start starts MiniStack in a Region, with its data in a folder, and waits until it is ready. It cannot reach other machines, because their proxy does not exist.
func Start(program, folder, region string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{Address: listener.Addr().String(), process: exec.Command(program)}
	_, port, err := net.SplitHostPort(s.Address)
	if err = errors.Join(err, listener.Close()); err != nil {
		return nil, err
	}
	s.process.Dir = folder
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	s.process.Env = append(PlainEnvironment(), "GATEWAY_PORT="+port, "BIND_HOST=127.0.0.1", "MINISTACK_HOST=127.0.0.1", "MINISTACK_REGION="+region,
		"AWS_ENDPOINT_URL=http://"+s.Address, "TMPDIR="+folder, "STATE_DIR="+folder, "S3_DATA_DIR="+folder, "LOG_LEVEL=WARNING", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
		"HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "NO_PROXY=127.0.0.1,localhost")
	if err := subprocess.Start(s.process); err != nil {
		return nil, fmt.Errorf("MiniStack does not start; make dist/python/.installed installs it: %w", err)
	}
	for started := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		response, err := http.Get("http://" + s.Address + "/_ministack/ready")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		if time.Since(started) > time.Minute {
			return nil, errors.Join(fmt.Errorf("MiniStack is not ready after a minute: %w", err), s.Close(), errors.New(s.Output()))
		}
	}
}

// Close kills MiniStack with the processes of its functions, and waits until it has ended.
func (s *Server) Close() error {
	err := syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
	_ = s.process.Wait() // reports the kill
	return err
}

// Output returns what MiniStack wrote, once it is closed.
func (s *Server) Output() string { return s.output.String() }

// PlainEnvironment returns the environment without any configuration of AWS, the CDK or proxies.
func PlainEnvironment() []string {
	var plain []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		if !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "CDK_") && !strings.HasSuffix(name, "_PROXY") {
			plain = append(plain, variable)
		}
	}
	return plain
}
