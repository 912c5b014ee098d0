package api

import (
	"net/url"
	"strconv"
)

// A PageQuery asks for a part of a list.
type PageQuery struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"where the part begins: next of the part before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many at most"`
}

// A Page is a part of a list. It may be shorter than asked for and still not be the last.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"the cursor of the next part; absent in the last one"`
}

// listed is the answer that holds a page.
type listed[T any] struct {
	Link string `header:"Link" doc:"the next part, with rel=next (RFC 8288)"`
	Body Page[T]
}

// page makes the answer. Query are the parameters that the next part needs besides its cursor.
func page[T any](items []T, next, path string, limit int, query url.Values) *listed[T] {
	out := &listed[T]{Body: Page[T]{Items: append([]T{}, items...), Next: next}}
	if next != "" {
		q := url.Values{"cursor": {next}, "limit": {strconv.Itoa(limit)}}
		for name, values := range query {
			q[name] = values
		}
		out.Link = "<" + Prefix + path + "?" + q.Encode() + `>; rel="next"`
	}
	return out
}
