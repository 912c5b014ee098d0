package province

import (
	_ "embed"
	"slices"
	"sync"
	"time"

	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

//go:embed documents.json
var documentsFile []byte

// A Document is a document that only some provinces require (icp-filing 5.1).
type Document string

const (
	CommitmentLetter     Document = "commitment-letter"           // 承诺书
	ResponsibilityNotice Document = "responsibility-notice"       // 真实性责任告知书
	PartyBuilding        Document = "party-building-confirmation" // 党建工作确认函
	DomainCertificate    Document = "domain-certificate"          // 域名证书
	// ChangeImages are the images of subject, leaders and sites in a change, whatever it changes: unit certificate, subject leader's certificate,
	// verification form, site leader's certificate and photograph.
	ChangeImages Document = "change-images"
)

type documentRule struct {
	ID        string   `json:"id"`
	Document  Document `json:"document"`
	Provinces []Code   `json:"provinces"`
	workday.Span
	Source string `json:"source"`
}

var documentRules = sync.OnceValue(mustLoadDocuments)

func mustLoadDocuments() []documentRule {
	var rules []documentRule
	if err := strictjson.UnmarshalEmbedded(documentsFile, &rules); err != nil {
		panic(err) // embedded; this package's tests load it
	}
	return rules
}

// Requires reports whether the province requires a document at a time.
func (p Province) Requires(d Document, on time.Time) bool {
	return slices.ContainsFunc(documentRules(), func(r documentRule) bool {
		return r.Document == d && slices.Contains(r.Provinces, p.Code) && r.InForce(workday.DateOf(on))
	})
}
