package staff

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A casePaper is an accepted paper, in the order in which it was asked for.
type casePaper struct {
	web.Given
	Slot    evidence.Slot
	Name    string
	Section string // prefix of the part of the application that it proves, such as /subject/leader
	Key     string // that opens it: 1 to 9
}

// Pointer is the place of the paper in the application.
func (p casePaper) Pointer() string { return evidence.Pointer(p.Slot) }

// papers lists the accepted papers.
func (v *visit) papers(o web.Order) ([]casePaper, error) {
	var list api.Evidence
	if err := v.Get(v.orderPath("/evidence"), &list); err != nil {
		return nil, err
	}
	place := func(slot evidence.Slot) int {
		if i := slices.IndexFunc(list.Owed, func(o api.Owed) bool { return o.Slot == slot }); i >= 0 {
			return i
		}
		return len(list.Owed)
	}
	var all []casePaper
	for _, slot := range slices.SortedStableFunc(slices.Values(slices.Sorted(maps.Keys(o.Evidence))), func(a, b evidence.Slot) int { return place(a) - place(b) }) {
		p := casePaper{Given: o.Evidence[slot], Slot: slot, Name: v.Title(slot.Words()), Section: sectionOfPaper(slot)}
		if n := len(all) + 1; n < 10 {
			p.Key = strconv.Itoa(n)
		}
		all = append(all, p)
	}
	return all, nil
}

// sectionOfPaper returns the part of the application that a paper proves.
func sectionOfPaper(slot evidence.Slot) string {
	prefix := "/subject"
	if site, of := slot.Site(); of {
		prefix = "/sites/" + strconv.Itoa(site)
	}
	switch slot.Kind() {
	case evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack, evidence.SubjectAuthorizationLetter, evidence.SubjectEmploymentProof,
		evidence.LeaderCertificateFront, evidence.LeaderCertificateBack, evidence.LeaderPhoto, evidence.LeaderEmploymentProof:
		return prefix + "/leader"
	}
	return prefix
}

// paperRow says of a paper that it was added, replaced or removed.
func (v *visit) paperRow(slot string, change register.Difference) (caseRow, error) {
	words, err := v.T("case.replaced")
	switch {
	case change.Before == nil:
		words, err = v.T("case.added")
	case change.After == nil:
		words, err = v.T("case.removed")
	}
	row := caseRow{Label: slot, Value: []string{words}}
	if parsed, wrong := evidence.ParseSlot(slot); wrong == nil {
		row.Pointer, row.Label = evidence.Pointer(parsed), v.Title(parsed.Words())
	}
	return row, err
}

// registerPapers registers the opening of a paper: it leads to the picture, and is recorded.
func (s *Staff) registerPapers() {
	s.register("POST /orders/{id}/papers", func(v *visit) error {
		var view struct {
			URL string `json:"url"`
		}
		body := map[string]any{"slot": v.R.PostForm.Get("slot"), "copy": v.R.PostForm.Get("copy") != ""}
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/evidence/views"), Body: body}, &view)
		if v.Refused(err) {
			return v.showCase(nil)
		}
		if err != nil {
			return err
		}
		v.Redirect(view.URL)
		return nil
	})
}
