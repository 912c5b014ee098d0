package scenario

import (
	"fmt"
	"strings"

	"beian/shared/process/importing"
)

// FiledTable returns a table for an import: the header, and a row for each application of an invented individual, as if it had been filed elsewhere.
func FiledTable(applications ...Application) [][]string {
	var header []string
	for _, c := range importing.Columns() {
		header = append(header, c.Title.Chinese)
	}
	rows := [][]string{header}
	for _, a := range applications {
		certificate := a.Details.Subject["certificate"].(map[string]any)
		values := map[string]string{
			"subjectName": fmt.Sprint(a.Open["name"]), "entityKind": "个人", "certificateKind": "居民身份证", "certificateNumber": fmt.Sprint(certificate["number"]),
			"certificateUntil": "2035-05-01", "certificateAddress": fmt.Sprint(a.Details.Subject["certificateAddress"]), "division": "110101",
			"address": fmt.Sprint(a.Details.Subject["address"]), "leaderName": fmt.Sprint(a.Open["name"]), "leaderMobile": strings.TrimPrefix(a.Login, "+86"),
			"siteNumber": a.FiledNumber() + "-1", "siteName": fmt.Sprint(a.Details.Sites[0]["name"]), "domains": a.Open["domains"].([]string)[0],
			"serviceContent": "6", "languages": "1", "accessMode": "5", "ips": "8.130.1.1",
		}
		var row []string
		for _, c := range importing.Columns() {
			row = append(row, values[c.Key])
		}
		rows = append(rows, row)
	}
	return rows
}

// FiledNumber is the subject's number in [FiledTable].
func (a Application) FiledNumber() string { return "京ICP备" + a.Login[len(a.Login)-8:] + "号" }
