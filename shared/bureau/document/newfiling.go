package document

import (
	"fmt"

	"beian/shared/bureau/schema"
)

// A NewFiling is one first filing (XZBA/Baxx): a subject with its sites.
type NewFiling struct {
	Subject     Subject            `wire:"Zt_xx all"`
	Sites       []Site             `wire:"Wz_xx+"`
	Attachments []FilingAttachment `wire:"Fj*/Fjxx"`
}

// A Subject is the subject (主体) of a new filing.
type Subject struct {
	ID          int64       `wire:"IspZtid L[1..]"`  // ours
	Name        string      `wire:"Dwmc S[1..255]"`  // of the unit or the person
	Nature      int64       `wire:"Dwxz? L[1..999]"` // required unless an individual
	Investor    string      `wire:"Tzr? S[1..255]"`  // investor or superior authority
	Address     Address     `wire:"Txdz all"`        // for correspondence
	Certificate Certificate `wire:"Zj"`              //
	Leader      Leader      `wire:"Fzr"`             //
	ReportMode  int64       `wire:"Bbfs L[0..1]"`    //
	Remark      string      `wire:"Bz? S[1..1024]"`  //
}

// A Site is a website (Wz_xx) of a new filing or of an addition.
type Site struct {
	ID           int64         `wire:"IspWzid L[1..]"` // ours
	Name         string        `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64       `wire:"Fwnr/Fwnr_id{1,64} L[1..64]"`
	Languages    []int64       `wire:"Yylb/Yylb_id{1,256} L[1..64]"`
	Domains      []Domain      `wire:"Ym_xx+ all"`
	Accesses     []Access      `wire:"Jr_xx+"`
	Leader       SiteLeader    `wire:"Wz_Fzr all"`
	HomeURL      string        `wire:"Syurl? S[4..512]"` // without a scheme; a new filing allows 255 characters
	Remark       string        `wire:"Wz_Bz? S[1..1024]"`
}

// A Domain is a registrable domain name of a site (Ym_xx).
type Domain struct {
	ID   int64  `wire:"IspYmid L[1..]"` // ours
	Name string `wire:"Ym S[4..128]"`
}

// An Access is the access of a site (Jr_xx).
type Access struct {
	ID        int64     `wire:"IspJrid L[1..]"` // ours
	Locations []int64   `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes     []int64   `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs       []IPRange `wire:"Ip_xx+ all"`
}

// A FilingAttachment is a file with its owner (Fjxx), in a new filing.
type FilingAttachment struct {
	Format  int64       `wire:"Fjwjgs L[1..]"`
	Purpose int64       `wire:"Fjyt L[1..]"`
	Content []byte      `wire:"Fjnr B"`
	Owner   FilingOwner `wire:"Fjssdx"`
	Remark  string      `wire:"Bz? S[1..256]"`
}

// A FilingOwner is the owner of a [FilingAttachment].
type FilingOwner struct {
	Kind int64 `wire:"Ssdxlx L[1..10]"`
	ID   int64 `wire:"Ssdxbs L[1..]"` // ours: of the subject or of the site
}

const (
	maxFilingHomeURL = 255
	notBelowFirst    = "not below Qsip"
)

// CheckRules implements [schema.Checker].
func (f *NewFiling) CheckRules(report func(string, schema.Rule, string)) {
	party{
		nature: f.Subject.Nature, leader: f.Subject.Leader.Name, phone: f.Subject.Leader.OfficePhone,
		siteLeadersPhones: sitePhones(f.Sites),
	}.checkUnit(report)
	owners := map[FilingOwner]bool{{SubjectOwner, f.Subject.ID}: true}
	for i, site := range f.Sites {
		path := fmt.Sprintf("Wz_xx[%d]", i+1)
		if len([]rune(site.HomeURL)) > maxFilingHomeURL {
			report(path+"/Syurl", schema.Length, "4..255")
		}
		owners[FilingOwner{SiteOwner, site.ID}] = true
	}
	for i, attachment := range f.Attachments {
		path := fmt.Sprintf("Fj[%d]/Fjxx", i+1)
		if detail, over := exceedsLimit(attachment.Purpose, attachment.Content); over {
			report(path+"/Fjnr", schema.Size, detail)
		}
		if !owners[attachment.Owner] {
			report(path+"/Fjssdx", schema.Choice, "the subject or a site of this filing")
		}
	}
}

// CheckRules implements [schema.Checker].
func (r *IPRange) CheckRules(report func(string, schema.Rule, string)) {
	if r.First > r.Last {
		report("Zzip", schema.Range, notBelowFirst)
	}
}

// CheckRules implements [schema.Checker].
func (a *Attachment) CheckRules(report func(string, schema.Rule, string)) {
	if detail, over := exceedsLimit(a.Purpose, a.Content); over {
		report("Fjnr", schema.Size, detail)
	}
}
