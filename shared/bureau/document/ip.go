package document

import "beian/shared/bureau/schema"

// IPUpload has the records of a provider's IP filing (IP地址备案, UploadData/IP). The filing of websites does not need them: a provider's
// other systems may send them over the same interface, and share its sequence numbers.
type IPUpload struct {
	New      *NewIP     `wire:"XZBA? all"`
	Change   *ChangedIP `wire:"XGBA? all"`
	Delete   *DeletedIP `wire:"SCBA? all"`
	Provider int64      `wire:"Qqdwid L[1..]"`
}

// NewIP has new records (XZBA).
type NewIP struct {
	Sources     []NewIPSource      `wire:"Xzly?/Ly{1,1000} all"`
	Allocations []NewIPAllocation  `wire:"Xzfp?/Fpsy{1,1000} all"`
	Broadcasts  []NewIPBroadcast   `wire:"Xzgbjs?/Jsxx{1,1000} all"`
	Independent []NewIndependentIP `wire:"Zdip?/Zdxx{1,1000} all"`
}

// ChangedIP has changed records (XGBA).
type ChangedIP struct {
	Sources     []ChangedIPSource      `wire:"Xgly?/Ly_xx{1,1000} all"`
	Allocations []ChangedIPAllocation  `wire:"Xgfp?/Fpsy{1,1000} all"`
	Independent []ChangedIndependentIP `wire:"XgZd?/Zdxx{1,1000} all"`
	Broadcasts  []ChangedIPBroadcast   `wire:"Xggbjs?/Jsxx{1,1000} all"`
}

// DeletedIP has the bureau's ids of deleted records (SCBA).
type DeletedIP struct {
	Sources     []RecordID `wire:"Scly?/Ly{1,1000} all"`
	Allocations []RecordID `wire:"Scfp?/Fpsy{1,1000} all"`
	Independent []RecordID `wire:"Sczd?/Zdxx{1,1000} all"`
	Broadcasts  []RecordID `wire:"Scgbjs?/Jsxx{1,1000} all"`
}

// A RecordID is the bureau's id of a record.
type RecordID struct {
	ID int64 `wire:"Id L[1..]"`
}

// An IPSource says from which unit a range of addresses comes. It is filed before the allocations of the range (2005).
type IPSource struct {
	First IPv4  `wire:"Qsip L[1..4294967295]"`
	Last  IPv4  `wire:"Zzip L[1..4294967295]"`
	Unit  int64 `wire:"Lydw L[1..]"`
}

// Modes of an [IPAllocation] (Fpfs).
const (
	AllocatedForUse    = 1 // to a user; requires who uses it, since when, and a contact
	AllocatedToUnit    = 2 // to a unit that allocates further; requires the unit
	UsedByProvider     = 3 // requires the kind of use and the date
	ReservedByProvider = 4
)

// An IPAllocation says who uses a range of addresses. Which fields are required depends on the mode (MIIT-IF30 8.6).
type IPAllocation struct {
	First           IPv4   `wire:"Qsip L[0..4294967295]"`
	Last            IPv4   `wire:"Zzip L[0..4294967295]"`
	Mode            int64  `wire:"Fpfs L[1..4]"`
	Unit            int64  `wire:"Fpdx? L[1..]"` // allocated to
	Use             int64  `wire:"Syfs? L[1..3]"`
	Since           string `wire:"Fprq? S[10..10] date"`
	Redirects       *int64 `wire:"Sfymtz? L[0..1]"` // used by a server that redirects domains
	User            string `wire:"Dwmc? S[1..255]"`
	Nature          int64  `wire:"Dwxz? L[1..999]"`
	Class           int64  `wire:"Dwfl? L[1..999]"`
	Industry        int64  `wire:"Dwhyfl? L[1..999]"`
	Province        int64  `wire:"Shengid? L[100000..]"`
	City            int64  `wire:"Shiid? L[100000..]"`
	County          int64  `wire:"Xianid? L[100000..]"`
	Detail          string `wire:"Xxdz? S[1..512]"`
	Contact         string `wire:"Lxrxm? S[1..20]"`
	ContactPhone    string `wire:"Lxrdh? S[11..255]"`
	ContactEmail    string `wire:"Lxrdzyj? S[6..255]"`
	Gateway         IPv4   `wire:"Wgip? L[1..4294967295]"`
	GatewayLocation string `wire:"Wgdz? S[1..512]"`
	Remark          string `wire:"Bz? S[1..1024]"`
}

// An IPBroadcast says which carrier announces a range of addresses for which unit.
type IPBroadcast struct {
	Carrier   int64  `wire:"Gbdw L[1..]"`
	Applicant int64  `wire:"Sqdw L[1..]"`
	First     IPv4   `wire:"Qsip L[1..4294967295]"`
	Last      IPv4   `wire:"Zzip L[1..4294967295]"`
	Remark    string `wire:"Bz? S[1..1024]"`
}

// IndependentIP is a range of addresses that a customer brings along (自带IP). Its gateway is required except in a change.
type IndependentIP struct {
	First           IPv4                `wire:"Qsip L[0..4294967295]"`
	Last            IPv4                `wire:"Zzip L[0..4294967295]"`
	Redirects       int64               `wire:"Sfymtz L[0..1]"`
	Use             int64               `wire:"Syfs L[1..3]"`
	Since           string              `wire:"Fprq S[10..10] date"`
	User            string              `wire:"Dwmc S[1..255]"`
	Nature          int64               `wire:"Dwxz L[1..999]"`
	Province        int64               `wire:"Shengid L[100000..]"`
	City            int64               `wire:"Shiid L[100000..]"`
	County          int64               `wire:"Xianid? L[100000..]"`
	Detail          string              `wire:"Xxdz S[1..512]"`
	Contact         string              `wire:"Lxrxm S[1..20]"`
	ContactPhone    string              `wire:"Lxrdh S[11..255]"`
	ContactEmail    string              `wire:"Lxrdzyj S[6..255]"`
	Gateway         IPv4                `wire:"Wgip? L[1..4294967295]"`
	GatewayLocation string              `wire:"Wgdz? S[1..512]"`
	Remark          string              `wire:"Bz? S[1..1024]"`
	SourceKind      int64               `wire:"Ly_dwlx L[0..1]"` // 1: a unit that reports to bureaus, 0: another
	Source          IndependentIPSource `wire:"Lydw choice"`
}

// An IndependentIPSource is the unit from which a customer has a range: by name, or by id if it reports to bureaus.
type IndependentIPSource struct {
	Name string `wire:"Ly_dwmc? S[1..255]"`
	ID   int64  `wire:"Ly_dwid? L[1..]"`
}

// New records have our id.
type (
	NewIPSource struct {
		ID int64 `wire:"IspId L[1..]"`
		IPSource
		Remark string `wire:"Bz? S[1..512]"`
	}
	NewIPAllocation struct {
		ID int64 `wire:"IspId L[1..]"`
		IPAllocation
	}
	NewIPBroadcast struct {
		ID int64 `wire:"IspId L[1..]"`
		IPBroadcast
	}
	NewIndependentIP struct {
		ID int64 `wire:"IspId L[1..]"`
		IndependentIP
	}
)

// Changed records have the bureau's id.
type (
	ChangedIPSource struct {
		BureauID int64 `wire:"Id L[1..]"`
		IPSource
		Remark string `wire:"Bz? S[1..1024]"`
	}
	ChangedIPAllocation struct {
		BureauID int64 `wire:"Id L[1..]"`
		IPAllocation
	}
	ChangedIPBroadcast struct {
		BureauID int64 `wire:"Id L[1..]"`
		IPBroadcast
	}
	ChangedIndependentIP struct {
		BureauID int64 `wire:"Id L[1..]"`
		IndependentIP
	}
)

// IPDownload has results of IP filings (DownloadData/IP).
type IPDownload struct {
	Results *IPResults `wire:"BAJG?"`
	Audit   *IPAudit   `wire:"HCJG?/Jgxx"`
}

// IPResults are the results of uploaded records, by kind.
type IPResults struct {
	Sources     []IPResult `wire:"Lyjg*"`
	Allocations []IPResult `wire:"Fpjg*"`
	Broadcasts  []IPResult `wire:"Gbjs*"`
	Independent []IPResult `wire:"Zdip*"`
}

// Operations of a result about an IP or domain filing (Czlx).
const (
	RecordAdded   = 1
	RecordChanged = 2
	RecordDeleted = 3
)

// An IPResult is the result of one record.
type IPResult struct {
	Items     []IPResultItem `wire:"Jgxx+"`
	BureauID  int64          `wire:"Id? L[1..]"`
	Operation int64          `wire:"Czlx L[1..3]"`
	ID        int64          `wire:"IspId? L[1..]"` // ours
	Remark    string         `wire:"Bz? S"`
}

// An IPResultItem is one result code.
type IPResultItem struct {
	Code  int64           `wire:"Jgdm L[1..]"`
	Text  string          `wire:"Dmms S[1..255]"`
	About []IPResultRange `wire:"Xgsj*"`
}

// An IPResultRange is a range that an error is about.
type IPResultRange struct {
	BureauID int64  `wire:"Id? L[1..]"`
	ID       int64  `wire:"IspId? L[1..]"` // ours
	First    IPv4   `wire:"Qsip L[1..4294967295]"`
	Last     IPv4   `wire:"Zzip L[1..4294967295]"`
	Remark   string `wire:"Bz? S"`
}

// An IPAudit is the result of a check by the ministry (HCJG/Jgxx): ranges beyond those filed, filed twice, and not filed.
type IPAudit struct {
	Beyond    []IPBeyond   `wire:"Yj* all"`
	Conflicts []IPConflict `wire:"Ct* all"`
	Unfiled   []IPUnfiled  `wire:"Wb* all"`
}

// IPBeyond is a record with addresses beyond those of its source.
type IPBeyond struct {
	ID        int64  `wire:"Yjjlid? L[1..]"`
	First     IPv4   `wire:"Qsip L[1..4294967295]"`
	Last      IPv4   `wire:"Zzip L[1..4294967295]"`
	Kind      int64  `wire:"Yjlx? L[1..10]"` // 1: source, 2: allocation
	FirstOver IPv4   `wire:"Yjqsip? L[1..4294967295]"`
	LastOver  IPv4   `wire:"Yjzzip? L[1..4294967295]"`
	Remark    string `wire:"Bz? S"`
}

// IPConflict is a record whose addresses another unit has filed, too.
type IPConflict struct {
	ID         int64  `wire:"Ctjlid? L[1..]"`
	First      IPv4   `wire:"Qsip1 L[1..4294967295]"`
	Last       IPv4   `wire:"Zzip1 L[1..4294967295]"`
	Unit       int64  `wire:"Ctbbdwid L[1..]"`
	OtherFirst IPv4   `wire:"Qsip2 L[1..4294967295]"`
	OtherLast  IPv4   `wire:"Zzip2 L[1..4294967295]"`
	Kind       int64  `wire:"Ctlx? L[1..10]"` // 1: source, 2: allocation
	Remark     string `wire:"Bz? S"`
}

// IPUnfiled is a range that was not filed.
type IPUnfiled struct {
	First  IPv4   `wire:"Qsip L[1..4294967295]"`
	Last   IPv4   `wire:"Zzip L[1..4294967295]"`
	Unit   int64  `wire:"Fpdw? L[1..]"`   // that allocated it
	Kind   int64  `wire:"Wblx? L[1..10]"` // 1: source, 2: allocation
	Remark string `wire:"Bz? S"`
}

// required reports the fields of a record that are missing although its mode, or its operation, requires them.
func required(report func(string, schema.Rule, string), because string, missing map[string]bool) {
	for _, element := range []string{
		"Qsip", "Zzip", "Fpdx", "Syfs", "Fprq", "Dwmc", "Dwxz", "Shengid", "Shiid", "Xxdz", "Lxrxm", "Lxrdh", "Lxrdzyj", "Wgip", "Wgdz",
	} {
		if missing[element] {
			report(element, schema.Missing, because)
		}
	}
}

func checkRange(report func(string, schema.Rule, string), first, last IPv4) {
	if first > last {
		report("Zzip", schema.Range, notBelowFirst)
	}
}

// CheckRules implements [schema.Checker].
func (s *IPSource) CheckRules(report func(string, schema.Rule, string)) {
	checkRange(report, s.First, s.Last)
}

// CheckRules implements [schema.Checker].
func (b *IPBroadcast) CheckRules(report func(string, schema.Rule, string)) {
	checkRange(report, b.First, b.Last)
}

// CheckRules implements [schema.Checker].
func (a *IPAllocation) CheckRules(report func(string, schema.Rule, string)) {
	checkRange(report, a.First, a.Last)
	switch a.Mode {
	case AllocatedForUse:
		required(report, "required if Fpfs is 1", map[string]bool{
			"Syfs": a.Use == 0, "Fprq": a.Since == "", "Dwmc": a.User == "", "Dwxz": a.Nature == 0, "Shengid": a.Province == 0,
			"Shiid": a.City == 0, "Xxdz": a.Detail == "", "Lxrxm": a.Contact == "", "Lxrdh": a.ContactPhone == "", "Lxrdzyj": a.ContactEmail == "",
		})
	case AllocatedToUnit:
		required(report, "required if Fpfs is 2", map[string]bool{"Fpdx": a.Unit == 0})
	case UsedByProvider:
		required(report, "required if Fpfs is 3", map[string]bool{"Syfs": a.Use == 0, "Fprq": a.Since == ""})
	}
}

// CheckRules implements [schema.Checker].
func (a *ChangedIPAllocation) CheckRules(report func(string, schema.Rule, string)) {
	a.IPAllocation.CheckRules(report)
	required(report, "required in a change", map[string]bool{"Qsip": a.First == 0, "Zzip": a.Last == 0})
}

// CheckRules implements [schema.Checker].
func (o *IndependentIP) CheckRules(report func(string, schema.Rule, string)) {
	checkRange(report, o.First, o.Last)
}

// CheckRules implements [schema.Checker].
func (o *NewIndependentIP) CheckRules(report func(string, schema.Rule, string)) {
	o.IndependentIP.CheckRules(report)
	o.requireGateway(report)
}

// requireGateway reports what only a change may omit.
func (o *IndependentIP) requireGateway(report func(string, schema.Rule, string)) {
	required(report, "required except in a change", map[string]bool{
		"Qsip": o.First == 0, "Zzip": o.Last == 0, "Wgip": o.Gateway == 0, "Wgdz": o.GatewayLocation == "",
	})
}

// CheckRules implements [schema.Checker].
func (o *ChangedIndependentIP) CheckRules(report func(string, schema.Rule, string)) {
	o.IndependentIP.CheckRules(report)
	if len([]rune(o.Contact)) == 1 {
		report("Lxrxm", schema.Length, "2..20")
	}
}
