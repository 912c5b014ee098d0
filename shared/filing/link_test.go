package filing_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
)

func TestLink(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ids := []string{"00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01KJZ2Y0M0QK8W3V5T7R9P1N2B"}
	for range 1000 {
		var id ulid.ULID
		for i := range id {
			id[i] = byte(random.UintN(256))
		}
		ids = append(ids, id.String())
	}
	for _, id := range ids {
		link := filing.ID(id).Link()
		if len(link) != 22 || strings.Trim(link, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%s has the link %q", id, link)
		}
		if got, ok := filing.ParseLink(link); !ok || string(got) != id {
			t.Errorf("%s has the link %q, which names %q", id, link, got)
		}
	}
	if got := filing.ID("not a ULID").Link(); got != "not a ULID" {
		t.Errorf("the link of an id that is no ULID: %q", got)
	}
}

func TestParseLink(t *testing.T) {
	link := filing.ID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").Link()
	for name, text := range map[string]string{
		"empty": "", "shorter": link[1:], "longer": "0" + link, "another character": link[:21] + "-", "a sign": "+" + link[1:], "not ASCII": link[:19] + "备",
		"a number above all ids": link[:21] + string(link[21]+1), "the largest number": strings.Repeat("z", 22), "an id": "01KJZ2Y0M0QK8W3V5T7R9P1N2B",
	} {
		if id, ok := filing.ParseLink(text); ok {
			t.Errorf("%s names %s", name, id)
		}
	}
}

func TestLinkEnded(t *testing.T) {
	closed := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC) // a Thursday; ten working days later is 19 March
	for name, c := range map[string]struct {
		order filing.Order
		at    time.Time
		want  bool
	}{
		"open":                         {filing.Order{Status: filing.Submitted}, closed, false},
		"refused by the bureau":        {filing.Order{Status: filing.BureauRejected}, closed, false},
		"approved":                     {filing.Order{Status: filing.Approved}, closed.AddDate(3, 0, 0), false},
		"the filing was cancelled":     {filing.Order{Status: filing.Approved, FilingEnded: "2026-03-05"}, closed, true},
		"withdrawn":                    {filing.Order{Status: filing.Withdrawn}, closed, true},
		"abandoned":                    {filing.Order{Status: filing.Abandoned}, closed, true},
		"expired":                      {filing.Order{Status: filing.Expired}, closed, true},
		"rejected, can be contested":   {filing.Order{Status: filing.InitialRejected, MovedAt: closed}, closed.AddDate(0, 0, 14), false},
		"rejected, the period is over": {filing.Order{Status: filing.InitialRejected, MovedAt: closed}, closed.AddDate(0, 0, 15), true},
		"the rejection stands":         {filing.Order{Status: filing.InitialRejected, MovedAt: closed, Appeal: &filing.Appeal{}}, closed, true},
		"contested":                    {filing.Order{Status: filing.Appealed, Appeal: &filing.Appeal{}}, closed, false},
		"erased":                       {filing.Order{Status: filing.Approved, Erasure: &filing.Erasure{}}, closed, true},
	} {
		if got := c.order.LinkEnded(c.at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
