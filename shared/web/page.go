package web

import (
	"net/url"
	"strconv"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A PageQuery has the query parameters for one page of a list.
type PageQuery struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"start of the page: next of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"maximum number of items in the page"`
}

// A Page is one page of a list. A page with fewer items than the limit is not necessarily the last.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last page"`
}

// A PageResult is the response with a page.
type PageResult[T any] struct {
	Link string `header:"Link" doc:"the next page, with rel=next (RFC 8288)"`
	Body Page[T]
}

// NewPage returns the response with a page. query contains the parameters of the next page other than cursor and limit.
func NewPage[T any](items []T, next, path string, limit int, query url.Values) *PageResult[T] {
	out := &PageResult[T]{Body: Page[T]{Items: append([]T{}, items...), Next: next}}
	if next != "" {
		q := url.Values{"cursor": {next}, "limit": {strconv.Itoa(limit)}}
		for name, values := range query {
			q[name] = values
		}
		out.Link = "<" + Prefix + path + "?" + q.Encode() + `>; rel="next"`
	}
	return out
}

// pageLength is the number of entries in one page of a history. An order has 30 to 60 decisions.
const pageLength = 200

// A HistoryQuery has the query parameters for one page of an order's history.
type HistoryQuery struct {
	OrderPath
	Cursor string `query:"cursor" maxLength:"16" doc:"start of the page: next of the previous page"`
}

// PageOf returns the entries of a history on the page of a cursor, and the cursor of the next page, "" on the last.
func PageOf[T any](entries []T, cursor string) (page []T, next string, err error) {
	begin := 0
	if cursor != "" {
		begin, err = strconv.Atoi(cursor)
		if err != nil || begin < 0 || strconv.Itoa(begin) != cursor {
			return nil, "", fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeParameter, "", "name", "cursor")})
		}
	}
	begin = min(begin, len(entries))
	end := min(begin+pageLength, len(entries))
	if end < len(entries) {
		next = strconv.Itoa(end)
	}
	return entries[begin:end], next, nil
}
