package filing

import (
	"slices"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// CodeCancelChanged says that the consequences of a cancellation are others than those that the applicant confirmed.
const CodeCancelChanged finding.Code = "cancellation-consequences-changed"

// typeOutdated reports whether the register has another filing of the subject now than the one from which the order's type was determined: none, one of
// another account, or one in another state. The caller sets o.Register.
func (o Order) typeOutdated() bool {
	now := o.Register
	switch {
	case o.Type == "" || o.Kind().Begins != Determined:
		return false
	case o.Filed != nil && o.Filed.ID != "":
		return now.ID != o.Filed.ID || now.Status != o.Filed.Status || !o.actsOn(now)
	case now.Version == 0:
		return false
	}
	// Only an access of a site that the register does not have is determined from elsewhere, also where the register has the subject.
	return o.Type != AddAccessForeign || !o.actsOn(now) || len(sitesWith(now, o.Domains)) > 0
}

// checkStanding returns what keeps an order that begins at a filing, and edits nothing of it, from going on: the filing does not stand any more or
// belongs to another account, we have no access any more, or the end of a part would mean something else than the applicant confirmed. The
// caller sets o.Register.
func (o Order) checkStanding() finding.List {
	now := o.Register
	switch kind := o.Kind(); {
	case kind.Begins != AtFiling || kind.Edits():
		return nil
	case now.ID != o.Filed.ID:
		return finding.List{finding.New(CodeFilingNotStanding, "")}
	case !o.actsOn(now):
		return finding.List{finding.New(CodeFilingForeign, "")}
	}
	var sites []int // of now
	for _, i := range o.Chosen {
		number := o.Filed.Sites[i].Number
		site := slices.IndexFunc(now.Sites, func(s register.FiledSite) bool { return s.Number == number })
		if site < 0 {
			return finding.List{finding.New(CodeFilingSiteUnknown, "")}
		}
		sites = append(sites, site)
	}
	if o.Cancellation != nil {
		return o.checkConsequences(sites)
	}
	if !hasOurAccess(now, sites) {
		return finding.List{finding.New(CodeSubmitNotOurs, "")}
	}
	return nil
}

// checkConsequences returns the findings on a cancellation whose consequences for the filing of the register are not those that the applicant
// confirmed. sites has the index of the site in that filing, if it ends one.
func (o Order) checkConsequences(sites []int) finding.List {
	was, is := 0, 0
	if len(sites) > 0 {
		was, is = o.Chosen[0], sites[0]
	}
	confirmed := Consequences(o.Kind(), *o.Filed, was, o.Cancellation.OnlyAccess)
	now := Consequences(o.Kind(), o.Register, is, o.Cancellation.OnlyAccess)
	if now.Blocking() {
		for i := range now {
			now[i].Pointer = ""
		}
		return now
	}
	if !slices.Equal(confirmed, now) {
		return finding.List{finding.New(CodeCancelChanged, "")}
	}
	return nil
}
