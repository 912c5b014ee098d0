package importing

import (
	"fmt"
	"strings"

	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
)

// Template returns a table in CSV (UTF-8 with a byte order mark, which spreadsheets need) with the header of all columns and one invented subject with one
// site.
func Template() []byte {
	var titles, examples []string
	for _, c := range Columns() {
		titles, examples = append(titles, c.Title.Chinese), append(examples, c.Example)
	}
	return []byte("\ufeff" + strings.Join(titles, ",") + "\r\n" + strings.Join(examples, ",") + "\r\n")
}

// Allowed returns the words, with their numbers, that a column takes by the tables in force: "4 企业". It is empty for a column with other values.
func (c Column) Allowed(tables codes.Tables) []finding.Words {
	var all []finding.Words
	add := func(number int, w finding.Words) {
		all = append(all, finding.Words{Chinese: fmt.Sprintf("%d %s", number, w.Chinese), English: fmt.Sprintf("%d %s", number, w.English)})
	}
	table := map[string]codes.Name{"serviceContent": codes.Services, "languages": codes.Languages, "accessMode": codes.AccessModes}
	switch {
	case table[c.Key] != "":
		for _, code := range tables.InForce(table[c.Key]) {
			add(code.Number, code.Words)
		}
	case c.Key == "entityKind":
		for _, e := range certificate.EntityKinds() {
			add(int(e), e.Words())
		}
	case strings.HasSuffix(strings.ToLower(c.Key), "certificatekind"):
		for _, k := range certificate.Kinds() {
			if c.Key == "certificateKind" || k.Personal() {
				add(int(k), k.Words())
			}
		}
	case c.Key == "preApprovals":
		for _, t := range tables.Trades() {
			all = append(all, t.Name)
		}
	}
	return all
}
