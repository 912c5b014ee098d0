package register_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing/register"
)

// TestNoticesOfChange: the former leader and the account are informed of another leader or mobile, and of nothing else; the leader of the filing that an
// agency filed, of its number.
func TestNoticesOfChange(t *testing.T) {
	order, download := register.Source{Kind: register.FromOrder, ID: "order"}, register.Source{Kind: register.FromDownload, ID: "file"}
	first := func(account register.Account, by register.Source) register.Change {
		f := register.Filing{ID: "filing", Account: account, Sites: []register.FiledSite{{}}, Private: register.Private{Sites: []register.Site{{}}}}
		f.Private.Subject.Leader = register.Leader{Name: "样例甲", Mobile: "13700000001", Certificate: register.IdentityDocument{Number: "110105198811010011"}}
		c, _ := register.Filing{}.Replace(f, by, time.Now())
		return c
	}
	next := func(account register.Account, change func(*register.Filing)) register.Change {
		f := first(account, download).After
		after := f
		change(&after)
		c, changed := f.Replace(after, download, time.Now())
		if !changed {
			t.Fatal("nothing has changed")
		}
		return c
	}
	another := func(f *register.Filing) { f.Private.Subject.Leader.Name = "样例乙" }
	former := register.Notice{Kind: register.NoticeLeaderChanged, To: register.ToFormerLeader, Filing: "filing", ID: "file", Version: 2}
	owner := former
	owner.To = register.ToOwner
	cancelled := func(version int, to register.Recipient) register.Notice {
		return register.Notice{Kind: register.NoticeBureauCancelled, To: to, Filing: "filing", ID: "file", Version: version}
	}
	byOrder := next("account", func(f *register.Filing) { f.Status = register.Cancelled })
	byOrder.Entry.Source = order
	for name, c := range map[string]struct {
		change register.Change
		want   []register.Notice
	}{
		"an agency's first filing":   {first("", order), []register.Notice{{Kind: register.NoticeAgencyFiled, To: register.ToLeader, Filing: "filing", ID: "order", Version: 1}}},
		"an account's first filing":  {first("account", order), nil},
		"imported without account":   {first("", download), nil},
		"another person":             {next("account", another), []register.Notice{former, owner}},
		"another person, no account": {next("", another), []register.Notice{former}},
		"another certificate": {next("", func(f *register.Filing) { f.Private.Subject.Leader.Certificate.Number = "110105198811010038" }),
			[]register.Notice{former}},
		"another mobile":            {next("", func(f *register.Filing) { f.Private.Subject.Leader.Mobile = "13700000002" }), []register.Notice{former}},
		"the mobile in other words": {next("", func(f *register.Filing) { f.Private.Subject.Leader.Mobile = "+86 13700000001" }), nil},
		"a certificate that is gone": {next("", func(f *register.Filing) { f.Private.Subject.Leader.Certificate.Number = "" }),
			nil},
		"another email": {next("account", func(f *register.Filing) { f.Private.Subject.Leader.Email = "a@invented-example.com" }), nil},
		"cancelled": {next("account", func(f *register.Filing) {
			another(f)
			f.Status = register.Cancelled
		}), []register.Notice{cancelled(2, register.ToLeader), cancelled(2, register.ToOwner)}},
		"a site that the bureau ended": {next("", func(f *register.Filing) { f.Sites, f.Private.Sites = nil, nil }), []register.Notice{cancelled(2, register.ToLeader)}},
		"cancelled by an order":        {byOrder, nil},
	} {
		if got := c.change.Notices(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
