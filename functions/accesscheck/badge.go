package accesscheck

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"strings"
	"unicode/utf8"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/accesscheck"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

const (
	badgePrefix = "/badge/"
	// badgePolicy lets a badge load and run nothing. Other sites may frame it: that is what it is for.
	badgePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *; sandbox allow-popups allow-popups-to-escape-sandbox"
	// CodeBadgeUnknown says that no website with a host is filed.
	CodeBadgeUnknown finding.Code = "badge-unknown"
)

// badge returns the number that the site with a host shows, linked to the ministry: as a piece of HTML, or as a picture if the host ends in .svg. It has no more
// than the public query of the ministry.
func (f *Function) badge(ctx context.Context, host, request string) apigateway.Response {
	var w apigateway.Recorder
	h := w.Header()
	h.Set("Content-Security-Policy", badgePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Request-Id", request)
	host, picture := strings.CutSuffix(host, ".svg")
	text, wrong, err := f.footerNumber(ctx, host)
	switch {
	case err != nil:
		f.config.Decisions.Log.ErrorContext(ctx, "request failed", "request", request, "cause", err.Error())
		h.Set("Retry-After", "5")
		writeText(&w, http.StatusServiceUnavailable, "no-store", finding.Words{Chinese: "系统繁忙，请稍后再试。", English: "The system is busy; try again shortly."})
	case len(wrong) > 0:
		said := finding.Words{Chinese: wrong[0].Message.Chinese + wrong[0].Remedy.Chinese, English: wrong[0].Message.English + " " + wrong[0].Remedy.English}
		writeText(&w, http.StatusNotFound, cacheFor(accesscheck.DeniedFor.Seconds()), said)
	case picture:
		h.Set("Cache-Control", cacheFor(accesscheck.AllowedFor.Seconds()))
		h.Set("Content-Type", "image/svg+xml; charset=utf-8")
		fmt.Fprint(&w, pictureOf(text))
	default:
		h.Set("Cache-Control", cacheFor(accesscheck.AllowedFor.Seconds()))
		h.Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(&w, filing.FooterLink(text))
	}
	f.config.Decisions.Log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request", request), slog.String("route", "GET "+badgePath), slog.Int("status", w.Status()))
	return w.Response()
}

// footerNumber returns the number that the website with a host shows, or a finding if there is none.
func (f *Function) footerNumber(ctx context.Context, host string) (string, finding.List, error) {
	d, wrong := domainname.ParseHost(host)
	if len(wrong) > 0 {
		return "", wrong, nil
	}
	facts, err := f.config.Checker.Facts(ctx, []domainname.Domain{d})
	if err != nil {
		return "", nil, err
	}
	for _, s := range facts[d].Sites {
		switch {
		case s.Number.Service != number.Site: // apps have no footer
		case s.Province.Province().FooterNumber(f.config.Decisions.Now()) == province.FooterSubject:
			return s.Number.Subject.String(), nil, nil
		default:
			return s.Number.String(), nil, nil
		}
	}
	if d.LooksAlike() {
		return "", finding.List{finding.New(accesscheck.LooksAlike, "")}, nil
	}
	return "", finding.List{finding.New(CodeBadgeUnknown, "")}, nil
}

func cacheFor(seconds float64) string { return fmt.Sprintf("public, max-age=%d", int(seconds)) }

// writeText writes a text in both languages.
func writeText(w *apigateway.Recorder, status int, cache string, text finding.Words) {
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text.Chinese+"\n"+text.English)
}

// pictureOf returns an SVG picture of a number. A page that shows it links it itself: a link in a picture of a page has no effect.
func pictureOf(text string) string {
	width := 8 // Chinese characters are as wide as high, others about half as wide
	for _, r := range text {
		width += 6 + 6*min(1, utf8.RuneLen(r)-1)
	}
	escaped := html.EscapeString(text)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" viewBox="0 0 %[1]d 20" role="img" aria-label="%[2]s"><title>%[2]s</title>`+
		`<a href="https://beian.miit.gov.cn/" target="_blank"><text x="4" y="14" font-family="sans-serif" font-size="12" fill="#555">%[2]s</text></a></svg>`, width, escaped)
}
