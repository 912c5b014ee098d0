package province

import (
	_ "embed"
	"slices"
	"sync"
	"time"

	"beian/shared/rules/workday"
)

//go:embed papers.json
var papersFile []byte

// A Paper is a document that only some provinces require (icp-filing 5.1).
type Paper string

const (
	CommitmentLetter     Paper = "commitment-letter"           // 承诺书
	ResponsibilityNotice Paper = "responsibility-notice"       // 真实性责任告知书
	PartyBuilding        Paper = "party-building-confirmation" // 党建工作确认函
	DomainCertificate    Paper = "domain-certificate"          // 域名证书
)

type paperRule struct {
	Paper     Paper  `json:"paper"`
	Provinces []Code `json:"provinces"`
	workday.Span
	Source string `json:"source"`
}

var papers = sync.OnceValue(mustLoadPapers)

func mustLoadPapers() []paperRule {
	var rules []paperRule
	if err := strict(papersFile, &rules); err != nil {
		panic(err) // embedded; this package's tests load it
	}
	return rules
}

// Owes reports whether the province requires a document.
func (p Province) Owes(paper Paper, on time.Time) bool {
	return slices.ContainsFunc(papers(), func(r paperRule) bool {
		return r.Paper == paper && slices.Contains(r.Provinces, p.Code) && r.Holds(workday.DateOf(on))
	})
}
