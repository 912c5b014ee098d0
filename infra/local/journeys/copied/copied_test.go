// Package copied_test compares full copies of the bureau (SJTB) with the register of a whole system.
package copied_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/rules/workday"
)

// The system of all tests.
var (
	sys    *system.System
	client *scenario.Client
	admin  *scenario.User
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)), Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) { sys, client, admin = s.System, s.Client, s.Admin })
}

// copied returns the filing of an invented person as a full copy of the bureau has it.
func copied(t *testing.T, app scenario.Application, name string) document.SyncedFiling {
	t.Helper()
	certificate, mobile := fmt.Sprint(app.Open["certificate"].(map[string]any)["number"]), app.Contact["mobile"].(string)
	id, err := strconv.ParseInt(mobile[3:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	number, day := fmt.Sprintf("京ICP备%d号", 30000000+id), document.FormatDate(time.Date(2025, 1, 2, 0, 0, 0, 0, workday.Shanghai))
	id *= 10
	return document.SyncedFiling{
		Subject: document.FiledSubject{BureauID: id, Name: "示例人", Nature: 5, Number: number, ReportMode: 1, Reported: day, Changed: day,
			Address: document.FiledAddress{Province: 110000, City: 110100, County: 110101, Detail: "示例路1号"}, Certificate: document.FiledCertificate{Kind: 2, Number: certificate, Address: "示例路1号"},
			Leader: document.FiledLeader{Name: "示例人", Mobile: mobile, Email: "person@example.com", CertificateKind: 2, CertificateNumber: certificate}},
		Sites: []document.SyncedSite{{BureauID: id + 1, Name: name, Number: number + "-1", Domains: []document.FiledDomain{{BureauID: id + 2, Name: app.Open["domains"].([]string)[0]}},
			Accesses: []document.FiledAccess{{BureauID: id + 3, Provider: system.BureauProvider, Locations: []int64{11}, Modes: []int64{5},
				IPs: []document.FiledIPRange{{BureauID: id + 4, First: 1, Last: 1}}}}, Leader: document.FiledSiteLeader{Name: "示例人", Mobile: mobile}}},
	}
}

// A page is one of GET /reconciliation.
type page struct {
	Copy  *struct{ Finished bool }
	Items []struct{ Number, Kind, Actor, Filing string }
	Next  string
}

// differences returns the differences in the order of their numbers, after the copy is compared.
func differences(t *testing.T, state string) (all []string) {
	t.Helper()
	for cursor := ""; ; {
		var p page
		err := scenario.Poll(t.Context(), func() (bool, error) {
			p = page{}
			err := admin.Call(t.Context(), http.MethodGet, "/reconciliation?limit=50&state="+state+"&cursor="+cursor, nil, &p)
			return err == nil && p.Copy != nil && p.Copy.Finished, err
		})
		if err != nil {
			t.Fatalf("the copy is not compared: %+v, %v", p, err)
		}
		for _, d := range p.Items {
			all = append(all, d.Kind+" "+d.Number+" "+d.Actor)
		}
		if cursor = p.Next; cursor == "" {
			return all
		}
	}
}

// TestFullCopy: a copy of 120 filings is compared in pages and added to the register. A customer claims one of them. A later copy of fewer filings changes one,
// and deletes none.
func TestFullCopy(t *testing.T) {
	var filings []document.SyncedFiling
	for n := range 119 {
		filings = append(filings, copied(t, scenario.Invented(100000+n), "木作手记"))
	}
	app := scenario.Invented(3550)
	mine := copied(t, app, "木作手记")
	offer := func(filings ...document.SyncedFiling) {
		t.Helper()
		issue := simulator.Issue{Provider: system.BureauProvider, Sync: &document.Sync{Filed: filings}}
		if err := sys.Bureau.Apply(simulator.Scenario{Issue: []simulator.Issue{issue}}); err != nil {
			t.Fatal(err)
		}
	}
	offer(append(slices.Clone(filings), mine)...)
	added := differences(t, "settled")
	if len(added) != 120 || !slices.Contains(added, "missing-here "+mine.Subject.Number+" applicant") {
		t.Fatalf("%d are added: %q", len(added), added)
	}
	me, err := client.Login(t.Context(), app.Login)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := me.ClaimFiling(t.Context(), mine.Subject.Number); err != nil {
		t.Fatal(err)
	}
	code, err := client.AwaitClaimCode(t.Context(), app.Contact["mobile"].(string), mine.Subject.Number)
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := me.AnswerClaim(t.Context(), code)
	if err != nil || claimed.Number.String() != mine.Subject.Number {
		t.Fatalf("%+v, %v", claimed.FilingBrief, err)
	}
	sys.Clock.Advance(25 * time.Hour)
	changed := copied(t, app, "木作新记")
	offer(append(slices.Clone(filings[1:]), changed)...)
	err = scenario.Poll(t.Context(), func() (bool, error) {
		return slices.Equal(differences(t, "settled"), []string{"differs " + mine.Subject.Number + " applicant"}), nil
	})
	if open := differences(t, "open"); err != nil || !slices.Equal(open, []string{"missing-there " + filings[0].Subject.Number + " bureau"}) {
		t.Errorf("open: %q, %v", open, err)
	}
	versions, err := me.FilingVersions(t.Context(), claimed.ID)
	if v := versions.Items; err != nil || !versions.Verified || len(v) != 3 || !slices.Equal(v[2].Changed, []string{"/sites/" + mine.Subject.Number + "-1/details/name"}) {
		t.Errorf("%+v, %v", versions, err)
	}
}
