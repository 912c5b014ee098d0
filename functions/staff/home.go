package staff

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"beian/shared/web"
)

// orderNumber is the number of an order within a text, such as a pasted address.
var orderNumber = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{26}\b`)

// registerHome registers the first page: the queue of a reviewer, or the operator's room. The form in the head of each page opens an order by its number.
func (s *Staff) registerHome() {
	s.register("GET /{$}", func(v *visit) error {
		if v.IsReviewer() {
			v.Redirect(Prefix + "/queue")
		} else {
			v.Redirect(Prefix + "/late")
		}
		return nil
	})
	s.register("GET /find", func(v *visit) error {
		id := orderNumber.FindString(strings.ToUpper(v.R.URL.Query().Get("number")))
		if id == "" {
			detail, err := v.T("layout.no-order")
			return cmp.Or(err, error(&web.Problem{Status: http.StatusNotFound, Detail: detail}))
		}
		v.Redirect(Prefix + "/orders/" + url.PathEscape(id))
		return nil
	})
}
