package liveness_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	provider "beian/shared/partners/liveness"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

var now = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)

func TestIssue(t *testing.T) {
	ids, orders := map[string]bool{}, map[string]bool{}
	for range 200 {
		c := liveness.Issue("BA1", 2, "leader-7", now)
		if c.Order != "BA1" || c.SiteIndex != 2 || c.Leader != "leader-7" || !c.IssuedAt.Equal(now) || c.ExpiresAt.Sub(now) != 10*time.Minute {
			t.Fatalf("%+v", c)
		}
		if len(c.Actions) != liveness.MovesPerChallenge {
			t.Fatalf("%d actions", len(c.Actions))
		}
		text := ""
		for i, a := range c.Actions {
			if slices.Contains(c.Actions[:i], a) || a.Words().Chinese == "" || a.Words().English == "" {
				t.Errorf("actions %v", c.Actions)
			}
			text += string(a) + " "
		}
		ids[c.ID], orders[text] = true, true
	}
	if len(ids) != 200 || len(orders) < 30 { // of 60 possible ones
		t.Errorf("%d ids, %d sequences", len(ids), len(orders))
	}
}

func TestCaptureCheck(t *testing.T) {
	face, recording := []byte("portrait"), []byte("recording")
	for name, tc := range map[string]struct {
		capture liveness.Capture
		want    fault.Kind
	}{
		"complete":             {liveness.Capture{Data: recording, Portrait: face}, ""},
		"no recording":         {liveness.Capture{Portrait: face}, fault.Invalid},
		"too long a recording": {liveness.Capture{Data: make([]byte, liveness.MaxCapture+1), Portrait: face}, fault.TooLarge},
		"no portrait":          {liveness.Capture{Data: recording}, fault.Internal},
		"too large a portrait": {liveness.Capture{Data: recording, Portrait: make([]byte, evidence.MaxOriginal+1)}, fault.Internal},
	} {
		if err := tc.capture.Check(); fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func testChallenge() liveness.Challenge {
	c := liveness.Issue("BA1", 1, "leader-7", now)
	c.Actions = []liveness.Action{liveness.Blink, liveness.Nod, liveness.OpenMouth}
	return c
}

// recorded returns a capture with some portrait; the simulator compares no faces.
func recorded(data []byte) liveness.Capture {
	return liveness.Capture{Data: data, Portrait: []byte("portrait")}
}

func TestSimulator(t *testing.T) {
	const good = `{"actions":["blink","nod","open-mouth"],"face":"invented:leader-7"}`
	with := func(more string) string { return strings.TrimSuffix(good, "}") + "," + more + "}" }
	for name, c := range map[string]struct {
		data string
		want liveness.Reason
	}{
		"the document of the challenge": {string(provider.PassingCapture(testChallenge())), ""},
		"the same by hand":              {good, ""},
		"everything said":               {with(`"faces":1,"spoof":false,"light":"good"`), ""},
		"another order":                 {`{"actions":["nod","blink","open-mouth"],"face":"invented:leader-7"}`, liveness.ActionMissed},
		"one move less":                 {`{"actions":["blink","nod"],"face":"invented:leader-7"}`, liveness.ActionMissed},
		"another person":                {strings.Replace(good, "leader-7", "leader-8", 1), liveness.FaceMismatch},
		"no face":                       {`{"actions":["blink","nod","open-mouth"]}`, liveness.NotOneFace},
		"two persons":                   {with(`"faces":2`), liveness.NotOneFace},
		"a screen":                      {with(`"spoof":true`), liveness.SpoofSuspected},
		"darkness":                      {with(`"light":"poor"`), liveness.PoorLight},
		"another JSON object":           {`{"hello":1}`, liveness.NotOneFace},
		"two documents":                 {good + good, liveness.NotOneFace},
		"a short recording":             {strings.Repeat("x", 1023), liveness.NotOneFace},
		"a recording":                   {strings.Repeat("x", 1024), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := provider.Simulator{}.Verify(t.Context(), testChallenge(), recorded([]byte(c.data)))
			if err != nil {
				t.Fatal(err)
			}
			if r.Reason != c.want || r.Passed != (c.want == "") || !r.Simulated || r.Provider != provider.SimulatorName {
				t.Errorf("%+v", r)
			}
			if r.Passed != (r.Score >= 80) || r.Score < 0 || r.Score > 100 {
				t.Errorf("score %d", r.Score)
			}
			again, _ := provider.Simulator{}.Verify(t.Context(), testChallenge(), recorded([]byte(c.data)))
			if again != r {
				t.Errorf("%+v, then %+v", r, again)
			}
			found := r.Findings(1)
			if found.Blocking() == r.Passed || !found.Has(liveness.CodeSimulated) || found[0].Pointer != "/sites/1" {
				t.Errorf("%+v", found)
			}
			if c.want != "" && !found.Has(finding.Code("liveness-"+string(c.want))) {
				t.Errorf("%+v", found)
			}
		})
	}
}

func TestSimulatorAcceptsMaxCapture(t *testing.T) {
	full := bytes.Repeat([]byte("x"), liveness.MaxCapture)
	if _, err := (provider.Simulator{}).Verify(t.Context(), testChallenge(), recorded(full)); err != nil {
		t.Error(err)
	}
	_, err := provider.Simulator{}.Verify(t.Context(), testChallenge(), recorded(append(full, 'x')))
	if fault.KindOf(err) != fault.TooLarge {
		t.Error(err)
	}
}

func FuzzSimulator(f *testing.F) {
	f.Add(provider.PassingCapture(testChallenge()))
	f.Add([]byte(`{"faces":null}`))
	f.Add([]byte(" {"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := provider.Simulator{}.Verify(t.Context(), testChallenge(), recorded(data))
		if err == nil && (!r.Simulated || r.Passed != (r.Reason == "")) {
			t.Errorf("%+v", r)
		}
	})
}
