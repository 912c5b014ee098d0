package journeys_test

import (
	"maps"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// TestRemediesForFixedData: what opened an order cannot be changed later, and people mistype it: a digit of the certificate, the domain, the
// province, the kind of entity. The finding says to abandon the order and to open a new one; following that works, with the same server.
// Complaint: "it says to enter the right number, and then refuses the right number".
func TestRemediesForFixedData(t *testing.T) {
	for i, tc := range []struct {
		name    string
		mistype func(*scenario.Application)
		want    []string // the first one's remedy is followed
	}{
		{"a digit of the certificate", func(a *scenario.Application) {
			a.Open["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit("11010119800101998")}
		}, []string{"subject-changed /subject/certificate/number"}},
		{"the kind of certificate", func(a *scenario.Application) {
			a.Open["certificate"] = map[string]any{"kind": 7, "number": "E12345678"}
		},
			[]string{"subject-changed /subject/certificate/kind", "subject-changed /subject/certificate/number"}},
		{"the domain", func(a *scenario.Application) { a.Open["domains"] = []string{"invented-940-exmaple.com"} }, []string{"domains-not-covered /sites"}},
		{"the province", func(a *scenario.Application) { a.Open["province"] = "13" }, []string{"place-not-inside /subject/division", "address-other-province /subject/certificateAddress", "individual-residence-unclear /subject/certificate/number"}},
		{"the kind of entity", func(a *scenario.Application) { a.Details.Sites[0]["serviceContent"] = []int{9} },
			[]string{"service-content-not-for-individuals /sites/0/serviceContent/0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := newJourney(t, 940+i)
			right := scenario.Invented(940 + i)
			tc.mistype(&j.app)
			j.advanceTo(filing.CollectDetails)
			answer := j.send(scenario.Request{Method: "PUT", Path: "/orders/" + string(j.id) + "/details", Body: jsonBody(t, j.app.Details)}, 422, tc.want...)
			j.wantAbandonRemedy(answer.Problem().Findings, tc.want[0])
			j.startAgain(right)
		})
	}
}

// wantAbandonRemedy checks that a finding says to abandon the order and to open a new one.
func (j *journey) wantAbandonRemedy(found finding.List, place string) {
	j.t.Helper()
	for _, f := range found {
		if string(f.Code)+" "+f.Pointer != place {
			continue
		}
		if !strings.Contains(f.Remedy.Chinese, "请放弃本订单") || !strings.Contains(f.Remedy.Chinese, "新建") ||
			!strings.Contains(f.Remedy.English, "bandon this order and open a new one") {
			j.t.Errorf("the remedy of %s does not say what to do: %s %s", f.Code, f.Remedy.Chinese, f.Remedy.English)
		}
		return
	}
	j.t.Errorf("%s is not among %v", place, findingPlaces(found))
}

// startAgain follows the remedy: it abandons the order, and submits the right application in a new one.
func (j *journey) startAgain(right scenario.Application) {
	j.t.Helper()
	j.must(j.applicant.Abandon(j.t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	j.app = right
	j.advanceTo(filing.InitialReview)
	j.must(j.applicant.Withdraw(j.t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Withdrawn)
}

// TestWrongCertificateAfterReviewAndRefusal: the reviewer, or the bureau, finds that the certificate's number is wrong. The right number is
// refused with the way out, which works from there.
func TestWrongCertificateAfterReviewAndRefusal(t *testing.T) {
	for i, refused := range []bool{false, true} {
		j := newJourney(t, 950+i)
		right := scenario.Invented(950 + i)
		ctx, wrong := t.Context(), scenario.WithCheckDigit("11010119800101997")
		j.app.Open["certificate"] = map[string]any{"kind": 2, "number": wrong}
		certificate := maps.Clone(j.app.Details.Subject["certificate"].(map[string]any))
		certificate["number"] = wrong
		j.app.Details.Subject["certificate"] = certificate
		if refused {
			j.advanceTo(filing.VerifySMS)
			j.nextBureauAction(simulator.Action{Decision: simulator.Refuse, Codes: []int64{1015}})
			j.replySMS()
			o := j.awaitStep(filing.Done, filing.BureauRejected)
			if !strings.Contains(o.Findings[0].Remedy.Chinese, "请放弃本订单") {
				t.Errorf("the bureau's finding does not say what to do: %s", o.Findings[0].Remedy.Chinese)
			}
			j.must(j.applicant.Resubmit(ctx, j.id))
		} else {
			j.advanceTo(filing.InitialReview)
			j.must(reviewer.Claim(ctx, j.id))
			j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/subject/certificate/number", Message: map[string]string{"zh-CN": "号码与身份证不一致。"}}))
			j.awaitStep(filing.CollectDetails, filing.Returned)
		}
		answer := j.send(scenario.Request{Method: "PUT", Path: "/orders/" + string(j.id) + "/details", Body: jsonBody(t, right.Details)}, 422, "subject-changed /subject/certificate/number")
		j.wantAbandonRemedy(answer.Problem().Findings, "subject-changed /subject/certificate/number")
		j.startAgain(right)
	}
}

// TestContactIsCorrected: a mistyped mobile or email address is corrected inside the order, and the next message goes to the new one.
func TestContactIsCorrected(t *testing.T) {
	j := newJourney(t, 960)
	right := j.app.Contact
	j.app.Contact = map[string]any{"mobile": "18800000999", "email": "mistyped@invented-example.com"}
	j.advanceTo(filing.CollectDetails)
	change := func(body map[string]any, status int, want ...string) {
		t.Helper()
		j.send(scenario.Request{Method: "PUT", Path: "/orders/" + string(j.id) + "/contact", Body: jsonBody(t, body)}, status, want...)
	}
	change(map[string]any{"mobile": "1", "language": "fr"}, 422, "mobile-format /mobile", "language-unknown /language")
	change(map[string]any{"mobile": right["mobile"], "email": right["email"]}, 200)
	change(map[string]any{"mobile": right["mobile"]}, 200) // changed before: no effect
	j.must(j.applicant.VerifyContact(t.Context(), j.id))
	j.app.Contact = right
	j.must(j.applicant.EnterDetails(t.Context(), j.id, j.app.Details))
	j.correctAll(filing.CollectEvidence)
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.wantNotices(filing.NoticeSubmitted)
	j.must(j.applicant.Withdraw(t.Context(), j.id))
}
