package main

import (
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"testing"

	"beian/events"
)

// TestInvokeEverySample invokes every sample in a system that has its order.
func TestInvokeEverySample(t *testing.T) {
	keepFolder(t)
	s, err := startSamples(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.system.Close(); err != nil {
			t.Error(err)
		}
	})
	invoked := 0
	err = fs.WalkDir(events.Files, ".", func(file string, d fs.DirEntry, err error) error {
		name, isSample := strings.CutSuffix(file, ".json")
		if err != nil || !isSample || path.Dir(name) == "applications" {
			return err
		}
		invoked++
		out, err := s.invoke(t.Context(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		var answer struct {
			BatchItemFailures []any
			Body              string
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.BatchItemFailures) > 0 {
			t.Errorf("%s: %v, %s", name, err, out)
		}
		if name == "operator/erasure" && !strings.Contains(answer.Body, `"erased":true`) {
			t.Errorf("%s: the order was not erased: %s", name, answer.Body)
		}
		if name == "reviewer/pass-with-override" && !strings.Contains(answer.Body, `"step":"VerifySMS"`) {
			t.Errorf("%s: the order did not pass the review: %s", name, answer.Body)
		}
		if name == "api/open-with-explanation" && !strings.Contains(answer.Body, `"text":"执照上就是这个代码，已与登记机关核实。"`) {
			t.Errorf("%s: the explanation is not in the order: %s", name, answer.Body)
		}
		if name == "smsreply/code" && !strings.Contains(answer.Body, "taken") {
			t.Errorf("%s: the reply was ignored: %s", name, answer.Body)
		}
		return nil
	})
	if err != nil || invoked == 0 {
		t.Fatalf("%d samples were invoked: %v", invoked, err)
	}
}

func TestInvokeUnknownSample(t *testing.T) {
	for _, arguments := range [][]string{nil, {"a", "b"}} {
		if err := invoke(t.Context(), arguments); err == nil || !strings.Contains(err.Error(), "usage: make invoke") {
			t.Errorf("%q: %v", arguments, err)
		}
	}
	if _, err := new(samples).invoke(t.Context(), "nothing/there"); err == nil || !strings.Contains(err.Error(), "no sample events/nothing/there.json") {
		t.Error(err)
	}
}
