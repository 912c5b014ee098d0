package filing

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"beian/shared/rules/strictjson"
)

// SecondReadings says on which orders the first verdict of a reviewer does not take effect before another reviewer has read the order blind. The zero value
// is none. See ADR 49.
type SecondReadings struct {
	// Percent is the share of the submissions, 0 to 100, which a keyed digest draws.
	Percent int `json:"percent"`
	// Risks are those of which every order is read twice.
	Risks []Risk `json:"risks,omitempty"`
	// Rejections says whether every rejection needs a second reviewer.
	Rejections bool `json:"rejections,omitempty"`
}

// DefaultSecondReadings is the setting without one: a share that a team of a few reviewers can bear. Our own choice.
func DefaultSecondReadings() SecondReadings { return SecondReadings{Percent: 5} }

// ParseSecondReadings reads the setting from JSON; "" is the default.
func ParseSecondReadings(text string) (SecondReadings, error) {
	if text == "" {
		return DefaultSecondReadings(), nil
	}
	var s SecondReadings
	if err := strictjson.UnmarshalSettings(text, &s); err != nil {
		return s, err
	}
	return s, s.Check()
}

// Check returns an error that names the first value that is not possible, in English and Chinese.
func (s SecondReadings) Check() error {
	if s.Percent < 0 || s.Percent > 100 {
		return fmt.Errorf("percent: %d is not from 0 to 100 / %[1]d 不在 0 到 100 之间", s.Percent)
	}
	for _, r := range s.Risks {
		if !slices.Contains(Risks, r) {
			return fmt.Errorf("risks: %q is not one of %v / %[1]q 不在 %[2]v 之中", r, Risks)
		}
	}
	return nil
}

// JSON returns the setting as [ParseSecondReadings] reads it.
func (s SecondReadings) JSON() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen: numbers and texts
	}
	return string(text)
}

// selects reports whether another reviewer has to read the order after a first verdict.
func (s SecondReadings) selects(o Order, v Verdict) bool {
	return s.Rejections && v == VerdictReject || slices.ContainsFunc(o.Risks, func(r Risk) bool { return slices.Contains(s.Risks, r) }) || o.draw() < s.Percent
}

// draw returns a number from 0 to 99 for the submission that the order's reviewers read. It follows from the order's secret key, which no reviewer has: nobody
// can foresee it, and it is the same however often a verdict is given and taken back.
func (o Order) draw() int {
	digest, err := hex.DecodeString(o.keyedDigest([]byte("second reading of " + string(o.ID) + " round " + strconv.Itoa(o.Round) + " visit " + strconv.Itoa(o.StepVisit))))
	if err != nil {
		panic(err) // cannot happen: keyedDigest returns hex
	}
	return int(binary.BigEndian.Uint64(digest) % 100)
}
