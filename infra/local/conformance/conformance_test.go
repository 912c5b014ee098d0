//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// tool is Schemathesis, which make test-api installs.
const tool = "../../../dist/python/bin/schemathesis"

// checks are what Schemathesis checks of each answer.
const checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"

// steps are the steps of the orders whose ids the requests have.
var steps = []filing.Step{
	filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity, filing.AwaitConfirmation,
	filing.InitialReview, filing.MailDocuments, filing.VerifySMS,
}

// TestOpenAPI runs Schemathesis without a token, as an applicant with an order at each step, as a reviewer who has claimed one, and as an
// operator.
func TestOpenAPI(t *testing.T) {
	path, err := filepath.Abs(tool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal("Schemathesis is not installed; run make test-api")
	}
	var log recordedlog.Log
	s, err := system.Start(t.Context(), system.Config{
		Output: &log, Folder: t.TempDir(), Clock: clock.StandingAt(time.Date(2021, 3, 1, 1, 30, 0, 0, time.UTC)), Staff: demo.Staff,
		ReviewDelay: time.Hour, Limits: system.Unlimited, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(s.Close(), log.Check()); err != nil {
			t.Error(err)
		}
		if lines := log.Errors(); len(lines) > 0 {
			t.Errorf("%d errors in the log:\n%s", len(lines), strings.Join(lines[:min(len(lines), 20)], ""))
		}
	}()
	runs, err := prepare(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	operations, err := readOperations(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		t.Run(r.name, func(t *testing.T) { r.execute(t, path, s.PortalURL, operations) })
	}
}

// A run is one run of Schemathesis.
type run struct {
	name     string
	user     *scenario.User // nil sends no token
	role     filing.Role    // whose operations are called; "" calls all
	examples int            // arbitrary requests for each operation, beside one for each limit and each wrong type in the document
	orders   []filing.ID    // whose ids the requests have
}

// prepare logs the users in and advances an order to each step. One applicant has those that are not submitted and the first that is; an account can
// submit orders of one subject only, so each other has an applicant and a run.
func prepare(ctx context.Context, s *system.System) ([]run, error) {
	client := scenario.NewClient(s)
	admin, reviewer, err := demo.LogInStaff(ctx, client)
	if err != nil {
		return nil, err
	}
	applicant, err := client.Login(ctx, scenario.Invented(0).Login)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	orders := make([]filing.ID, len(steps))
	var others []run
	for i, step := range steps {
		app, owner := scenario.Invented(i), applicant
		if filing.InitialReview.Before(step) {
			if owner, err = client.Login(ctx, app.Login); err != nil {
				return nil, err
			}
		}
		if err := admin.ListServer(ctx, app.Server, owner.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
			return nil, err
		}
		if orders[i], err = app.AdvanceTo(ctx, owner, reviewer, step); err != nil {
			return nil, fmt.Errorf("to %s: %w", step, err)
		}
		if owner != applicant {
			others = append(others, run{"applicant at " + string(step), owner, filing.Applicant, 3, orders[i : i+1]})
		}
		if step == filing.InitialReview {
			if err := reviewer.Claim(ctx, orders[i]); err != nil {
				return nil, err
			}
		}
	}
	return append([]run{
		{"without a token", nil, "", 3, orders}, {"admin", admin, "", 5, orders}, {"reviewer", reviewer, filing.Reviewer, 10, orders},
		{"applicant", applicant, filing.Applicant, 15, orders},
	}, others...), nil
}

// readOperations returns the roles of each operation of the document that the system serves.
func readOperations(ctx context.Context, s *system.System) (map[string][]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.PortalURL+"/api/v1/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var document struct {
		Paths map[string]map[string]struct {
			ID    string   `json:"operationId"`
			Roles []string `json:"x-roles"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	operations := map[string][]string{}
	for _, path := range document.Paths {
		for _, operation := range path {
			operations[operation.ID] = operation.Roles
		}
	}
	return operations, nil
}

// execute runs Schemathesis. Its requests do not depend on chance.
func (r run) execute(t *testing.T, path, portal string, operations map[string][]string) {
	t.Helper()
	folder := t.TempDir()
	config := filepath.Join(folder, "schemathesis.toml")
	if err := os.WriteFile(config, []byte(r.config()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config-file", config, "run", portal + "/api/v1/openapi.json", "--checks", checks, "--phases", "coverage,fuzzing",
		"--max-examples", strconv.Itoa(r.examples), "--generation-deterministic", "--workers", "1", "--continue-on-failure",
		"--suppress-health-check", "all", "--warnings", "off", "--no-color"}
	if r.user != nil {
		args = append(args, "--header", "Authorization:Bearer "+r.user.Token())
	}
	for id, roles := range operations {
		if r.role != "" && slices.Contains(roles, string(r.role)) {
			args = append(args, "--include-operation-id", id)
		}
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// config returns the settings that Schemathesis has only in a file: nine in ten requests about an order have the id of an order.
func (r run) config() string {
	var ids []string
	for _, id := range r.orders {
		ids = append(ids, strconv.Quote(string(id)))
	}
	return `[dictionaries.orders]
values = [` + strings.Join(ids, ", ") + `]
[[operations]]
include-path-regex = "^/orders/"
[operations.parameters]
"path.id" = {dictionary = "orders", probability = 0.9}
`
}
