package staff

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"beian/functions/operator"
	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A peoplePage lists the provider's staff.
type peoplePage struct{ People []operator.Person }

// A personPage is the page of one member of staff, with the forms as far as they were typed.
type personPage struct {
	operator.Person
	AccountsText string
	Absences     []operator.Absence // with empty ones at the end
	Locked       bool
	Kinds        []pages.Option // of certificates
	Label        string
}

// emptyAbsences is the number of empty absences that the form offers.
const emptyAbsences = 2

// maxAbsences is the number of absences of a person; see the operation.
const maxAbsences = 20

// registerPeople registers the list of staff and the page of a person.
func (s *Staff) registerPeople() {
	s.register("GET /people", func(v *visit) error {
		var list struct{ Items []operator.Person }
		if err := v.Get("/people", &list); err != nil {
			return err
		}
		return v.Show("people", peoplePage{list.Items})
	})
	s.register("GET /people/{account}", func(v *visit) error { return v.showPerson(nil) })
	s.register("POST /people/find", func(v *visit) error { // a person who has not sent a request
		v.Redirect(Prefix + "/people/" + url.PathEscape(strings.TrimSpace(v.R.PostForm.Get("account"))))
		return nil
	})
	s.register("POST /people/{account}", func(v *visit) error {
		return v.changePerson(http.MethodPut, "", entryOf(v.R.PostForm))
	})
	s.register("POST /people/{account}/subjects", func(v *visit) error {
		kind, err := strconv.Atoi(v.R.PostForm.Get("kind"))
		if err != nil {
			kind = 0 // the operation says what is wrong
		}
		return v.changePerson(http.MethodPost, "/subjects", map[string]any{"label": v.R.PostForm.Get("label"),
			"certificate": map[string]any{"kind": kind, "number": v.R.PostForm.Get("number")}})
	})
	s.register("POST /people/{account}/subjects/{subject}/removal", func(v *visit) error {
		return v.changePerson(http.MethodDelete, "/subjects/"+url.PathEscape(v.R.PathValue("subject")), nil)
	})
	s.register("POST /people/{account}/sessions", func(v *visit) error {
		return v.changePerson(http.MethodDelete, "/sessions", nil)
	})
}

// personPath returns the API's path of an operation on the person of the page's address.
func (v *visit) personPath(operation string) string {
	return "/people/" + url.PathEscape(v.R.PathValue("account")) + operation
}

// PersonHref returns the address of a person's page, or of a part of it.
func (v *visit) PersonHref(account filing.Account, rest string) string {
	return Prefix + "/people/" + url.PathEscape(string(account)) + rest
}

// changePerson calls an operation on a person and shows the person again, with what the operation refused.
func (v *visit) changePerson(method, operation string, body any) error {
	form := v.R.PostForm
	_, err := v.Call(pages.Request{Method: method, Path: v.personPath(operation), ETag: form.Get("etag"), Body: body}, nil)
	if v.Refused(err) {
		return v.showPerson(form)
	}
	if err != nil {
		return err
	}
	v.Redirect(v.PersonHref(filing.Account(v.R.PathValue("account")), ""))
	return nil
}

// entryOf returns the entry of a form.
func entryOf(form url.Values) operator.PersonEntry {
	entry := operator.PersonEntry{Accounts: []filing.Account{}, Absences: absencesOf(form), Disabled: form.Get("disabled") == "true"}
	for _, account := range strings.Fields(form.Get("accounts")) {
		entry.Accounts = append(entry.Accounts, filing.Account(account))
	}
	return entry
}

// absencesOf returns the absences of a form in which something was entered.
func absencesOf(form url.Values) []operator.Absence {
	absences := []operator.Absence{}
	for n := range maxAbsences + emptyAbsences {
		one := operator.Absence{From: workday.Date(form.Get("from-" + strconv.Itoa(n))), To: workday.Date(form.Get("to-" + strconv.Itoa(n)))}
		if one.From+one.To != "" {
			absences = append(absences, one)
		}
	}
	return absences
}

// showPerson shows the page of a person. An account that is not entered has an empty form.
func (v *visit) showPerson(typed url.Values) error {
	page := personPage{}
	etag, err := v.Call(pages.Request{Method: http.MethodGet, Path: v.personPath("")}, &page.Person)
	if p, ok := errors.AsType[*web.Problem](err); ok && p.Status == http.StatusNotFound {
		page.Person, err = operator.Person{Account: filing.Account(v.R.PathValue("account"))}, nil
	}
	if err != nil {
		return err
	}
	v.etag = etag
	var accounts []string
	for _, a := range page.Accounts {
		accounts = append(accounts, string(a))
	}
	page.AccountsText, page.Absences, page.Locked = strings.Join(accounts, "\n"), page.Person.Absences, page.Disabled
	if typed.Has("accounts") {
		entry := entryOf(typed)
		page.AccountsText, page.Absences, page.Locked = typed.Get("accounts"), entry.Absences, entry.Disabled
	}
	page.Absences = append(page.Absences, make([]operator.Absence, emptyAbsences)...)
	page.Label = typed.Get("label")
	for _, k := range certificate.Kinds() {
		page.Kinds = append(page.Kinds, pages.Option{Value: strconv.Itoa(int(k)), Label: v.Title(k.Words()), Chosen: typed.Get("kind") == strconv.Itoa(int(k))})
	}
	return v.Show("person", page)
}
