package staff

import (
	"net/http"

	"beian/functions/reviewer"
	"beian/shared/web/pages"
)

// registerPreview registers the preview of a verdict: the case again, with what was typed and what the applicant would read.
func (s *Staff) registerPreview() {
	s.register("POST /orders/{id}/preview", func(v *visit) error {
		verdict, err := v.verdictOf(v.R.PostForm)
		if err != nil {
			return err
		}
		var shown reviewer.VerdictPreview
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/review/preview"), ETag: v.R.PostForm.Get("etag"), Body: verdict}, &shown)
		if !v.Refused(err) {
			if err != nil {
				return err
			}
			v.preview = &shown
		}
		return v.showCase(v.R.PostForm)
	})
}

// Preview is what the applicant would read of the verdict that was typed; nil if it was not asked for.
func (v *visit) Preview() *reviewer.VerdictPreview { return v.preview }
