package web

import (
	"net/url"
	"strconv"
)

// A PageQuery asks for one page of a list.
type PageQuery struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"where the page begins: next of the previous page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"the most items in the page"`
}

// A Page is a part of a list. It may be shorter than the limit and still not be the last.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
}

// A PageResult is the answer with a page.
type PageResult[T any] struct {
	Link string `header:"Link" doc:"the next page, with rel=next (RFC 8288)"`
	Body Page[T]
}

// NewPage makes the answer with a page. Query are the parameters of the next page besides cursor and limit.
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
