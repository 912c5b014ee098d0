package liveness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"slices"

	"beian/shared/rules/liveness"
)

// A Provider decides whether a capture answers a challenge. Failing the check is a [liveness.Result], not an error; an error
// says that there is no answer, and is of kind Unavailable when asking again may help.
type Provider interface {
	Verify(ctx context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error)
}

// Simulator is the provider of laptops and tests. It sees no faces; its answers depend on the bytes of the capture
// alone, and each says that it is simulated.
//
// A capture that is a JSON object is a capture document, which says what a camera would have seen:
//
//	{"actions": ["blink", "nod", "open-mouth"], "face": "invented:<leader>", "faces": 1, "spoof": false, "light": "good"}
//
// It passes when the actions are the challenge's in its order and the face is [InventedFace] of its leader. Faces,
// spoof and light may be left out; they stand for other outcomes: "faces" other than 1, "spoof" true, "light" "poor".
// What is no such document is taken for a real recording and passes, unless it is too short (under 1,024 bytes) to
// hold a face. A JSON object that is no capture document shows no face either.
type Simulator struct{}

// SimulatorName is the provider's name in its results.
const SimulatorName = "simulator"

const leastRecording = 1024

// InventedFace is the face by which a capture document shows a leader.
func InventedFace(leader string) string { return "invented:" + leader }

type document struct {
	Actions []liveness.Action `json:"actions"`
	Face    string            `json:"face"`
	Faces   *int              `json:"faces"`
	Spoof   bool              `json:"spoof"`
	Light   string            `json:"light"`
}

// Document is the capture that passes a challenge in the simulator.
func Document(c liveness.Challenge) []byte {
	text, err := json.Marshal(map[string]any{"actions": c.Actions, "face": InventedFace(c.Leader)})
	if err != nil {
		panic(err) // texts can always be marshalled
	}
	return text
}

// Verify answers at once. Scores are from 80 for what passes and below 40 for what does not, by the capture's digest.
func (Simulator) Verify(_ context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error) {
	if len(capture.Data) > liveness.MaxCapture {
		return liveness.Result{}, liveness.ErrTooLarge
	}
	reason := judge(challenge, capture.Data)
	digest := sha256.Sum256(capture.Data)
	r := liveness.Result{Passed: reason == "", Reason: reason, Provider: SimulatorName, Simulated: true}
	if r.Passed {
		r.Score = 80 + int(digest[0])%20
	} else {
		r.Score = int(digest[0]) % 40
	}
	return r, nil
}

// judge returns why the capture does not pass, in the order in which a camera would notice.
func judge(challenge liveness.Challenge, data []byte) liveness.Reason {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		if len(data) < leastRecording {
			return liveness.NotOneFace
		}
		return ""
	}
	var seen document
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&seen); err != nil {
		return liveness.NotOneFace
	}
	if _, err := d.Token(); err != io.EOF {
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
