package attacks_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/rules/liveness"
	"beian/shared/web"
)

// startCheck starts the liveness check of the first site's leader. It returns the challenge's id and a recording that passes it.
func startCheck(t *testing.T, u *scenario.User, id filing.ID) (challenge string, recording []byte) {
	t.Helper()
	answer := send(t, u, scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/challenges", Body: []byte(`{"site":0}`)}, 201)
	var c struct {
		ID      string `json:"id"`
		Actions []struct {
			Action liveness.Action `json:"action"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(answer.Body, &c); err != nil {
		t.Fatal(err)
	}
	issued := liveness.Challenge{Leader: filing.Order{ID: id}.LeaderReference(0)}
	for _, a := range c.Actions {
		issued.Actions = append(issued.Actions, a.Action)
	}
	return c.ID, provider.PassingCapture(issued)
}

// answerOf is the request that answers a challenge.
func answerOf(id filing.ID, challenge string, recording []byte) scenario.Request {
	return scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/challenges/" + challenge,
		Body: fmt.Appendf(nil, `{"capture":%q}`, base64.StdEncoding.EncodeToString(recording))}
}

// passes returns the order and how many site leaders have passed the liveness check.
func passes(t *testing.T, u *scenario.User, id filing.ID) (scenario.Order, int) {
	t.Helper()
	body := send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200).Body
	var o struct {
		scenario.Order
		Authentic []struct {
			Site int `json:"site"`
		} `json:"authentic"`
	}
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatal(err)
	}
	return o.Order, len(o.Authentic)
}

// TestPresenceWithoutPortrait: no check starts before the certificate's picture is accepted: not before any upload, not with an upload that
// was not submitted, and not with the other papers.
func TestPresenceWithoutPortrait(t *testing.T) {
	ctx := t.Context()
	applicant, _, id := applicantAt(t, 110, filing.CollectEvidence)
	start := scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/challenges", Body: []byte(`{"site":0}`)}
	const missing = "liveness-portrait-missing /evidence/" + certificateFront
	send(t, applicant, start, 422, missing)
	forms, err := applicant.UploadForms(ctx, id, "image/jpeg", certificateFront)
	if err != nil {
		t.Fatal(err)
	}
	post(t, forms[0], scenario.SamplePicture("portrait", 11))
	send(t, applicant, start, 422, missing)
	picture := scenario.SamplePicture("paper", 12)
	if err := applicant.Upload(ctx, id, map[string][]byte{certificateBack: picture, verificationForm: picture}, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	send(t, applicant, start, 422, missing)
	if o, _ := passes(t, applicant, id); o.Step != filing.CollectEvidence {
		t.Errorf("at %s without the certificate", o.Step)
	}
	send(t, applicant, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/evidence", Body: papersOf(forms[0])}, 200)
	challenge, recording := startCheck(t, applicant, id)
	send(t, applicant, answerOf(id, challenge, recording), 200)
}

// TestPortraitReplaced: when the certificate's picture or the leader changes after the check was started or passed, the check is over: the
// open challenge is refused, the passed check is dropped with its reason, and the order goes back. Another paper changes nothing.
func TestPortraitReplaced(t *testing.T) {
	ctx := t.Context()
	applicant, app, id := applicantAt(t, 111, filing.VerifyAuthenticity)
	const dropped = "liveness-dropped"
	replace := func(slot string, seed uint64) {
		t.Helper()
		if err := applicant.Upload(ctx, id, map[string][]byte{slot: scenario.SamplePicture("replaced", seed)}, "image/jpeg"); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, step filing.Step, passed int, has bool) {
		t.Helper()
		o, n := passes(t, applicant, id)
		if o.Step != step || n != passed || o.Findings.Has(dropped) != has {
			t.Errorf("%s: at %s, %d passed, findings %v", what, o.Step, n, o.Findings)
		}
	}
	// Between the start and the answer.
	challenge, recording := startCheck(t, applicant, id)
	replace(certificateFront, 21)
	send(t, applicant, answerOf(id, challenge, recording), 409, "liveness-challenge-outdated ")
	want("replaced before the answer", filing.VerifyAuthenticity, 0, false)
	// After the pass.
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	want("passed", filing.AwaitConfirmation, 1, false)
	replace(verificationForm, 22)
	want("the form replaced", filing.AwaitConfirmation, 1, false)
	replace(certificateFront, 23)
	want("the portrait replaced", filing.VerifyAuthenticity, 0, true)
	replace(certificateFront, 21)
	want("the first portrait again", filing.VerifyAuthenticity, 0, true)
	if err := applicant.Confirm(ctx, id); err == nil {
		t.Error("the order was confirmed without a check")
	}
	// The person.
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	challenge, recording = startCheck(t, applicant, id)
	renamed := app.Details
	renamed.Subject = maps.Clone(renamed.Subject)
	renamed.Subject["name"], renamed.Subject["investor"] = "示例改", "示例改"
	if err := applicant.EnterDetails(ctx, id, renamed); err != nil {
		t.Fatal(err)
	}
	want("renamed", filing.CollectEvidence, 0, true)
	send(t, applicant, answerOf(id, challenge, recording), 409, "liveness-challenge-outdated ")
	replace(verificationForm, 24)
	want("the form in the new name", filing.VerifyAuthenticity, 0, true)
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	if err := applicant.Confirm(ctx, id); err != nil {
		t.Fatal(err)
	}
	// The reviewer returns the picture.
	if err := reviewer.Claim(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Review(ctx, id, "return", scenario.Remark{Pointer: "/evidence/" + certificateFront, Code: "evidence-unreadable"}); err != nil {
		t.Fatal(err)
	}
	want("returned", filing.CollectEvidence, 0, true)
	send(t, applicant, scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/challenges", Body: []byte(`{"site":0}`)}, 422,
		"liveness-portrait-missing /evidence/"+certificateFront)
	replace(certificateFront, 25)
	want("uploaded again", filing.VerifyAuthenticity, 0, true)
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	want("passed again", filing.AwaitConfirmation, 1, false)
}

// TestPresenceAnswers: a challenge takes one answer, for its own order, in its time. An empty recording does not use it up.
func TestPresenceAnswers(t *testing.T) {
	applicant, _, id := applicantAt(t, 112, filing.VerifyAuthenticity)
	other, _, foreign := applicantAt(t, 113, filing.VerifyAuthenticity)
	challenge, recording := startCheck(t, applicant, id)
	theirs, theirRecording := startCheck(t, other, foreign)

	send(t, applicant, answerOf(id, theirs, theirRecording), 404, "liveness-challenge-unknown ")
	send(t, applicant, answerOf(foreign, theirs, theirRecording), 404)
	send(t, other, answerOf(id, challenge, recording), 404)
	send(t, applicant, answerOf(id, challenge, nil), 422, "liveness-capture-empty /capture")
	send(t, applicant, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/challenges/" + challenge, Body: []byte(`{"capture":null}`)}, 422)
	send(t, applicant, answerOf(id, challenge, theirRecording), 422, "liveness-face-mismatch /sites/0")
	send(t, applicant, answerOf(id, challenge, recording), 409, "liveness-challenge-used ")

	late, lateRecording := startCheck(t, applicant, id)
	sys.Clock.Advance(liveness.Lifetime + time.Second)
	send(t, applicant, answerOf(id, late, lateRecording), 409, "liveness-challenge-expired ")
	if o, n := passes(t, applicant, id); o.Step != filing.VerifyAuthenticity || n != 0 {
		t.Errorf("at %s, %d passed", o.Step, n)
	}

	// In parallel: one answer counts.
	parallel, good := startCheck(t, applicant, id)
	answers := make([]int, 8)
	var tries sync.WaitGroup
	for i := range answers {
		tries.Go(func() {
			answer, err := client.Send(t.Context(), applicant, answerOf(id, parallel, good))
			if err != nil {
				t.Error(err)
			}
			answers[i] = answer.Status
		})
	}
	tries.Wait()
	counted := 0
	for _, status := range answers {
		if status == 200 {
			counted++
		} else if status != 409 {
			t.Errorf("statuses %v", answers)
		}
	}
	if _, n := passes(t, applicant, id); counted != 1 || n != 1 {
		t.Errorf("%d of %v count, %d passed", counted, answers, n)
	}
}

// TestPortraitExchanged: a portrait that was exchanged in the bucket of evidence is compared with no face, and the applicant is asked to
// upload it again.
func TestPortraitExchanged(t *testing.T) {
	ctx := t.Context()
	applicant, _, id := applicantAt(t, 114, filing.CollectEvidence)
	papers := map[string][]byte{}
	for i, slot := range []string{certificateFront, certificateBack, verificationForm} {
		papers[slot] = scenario.SamplePicture(slot, uint64(30+i))
	}
	if err := applicant.Upload(ctx, id, papers, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	challenge, recording := startCheck(t, applicant, id)
	alarms := len(paperAlarms())
	overwrite(t, original(t, id, certificateFront), objectsOf(t, id)[original(t, id, certificateBack)])
	send(t, applicant, answerOf(id, challenge, recording), 409, string(web.CodeEvidenceDamaged)+" /evidence/"+certificateFront)
	if len(paperAlarms()) != alarms+1 {
		t.Errorf("%d alarms, before %d", len(paperAlarms()), alarms)
	}
	if err := applicant.Upload(ctx, id, map[string][]byte{certificateFront: scenario.SamplePicture("again", 33)}, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
}
