package staff

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"

	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A queuePage lists orders to review.
type queuePage struct {
	Filters []queueFilter
	Orders  []reviewer.QueueItem
	Next    string           // address of the next page
	Counts  *reviewer.Counts // nil before the first count
	Review  int              // orders at the initial review, as counted
	None    bool             // there was no order to claim
}

// A queueFilter is a choice of the filter. Its name is a parameter of the page's address, and of the operation.
type queueFilter struct {
	Name    string
	Options []pages.Option
}

// Chosen is the value that is chosen.
func (f queueFilter) Chosen() string {
	for _, o := range f.Options {
		if o.Chosen {
			return o.Value
		}
	}
	return ""
}

// filterNames are the names of all filters.
var filterNames = []string{"step", "province", "kind", "risk", "due", "claimed"}

// registerQueue registers the reviewers' queue and the claim of its next order. The filters are parameters of its address.
func (s *Staff) registerQueue() {
	s.register("GET /queue", func(v *visit) error {
		if !v.IsReviewer() {
			return &web.Problem{Status: http.StatusForbidden}
		}
		given := v.R.URL.Query()
		return v.showQueue(filterOf(given), given.Get("cursor"), false)
	})
	s.register("POST /queue/next", func(v *visit) error {
		filter := filterOf(v.R.PostForm)
		filter.Del("claimed")
		asked := maps.Clone(filter)
		if skip := orderIn(v.R.PostForm, "skip"); skip != "" {
			asked.Set("skip", skip)
		}
		var o web.Order
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/review/next?" + asked.Encode(), Key: v.R.PostForm.Get("once")}, &o)
		if refused, ok := errors.AsType[*web.Problem](err); ok && refused.Status == http.StatusNotFound {
			return v.showQueue(filter, "", true)
		}
		if v.Refused(err) {
			return v.showQueue(filter, "", false)
		}
		if err != nil {
			return err
		}
		query := filterOf(v.R.PostForm)
		if decided := orderIn(v.R.PostForm, "decided"); decided != "" {
			query.Set("decided", decided)
		}
		v.Redirect(Prefix + "/orders/" + url.PathEscape(string(o.ID)) + queryOf(query))
		return nil
	})
}

// filterOf returns the filters among parameters.
func filterOf(given url.Values) url.Values {
	filter := url.Values{}
	for _, name := range filterNames {
		if value := given.Get(name); value != "" {
			filter.Set(name, value)
		}
	}
	return filter
}

// Released is the order that the reviewer has just released, from the page's address; "" if it is none.
func (v *visit) Released() string { return orderIn(v.R.URL.Query(), "released") }

// FilterQuery is the filter in the page's address as a query, with its question mark; "" without a filter.
func (v *visit) FilterQuery() string { return queryOf(filterOf(v.R.URL.Query())) }

func queryOf(values url.Values) string {
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// showQueue shows a page of the queue.
func (v *visit) showQueue(filter url.Values, cursor string, none bool) error {
	page := queuePage{None: none}
	var counts reviewer.Counts
	switch err := v.Get("/review/counts", &counts); {
	case err == nil:
		page.Counts, page.Review = &counts, counts.Steps[filing.InitialReview]
	case v.StatusOf(err) != http.StatusNotFound:
		return err
	}
	query := url.Values{"limit": {"50"}}
	for name, values := range filter {
		query[name] = values
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var list web.Page[reviewer.QueueItem]
	if err := v.Get("/review/orders?"+query.Encode(), &list); err != nil && !v.Refused(err) {
		return err
	}
	page.Orders = list.Items
	if list.Next != "" {
		query.Set("cursor", list.Next)
		query.Del("limit")
		page.Next = Prefix + "/queue?" + query.Encode()
	}
	var err error
	if page.Filters, err = v.queueFilters(filter, counts); err != nil {
		return err
	}
	return v.Show("queue", page)
}

// queueFilters returns the filters with their options. Those that were counted say how many orders they have.
func (v *visit) queueFilters(chosen url.Values, counts reviewer.Counts) ([]queueFilter, error) {
	var failed error
	words := func(key string, args ...any) string {
		text, err := v.T("queue."+key, args...)
		failed = cmp.Or(failed, err)
		return text
	}
	option := func(value, label string, n int) pages.Option {
		if n > 0 {
			label = words("with-count", "what", label, "n", n)
		}
		return pages.Option{Value: value, Label: label}
	}
	all := option("", words("all"), 0)
	steps, provinces, kinds, risks := []pages.Option{}, []pages.Option{all}, []pages.Option{all}, []pages.Option{all}
	for _, step := range []filing.Step{filing.InitialReview, filing.MailDocuments} {
		steps = append(steps, option(string(step), words("step-"+string(step)), counts.Steps[step]))
	}
	for _, p := range province.All() {
		provinces = append(provinces, option(string(p.Code), v.In(p.Name), counts.Provinces[string(p.Code)]))
	}
	for _, k := range filing.Kinds {
		kinds = append(kinds, option(string(k.Type), v.Title(k.Words), counts.Kinds[k.Type]))
	}
	for _, r := range filing.Risks {
		risks = append(risks, option(string(r), v.In(r.Words()), counts.Risks[r]))
	}
	due := []pages.Option{all, option("late", words("due-late"), counts.Late), option("today", words("due-today"), 0)}
	filters := []queueFilter{{"step", steps}, {"province", provinces}, {"kind", kinds}, {"risk", risks}, {"due", due},
		{"claimed", []pages.Option{all, option("free", words("free"), 0), option("mine", words("mine"), 0)}}}
	for _, f := range filters {
		for i := range f.Options {
			f.Options[i].Chosen = f.Options[i].Value == chosen.Get(f.Name)
		}
	}
	return filters, failed
}

// TimeOfDay is the time of day in Shanghai. A claim ends on the day on which it is shown, or in the hour after it.
func (v *visit) TimeOfDay(t time.Time) string { return t.In(workday.Shanghai).Format("15:04") }

// LastDay is the last day of the promise.
func (v *visit) LastDay(p reviewer.Promise) string { return v.Day(p.Due.Add(-time.Second)) }
