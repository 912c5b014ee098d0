package journeys_test

import (
	"fmt"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestServers checks that a server must belong to the applicant, be in the mainland, public, rented long enough and not full (S7, S11).
func TestServers(t *testing.T) {
	j := journeyAt(t, 740, filing.VerifyProduct)
	other := newJourney(t, 741)
	ctx, now := t.Context(), sys.Clock.Now()
	good := scenario.Server{Placement: "11", Mode: 5, IPs: []string{"8.130.1.2"}, Quota: 5}
	for name, tc := range map[string]struct {
		change          func(*scenario.Server)
		rented, expires time.Time
		account         string
		want            []string
	}{
		"another account's": {account: other.applicant.Account(), want: []string{"server-unknown /server"}},
		"expired":           {rented: now.AddDate(-1, 0, 0), expires: now.Add(-time.Hour), want: []string{"server-expired /server"}},
		"for a month":       {rented: now, expires: now.AddDate(0, 1, 0), want: []string{"server-rented-too-short /server"}},
		"abroad":            {change: func(s *scenario.Server) { s.Placement = "" }, want: []string{"server-outside-mainland /server"}},
		"full":              {change: func(s *scenario.Server) { s.Quota = 0 }, want: []string{"server-quota-used-up /server"}},
		"private":           {change: func(s *scenario.Server) { s.IPs = []string{"10.0.0.1", "192.168.1.1", "100.64.0.1"} }, want: []string{"server-without-public-ipv4 /server"}},
		"IPv6 only":         {change: func(s *scenario.Server) { s.IPs = []string{"2001:db8::1"} }, want: []string{"server-without-public-ipv4 /server"}},
		"all of it": {change: func(s *scenario.Server) { s.Placement, s.Quota, s.IPs = "", 0, nil }, rented: now.AddDate(0, -2, 0), expires: now.Add(-time.Hour),
			want: []string{"server-expired /server", "server-rented-too-short /server", "server-outside-mainland /server", "server-without-public-ipv4 /server", "server-quota-used-up /server"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			s.ID = "case-" + fmt.Sprintf("%x", name)
			if tc.change != nil {
				tc.change(&s)
			}
			if s.IPs == nil {
				s.IPs = []string{}
			}
			if tc.expires.IsZero() {
				tc.rented, tc.expires = now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)
			}
			if tc.account == "" {
				tc.account = j.applicant.Account()
			}
			if err := admin.ListServer(ctx, s, tc.account, tc.rented, tc.expires); err != nil {
				t.Fatal(err)
			}
			wantProblem(t, j.applicant.ChooseServer(ctx, j.id, s.ID), 422, tc.want...)
		})
	}
	wantProblem(t, j.applicant.ChooseServer(ctx, j.id, "nowhere"), 422, "server-unknown /server")
	j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
	j.must(j.applicant.Abandon(ctx, j.id))
}

// TestQuota checks that the last slot goes to one application and is released when that ends or chooses another server.
func TestQuota(t *testing.T) {
	j := journeyAt(t, 742, filing.VerifyProduct)
	ctx := t.Context()
	small := scenario.Server{ID: "ecs-small-742", Placement: "11", Mode: 5, IPs: []string{"8.130.1.3"}, Quota: 1}
	j.listServer(small)
	j.must(admin.IssueServiceCode(ctx, "CODE-742-ONE", small.ID, ""))
	j.must(j.applicant.ChooseServer(ctx, j.id, small.ID))
	other := journeyAt(t, 743, filing.VerifyProduct)
	byCode := func(j *journey, code string) error {
		return j.applicant.Call(ctx, "PUT", fmt.Sprintf("/orders/%s/product", j.id), map[string]any{"serviceCode": code}, nil)
	}
	wantProblem(t, byCode(other, "CODE-742-ONE"), 422, "server-quota-used-up /serviceCode")
	j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
	if used, err := admin.UsedSlots(ctx, small.ID); err != nil || used != 0 {
		t.Errorf("%d slots used, %v", used, err)
	}
	j.must(byCode(other, "CODE-742-ONE"))
	// A code is valid for one order, and a code issued to an account only for that account.
	j.must(admin.IssueServiceCode(ctx, "CODE-742-TWO", other.app.Server.ID, other.applicant.Account()))
	wantProblem(t, byCode(j, "CODE-742-TWO"), 422, "server-unknown /serviceCode")
	third := journeyAt(t, 744, filing.VerifyProduct)
	j.must(admin.ListServer(ctx, scenario.Server{ID: small.ID, Placement: "11", Mode: 5, IPs: small.IPs, Quota: 2}, j.applicant.Account(), sys.Clock.Now().AddDate(0, -1, 0), sys.Clock.Now().AddDate(1, 0, 0)))
	wantProblem(t, byCode(third, "CODE-742-ONE"), 422, "service-code-used /serviceCode")
	wantProblem(t, byCode(third, "CODE-NONE-AT-ALL"), 422, "server-unknown /serviceCode")
	for _, one := range []*journey{j, other, third} {
		j.must(one.applicant.Abandon(ctx, one.id))
		one.awaitStep(filing.Done, filing.Abandoned)
	}
	if used, err := admin.UsedSlots(ctx, small.ID); err != nil || used != 0 {
		t.Errorf("%d slots used in the end, %v", used, err)
	}
	again := journeyAt(t, 745, filing.VerifyProduct)
	j.must(byCode(again, "CODE-742-ONE"))
	j.must(again.applicant.Abandon(ctx, again.id))
}
