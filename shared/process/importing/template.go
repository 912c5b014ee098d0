package importing

import "strings"

// Template returns a table in CSV (UTF-8 with a byte order mark, which spreadsheets need) with the header of all columns and one invented subject with one
// site.
func Template() []byte {
	var titles, examples []string
	for _, c := range Columns() {
		titles, examples = append(titles, c.Title.Chinese), append(examples, c.Example)
	}
	return []byte("\ufeff" + strings.Join(titles, ",") + "\r\n" + strings.Join(examples, ",") + "\r\n")
}
