package portal

import (
	"errors"
	"net/http"
	"slices"

	"beian/functions/api"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A mutePage is the page of the link in an email that turns reminders off.
type mutePage struct {
	api.ReminderLink
	Off, Needed []api.ReminderKind // what the link turns off, and what stays on
	Done        bool
	Invalid     bool // the link does not work
}

// registerMute registers the page on which the reader of an email turns its reminders off, without an account. Programs of mail providers post the form without reading
// the page (RFC 8058), and are not redirected.
func (p *Portal) registerMute() {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		p.public(method+" /mute/{token}", func(v *visit) error {
			page := mutePage{}
			_, err := v.Call(pages.Request{Method: method, Path: "/reminder-links/" + v.R.PathValue("token")}, &page.ReminderLink)
			if p, ok := errors.AsType[*web.Problem](err); ok && p.Status == http.StatusNotFound {
				page.Invalid = true
				v.W.WriteHeader(http.StatusNotFound)
				return v.Show("mute", page)
			}
			if err != nil {
				return err
			}
			for _, k := range page.Kinds {
				if k.Needed {
					page.Needed = append(page.Needed, k)
				} else {
					page.Off = append(page.Off, k)
				}
			}
			page.Done = !slices.ContainsFunc(page.Off, func(k api.ReminderKind) bool { return !k.Muted })
			return v.Show("mute", page)
		})
	}
}
