package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// mismatches returns what of a filing no longer matches, each with the pointer of what a change corrects; nothing if the account may not read the filing (any more).
func (v *visit) mismatches(id string) (finding.List, error) {
	var u web.Upkeep
	err := v.Get("/filings/"+url.PathEscape(id)+"/upkeep", &u)
	if p, ok := errors.AsType[*web.Problem](err); ok && (p.Status == http.StatusNotFound || p.Status == http.StatusForbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found finding.List
	for _, d := range u.Duties {
		if d.Pointer != "" {
			found = append(found, finding.Finding{Code: d.Code, Pointer: d.Pointer, Severity: finding.Warn, Message: d.What, Remedy: d.How})
		}
	}
	return found, nil
}

// toCorrect returns what of its filing an order has to change and has not changed yet.
func (v *visit) toCorrect(o web.Order) (finding.List, error) {
	if o.Changed == "" || !editable(o) || o.Step.Before(filing.CollectDetails) {
		return nil, nil
	}
	found, err := v.mismatches(string(o.Changed))
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		return pageOfDetails(f.Pointer) == nil || slices.ContainsFunc(o.Changes, func(c register.Difference) bool {
			return c.Pointer == f.Pointer || strings.HasPrefix(c.Pointer, f.Pointer+"/")
		})
	}), err
}

// movedServers returns the indexes of the sites of a filing whose server has other addresses than are filed.
func movedServers(found finding.List) []any {
	var all []any
	for _, f := range found {
		if index, moved := strings.CutPrefix(f.Pointer, "/access/"); moved {
			if n, err := strconv.Atoi(index); err == nil {
				all = append(all, n)
			}
		}
	}
	return all
}

// proposeServer enters the server of the order's filing that has other addresses than are filed, if there is one: its addresses are those of the inventory. The applicant
// checks it.
func (v *visit) proposeServer(o web.Order, d pages.Document) (proposed bool, err error) {
	if o.Changed == "" || o.Product != nil {
		return false, nil
	}
	found, err := v.mismatches(string(o.Changed))
	if err != nil || len(movedServers(found)) == 0 {
		return false, err
	}
	var f web.Filing
	if err := v.Get("/filings/"+url.PathEscape(string(o.Changed)), &f); err != nil {
		return false, err
	}
	var servers []string
	for _, n := range movedServers(found) {
		if n := n.(int); n < len(f.Sites) {
			for _, a := range f.Sites[n].Accesses {
				if a.Ours && a.Server != "" && !slices.Contains(servers, a.Server) {
					servers = append(servers, a.Server)
				}
			}
		}
	}
	if len(servers) != 1 {
		return false, nil
	}
	d.Set("/server", servers[0])
	return true, nil
}

// markMismatches shows on a page of the details what it has to correct of the filing, at the fields.
func (v *visit) markMismatches(o web.Order, page detailPage) error {
	found, err := v.toCorrect(o)
	if found = slices.DeleteFunc(found, func(f finding.Finding) bool { return !belongs(f, page) }); len(found) > 0 {
		v.Problem = &web.Problem{Status: http.StatusOK, Findings: found}
	}
	return err
}

// hasNumber reports whether a document's list of numbers has a number.
func hasNumber(d pages.Document, pointer string, n int) bool {
	list, _ := d.At(pointer).([]any)
	return slices.Contains(list, any(n))
}
