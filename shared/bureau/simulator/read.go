package simulator

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/wire"
	"beian/shared/rules/gbk"
)

// Codes about a whole file.
const (
	unknownAttribute = 5002
	otherUnit        = 5003
	wrongVersion     = 5004
	illegalCharacter = 5008
)

// readRecords returns the records of a file with the results of the machine checks. A file that is wrong as a whole is one record
// about the file.
func readRecords(file wire.File, a *Account, t tables, today string) []*record {
	if code := checkEncoding(file.Content, a.Characters); code != 0 {
		return []*record{wholeFile(&document.Upload{}, code, file.Name)}
	}
	upload, problems, err := document.ParseUpload(file.Content)
	if err != nil {
		return []*record{wholeFile(&document.Upload{}, result.BrokenSchema, file.Name)}
	}
	broken, each := sortProblems(problems)
	if broken == 0 && upload.Provider() != a.ProviderID {
		broken = otherUnit
	}
	if broken != 0 {
		return []*record{wholeFile(upload, broken, file.Name)}
	}
	records := append(recordsOf(upload), resourcesOf(upload, t, today)...)
	for _, r := range records {
		r.Codes = slices.Concat(each[r.place], r.Codes, checkRecord(r, a, t))
		delete(each, r.place)
		for _, place := range r.places {
			r.Codes = append(r.Codes, each[place]...)
			delete(each, place)
		}
		r.dropImages()
	}
	for _, place := range slices.Sorted(maps.Keys(each)) {
		records = append(records, wholeFile(upload, each[place][0].Code, file.Name))
	}
	return records
}

// wholeFile returns a record about a file.
func wholeFile(u *document.Upload, code int64, name string) *record {
	r := &record{Operation: document.NewFilingOperation, Codes: []resultCode{{code, name}}}
	switch {
	case u.IP != nil:
		r.Resource = &resource{Kind: ipSource}
	case u.Domains != nil:
		r.Resource = &resource{Kind: registration}
	}
	return r
}

var declaredEncoding = regexp.MustCompile(`^<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']`)

// checkEncoding returns the code for a document that is not GBK (MIIT-IF30 4.3), 0 for one that is: 5001 if it declares something else,
// 5008 if it has bytes that GBK does not have. GB18030 is accepted if the account's bureau reads it.
func checkEncoding(content []byte, readable gbk.Repertoire) int64 {
	declared := "" // ASCII without a declaration is GBK, too
	if m := declaredEncoding.FindSubmatch(content[:min(len(content), 256)]); m != nil {
		declared = string(m[1])
	}
	if !(strings.EqualFold(declared, "GBK") || readable == gbk.GB18030 && strings.EqualFold(declared, "GB18030") ||
		declared == "" && gbk.ASCII(content)) {
		return result.BrokenSchema
	}
	// A tag never begins inside a character of GBK, so the texts between tags can be checked one by one.
	for text := range bytes.SplitSeq(content, []byte("<")) {
		if gbk.ASCII(text) {
			continue
		}
		decoded, replaced := gbk.Decode(text)
		if _, found := readable.Check(decoded); found || replaced > 0 {
			return illegalCharacter
		}
	}
	return 0
}

var recordPath = regexp.MustCompile(`^UploadData/((?:ICP|IP|YM)/.+?\[\d+\])/(.*)$`)

// sortProblems returns the code of a problem that makes the whole file invalid, or else the codes of each record by its place. The
// checks of package document are stricter than the schema.
func sortProblems(problems schema.Problems) (whole int64, each map[string][]resultCode) {
	if slices.ContainsFunc(problems, func(p schema.Problem) bool { return p.Rule == schema.Version }) {
		return wrongVersion, nil
	}
	each = map[string][]resultCode{}
	for _, p := range problems {
		if p.Rule == schema.Unknown && strings.Contains(p.Path, "/@") {
			return unknownAttribute, nil
		}
		m := recordPath.FindStringSubmatch(p.Path)
		if m == nil {
			return result.BrokenSchema, nil
		}
		code := recordCode
		switch {
		case strings.HasPrefix(m[1], "ICP/ZXBA/") && m[2] == "ICPmm":
			continue // the schema does not require the filing password; it is checked against the subject
		case strings.HasPrefix(m[1], "IP/"):
			code = ipCode
		case strings.HasPrefix(m[1], "YM/"):
			code = registrationCode
		}
		c := code(m[2], p)
		if c == 0 {
			return result.BrokenSchema, nil
		}
		each[m[1]] = append(each[m[1]], resultCode{Code: c})
	}
	return 0, each
}

// recordCode returns the result code of a problem that the schema itself allows, 0 for others.
func recordCode(path string, p schema.Problem) int64 {
	ends := func(suffix string) bool { return strings.HasSuffix(path, suffix) }
	switch {
	case p.Rule == schema.Size:
		return 5010
	case p.Rule == schema.Choice && ends("Fjssdx"):
		return 1061
	case p.Rule == schema.Range && p.Detail == "not below Qsip":
		return 1006
	case p.Rule == schema.Missing && ends("Zt_xx/Dwxz"):
		return 1014
	case p.Rule == schema.Missing && ends("Zt_xx/Fzr/Fzr_xm"):
		return 1044
	case p.Rule == schema.Missing && ends("Wz_Fzr/Fzr_dhhm"):
		return 1031
	case ends("Fzr_dhhm") && (p.Rule == schema.Format || p.Rule == schema.Missing):
		return 1010
	case p.Rule == schema.Format && ends("sjhm"):
		return 1011
	case p.Rule == schema.Format && ends("dzyj"):
		return 1009
	}
	return 0
}

// recordsOf returns the records of ICP filings.
func recordsOf(u *document.Upload) []*record {
	if u.ICP == nil {
		return nil
	}
	var all []*record
	add := func(list string, i int, r record) {
		r.place = fmt.Sprintf("ICP/%s[%d]", list, i+1)
		all = append(all, &r)
	}
	for i := range u.ICP.New {
		f := &u.ICP.New[i]
		add("XZBA/Baxx", i, record{Operation: document.NewFilingOperation, New: f, Bs: decimal(f.Subject.ID), Attachments: len(f.Attachments)})
	}
	for i := range u.ICP.AddSite {
		f := &u.ICP.AddSite[i]
		bs := cmp.Or(f.Subject.Number, decimal(f.Subject.ID))
		add("XZWZ/Xzxx", i, record{Operation: document.AddSiteOperation, AddSite: f, Bs: bs, Attachments: len(f.Attachments)})
	}
	for i := range u.ICP.AddAccess {
		f := &u.ICP.AddAccess[i]
		add("XZJR/Xzxx", i, record{Operation: document.AddAccessOperation, AddAccess: f, Bs: decimal(f.ID), Attachments: len(f.Attachments)})
	}
	for i := range u.ICP.Change {
		f := &u.ICP.Change[i]
		add("BGBA/Bgxx", i, record{Operation: document.ChangeOperation, Change: f, Bs: decimal(f.Subject.ID), Attachments: len(f.Attachments)})
	}
	for i := range u.ICP.Cancel {
		f := &u.ICP.Cancel[i]
		add("ZXBA/Zx_xx", i, record{Operation: cancelOperations[f.What], Cancel: f, Bs: decimal(f.ID)})
	}
	for i, handled := range u.ICP.Unfiled {
		domain := strings.ToLower(handled.Domain)
		add("WBACLJG/Clxx", i, record{Unfiled: domain, handling: handled.Handling, Bs: domain})
	}
	for i, answer := range u.ICP.TaskResults {
		v := verifiedTask{Subject: answer.Filing.Subject.ID, Passed: answer.Result == document.VerificationPassed}
		for _, site := range answer.Filing.Sites {
			v.Sites = append(v.Sites, site.ID)
		}
		add("HSJG/Hsjgxx", i, record{Verified: &v, Bs: decimal(v.Subject)})
	}
	for i, evidence := range u.ICP.Evidence {
		owner := evidence.Owner.Record
		if i > 0 && u.ICP.Evidence[i-1].Owner == evidence.Owner { // attachments of one owner are one record, as in document.Records
			last := all[len(all)-1]
			last.evidence, last.Attachments = append(last.evidence, evidence), last.Attachments+1
			last.places = append(last.places, fmt.Sprintf("ICP/XZHYD/Fjxx[%d]", i+1))
			continue
		}
		add("XZHYD/Fjxx", i, record{
			Operation: document.SubmitEvidenceOperation, Bs: cmp.Or(owner.Number, decimal(owner.ID)), Attachments: 1, evidence: []document.Attachment{evidence},
		})
	}
	return all
}

var cancelOperations = map[int64]int64{
	document.CancelSubject: document.CancelSubjectOperation,
	document.CancelSite:    document.CancelSiteOperation,
	document.CancelAccess:  document.CancelAccessOperation,
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
