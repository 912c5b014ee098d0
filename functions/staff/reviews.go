package staff

import (
	"net/http"
	"net/url"

	"beian/functions/operator"
	"beian/shared/web/pages"
)

// A reviewsPage lists the annual reviews of the provinces, with the form for one that a bureau announced.
type reviewsPage struct {
	Reviews []operator.AnnualReview
	Fields  []pages.Field
	Typed   bool // the form was filled in
}

// registerReviews registers the page of the annual reviews.
func (s *Staff) registerReviews() {
	s.register("GET /duties/reviews", func(v *visit) error { return v.showReviews(nil) })
	s.register("POST /duties/reviews", func(v *visit) error {
		typed, err := v.ReadForm(reviewQuestions)
		if err != nil {
			return err
		}
		if p := pages.Unanswered(reviewQuestions, typed); p != nil {
			v.Problem = p
			return v.showReviews(typed)
		}
		_, err = v.Call(pages.Request{Method: http.MethodPut, Path: "/annual-reviews/" + url.PathEscape(typed.Text("/province")) + "/" + url.PathEscape(typed.Text("/from")),
			Body: map[string]any{"until": typed.Text("/until"), "numbers": typed.At("/numbers"), "source": typed.Text("/source")}}, nil)
		if v.Refused(err) {
			return v.showReviews(typed)
		}
		if err == nil {
			v.Redirect(Prefix + "/duties/reviews")
		}
		return err
	})
}

var reviewQuestions = []pages.Question{
	{Pointer: "/province", Words: "duties.review-province", Kind: "select", Options: provinceOptions},
	{Pointer: "/from", Words: "duties.review-from", Kind: "date"},
	{Pointer: "/until", Words: "duties.review-until", Kind: "date"},
	{Pointer: "/numbers", Words: "duties.review-numbers", Kind: "textarea", Shape: "lines", Optional: true},
	{Pointer: "/source", Words: "duties.review-source", Kind: "text"},
}

// showReviews shows the list, with the form for another review as it was filled in.
func (v *visit) showReviews(typed pages.Document) error {
	page := reviewsPage{Typed: typed != nil}
	var list struct{ Items []operator.AnnualReview }
	if err := v.Get("/annual-reviews", &list); err != nil {
		return err
	}
	page.Reviews = list.Items
	var err error
	if page.Fields, err = v.askMore(reviewQuestions, typed); err != nil {
		return err
	}
	return v.Show("reviews", page)
}
