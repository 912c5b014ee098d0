package staff

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beian/functions/operator"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A dutiesPage lists what filings owe.
type dutiesPage struct {
	Days    string
	Filings []operator.DueFiling
	Next    string // address of the next page
}

// A dutyPage is what one filing owes, and what the watch saw of its sites.
type dutyPage struct {
	ID string
	web.Upkeep
	Hosts []watchedSite
	Key   operator.WatchKey
}

// A watchedSite is a host with the statements of its history, the newest first.
type watchedSite struct {
	web.WatchedSite
	History []sitewatch.Statement
}

// registerDuties registers the pages of what filings owe after approval.
func (s *Staff) registerDuties() {
	s.register("GET /duties", func(v *visit) error {
		query := v.R.URL.Query()
		page := dutiesPage{Days: query.Get("days")}
		filter := url.Values{"limit": {"50"}}
		for _, name := range []string{"days", "cursor"} {
			if value := query.Get(name); value != "" {
				filter.Set(name, value)
			}
		}
		var list web.Page[operator.DueFiling]
		if err := v.Get("/duties?"+filter.Encode(), &list); err != nil && !v.Refused(err) {
			return err
		}
		page.Filings = list.Items
		if list.Next != "" {
			filter.Set("cursor", list.Next)
			filter.Del("limit")
			page.Next = Prefix + "/duties?" + filter.Encode()
		}
		return v.Show("duties", page)
	})
	s.register("POST /duties/{id}/leader-left", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		body := map[string]any{"left": v.R.PostForm.Get("left") == "true"}
		if site := v.R.PostForm.Get("site"); site != "" {
			body["site"] = site
		}
		path := "/duties/" + url.PathEscape(v.R.PathValue("id"))
		if _, err := v.Call(pages.Request{Method: http.MethodPut, Path: path + "/leader-left", Body: body}, nil); err != nil {
			return err
		}
		v.Redirect(Prefix + path)
		return nil
	})
	s.registerReviews()
	s.register("GET /duties/{id}", func(v *visit) error {
		page := dutyPage{ID: v.R.PathValue("id")}
		if err := v.Get("/duties/"+url.PathEscape(page.ID), &page.Upkeep); err != nil {
			return err
		}
		if err := v.addWatched(&page); err != nil {
			return err
		}
		return v.Show("duty", page)
	})
	s.register("GET /duties/{id}/sites/{host}/history", func(v *visit) error {
		host := v.R.PathValue("host")
		response, err := v.Send(pages.Request{Method: http.MethodGet, Path: historyPath(v.R.PathValue("id"), host)})
		if err != nil {
			return err
		}
		v.W.Header().Set("Content-Type", response.Headers["Content-Type"])
		v.W.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "site-watch-" + host + ".json"}))
		_, err = io.WriteString(v.W, response.Body)
		return err
	})
}

// historyPath is the path of the operation that exports the history of a host.
func historyPath(filing, host string) string {
	return "/site-watch/" + url.PathEscape(filing) + "/" + url.PathEscape(host) + "/history"
}

// addWatched adds the histories of the hosts to a page, and the key with which they are verified.
func (v *visit) addWatched(page *dutyPage) error {
	for _, w := range page.Watched {
		site := watchedSite{WatchedSite: w}
		if w.Changes > 0 {
			var file operator.WatchHistory
			if err := v.Get(historyPath(page.ID, w.Host), &file); err != nil {
				return err
			}
			for _, e := range slices.Backward(file.Entries) {
				var s sitewatch.Statement
				if err := json.Unmarshal([]byte(e.Text), &s); err != nil {
					return err
				}
				site.History = append(site.History, s)
			}
		}
		page.Hosts = append(page.Hosts, site)
	}
	if len(page.Hosts) == 0 {
		return nil
	}
	return v.Get("/site-watch-key", &page.Key)
}

// HistoryHref returns the address of the file with the history of a host.
func (v *visit) HistoryHref(page dutyPage, host string) string {
	return Prefix + "/duties/" + url.PathEscape(page.ID) + "/sites/" + url.PathEscape(host) + "/history"
}

// FindingText returns the words of a finding in a statement, which has the host alone of what they say: the first argument of each of them.
func (v *visit) FindingText(s sitewatch.Stated) string {
	plain, _ := finding.New(s.Code, "").WithoutArguments()
	return strings.Replace(v.In(plain.Message), "…", s.Host, 1)
}

// DutyHref returns the address of the page of a filing's duties.
func (v *visit) DutyHref(f operator.DueFiling) string { return Prefix + "/duties/" + string(f.Filing) }
