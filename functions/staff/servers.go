package staff

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beian/functions/operator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A serversPage lists servers.
type serversPage struct {
	Filter    url.Values
	Servers   []operator.InventoryServer
	Provinces []province.Province
	Next, CSV string // addresses
	Add       serverForm
	Uploaded  *operator.StoredFile
}

// A codesPage lists service codes.
type codesPage struct {
	Filter    url.Values
	Codes     []operator.InventoryServiceCode
	Next, CSV string
	Fields    []pages.Field
	Uploaded  *operator.StoredFile
}

// A serverPage is the page of one server.
type serverPage struct {
	operator.InventoryServer
	Form serverForm
	Uses []operator.ServerUse
	Next string
}

// A serverForm asks for the data of a server.
type serverForm struct {
	Fields []pages.Field
	Open   bool
}

// maxCSV is the size of a file that is uploaded, with the form around it.
const maxCSV = 1<<20 + 4096

var errNoFile = &web.Problem{Status: http.StatusBadRequest}

// registerServers registers the inventory.
func (s *Staff) registerServers() {
	s.register("GET /servers", func(v *visit) error { return v.showServers(nil, nil) })
	s.register("POST /servers", (*visit).addServer)
	s.register("POST /servers/file", func(v *visit) error {
		return v.uploadFile("/inventory/servers", func(stored *operator.StoredFile) error { return v.showServers(nil, stored) })
	})
	s.register("GET /servers/file.csv", func(v *visit) error { return v.download("/inventory/servers") })
	s.register("GET /servers/codes", func(v *visit) error { return v.showCodes(nil, nil) })
	s.register("POST /servers/codes", (*visit).addCode)
	s.register("POST /servers/codes/file", func(v *visit) error {
		return v.uploadFile("/inventory/service-codes", func(stored *operator.StoredFile) error { return v.showCodes(nil, stored) })
	})
	s.register("GET /servers/codes/file.csv", func(v *visit) error { return v.download("/inventory/service-codes") })
	s.register("GET /servers/at/{server}", func(v *visit) error { return v.showServer(nil) })
	s.register("POST /servers/at/{server}", func(v *visit) error {
		d, err := v.ReadForm(serverQuestions)
		if err != nil {
			return err
		}
		return v.putServer(v.R.PathValue("server"), d, func() error { return v.showServer(d) })
	})
}

var serverQuestions = []pages.Question{
	{Pointer: "/account", Words: "servers.account", Kind: "text"},
	{Pointer: "/placement", Words: "servers.placement", Kind: "select", Optional: true, Options: provinceOptions},
	{Pointer: "/mode", Words: "servers.mode", Kind: "number", Shape: "number"},
	{Pointer: "/ips", Words: "servers.ips", Kind: "textarea", Shape: "lines", Optional: true},
	{Pointer: "/rentedAt", Words: "servers.rented", Kind: "date"},
	{Pointer: "/expiresAt", Words: "servers.expires", Kind: "date"},
	{Pointer: "/quota", Words: "servers.quota", Kind: "number", Shape: "number"},
}

var idQuestion = pages.Question{Pointer: "/id", Words: "servers.id", Kind: "text"}

var codeQuestions = []pages.Question{
	{Pointer: "/code", Words: "servers.code", Kind: "text"},
	{Pointer: "/server", Words: "servers.id", Kind: "text"},
	{Pointer: "/account", Words: "servers.code-account", Kind: "text", Optional: true},
}

func provinceOptions(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var options []pages.Option
	for _, p := range province.All() {
		options = append(options, pages.Option{Value: string(p.Code), Label: v.In(p.Name)})
	}
	return options, nil
}

// filterOf returns the parameters of the page's address that filter a list.
func (v *visit) filterOf(names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if value := v.R.URL.Query().Get(name); value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// showServers shows the list, with the form for another server as it was filled in, and the result of an upload.
func (v *visit) showServers(typed pages.Document, uploaded *operator.StoredFile) error {
	filter := v.filterOf("account", "placement", "free", "cursor")
	page := serversPage{Filter: filter, Provinces: province.All(), Uploaded: uploaded}
	var list web.Page[operator.InventoryServer]
	if err := v.Get("/servers?limit=50&"+filter.Encode(), &list); err != nil {
		return err
	}
	page.Servers, page.Next, page.CSV = list.Items, v.nextOf("/servers", filter, list.Next), v.csvOf("/servers/file.csv", filter)
	page.Add.Open = typed != nil
	if typed == nil {
		typed = pages.Document{"mode": 5, "quota": 5}
	}
	var err error
	page.Add.Fields, err = v.Ask(append([]pages.Question{idQuestion}, serverQuestions...), typed)
	if err != nil {
		return err
	}
	return v.Show("servers", page)
}

func (v *visit) showCodes(typed pages.Document, uploaded *operator.StoredFile) error {
	filter := v.filterOf("account", "server", "free", "cursor")
	page := codesPage{Filter: filter, Uploaded: uploaded}
	var list web.Page[operator.InventoryServiceCode]
	if err := v.Get("/service-codes?limit=50&"+filter.Encode(), &list); err != nil {
		return err
	}
	page.Codes, page.Next, page.CSV = list.Items, v.nextOf("/servers/codes", filter, list.Next), v.csvOf("/servers/codes/file.csv", filter)
	if server := filter.Get("server"); typed == nil && server != "" {
		typed = pages.Document{"server": server}
	}
	var err error
	if page.Fields, err = v.Ask(codeQuestions, typed); err != nil {
		return err
	}
	return v.Show("codes", page)
}

// nextOf returns the address of the next page of a list; "" if there is none.
func (v *visit) nextOf(path string, filter url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	next := url.Values{"cursor": {cursor}}
	for name, values := range filter {
		if name != "cursor" {
			next[name] = values
		}
	}
	return Prefix + path + "?" + next.Encode()
}

// csvOf returns the address of the file with what a filter selects.
func (v *visit) csvOf(path string, filter url.Values) string {
	q := url.Values{}
	for name, values := range filter {
		if name != "cursor" {
			q[name] = values
		}
	}
	return pages.AddressOf(Prefix+path, q)
}

// addServer stores the server of the form on the list.
func (v *visit) addServer() error {
	d, err := v.ReadForm(append([]pages.Question{idQuestion}, serverQuestions...))
	if err != nil {
		return err
	}
	show := func() error { return v.showServers(d, nil) }
	if p := pages.Unanswered([]pages.Question{idQuestion}, d); p != nil {
		v.Problem = p
		return show()
	}
	return v.putServer(d.Text("/id"), d, show)
}

// putServer stores a server and goes to its page, or shows the form again.
func (v *visit) putServer(id string, d pages.Document, again func() error) error {
	body := map[string]any{"account": d.Text("/account"), "placement": d.Text("/placement"), "mode": d.At("/mode"), "quota": d.At("/quota"), "ips": d.At("/ips")}
	if body["ips"] == nil {
		body["ips"] = []string{}
	}
	for _, name := range []string{"rentedAt", "expiresAt"} {
		if day := d.Text("/" + name); day != "" {
			body[name] = day + "T00:00:00+08:00"
		}
	}
	for _, name := range []string{"mode", "quota"} {
		if body[name] == nil {
			delete(body, name)
		}
	}
	_, err := v.Call(pages.Request{Method: http.MethodPut, Path: "/servers/" + url.PathEscape(id), Body: body}, nil)
	if v.Refused(err) {
		return again()
	}
	if err != nil {
		return err
	}
	v.Redirect(Prefix + "/servers/at/" + url.PathEscape(id))
	return nil
}

func (v *visit) addCode() error {
	d, err := v.ReadForm(codeQuestions)
	if err != nil {
		return err
	}
	again := func() error { return v.showCodes(d, nil) }
	if p := pages.Unanswered(codeQuestions, d); p != nil {
		v.Problem = p
		return again()
	}
	body := map[string]any{"server": d.Text("/server"), "account": d.Text("/account")}
	_, err = v.Call(pages.Request{Method: http.MethodPut, Path: "/service-codes/" + url.PathEscape(d.Text("/code")), Body: body}, nil)
	if v.Refused(err) {
		return again()
	}
	if err != nil {
		return err
	}
	v.Redirect(Prefix + "/servers/codes?server=" + url.QueryEscape(d.Text("/server")))
	return nil
}

// showServer shows a server, its form, and the orders that use it.
func (v *visit) showServer(typed pages.Document) error {
	path := "/servers/" + url.PathEscape(v.R.PathValue("server"))
	var page serverPage
	if err := v.Get(path, &page.InventoryServer); err != nil {
		return err
	}
	cursor := v.filterOf("cursor")
	var uses web.Page[operator.ServerUse]
	if err := v.Get(path+"/uses?limit=50&"+cursor.Encode(), &uses); err != nil {
		return err
	}
	page.Uses, page.Next = uses.Items, v.nextOf("/servers/at/"+url.PathEscape(page.ID), url.Values{}, uses.Next)
	page.Form.Open = typed != nil
	if typed == nil {
		ips := []any{}
		for _, ip := range page.IPs {
			ips = append(ips, ip)
		}
		typed = pages.Document{"account": string(page.Account), "placement": string(page.Placement), "mode": page.Mode, "quota": page.Quota, "ips": ips,
			"rentedAt": v.dateOf(page.RentedAt), "expiresAt": v.dateOf(page.ExpiresAt)}
	}
	var err error
	if page.Form.Fields, err = v.Ask(serverQuestions, typed); err != nil {
		return err
	}
	return v.Show("server", page)
}

// uploadFile sends the file of a form to an operation and shows its result, or what is wrong with the file.
func (v *visit) uploadFile(path string, show func(*operator.StoredFile) error) error {
	file, dry, err := v.formFile()
	if err != nil {
		return err
	}
	var stored operator.StoredFile
	_, err = v.Call(pages.Request{Method: http.MethodPost, Path: path, Body: map[string]any{"file": file, "dry": dry}}, &stored)
	if v.Refused(err) {
		return show(nil)
	}
	if err != nil {
		return err
	}
	return show(&stored)
}

// formFile reads the field file of a form with a file. dry reports whether its button only checks.
func (v *visit) formFile() (file []byte, dry bool, err error) {
	kind, parameters, err := mime.ParseMediaType(v.R.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, false, errNoFile
	}
	parts := multipart.NewReader(http.MaxBytesReader(nil, v.R.Body, maxCSV), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, dry, nil
		}
		content, readErr := io.ReadAll(io.LimitReader(orEmpty(part), maxCSV))
		if err := errors.Join(err, readErr); err != nil {
			if _, large := errors.AsType[*http.MaxBytesError](err); large {
				return nil, false, &web.Problem{Status: http.StatusRequestEntityTooLarge}
			}
			return nil, false, errNoFile
		}
		switch part.FormName() {
		case "file":
			file = content
		case "dry":
			dry = string(content) == "true"
		}
	}
}

func orEmpty(part *multipart.Part) io.Reader {
	if part == nil {
		return strings.NewReader("")
	}
	return part
}

// download answers with the CSV file of an operation: its first part.
func (v *visit) download(path string) error {
	return v.downloadWith(path, v.filterOf("account", "placement", "server", "free", "cursor"))
}

// downloadWith is download with other parameters.
func (v *visit) downloadWith(path string, query url.Values) error {
	response, err := v.Send(pages.Request{Method: http.MethodGet, Path: path + "?" + query.Encode()})
	if err != nil {
		return err
	}
	for _, name := range []string{"Content-Type", "Content-Disposition"} {
		v.W.Header().Set(name, response.Headers[name])
	}
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			return err
		}
	}
	_, err = v.W.Write(body)
	return err
}

// OrderAddress is the address of the page of an order.
func (v *visit) OrderAddress(id filing.ID) string {
	return Prefix + "/orders/" + url.PathEscape(string(id))
}

// CellName is the name of the cell of a file with a JSON pointer: "/file/3/B". It is "" for another pointer.
func (v *visit) CellName(pointer string) (string, error) {
	rest, isCell := strings.CutPrefix(pointer, "/file/")
	if !isCell {
		return "", nil
	}
	row, column, hasColumn := strings.Cut(rest, "/")
	if !hasColumn {
		return v.T("servers.row-name", "row", row)
	}
	return v.T("servers.cell-name", "row", row, "column", column)
}

// FileProblems are what is wrong with an uploaded file; empty if the page has no such problem.
func (v *visit) FileProblems() finding.List {
	if v.Problem == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.Problem.Findings), func(f finding.Finding) bool { return !strings.HasPrefix(f.Pointer, "/file") })
}
