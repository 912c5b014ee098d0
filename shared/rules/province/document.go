package province

import (
	_ "embed"
	"fmt"
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
	rules, err := decodeDocuments(documentsFile)
	if err != nil {
		panic(fmt.Errorf("documents.json: %w", err)) // embedded; this package's tests load it
	}
	return rules
}

// decodeDocuments parses the rules. Unknown fields and incomplete rules are errors.
func decodeDocuments(text []byte) ([]documentRule, error) {
	var rules []documentRule
	if err := strictjson.UnmarshalEmbedded(text, &rules); err != nil {
		return nil, err
	}
	for _, r := range rules {
		if r.ID == "" || r.Source == "" || r.Document == "" || len(r.Provinces) == 0 {
			return nil, fmt.Errorf("rule %q has no id, source, document or province", r.ID)
		}
		for _, code := range r.Provinces {
			if len(code) != 2 { // the provinces are not loaded here: their own files need no documents
				return nil, fmt.Errorf("rule %s: %q is no province", r.ID, code)
			}
		}
		if err := r.Check(); err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return rules, nil
}

// Requires reports whether the province requires a document at a time.
func (p Province) Requires(d Document, on time.Time) bool {
	return slices.ContainsFunc(documentRules(), func(r documentRule) bool {
		return r.Document == d && slices.Contains(r.Provinces, p.Code) && r.InForce(workday.DateOf(on))
	})
}
