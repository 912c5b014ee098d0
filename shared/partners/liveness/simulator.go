package liveness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"beian/shared/rules/liveness"
	"beian/shared/rules/strictjson"
)

// A Provider decides whether a capture shows the leader performing a challenge. A failed check is a [liveness.Result], not an
// error. An error means that there is no result; it is fault.Unavailable if a retry may help.
type Provider interface {
	Verify(ctx context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error)
}

// Simulator is the provider for the laptop and tests. It compares no faces. Its results depend only on the bytes of the capture and
// are marked as simulated.
//
// A capture that is a JSON object describes what a camera would have recorded:
//
//	{"actions": ["blink", "nod", "open-mouth"], "face": "invented:<leader>", "faces": 1, "spoof": false, "light": "good"}
//
// It passes if the actions are those of the challenge in the same order and the face is [InventedFace] of its leader. The
// optional fields cause failures: "faces" other than 1, "spoof" true, "light" "poor". Bytes that are not a JSON object pass as a
// real recording if there are at least 1,024. A JSON object with other fields fails because it shows no face.
type Simulator struct{}

// SimulatorName is the name of the simulator in its results.
const SimulatorName = "simulator"

const minRecording = 1024

// InventedFace returns the value of "face" for a leader in a described capture.
func InventedFace(leader string) string { return "invented:" + leader }

type describedCapture struct {
	Actions []liveness.Action `json:"actions"`
	Face    string            `json:"face"`
	Faces   *int              `json:"faces"`
	Spoof   bool              `json:"spoof"`
	Light   string            `json:"light"`
}

// PassingCapture returns a described capture that passes the challenge.
func PassingCapture(c liveness.Challenge) []byte {
	text, err := json.Marshal(map[string]any{"actions": c.Actions, "face": InventedFace(c.Leader)})
	if err != nil {
		panic(err) // strings can always be marshalled
	}
	return text
}

// Verify implements [Provider]. Scores are at least 80 for passes and below 40 for failures, derived from the capture's digest.
func (Simulator) Verify(_ context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error) {
	if err := capture.Check(); err != nil {
		return liveness.Result{}, err
	}
	reason := reasonOf(challenge, capture.Data)
	digest := sha256.Sum256(capture.Data)
	r := liveness.Result{Passed: reason == "", Reason: reason, Provider: SimulatorName, Simulated: true}
	if r.Passed {
		r.Score = 80 + int(digest[0])%20
	} else {
		r.Score = int(digest[0]) % 40
	}
	return r, nil
}

// reasonOf returns why a capture fails, "" if it passes.
func reasonOf(challenge liveness.Challenge, data []byte) liveness.Reason {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		if len(data) < minRecording {
			return liveness.NotOneFace
		}
		return ""
	}
	var seen describedCapture
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&seen) != nil || strictjson.Check(data) != nil {
		return liveness.NotOneFace
	}
	switch {
	case seen.Light == "poor":
		return liveness.PoorLight
	case seen.Face == "" || seen.Faces != nil && *seen.Faces != 1:
		return liveness.NotOneFace
	case seen.Spoof:
		return liveness.SpoofSuspected
	case seen.Face != InventedFace(challenge.Leader):
		return liveness.FaceMismatch
	case !slices.Equal(seen.Actions, challenge.Actions):
		return liveness.ActionMissed
	}
	return ""
}
