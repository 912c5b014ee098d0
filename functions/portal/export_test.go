package portal

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"beian/shared/web"
)

// A fakeAccount is the API of an account with many orders, each with more pages of history than one, and texts of 2 KB.
type fakeAccount struct{ orders, reads, filings int }

// get answers like the API, with pages of at most 100 items and some that are empty though they are not the last.
func (a fakeAccount) get(path string) (json.RawMessage, error) {
	u, err := url.Parse(path)
	if err != nil {
		return nil, err
	}
	limit, begin := 100, 0
	if n := u.Query().Get("limit"); n != "" {
		limit, _ = strconv.Atoi(n)
	}
	if c := u.Query().Get("cursor"); c != "" {
		begin, _ = strconv.Atoi(c)
	}
	list := func(n int, item func(int) any) (json.RawMessage, error) {
		out := map[string]any{"items": []any{}}
		var items []any
		for i := begin; i < min(begin+limit, n); i++ {
			items = append(items, item(i))
		}
		if len(items) > 0 {
			out["items"] = items
		}
		if begin+limit < n {
			out["next"] = strconv.Itoa(begin + limit)
		}
		return json.Marshal(out)
	}
	segments := strings.Split(u.Path, "/")
	switch {
	case u.Path == "/orders":
		return list(a.orders, func(i int) any { return map[string]string{"id": fmt.Sprintf("O%d", i)} })
	case u.Path == "/filings":
		return list(a.filings, func(i int) any { return map[string]string{"id": fmt.Sprintf("F%d", i)} })
	case u.Path == "/consents":
		return list(250, func(i int) any { return fmt.Sprintf("C%d", i) })
	case strings.HasPrefix(u.Path, "/filing-"):
		return list(0, nil)
	case len(segments) == 3:
		return json.Marshal(map[string]any{"content": segments[2], "text": strings.Repeat("x", 2000), "next": map[string]string{"who": "reviewer"}})
	case segments[3] == "staff-reads":
		return list(a.reads, func(i int) any { return fmt.Sprintf("%s-read-%d", segments[2], i) })
	case segments[3] == "timeline":
		return list(250, func(i int) any { return fmt.Sprintf("%s-line-%d %s", segments[2], i, strings.Repeat("y", 100)) })
	case segments[3] == "details-draft" || segments[3] == "transfer":
		return nil, &web.Problem{Status: 404}
	}
	return json.Marshal(map[string]any{"papers": segments[2]})
}

// TestExportOfMany: an export is complete whatever its amount: each order, filing, page of history and read of staff is in exactly one of its parts, and
// no part exceeds what a response may have.
func TestExportOfMany(t *testing.T) {
	a := fakeAccount{orders: 150, reads: 320, filings: 3}
	var all strings.Builder
	parts := 0
	for at := ""; ; parts++ {
		position, err := parseExportPosition(at)
		if err != nil {
			t.Fatal(err)
		}
		part, next, err := exportPart(position, a.get)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(part, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 5<<20 {
			t.Errorf("part %d has %d bytes", parts, len(text))
		}
		all.Write(text)
		if next == nil {
			break
		}
		at = next.String()
	}
	if parts < 4 {
		t.Errorf("%d parts", parts)
	}
	count := func(text string, want int) {
		t.Helper()
		if got := strings.Count(all.String(), text); got != want {
			t.Errorf("%q is there %d times, want %d", text, got, want)
		}
	}
	for i := range a.orders {
		count(fmt.Sprintf(`"content": "O%d"`, i), 1)
		count(fmt.Sprintf(`"papers": "O%d"`, i), 1)
	}
	count("-read-", (a.orders+a.filings)*a.reads)
	count("-read-319\"", a.orders+a.filings)
	count("-line-249 ", a.orders)
	count(`"content": "F`, a.filings)
	count(`"C249"`, 1)
}

// TestExportPosition: an address that the page did not make is refused.
func TestExportPosition(t *testing.T) {
	for _, text := range []string{"%", "e30x", exportPosition{List: 99}.String(), exportPosition{List: -1}.String(), exportPosition{Below: 9}.String()} {
		if _, err := parseExportPosition(text); err == nil {
			t.Errorf("%q is a position", text)
		}
	}
	at := exportPosition{List: 1, Cursor: "x", Below: 2, Page: "y"}
	if got, err := parseExportPosition(at.String()); err != nil || got != at {
		t.Errorf("%+v, %v", got, err)
	}
}
