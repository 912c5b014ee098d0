package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// upload returns the body of an upload of a CSV file.
func upload(dry bool, lines ...string) map[string]any {
	return map[string]any{"file": base64.StdEncoding.EncodeToString([]byte(strings.Join(lines, "\r\n"))), "dry": dry}
}

// inventoryFiles: an administrator lists, downloads and uploads servers and service codes, and sees who uses a server.
func inventoryFiles(t *testing.T, f *fixture) {
	admin := f.admin()
	header := "服务器编号,账号,省份代码,接入方式,公网IP,租用日期,到期日期,备案名额"
	good := []string{header, "ecs-1,account-1,11,5,8.130.1.1 8.130.1.2,2019-11-01,2021/1/1,5", "ecs-2,'-dash,33,5,,2019年11月1日,2021-01-01,2"}
	admin.do("POST /inventory/servers", upload(true, good...)).wantStatus(200).wantValue(float64(2), "rows").wantValue(true, "dry")
	admin.do("GET /servers/ecs-1", nil).wantStatus(404)
	for range 2 { // the same file again changes nothing
		admin.do("POST /inventory/servers", upload(false, good...)).wantStatus(200).wantValue(float64(2), "rows").wantValue(false, "dry")
	}
	admin.do("GET /servers/ecs-1", nil).wantStatus(200).wantValue("8.130.1.2", "ips", 1).wantValue("2020-12-31T16:00:00Z", "expiresAt")

	// With one wrong row, nothing is stored, and each problem has its cell.
	admin.do("POST /inventory/servers", upload(false, header, "ecs-3,account-1,11,5,8.130.1,2021-01-01,2020-01-01,5", "ecs 4,account-1,99,5,,2019-11-01,2021-01-01,5",
		"ecs-5,account-1,11,five,,soon,2021-01-01,500", "ecs-6,account-1,11,5,,2019-11-01,2021-01-01,5", "ecs-6,account-1,11,6,,2019-11-01,2021-01-01,5")).
		wantStatus(422, "server-address-malformed /file/2/E", "server-dates /file/2/G", "field-value /file/3/A", "inventory-cell-number /file/4/D",
			"inventory-cell-date /file/4/F", "inventory-cell-number /file/4/H", "inventory-row-twice /file/6/A")
	admin.do("POST /inventory/servers", upload(false, header, "ecs-7,a#b,99,6,,2019-11-01,2021-01-01,5")).
		wantStatus(422, "access-mode-unknown /file/2/D", "field-value /file/2/B", "server-province-unknown /file/2/C")
	admin.do("GET /servers/ecs-3", nil).wantStatus(404)
	admin.do("GET /servers/ecs-6", nil).wantStatus(404)

	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectDetails) // on server-1
	admin.do("GET /servers/server-1/uses", nil).wantStatus(200).wantValue(id, "items", 0, "order").wantValue("beijing-example.com", "items", 0, "domains", 0)
	admin.do("GET /servers/none/uses", nil).wantStatus(404)
	admin.do("GET /servers?placement=33", nil).wantStatus(200).wantValue("ecs-2", "items", 0, "id")
	admin.do("GET /servers?placement=99", nil).wantStatus(422, "parameter-invalid ")
	admin.do("GET /servers?cursor=x", nil).wantStatus(422)

	out := admin.do("GET /inventory/servers", nil).wantStatus(200)
	if !strings.HasPrefix(out.text, "\ufeff服务器编号,") || !strings.Contains(out.text, "ecs-2,'-dash,33,5,,2019-11-01,2021-01-01,2,0") || !strings.Contains(out.headers["Content-Type"], "text/csv") {
		t.Errorf("%v\n%s", out.headers, out.text)
	}
	// What was downloaded can be uploaded.
	admin.do("POST /inventory/servers", map[string]any{"file": base64.StdEncoding.EncodeToString([]byte(out.text))}).wantStatus(200).wantValue(float64(3), "rows")

	admin.do("POST /inventory/service-codes", upload(false, "备案服务号,服务器编号,账号", "CODE-0001,ecs-1,", "CODE-0002,none,", "short,ecs-1,", "CODE-0001,ecs-1,a#b")).
		wantStatus(422, "service-code-server-unknown /file/3/B", "field-value /file/4/A", "inventory-row-twice /file/5/A", "field-value /file/5/C")
	admin.do("POST /inventory/service-codes", upload(false, "备案服务号,服务器编号,账号", "CODE-0001,ecs-1,", "CODE-0002,ecs-1,account-1")).wantStatus(200)
	admin.do("GET /service-codes?account=account-1", nil).wantStatus(200).wantValue("CODE-0002", "items", 0, "code")
	if out := admin.do("GET /inventory/service-codes?server=ecs-1&free=true", nil).wantStatus(200); !strings.Contains(out.text, "CODE-0001,ecs-1,,\r\nCODE-0002,ecs-1,account-1,") {
		t.Error(out.text)
	}
	f.reviewer().do("GET /servers", nil).wantStatus(403)
	f.applicant().do("POST /inventory/servers", upload(false, good...)).wantStatus(403)
	admin.do("POST /inventory/servers", map[string]any{"file": "%%%"}).wantStatus(422)
	admin.do("POST /inventory/servers", map[string]any{"file": ""}).wantStatus(422, "inventory-file-empty /file")
	var many strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&many, "ecs-many-%d,account-many,11,5,,2019-11-01,2021-01-01,5\r\n", i)
	}
	admin.do("POST /inventory/servers", upload(false, header, many.String())).wantStatus(200)
	part := admin.do("GET /inventory/servers?account=account-many", nil).wantStatus(200)
	if rows := strings.Count(part.text, "\r\n"); rows != 1001 || !strings.Contains(part.headers["Link"], "/inventory/servers?account=account-many&cursor=") {
		t.Errorf("%d rows, %v", rows, part.headers)
	}
}
