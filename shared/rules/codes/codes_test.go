package codes_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

var now = time.Date(2021, 3, 1, 1, 0, 0, 0, time.UTC)

// listed returns the entries of a table in force, as a bureau would send them, after a change.
func listed(t codes.Tables, name codes.Name, change func(codes.Entry) (codes.Entry, bool)) []codes.Entry {
	details := map[int64]int64{}
	for _, k := range certificate.Kinds() {
		if entities := k.Entities(); name == codes.CertificateKinds && len(entities) > 0 {
			details[int64(k)] = int64(entities[0])
		}
	}
	var entries []codes.Entry
	for _, c := range t.InForce(name) {
		e := codes.Entry{ID: int64(c.Number), Name: c.Words.Chinese, Detail: details[int64(c.Number)]}
		if name == codes.PreApprovals {
			e.Detail = 1
		}
		if e, keep := change(e); keep {
			entries = append(entries, e)
		}
	}
	return entries
}

func unchanged(e codes.Entry) (codes.Entry, bool) { return e, true }

func with(entries []codes.Entry, more ...codes.Entry) []codes.Entry { return append(entries, more...) }

// without omits codes; void lists them as no longer valid.
func without(ids ...int64) func(codes.Entry) (codes.Entry, bool) {
	return func(e codes.Entry) (codes.Entry, bool) { return e, !slices.Contains(ids, e.ID) }
}

func void(ids ...int64) func(codes.Entry) (codes.Entry, bool) {
	return func(e codes.Entry) (codes.Entry, bool) { e.Void = slices.Contains(ids, e.ID); return e, true }
}

func download(n int, name codes.Name, entries []codes.Entry) codes.Download {
	return codes.Download{File: fmt.Sprintf("file-%d", n), Issued: fmt.Sprintf("2021030109000%d#1", n), At: now.AddDate(0, 0, n),
		Tables: map[codes.Name][]codes.Entry{name: entries}}
}

func replace(t *testing.T, tables codes.Tables, d codes.Download, want codes.Outcome) (codes.Tables, codes.Result) {
	t.Helper()
	after, results := tables.Replace(d, false)
	if len(results) != 1 || results[0].Outcome != want {
		t.Fatalf("%+v, want %s", results, want)
	}
	return after, results[0]
}

// TestEmbeddedTables: before the first download, the tables of Beian count.
func TestEmbeddedTables(t *testing.T) {
	var tables codes.Tables
	for name, want := range map[codes.Name]int{codes.Services: 24, codes.Languages: 17, codes.AccessModes: 5, codes.Natures: 18, codes.Bureaus: 31,
		codes.CertificateKinds: len(certificate.Kinds()), codes.AttachmentFormats: 2, codes.AttachmentPurposes: 5, codes.PreApprovals: 11} {
		list := tables.InForce(name)
		if len(list) != want {
			t.Errorf("%s has %d codes, want %d", name, len(list), want)
		}
		for _, c := range list {
			if c.Words.Chinese == "" || c.Words.English == "" {
				t.Errorf("%s: code %d has no name", name, c.Number)
			}
		}
		if name.Words().Chinese == "" {
			t.Errorf("%s has no title", name)
		}
	}
	if len(tables.Children("330100", now)) != len(division.Children("330100", now)) || tables.Knows(codes.Services, 25) || tables.Withdrawn(codes.Services, 1) {
		t.Error("the embedded tables differ from their packages")
	}
}

// TestReplace: an added code is offered, a removed or void one is withdrawn, a renamed one has its new name, and each is reported.
func TestReplace(t *testing.T) {
	var tables codes.Tables
	entries := with(listed(tables, codes.Services, without(12)), codes.Entry{ID: 34, Name: "网络直播"})
	for i, e := range entries {
		switch e.ID {
		case 11:
			entries[i].Void = true
		case 23:
			entries[i].Name = "手机网站"
		}
	}
	first, result := replace(t, tables, download(1, codes.Services, entries), codes.Replaced)
	want := []codes.Change{
		{ID: 11, Kind: codes.Removed, Before: "网上银行"}, {ID: 12, Kind: codes.Removed, Before: "网上炒股/股票基金"},
		{ID: 23, Kind: codes.Meaning, Before: "WAP", After: "手机网站"}, {ID: 34, Kind: codes.Added, After: "网络直播"},
	}
	if !slices.Equal(result.Changes, want) || result.Count != 4 {
		t.Errorf("changes %+v", result.Changes)
	}
	if got := first.Words(codes.Services, 34); got != (finding.Words{Chinese: "网络直播", English: "网络直播 (code 34)"}) {
		t.Errorf("a new code is called %v", got)
	}
	if got := first.Words(codes.Services, 1).English; got != "Instant messaging" {
		t.Errorf("a known code is called %q", got)
	}
	for id, withdrawn := range map[int64]bool{1: false, 11: true, 12: true, 34: false} {
		if first.Withdrawn(codes.Services, id) != withdrawn || !first.Knows(codes.Services, id) {
			t.Errorf("code %d: withdrawn is %t", id, !withdrawn)
		}
	}
	if found := first.CheckWithdrawn(codes.Services, 12); !found.Has(codes.CodeWithdrawn) || !found.Blocking() {
		t.Errorf("a withdrawn code has %v", found)
	}
	if tables.Knows(codes.Services, 34) {
		t.Error("Replace changed its receiver")
	}

	// The same file again, and an older one that arrives late, change nothing.
	again, _ := replace(t, first, download(1, codes.Services, entries), codes.Unchanged)
	late, _ := replace(t, first, download(0, codes.Services, listed(tables, codes.Services, unchanged)), codes.Older)
	if again.Version != first.Version || late.Version != first.Version {
		t.Error("a file that changes nothing changed the version")
	}
	// A newer file with the same entries changes no code, but makes files between the two old.
	newer, _ := replace(t, first, download(3, codes.Services, entries), codes.Unchanged)
	if _, result := replace(t, newer, download(2, codes.Services, listed(tables, codes.Services, unchanged)), codes.Older); result.Count != 0 {
		t.Errorf("an older file reports %+v", result)
	}
	if !newer.Downloaded[codes.Services].Since.Equal(now.AddDate(0, 0, 1)) {
		t.Error("a file without changes changed the time of the last change")
	}
	// A code that is withdrawn twice, or comes back.
	if _, result := replace(t, newer, download(4, codes.Services, listed(newer, codes.Services, unchanged)), codes.Unchanged); result.Count != 0 {
		t.Errorf("omitting a withdrawn code again reports %+v", result)
	}
	if _, result := replace(t, newer, download(5, codes.Services, with(listed(newer, codes.Services, unchanged), codes.Entry{ID: 12, Name: "网上炒股"})), codes.Replaced); result.Changes[0].Kind != codes.Added {
		t.Errorf("a code that comes back reports %+v", result)
	}
}

// TestHeldTables: a malformed or implausible table changes nothing, and the operator can accept an implausible one.
func TestHeldTables(t *testing.T) {
	var tables codes.Tables
	services := func(change func(codes.Entry) (codes.Entry, bool)) []codes.Entry {
		return listed(tables, codes.Services, change)
	}
	var many []codes.Entry
	for i := range codes.MaxEntries + 1 {
		many = append(many, codes.Entry{ID: int64(i + 1), Name: "甲"})
	}
	for name, c := range map[string]struct {
		table      codes.Name
		entries    []codes.Entry
		reason     codes.Reason
		acceptable bool
	}{
		"no entry":                      {codes.Services, nil, codes.Empty, false},
		"all void":                      {codes.Services, services(func(e codes.Entry) (codes.Entry, bool) { e.Void = true; return e, true }), codes.Empty, false},
		"a number twice":                {codes.Services, with(services(unchanged), codes.Entry{ID: 24, Name: "其他内容"}), codes.Repeated, false},
		"a name that is unreadable":     {codes.Services, with(services(unchanged), codes.Entry{ID: 34, Name: "网络\uFFFD播"}), codes.Malformed, false},
		"no name":                       {codes.Services, with(services(unchanged), codes.Entry{ID: 34}), codes.Malformed, false},
		"no number":                     {codes.Services, with(services(unchanged), codes.Entry{Name: "网络直播"}), codes.Malformed, false},
		"too many":                      {codes.Services, many, codes.TooLarge, false},
		"a division without six digits": {codes.Divisions, with(listed(tables, codes.Divisions, unchanged), codes.Entry{ID: 33, Name: "浙江省"}), codes.Malformed, false},
		"one of many":                   {codes.Divisions, []codes.Entry{{ID: 330000, Name: "浙江省"}}, codes.Shrunk, true},
		"less than half":                {codes.Languages, []codes.Entry{{ID: 1, Name: "中文简体"}, {ID: 12, Name: "英语"}}, codes.Shrunk, true},
		"a choice of individuals":       {codes.Services, services(without(6)), codes.Essential, true},
		"the resident card":             {codes.CertificateKinds, listed(tables, codes.CertificateKinds, void(2)), codes.Essential, true},
		"individuals":                   {codes.Natures, listed(tables, codes.Natures, void(5)), codes.Essential, true},
		"the format that Beian sends":   {codes.AttachmentFormats, []codes.Entry{{ID: 2, Name: "png"}}, codes.Essential, true},
		"a province":                    {codes.Divisions, listed(tables, codes.Divisions, without(330000)), codes.Essential, true},
		"two codes change places": {codes.Services, services(func(e codes.Entry) (codes.Entry, bool) {
			switch e.ID {
			case 5:
				e.Name = "博客/个人空间"
			case 6:
				e.Name = "网络新闻"
			}
			return e, true
		}), codes.Renumbered, true},
	} {
		d := download(1, c.table, c.entries)
		after, result := replace(t, tables, d, codes.Held)
		if result.Reason != c.reason || after.Version != 0 || c.reason.Acceptable() != c.acceptable {
			t.Errorf("%s: %s, version %d", name, result.Reason, after.Version)
		}
		accepted, results := tables.Replace(d, true)
		if (results[0].Outcome == codes.Replaced) != c.acceptable || (accepted.Version == 1) != c.acceptable {
			t.Errorf("%s: accepted is %s", name, results[0].Outcome)
		}
	}
	broken := download(1, codes.Services, services(unchanged))
	broken.Malformed = map[codes.Name]bool{codes.Services: true}
	if _, result := replace(t, tables, broken, codes.Held); result.Reason != codes.Malformed {
		t.Errorf("a table that violates the schema: %s", result.Reason)
	}
}

// TestNewCodesWithRules: a new code is offered only where Beian needs no rule for it.
func TestNewCodesWithRules(t *testing.T) {
	var tables codes.Tables
	kinds := with(listed(tables, codes.CertificateKinds, unchanged),
		codes.Entry{ID: 50, Name: "社区组织登记证", Detail: 6}, codes.Entry{ID: 51, Name: "电子居民证", Detail: 5}, codes.Entry{ID: 52, Name: "新型组织证", Detail: 33})
	after, result := replace(t, tables, download(1, codes.CertificateKinds, kinds), codes.Replaced)
	byID := map[int64]codes.ChangeKind{}
	for _, c := range result.Changes {
		byID[c.ID] = c.Kind
	}
	if byID[50] != codes.Added || byID[51] != codes.NotYet || byID[52] != codes.NotYet {
		t.Errorf("%v", byID)
	}
	if found := after.CheckKind(certificate.SocialOrganisation, 50, now); len(found) > 0 || !slices.Contains(after.PermittedKinds(certificate.SocialOrganisation, now), 50) {
		t.Errorf("a new certificate of organisations is not accepted: %v", found)
	}
	for entity, kind := range map[certificate.EntityKind]certificate.Kind{certificate.Individual: 51, certificate.Enterprise: 50, 33: 52} {
		if found := after.CheckKind(entity, kind, now); !found.Blocking() || slices.Contains(after.PermittedKinds(entity, now), kind) {
			t.Errorf("kind %d is accepted from entity kind %d", kind, entity)
		}
	}
	if found := (codes.Tables{}).CheckKind(certificate.SocialOrganisation, 50, now); !found.Has(certificate.KindUnknown) {
		t.Errorf("a kind of no table: %v", found)
	}

	_, result = replace(t, tables, download(1, codes.Natures, with(listed(tables, codes.Natures, unchanged), codes.Entry{ID: 21, Name: "新型单位"})), codes.Replaced)
	if result.Changes[0].Kind != codes.NotYet {
		t.Errorf("a new nature is %s", result.Changes[0].Kind)
	}
}

// TestWithdrawnKinds: a certificate or a nature that the ministry withdrew can no longer be chosen, and its finding names it.
func TestWithdrawnKinds(t *testing.T) {
	var tables codes.Tables
	after, _ := replace(t, tables, download(1, codes.CertificateKinds, listed(tables, codes.CertificateKinds, void(27))), codes.Replaced)
	found := after.CheckKind(certificate.Enterprise, 27, now)
	if !found.Has(codes.KindWithdrawn) || slices.Contains(after.PermittedKinds(certificate.Enterprise, now), 27) {
		t.Errorf("%v", found)
	}
	after, _ = replace(t, tables, download(1, codes.Natures, listed(tables, codes.Natures, void(12))), codes.Replaced)
	if found := after.CheckKind(certificate.CulturalCentre, 22, now); !found.Has(codes.EntityKindWithdrawn) || slices.Contains(after.EntityKinds(), certificate.CulturalCentre) {
		t.Errorf("%v", found)
	}
}

// TestPreApprovalTables: a pre-approval that only the ministry's table has is offered in general words, and one that is withdrawn is not.
func TestPreApprovalTables(t *testing.T) {
	var tables codes.Tables
	entries := with(listed(tables, codes.PreApprovals, void(11)), codes.Entry{ID: 18, Name: "网络直播", Detail: 1}, codes.Entry{ID: 19, Name: "人工智能", Detail: 0})
	after, _ := replace(t, tables, download(1, codes.PreApprovals, entries), codes.Replaced)
	offered := map[preapproval.Trade]preapproval.Rule{}
	for _, r := range after.Trades() {
		offered[r.Trade] = r
	}
	live := offered[preapproval.Numbered(18)]
	if live.Name.Chinese != "网络直播" || live.Document.Chinese == "" || !live.Required("11", now.AddDate(0, 0, 2)) || !after.KnowsTrade("miit-18") {
		t.Errorf("%+v", live)
	}
	if _, ok := offered[preapproval.RideHailing]; ok || offered[preapproval.News].Name.English != "News" || offered["games"].Name.English == "" {
		t.Error("the trades offered are wrong")
	}
	for _, unknown := range []preapproval.Trade{"miit-19", "miit-20", "miit-018", "miit-1", "miit-", "nonsense"} {
		if after.KnowsTrade(unknown) {
			t.Errorf("%s is known", unknown)
		}
	}
	if document, ok := preapproval.Trade("miit-18").Document(); !ok || document.Chinese == "" {
		t.Error("a trade of the table has no document")
	}
}

// TestDivisionTables: a new division is accepted and offered below its city, and a withdrawn one is reported as abolished.
func TestDivisionTables(t *testing.T) {
	var tables codes.Tables
	entries := with(listed(tables, codes.Divisions, without(330106, 110100)), codes.Entry{ID: 330191, Name: "示范区"})
	after, _ := replace(t, tables, download(1, codes.Divisions, entries), codes.Replaced)
	if found := after.CheckDivision("330000", "330100", "330191", now); len(found) > 0 {
		t.Errorf("a new division: %v", found)
	}
	if found := after.CheckDivision("330000", "330100", "330106", now); !found.Has(division.IsAbolished) || found.Blocking() {
		t.Errorf("a withdrawn division: %v", found)
	}
	if found := after.CheckDivision("110000", "110100", "110101", now); len(found) > 0 {
		t.Errorf("below a placeholder that the table lacks: %v", found)
	}
	if found := after.CheckDivision("330000", "330100", "330199", now); !found.Has(division.Unlisted) {
		t.Errorf("a division of no table: %v", found)
	}
	var names []string
	for _, d := range after.Children("330100", now) {
		names = append(names, d.Name)
	}
	if !slices.Contains(names, "示范区") || slices.Contains(names, "西湖区") || !after.KnowsDivision("330191", now) || after.KnowsDivision("0330191", now) {
		t.Errorf("children %v", names)
	}
}

// TestLocation checks the bureau's ids of provinces (MIIT-IF30 13.6), and that a downloaded table can change them.
func TestLocation(t *testing.T) {
	var tables codes.Tables
	for code, want := range map[province.Code]int64{"34": 1, "11": 2, "44": 5, "31": 26, "54": 32, "53": 33, "33": 34} {
		if got, ok := tables.Location(code); !ok || got != want {
			t.Errorf("%s: %d", code, got)
		}
	}
	if _, ok := tables.Location("81"); ok {
		t.Error("Location returns an id for Hong Kong")
	}
	entries := listed(tables, codes.Bureaus, void(34))
	entries = append(entries, codes.Entry{ID: 35, Name: "浙江省通信管理局", Detail: 330000})
	after, results := tables.Replace(download(1, codes.Bureaus, entries), true)
	if id, ok := after.Location("33"); results[0].Outcome != codes.Replaced || !ok || id != 35 {
		t.Errorf("Zhejiang is %d %t", id, ok)
	}
	if id, ok := after.Location("34"); !ok || id != 1 { // its row has no division
		t.Errorf("Anhui is %d %t", id, ok)
	}
}
