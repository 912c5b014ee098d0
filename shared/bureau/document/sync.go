package document

import "beian/shared/bureau/schema"

// A Sync is a full copy of what the bureau has of a provider (全量同步, DownloadData/SJTB): at most one of its fields is set.
type Sync struct {
	Filed   []SyncedFiling       `wire:"ICP?/Baxx+"`
	IP      *SyncedIP            `wire:"IP? all"`
	Domains []SyncedRegistration `wire:"YM?/Ymxx+ all"`
	Codes   *CodeTables          `wire:"JCDM? all"`
}

// A SyncedFiling is a [FiledData] whose sites may lack languages.
type SyncedFiling struct {
	Subject FiledSubject `wire:"Zt_xx all"`
	Sites   []SyncedSite `wire:"Wz_xx+"`
	Remark  string       `wire:"Bz? S"`
}

// FiledData returns the filing in the form of filed data.
func (f SyncedFiling) FiledData() FiledData {
	filed := FiledData{Subject: f.Subject, Remark: f.Remark}
	for _, s := range f.Sites {
		filed.Sites = append(filed.Sites, FiledSite(s))
	}
	return filed
}

// A SyncedSite is a [FiledSite] that may lack languages.
type SyncedSite struct {
	ID           int64           `wire:"IspWzid? L[1..]"` // ours
	BureauID     int64           `wire:"Wzid L[1..]"`
	Name         string          `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval   `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64         `wire:"Fwnr?/Fwnr_id{1,64} L[1..64]"`
	Languages    []int64         `wire:"Yylb?/Yylb_id{1,256} L[1..64]"`
	Domains      []FiledDomain   `wire:"Ym_xx+ all"`
	Accesses     []FiledAccess   `wire:"Jr_xx+"`
	Leader       FiledSiteLeader `wire:"Wz_Fzr all"`
	HomeURL      string          `wire:"Syurl? S[4..255]"`
	Remark       string          `wire:"Wz_Bz? S[1..1024]"`
	Reported     string          `wire:"Scbbsj? S[10..22] time"`
	Changed      string          `wire:"Zjxgsj? S[10..22] time"`
	Number       string          `wire:"Baxh? S[1..128]"`
}

// SyncedIP has the records of IP filings.
type SyncedIP struct {
	Sources     []SyncedIPSource      `wire:"Iply?/Lyxx+ all"`
	Allocations []SyncedIPAllocation  `wire:"Ipfp?/Fpxx+ all"`
	Broadcasts  []SyncedIPBroadcast   `wire:"Ipgb?/Gbxx+ all"`
	Independent []SyncedIndependentIP `wire:"Zdip?/Zdxx+ all"`
}

// SyncedID has the ids of a record, and the unit that reported it.
type SyncedID struct {
	BureauID int64 `wire:"Id L[1..]"`
	ID       int64 `wire:"IspId L[1..]"` // ours
	Provider int64 `wire:"Bbdwid L[1..]"`
}

// Records of IP filings with their ids.
type (
	SyncedIPSource struct {
		SyncedID
		IPSource
		Remark string `wire:"Bz? S[1..512]"`
	}
	SyncedIPAllocation struct {
		SyncedID
		IPAllocation
	}
	SyncedIPBroadcast struct {
		SyncedID
		IPBroadcast
	}
	SyncedIndependentIP struct {
		SyncedID
		IndependentIP
	}
)

// A SyncedRegistration is a filed domain.
type SyncedRegistration struct {
	BureauID int64 `wire:"Id L[1..]"`
	NewRegistration
}

// CheckRules implements [schema.Checker].
func (o *SyncedIndependentIP) CheckRules(report func(string, schema.Rule, string)) {
	o.IndependentIP.CheckRules(report)
	o.requireGateway(report)
}

// CheckRules implements [schema.Checker].
func (s *Sync) CheckRules(report func(string, schema.Rule, string)) {
	set := 0
	for _, is := range []bool{len(s.Filed) > 0, s.IP != nil, len(s.Domains) > 0, s.Codes != nil} {
		if is {
			set++
		}
	}
	if set > 1 {
		report("", schema.Choice, "")
	}
}
