package portal

import (
	"net/url"
	"testing"

	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// TestOpeningExplained: a refused opening asks for the reason where the finding says that one can be given, and keeps the reasons given.
func TestOpeningExplained(t *testing.T) {
	d := pages.Document{}
	draft{Document: d}.readExplanations(url.Values{"explain check-digit /certificate/number": {"老证号码如此"}, "explain domain-count /domains": {"同一网站"}})
	fields := []pages.Field{{Name: "/certificate/number", Errors: []pages.Problem{{Finding: finding.Finding{Code: "check-digit", Pointer: "/certificate/number", Overridable: true}}}}, {Name: "/domains"}}
	withExplanations(fields, draft{Document: d}, web.Order{})
	if e := fields[0].Errors[0]; !e.Explains || e.Explanation != "老证号码如此" {
		t.Errorf("the number cannot be explained: %+v", e)
	}
	carried := explainedBefore(d, fields)
	if len(carried) != 1 || carried[0].Name != "explain domain-count /domains" || carried[0].Value != "同一网站" {
		t.Errorf("carried %+v", carried)
	}
}
