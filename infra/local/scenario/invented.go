package scenario

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/sitename"
)

// Invented returns the application of an invented individual in Beijing. Each n is another person with another domain, server
// and phone.
func Invented(n int) Application {
	born := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/999)
	number := WithCheckDigit(fmt.Sprintf("110101%s%03d", born.Format("20060102"), n%999+1))
	mobile, other := fmt.Sprintf("188%08d", 2*n), fmt.Sprintf("188%08d", 2*n+1)
	domain, email := fmt.Sprintf("invented-%d-example.com", n), fmt.Sprintf("person%d@invented-example.com", n)
	leader := map[string]any{"legalRepresentative": true, "mobile": mobile, "emergencyPhone": other, "email": email}
	return Application{
		About: "示例: an invented individual in Beijing.", Login: "+86" + mobile, Language: "zh-CN",
		Contact: map[string]any{"mobile": mobile, "email": email},
		Open: map[string]any{"province": "11", "entityKind": 5, "name": "示例人", "certificate": map[string]any{"kind": 2, "number": number},
			"domains": []string{domain}},
		Server: Server{ID: fmt.Sprintf("ecs-in-%d", n), Placement: "11", Mode: 5, IPs: []string{"8.130.1.1"}, Quota: 5},
		Details: Details{
			Subject: map[string]any{
				"certificate":        map[string]any{"kind": 2, "number": number, "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}},
				"certificateAddress": "北京市东城区示例胡同1号", "division": "110101", "address": "东城区示例胡同1号", "investor": "示例人", "leader": leader,
			},
			Sites: []map[string]any{{
				"name": "木作手记", "domains": []string{domain}, "serviceContent": []int{6}, "languages": []int{1},
				"remark": "记录手工木作的过程。", "leader": leader,
			}},
		},
	}
}

// WithExplainedName returns the application with a name of digits for its site, which a bureau usually refuses, and an explanation.
func (a Application) WithExplainedName() Application {
	a.Details.Sites = []map[string]any{maps.Clone(a.Details.Sites[0])}
	a.Details.Sites[0]["name"] = "2046"
	a.Details.Explanations = []filing.Explanation{{Code: sitename.OnlyDigits, Pointer: "/sites/0/name", Text: "作品名就是 2046。"}}
	return a
}

// WithCheckDigit completes the first 17 digits of a resident ID number (GB 11643: ISO 7064 MOD 11-2).
func WithCheckDigit(digits string) string {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[i]-'0') * weight
	}
	return digits + string("10X98765432"[sum%11])
}

// LeaderMobiles returns the leaders' mobile numbers, each once.
func LeaderMobiles(d Details) []string {
	var all []string
	add := func(leader any) {
		l, _ := leader.(map[string]any)
		if mobile, ok := l["mobile"].(string); ok && !slices.Contains(all, mobile) {
			all = append(all, mobile)
		}
	}
	add(d.Subject["leader"])
	for _, site := range d.Sites {
		add(site["leader"])
	}
	return all
}

var samplePicture = sync.OnceValue(func() []byte { return SamplePicture("paper", 1) })

// AdvanceTo opens an order for the application and advances it to a step.
func (a Application) AdvanceTo(ctx context.Context, applicant, reviewer *User, step filing.Step) (filing.ID, error) {
	order, err := applicant.OpenOrder(ctx, a)
	if err != nil {
		return "", err
	}
	return order.ID, a.Advance(ctx, order.ID, applicant, reviewer, step)
}

// Advance is AdvanceTo for an order that was opened with the application's subject and domains.
func (a Application) Advance(ctx context.Context, id filing.ID, applicant, reviewer *User, step filing.Step) error {
	if _, err := applicant.AwaitStep(ctx, id, filing.VerifyProduct); err != nil {
		return err
	}
	if err := applicant.VerifyContact(ctx, id); err != nil {
		return fmt.Errorf("verifying the contact: %w", err)
	}
	var originals []string
	if step == filing.MailDocuments {
		originals = []string{"sites/0/verification-form"}
	}
	for _, s := range []struct {
		step     filing.Step
		complete func() error
	}{
		{filing.VerifyProduct, func() error { return applicant.ChooseServer(ctx, id, a.Server.ID) }},
		{filing.CollectDetails, func() error { return applicant.EnterDetails(ctx, id, a.Details) }},
		{filing.CollectEvidence, func() error { return applicant.UploadMissing(ctx, id, samplePicture()) }},
		{filing.VerifyAuthenticity, func() error { return applicant.PassLiveness(ctx, id, 0) }},
		{filing.AwaitConfirmation, func() error { return applicant.Confirm(ctx, id) }},
		{filing.InitialReview, func() error { return reviewer.ApproveAndRequestOriginals(ctx, id, originals...) }},
	} {
		if s.step == step {
			return nil
		}
		if err := s.complete(); err != nil {
			return fmt.Errorf("at %s: %w", s.step, err)
		}
	}
	_, err := applicant.AwaitStep(ctx, id, step)
	return err
}
