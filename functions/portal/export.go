package portal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"beian/shared/web"
)

// Limits of one part of an export. A response of Lambda has 6 MB at most, and a function is to answer in seconds. The last page that is read may
// exceed exportBytes by about 200 KB, and the indented file is about 1.4 times as large.
const (
	exportBytes = 2 << 20
	exportReads = 300
)

// An exportList is a list of the API that an export has. Its items are read one by one with the operations below them; without item, the list itself is
// exported.
type exportList struct {
	key, path string
	item      string // name of an item in the file; "" exports the items as the list has them
	below     []exportOperation
}

type exportOperation struct{ key, path string }

// exportLists are everything that the provider keeps about an account, except pictures, as the operations of the API show it.
var exportLists = []exportList{
	{key: "orders", path: "/orders", item: "order", below: []exportOperation{{"timeline", "/timeline"}, {"evidence", "/evidence"}, {"draft", "/details-draft"}, {"staffReads", "/staff-reads?limit=100"}}},
	{key: "filings", path: "/filings", item: "filing", below: []exportOperation{{"versions", "/versions"}, {"staffReads", "/staff-reads?limit=100"}, {"consents", "/consents"}, {"transfer", "/transfer"}}},
	{key: "claims", path: "/filing-claims"},
	{key: "transfers", path: "/filing-transfers?limit=100"},
	{key: "consents", path: "/consents?limit=100"},
}

// An exportPosition says where a part of an export begins. What changes between two parts is in the file as it was when its part was read.
type exportPosition struct {
	List   int    `json:"l"` // index in exportLists
	Cursor string `json:"c,omitempty"`
	Below  int    `json:"b,omitempty"` // of the item at the cursor: 0 is the item itself, then the operations below it
	Page   string `json:"p,omitempty"` // cursor of that operation
}

// String returns the position for an address.
func (at exportPosition) String() string {
	text, err := json.Marshal(at)
	if err != nil {
		panic(err) // cannot happen: numbers and texts
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseExportPosition parses the position in an address; "" is the beginning.
func parseExportPosition(text string) (at exportPosition, err error) {
	if text == "" {
		return at, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(decoded, &at)
	}
	if err != nil || at.List < 0 || at.List >= len(exportLists) || at.Below < 0 || at.Below > len(exportLists[at.List].below) {
		return at, &web.Problem{Status: http.StatusBadRequest}
	}
	return at, nil
}

// A listPage is a page of a list of the API. Items is nil for a response that is no list.
type listPage struct {
	Items []json.RawMessage
	Next  string
}

// pageOfList returns the page in a response. An order and a filing have no items, and a next that is no cursor.
func pageOfList(content json.RawMessage) (page listPage) {
	var list struct {
		Items []json.RawMessage `json:"items"`
		Next  json.RawMessage   `json:"next"`
	}
	if err := json.Unmarshal(content, &list); err != nil || list.Items == nil {
		return page
	}
	page.Items = list.Items
	if err := json.Unmarshal(list.Next, &page.Next); err != nil {
		page.Next = "" // the last page
	}
	return page
}

// An exporter reads one part of an export with the operations of the API.
type exporter struct {
	read        func(path string) (json.RawMessage, error)
	at          exportPosition
	bytes, done int // read so far: bytes and responses
	out         map[string]any
	item        string         // path of the item at the position; "" if it is not read yet
	entry       map[string]any // of this item
	after       string         // cursor after it
}

// exportPart reads a part from a position on. The position after it is nil if nothing is left.
func exportPart(at exportPosition, read func(path string) (json.RawMessage, error)) (part map[string]any, next *exportPosition, err error) {
	e := exporter{read: read, at: at, out: map[string]any{}}
	for e.at.List < len(exportLists) {
		if e.bytes >= exportBytes || e.done >= exportReads {
			return e.out, &e.at, nil
		}
		l := exportLists[e.at.List]
		if l.item == "" {
			err = e.readList(l)
		} else {
			err = e.readItem(l)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return e.out, nil, nil
}

// get reads a response, and its items if it is a page of a list.
func (e *exporter) get(path, cursor string) (content json.RawMessage, page listPage, err error) {
	if cursor != "" {
		u, err := url.Parse(path)
		if err != nil {
			return nil, page, err
		}
		query := u.Query()
		query.Set("cursor", cursor)
		u.RawQuery = query.Encode()
		path = u.String()
	}
	if content, err = e.read(path); err != nil {
		return nil, page, err
	}
	e.bytes, e.done = e.bytes+len(content), e.done+1
	return content, pageOfList(content), nil
}

// readList reads a page of a list whose items are exported as they are.
func (e *exporter) readList(l exportList) error {
	_, page, err := e.get(l.path, e.at.Cursor)
	if err != nil {
		return err
	}
	items, _ := e.out[l.key].([]json.RawMessage)
	e.out[l.key] = append(items, page.Items...)
	e.moveTo(page.Next)
	return nil
}

// readItem reads the next response about the item at the position.
func (e *exporter) readItem(l exportList) error {
	if e.item == "" {
		_, page, err := e.get(l.path+"?limit=1", e.at.Cursor)
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			e.moveTo(page.Next)
			return nil
		}
		var named struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(page.Items[0], &named); err != nil {
			return err
		}
		e.item, e.after, e.entry = l.path+"/"+named.ID, page.Next, map[string]any{"id": named.ID}
		entries, _ := e.out[l.key].([]map[string]any)
		e.out[l.key] = append(entries, e.entry)
	}
	key, path := l.item, e.item
	if e.at.Below > 0 {
		key, path = l.below[e.at.Below-1].key, path+l.below[e.at.Below-1].path
	}
	content, page, err := e.get(path, e.at.Page)
	if p, refused := err.(*web.Problem); refused && e.at.Below > 0 && p.Status != http.StatusTooManyRequests && p.Status < http.StatusInternalServerError {
		err = nil // erased, or not for an agency
	} else if err == nil && page.Items != nil {
		items, _ := e.entry[key].([]json.RawMessage)
		e.entry[key] = append(items, page.Items...)
	} else if err == nil {
		e.entry[key] = content
	}
	if e.at.Page = page.Next; e.at.Page == "" {
		e.at.Below++
	}
	if e.at.Below > len(l.below) {
		e.moveTo(e.after)
	}
	return err
}

// moveTo goes on at a cursor of the list; "" goes on with the next list.
func (e *exporter) moveTo(cursor string) {
	next := exportPosition{List: e.at.List, Cursor: cursor}
	if cursor == "" {
		next.List++
	}
	e.at, e.item, e.entry, e.after = next, "", nil, ""
}

// An exportPage offers one part of the export.
type exportPage struct {
	N       int    // of the part, from 1
	Several bool   // whether there are several
	Href    string // of the file
	Next    string // of the page of the next part; "" on the last
}

// maxExportNumber limits the number of a part in an address.
const maxExportNumber = 9999

// registerExport registers the download of everything about an account, in as many parts as it takes. The page reads its part to learn whether another
// follows it; nothing is stored.
func (p *Portal) registerExport() {
	part := func(v *visit) (page exportPage, content map[string]any, err error) {
		query := v.R.URL.Query()
		at, err := parseExportPosition(query.Get("at"))
		if err != nil {
			return page, nil, err
		}
		page.N = 1
		if n, err := strconv.Atoi(query.Get("n")); err == nil && n >= 1 && n < maxExportNumber {
			page.N = n
		}
		content, next, err := exportPart(at, func(path string) (json.RawMessage, error) {
			var content json.RawMessage
			return content, v.Get(path, &content)
		})
		if next != nil {
			page.Next = "/export?" + url.Values{"at": {next.String()}, "n": {strconv.Itoa(page.N + 1)}}.Encode()
		}
		page.Several = page.N > 1 || next != nil
		page.Href = "/export.json?" + url.Values{"at": {at.String()}, "n": {strconv.Itoa(page.N)}}.Encode()
		return page, content, err
	}
	p.private("GET /export", func(v *visit) error {
		page, _, err := part(v)
		if err != nil {
			return err
		}
		return v.Show("export", page)
	})
	p.private("GET /export.json", func(v *visit) error {
		page, content, err := part(v)
		if err != nil {
			return err
		}
		if page.Next != "" {
			content["next"] = v.portal.config.Origin + page.Next
		}
		text, err := json.MarshalIndent(content, "", "\t")
		if err != nil {
			return err
		}
		name := "beian-export.json"
		if page.Several {
			name = fmt.Sprintf("beian-export-%d.json", page.N)
		}
		return v.download("application/json", name, text)
	})
}
