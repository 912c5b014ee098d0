package filing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// An application is the document to which the pointers of findings refer: an opening, or details.
type application struct {
	Opening
	Subject Subject `json:"subject"`
	Sites   []Site  `json:"sites"`
}

// subjectOf returns what a finding is about, so that it is recognised later: the place of the field, and a digest of its value. The place
// is the pointer, but names a site by its first domain, and a domain by itself, because their indexes change. Fields of the opening
// have the places that they have in the details. The value of a leader's field includes whose it is, and the value of a missing document
// is the certificate of the person or unit that it is about.
func (a application) subjectOf(f finding.Finding, values any) (place, value string) {
	looked := ValueAt(values, f.Pointer)
	path := strings.Split(strings.TrimPrefix(f.Pointer, "/"), "/")
	switch path[0] {
	case "evidence":
		path = append(path[:1], strings.Split(string(unescapeSlot(path[1])), "/")...)
		owner := a.ownerOf(path[1:])
		looked = []any{ValueAt(values, owner+"/certificate/kind"), ValueAt(values, owner+"/certificate/number")}
		if site, ok := a.site(path[1:]); ok && len(site.Domains) > 0 {
			path[2] = string(site.Domains[0])
		}
	case "name", "certificate":
		path = append([]string{"subject"}, path...)
	case "sites":
		if site, ok := a.site(path); ok && len(path) > 2 && path[2] == "domains" {
			path = path[2:]
		} else if ok && len(site.Domains) > 0 {
			path[1] = string(site.Domains[0])
		}
	}
	switch last := path[len(path)-1]; {
	case f.Code == province.TooManyDomains: // of the opening, and again of the details
		path, looked = []string{"domains"}, a.Domains
	case path[0] == "domains" && len(path) == 2:
		path[1] = fmt.Sprint(looked)
	case isIndex(last):
		path = path[:len(path)-1]
	case last == "sites":
		looked = a.domainsBySite()
	}
	if slices.Contains(path, "leader") {
		person, _, _ := strings.Cut(f.Pointer, "/leader/")
		looked = []any{looked, ValueAt(values, person+"/leader/certificate/kind"), ValueAt(values, person+"/leader/certificate/number")}
	}
	text, err := json.Marshal(looked)
	if err != nil {
		panic(err) // plain values always marshal
	}
	sum := sha256.Sum256(text)
	return "/" + strings.Join(path, "/"), hex.EncodeToString(sum[:])
}

// ownerOf returns the pointer of the leader or the subject that a document is about. The path is that of its slot.
func (a application) ownerOf(slot []string) string {
	kind := evidence.Kind(slot[len(slot)-1])
	switch {
	case slices.Contains(subjectLeaderDocuments, kind):
		return "/subject/leader"
	case slices.Contains(siteLeaderDocuments, kind):
		return "/" + strings.Join(slot[:2], "/") + "/leader"
	}
	return "/subject"
}

// values returns the document as decoded JSON.
func (a application) values() any {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // plain values always marshal
	}
	var values any
	if err := json.Unmarshal(text, &values); err != nil {
		panic(err) // it is JSON
	}
	return values
}

// ValueAt returns the value at a JSON pointer into decoded JSON: nil if there is none. The tokens have no escapes.
func ValueAt(value any, pointer string) any {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch parent := value.(type) {
		case map[string]any:
			value = parent[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			value = parent[i]
		default:
			return nil
		}
	}
	return value
}

// site returns the site in which a path into the details is.
func (a application) site(path []string) (Site, bool) {
	if len(path) < 2 {
		return Site{}, false
	}
	i, err := strconv.Atoi(path[1])
	if err != nil || i < 0 || i >= len(a.Sites) {
		return Site{}, false
	}
	return a.Sites[i], true
}

// domainsBySite is what a rule about the number of sites or domains looks at.
func (a application) domainsBySite() [][]Domain {
	var domains [][]Domain
	for _, s := range a.Sites {
		domains = append(domains, s.Domains)
	}
	return domains
}

func isIndex(token string) bool {
	_, err := strconv.Atoi(token)
	return err == nil
}
