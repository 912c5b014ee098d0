package operator

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

func column(key, chinese, english string, required bool) inventory.Column {
	return inventory.Column{Key: key, Title: finding.Words{Chinese: chinese, English: english}, Required: required}
}

// serverColumns and codeColumns are the columns of the files.
var (
	serverColumns = []inventory.Column{
		column("id", "服务器编号", "Server", true), column("account", "账号", "Account", true), column("placement", "省份代码", "Province", false),
		column("mode", "接入方式", "Access mode", true), column("ips", "公网IP", "Addresses", false), column("rentedAt", "租用日期", "Rented", true),
		column("expiresAt", "到期日期", "Expires", true), column("quota", "备案名额", "Quota", true), column("used", "已用名额", "Used", false),
	}
	codeColumns = []inventory.Column{
		column("code", "备案服务号", "Service code", true), column("server", "服务器编号", "Server", true), column("account", "账号", "Account", false),
		column("order", "使用的订单", "Order", false),
	}
)

// writers is how many rows of a file are stored at the same time.
const writers = 8

// registerInventoryFiles registers the CSV files of servers and service codes.
func (a operations) registerInventoryFiles() {
	const tag = "Inventory"
	const checks = "All problems are reported at once, with row and column (/file/3/B); if a row is wrong, nothing is stored. Send it with dry first to see what would happen. The same file again changes nothing."
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /inventory/servers", Tag: tag, Summary: "Download servers as CSV",
		Description: "At most 1,000 rows; the header Link names the next part. A cell that a spreadsheet would take for a formula begins with an apostrophe."},
		func(ctx context.Context, _ *web.Call, in *serversInput) (*csvOutput, error) {
			servers, next, err := a.listServers(ctx, in, csvRows)
			var rows [][]string
			for _, s := range servers {
				rows = append(rows, []string{s.ID, string(s.Account), string(s.Placement), strconv.Itoa(s.Mode), strings.Join(s.IPs, " "), dayText(s.RentedAt), dayText(s.ExpiresAt),
					strconv.Itoa(s.Quota), strconv.Itoa(s.Used)})
			}
			return csvPart("servers", "/inventory/servers", next, in.query(), inventory.WriteTable(serverColumns, rows)), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /inventory/servers", Tag: tag, MaxBody: maxInventoryBody, Errors: fileErrors,
		Summary: "Create or change the servers of a CSV file", Description: checks},
		func(ctx context.Context, c *web.Call, in *fileInput) (*storedFileOutput, error) {
			a.logAccess(ctx, c, "upload servers", "dry", in.Body.Dry)
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			servers, found := readServers(in.Body.File, tables)
			return storeFile(in.Body.Dry, len(servers), found, func() error { return storeRows(ctx, servers, a.config.Store.PutServer) })
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /inventory/service-codes", Tag: tag, Summary: "Download service codes as CSV",
		Description: "At most 1,000 rows; the header Link names the next part. The read is recorded for the orders that have used a code."},
		func(ctx context.Context, c *web.Call, in *codesInput) (*csvOutput, error) {
			all, next, err := a.listCodes(ctx, c, in, csvRows)
			var rows [][]string
			for _, code := range all {
				rows = append(rows, []string{code.Code, code.Server, string(code.Account), string(code.Order)})
			}
			return csvPart("service-codes", "/inventory/service-codes", next, in.query(), inventory.WriteTable(codeColumns, rows)), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /inventory/service-codes", Tag: tag, MaxBody: maxInventoryBody, Errors: fileErrors,
		Summary: "Create or change the service codes of a CSV file", Description: "The servers must be stored before. " + checks},
		func(ctx context.Context, c *web.Call, in *fileInput) (*storedFileOutput, error) {
			a.logAccess(ctx, c, "upload service codes", "dry", in.Body.Dry)
			given, found, err := a.readCodes(ctx, in.Body.File)
			if err != nil {
				return nil, err
			}
			return storeFile(in.Body.Dry, len(given), found, func() error { return storeRows(ctx, given, a.config.Store.PutServiceCode) })
		})
	for _, path := range []string{"/inventory/servers", "/inventory/service-codes"} {
		a.DescribeContent(path, map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}})
	}
}

// storeRows stores the rows of a file. An interruption may leave some stored; the same file again stores the others.
func storeRows[T any](ctx context.Context, rows []T, put func(context.Context, T) error) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, row := range rows {
		group.Go(func() error { return put(within, row) })
	}
	return group.Wait()
}

// dayText is a time as the file has it: a day in Beijing, or the whole time if it is within a day.
func dayText(t time.Time) string {
	if at := t.In(workday.Shanghai); at.Equal(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, workday.Shanghai)) {
		return at.Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}

// readServers reads the servers of a file.
func readServers(file []byte, tables codes.Tables) ([]inventory.Server, finding.List) {
	rows, found := inventory.ReadTable(file, serverColumns)
	if found.Blocking() && rows == nil {
		return nil, found
	}
	var servers []inventory.Server
	first := map[string]int{}
	for _, r := range rows {
		var wrong finding.List
		s := Server{Account: filing.Account(r.Cells["account"]), Placement: province.Code(r.Cells["placement"]), IPs: strings.FieldsFunc(r.Cells["ips"], isListSeparator)}
		s.Mode = readNumber(r, "mode", 1, 64, &wrong)
		s.Quota = readNumber(r, "quota", 0, 100, &wrong)
		s.RentedAt, s.ExpiresAt = readDay(r, "rentedAt", &wrong), readDay(r, "expiresAt", &wrong)
		if id := r.Cells["id"]; id != "" {
			wrong = append(wrong, checkID(r, "id", serverID, first)...)
		}
		s = s.normalize()
		if !wrong.Blocking() && r.Cells["account"] != "" {
			for _, f := range s.check(tables) {
				key, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
				f.Pointer = r.Pointer(key)
				wrong = append(wrong, f)
			}
			if len(s.IPs) > 16 {
				wrong = append(wrong, finding.New(CodeServerAddress, r.Pointer("ips")))
			}
		}
		found = append(found, wrong...)
		servers = append(servers, inventory.Server{ID: r.Cells["id"], Account: s.Account, Placement: s.Placement, Mode: s.Mode, IPs: s.IPs,
			RentedAt: s.RentedAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), Quota: s.Quota})
	}
	return servers, found
}

// readCodes reads the service codes of a file.
func (a operations) readCodes(ctx context.Context, file []byte) ([]inventory.ServiceCode, finding.List, error) {
	rows, found := inventory.ReadTable(file, codeColumns)
	if found.Blocking() && rows == nil {
		return nil, found, nil
	}
	var given []inventory.ServiceCode
	first, known := map[string]int{}, map[string]bool{}
	for _, r := range rows {
		c := inventory.ServiceCode{Code: r.Cells["code"], Server: r.Cells["server"], Account: filing.Account(r.Cells["account"])}
		if c.Code != "" {
			found = append(found, checkID(r, "code", serviceCodeID, first)...)
		}
		if c.Account != "" && !apigateway.IsAccount(string(c.Account)) {
			found = append(found, finding.New(web.CodeFieldValue, r.Pointer("account")))
		}
		if c.Server != "" {
			exists, asked := known[c.Server]
			if !asked {
				_, err := a.config.Store.Server(ctx, c.Server)
				if err != nil && fault.KindOf(err) != fault.NotFound {
					return nil, nil, err
				}
				exists = err == nil
				known[c.Server] = exists
			}
			if !exists {
				found = append(found, finding.New(CodeServerNotStored, r.Pointer("server")))
			}
		}
		given = append(given, c)
	}
	return given, found, nil
}

func isListSeparator(r rune) bool { return strings.ContainsRune(" ,;，；、/", r) }

// checkID checks the id of a row, and that no other row has it.
func checkID(r inventory.Row, key string, valid func(string) bool, first map[string]int) finding.List {
	id := r.Cells[key]
	if !valid(id) {
		return finding.List{finding.New(web.CodeFieldValue, r.Pointer(key))}
	}
	if row, twice := first[id]; twice {
		return finding.List{finding.New(inventory.CodeRowTwice, r.Pointer(key), "row", strconv.Itoa(row))}
	}
	first[id] = r.Number
	return nil
}

func serverID(id string) bool { return hasOnly(id, 1, 64, "._-") }

func serviceCodeID(code string) bool { return hasOnly(code, 8, 64, "-") }

// hasOnly reports whether a text has only ASCII letters, digits and some other characters, and a length within limits.
func hasOnly(id string, least, most int, others string) bool {
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return least <= len(id) && len(id) <= most
}

// readNumber reads a whole number within limits.
func readNumber(r inventory.Row, key string, least, most int, found *finding.List) int {
	n, err := strconv.Atoi(r.Cells[key])
	if r.Cells[key] != "" && (err != nil || n < least || n > most) {
		*found = append(*found, finding.New(inventory.CodeCellNumber, r.Pointer(key), "min", strconv.Itoa(least), "max", strconv.Itoa(most)))
	}
	return n
}

// readDay reads a day in Beijing, also as spreadsheets write it, or a time.
func readDay(r inventory.Row, key string, found *finding.List) time.Time {
	typed := r.Cells[key]
	if t, err := time.Parse(time.RFC3339, typed); err == nil {
		return t
	}
	for _, layout := range []string{time.DateOnly, "2006/1/2", "2006-1-2", "2006.1.2", "2006年1月2日"} {
		if t, err := time.ParseInLocation(layout, typed, workday.Shanghai); err == nil {
			return t
		}
	}
	if typed != "" {
		*found = append(*found, finding.New(inventory.CodeCellDate, r.Pointer(key)))
	}
	return time.Time{}
}

// CodeServerNotStored says that a service code is for a server that is not in the inventory.
const CodeServerNotStored finding.Code = "service-code-server-unknown"
