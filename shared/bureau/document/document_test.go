package document_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

var betweenTags = regexp.MustCompile(`>\s+<`)

// sample reads a sample document, which is in UTF-8 with indents, and returns its transmitted form: GBK without indents.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	shown, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := gbk.GBK.Append(nil, betweenTags.ReplaceAllString(strings.TrimSpace(string(shown)), "><"))
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func TestSamplesRoundTrip(t *testing.T) {
	t.Run("new filing", func(t *testing.T) {
		sent := sample(t, "new-filing.xml")
		upload, problems, err := document.ParseUpload(sent)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		checkSameBytes(t, sent, upload.Marshal)
		filing := upload.ICP.New[0]
		if filing.Subject.Name != "示例科技有限公司" || filing.Sites[0].Accesses[0].IPs[0].First.String() != "192.0.2.10" {
			t.Error("the filing was not read")
		}
		if got := upload.Operations(); !slices.Equal(got, []string{"XZBA"}) {
			t.Errorf("operations %v", got)
		}
	})
	for _, name := range []string{"results.xml", "filed.xml"} {
		t.Run(name, func(t *testing.T) {
			sent := sample(t, name)
			download, problems, err := document.ParseDownload(sent)
			if err != nil || len(problems) > 0 {
				t.Fatal(err, problems)
			}
			checkSameBytes(t, sent, download.Marshal)
		})
	}
}

func checkSameBytes(t *testing.T, want []byte, marshal func() ([]byte, error)) {
	t.Helper()
	got, err := marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("written again:\n%q\nwant\n%q", got, want)
	}
}

// Documents that have every element of the schemas, each with the smallest value that it allows.
func everyUpload() []*document.Upload {
	var all []*document.Upload
	for _, root := range []string{"ICP", "IP", "Domains"} {
		var upload document.Upload
		fillMinimal(reflect.ValueOf(&upload).Elem(), "")
		upload.Version = document.Version
		filing := &upload.ICP.New[0]
		filing.Attachments[0].Owner = document.FilingOwner{Kind: document.SubjectOwner, ID: filing.Subject.ID}
		upload.IP.Change.Independent[0].Contact = "联系"
		keepOnly(reflect.ValueOf(&upload).Elem(), root)
		all = append(all, &upload)
	}
	return all
}

func everyDownload() []*document.Download {
	var all []*document.Download
	for _, root := range []string{"ICP", "IP", "Domains", "Codes", "Sync/Filed", "Sync/IP", "Sync/Domains", "Sync/Codes"} {
		var download document.Download
		fillMinimal(reflect.ValueOf(&download).Elem(), "")
		download.Version = document.Version
		root, inside, _ := strings.Cut(root, "/")
		keepOnly(reflect.ValueOf(download.Sync).Elem(), inside)
		keepOnly(reflect.ValueOf(&download).Elem(), root)
		all = append(all, &download)
	}
	return all
}

// keepOnly empties all elements of a choice but one.
func keepOnly(v reflect.Value, name string) {
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.Name != name && strings.Contains(field.Tag.Get("wire"), "?") {
			v.Field(i).SetZero()
		}
	}
}

func TestEveryElementRoundTrips(t *testing.T) {
	for _, upload := range everyUpload() {
		sent, err := upload.Marshal()
		if err != nil {
			t.Fatalf("%v: %v", err, upload.Validate())
		}
		back, problems, err := document.ParseUpload(sent)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		if !reflect.DeepEqual(back, upload) {
			t.Error("the upload came back changed")
		}
	}
	for _, download := range everyDownload() {
		sent, err := download.Marshal()
		if err != nil {
			t.Fatalf("%v: %v", err, download.Validate())
		}
		back, problems, err := document.ParseDownload(sent)
		if err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
		if !reflect.DeepEqual(back, download) {
			t.Error("the download came back changed")
		}
	}
}

var bounds = regexp.MustCompile(`[LS]\[(\d+)\.\.`)

// fillMinimal gives every tagged field a value within its bounds, and every list one item.
func fillMinimal(v reflect.Value, tag string) {
	least := 1
	if m := bounds.FindStringSubmatch(tag); m != nil {
		_, _ = fmt.Sscan(m[1], &least)
		least = max(least, 1)
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(v.Type()) {
			inside, part := field.Tag.Lookup("wire")
			if !part {
				continue
			}
			fillMinimal(v.FieldByIndex(field.Index), inside)
			if strings.HasSuffix(tag, " choice") {
				return
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillMinimal(v.Elem(), tag)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0xff, 0xd8})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillMinimal(v.Index(0), tag)
	case reflect.String:
		switch {
		case strings.Contains(tag, "date"), strings.Contains(tag, "time"):
			v.SetString("2026-01-02")
		case strings.Contains(tag, "phones"):
			v.SetString("010-00000000")
		case strings.Contains(tag, "mails"):
			v.SetString("a@b.cn;c@d.cn")
		default:
			v.SetString(strings.Repeat("网", least))
		}
	case reflect.Int64:
		v.SetInt(int64(least))
	case reflect.Uint32:
		v.SetUint(uint64(least))
	}
}

func TestValidateReportsAllProblems(t *testing.T) {
	parsed, _, err := document.ParseUpload(sample(t, "new-filing.xml"))
	if err != nil {
		t.Fatal(err)
	}
	filing := &parsed.ICP.New[0]
	site := &filing.Sites[0]
	parsed.Version = "V.3.1"
	filing.Subject.ID = 0
	filing.Subject.Name = strings.Repeat("公", 256)
	filing.Subject.Investor = "投资😀人"
	filing.Subject.Nature = 1000
	filing.Subject.ReportMode = 2
	filing.Subject.Leader.OfficePhone = ""
	filing.Subject.Leader.Mobile = "1380000"
	filing.Subject.Leader.Email = "nobody.example"
	site.Services = nil
	site.Languages = make([]int64, 257)
	site.HomeURL = "www"
	site.Remark = "bell\a"
	site.Leader.OfficePhone = "call me maybe"
	site.Accesses[0].IPs[0].Last = 1
	site.Domains = nil
	filing.Attachments = append(filing.Attachments, document.FilingAttachment{
		Format: document.JPEG, Purpose: document.SubjectDocument,
		Content: make([]byte, 100<<10), Owner: document.FilingOwner{Kind: document.SubjectOwner, ID: 5},
	})

	const site1 = "UploadData/ICP/XZBA/Baxx[1]/Wz_xx[1]/"
	const subject = "UploadData/ICP/XZBA/Baxx[1]/Zt_xx/"
	want := map[string]schema.Rule{
		"UploadData/@version":                           schema.Version,
		subject + "IspZtid":                             schema.Missing,
		subject + "Dwmc":                                schema.Length,
		subject + "Tzr":                                 schema.Character,
		subject + "Dwxz":                                schema.Range,
		subject + "Bbfs":                                schema.Range,
		subject + "Fzr/Fzr_dhhm":                        schema.Missing,
		subject + "Fzr/Fzr_sjhm":                        schema.Length,
		subject + "Fzr/Fzr_dzyj":                        schema.Format,
		site1 + "Fwnr/Fwnr_id":                          schema.Missing,
		site1 + "Yylb/Yylb_id":                          schema.Count,
		site1 + "Syurl":                                 schema.Length,
		site1 + "Wz_Bz":                                 schema.Character,
		site1 + "Wz_Fzr/Fzr_dhhm":                       schema.Format,
		site1 + "Jr_xx[1]/Ip_xx[1]/Zzip":                schema.Range,
		site1 + "Ym_xx":                                 schema.Missing,
		"UploadData/ICP/XZBA/Baxx[1]/Fj[2]/Fjxx/Fjnr":   schema.Size,
		"UploadData/ICP/XZBA/Baxx[1]/Fj[2]/Fjxx/Fjssdx": schema.Choice,
	}
	got := map[string]schema.Rule{}
	for _, p := range parsed.Validate() {
		if strings.HasPrefix(p.Path, site1+"Yylb/Yylb_id[") {
			continue // each of the 257 is also out of range
		}
		got[p.Path] = p.Rule
		if strings.ContainsAny(p.Detail, "公网😀") || strings.Contains(p.Detail, "maybe") {
			t.Errorf("%s contains the value", p)
		}
		if p.Rule == schema.Character && p.Path == subject+"Tzr" && p.Detail != "U+1F600" {
			t.Errorf("%s does not name the character", p)
		}
	}
	for path, rule := range want {
		if got[path] != rule {
			t.Errorf("%s: got %q, want %q", path, got[path], rule)
		}
	}
	for path, rule := range got {
		if want[path] == "" {
			t.Errorf("%s: %s, unexpected", path, rule)
		}
	}
	if _, err := parsed.Marshal(); err == nil {
		t.Error("an invalid document was written")
	}
}

func TestFieldsRequiredOfUnits(t *testing.T) {
	parsed, _, err := document.ParseUpload(sample(t, "new-filing.xml"))
	if err != nil {
		t.Fatal(err)
	}
	filing := &parsed.ICP.New[0]
	filing.Subject.Leader.Name, filing.Subject.Leader.OfficePhone = "", ""
	filing.Sites[0].Leader.OfficePhone = ""
	for nature, wrong := range map[int64]int{4: 3, document.IndividualNature: 0, 0: 0} {
		filing.Subject.Nature = nature
		if problems := parsed.Validate(); len(problems) != wrong {
			t.Errorf("nature %d: %v", nature, problems)
		}
	}
}

func TestAttachmentLimits(t *testing.T) {
	for purpose, limit := range map[int64]int{document.VerificationForm: 150 << 10, document.SiteLeaderPhotograph: 100 << 10} {
		for _, over := range []int{0, 3} {
			evidence := document.Attachment{
				Format: document.JPEG, Purpose: purpose, Content: make([]byte, limit/4*3+over),
				Owner: document.EvidenceOwner{Kind: document.SiteOwner, Record: document.OwnerRef{ID: 1}},
			}
			upload := document.NewUpload(990000000001)
			upload.ICP.Evidence = []document.Attachment{evidence}
			problems := upload.Validate()
			if (len(problems) == 1 && problems[0].Rule == schema.Size) != (over > 0) {
				t.Errorf("purpose %d, %d bytes too many: %v", purpose, over, problems)
			}
			if base64.StdEncoding.EncodedLen(len(evidence.Content)) <= limit == (over > 0) {
				t.Error("the sizes of this test do not meet the limit")
			}
		}
	}
}

func TestParseReportsDeviations(t *testing.T) {
	const root = "UploadData/ICP/ZXBA/"
	wrap := func(inside string) string {
		return `<UploadData version="V.3.0"><ICP><ZXBA>` + inside + `</ZXBA><Qqdwid>1</Qqdwid></ICP></UploadData>`
	}
	for _, c := range []struct {
		xml, path string
		rule      schema.Rule
	}{
		{wrap(`<Zx_xx><Zxlb>1</Zxlb><Zxly>1</Zxly><Jlid>1</Jlid></Zx_xx>`), root + "Zx_xx[1]/Jlid", schema.Order},
		{wrap(`<Zx_xx><Jlid>1</Jlid><Zxly>1</Zxly></Zx_xx>`), root + "Zx_xx[1]/Zxlb", schema.Missing},
		{wrap(`<Zx_xx><Zxlb>x</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly></Zx_xx>`), root + "Zx_xx[1]/Zxlb", schema.Format},
		{wrap(`<Zx_xx><Zxlb>3</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly></Zx_xx>`), root + "Zx_xx[1]/Zxlb", schema.Range},
		{wrap(`<Zx_xx><Zxlb>0</Zxlb><Jlid>0</Jlid><Zxly>1</Zxly></Zx_xx>`), root + "Zx_xx[1]/Jlid", schema.Range},
		{wrap(`<Zx_xx><Zxlb>0</Zxlb><Jlid>1</Jlid><Jlid>2</Jlid><Zxly>1</Zxly></Zx_xx>`), root + "Zx_xx[1]/Jlid", schema.Count},
		{wrap(`<Zx_xx><Zxlb>0</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly><Zxlybz></Zxlybz></Zx_xx>`), root + "Zx_xx[1]/Zxlybz", schema.Length},
		{wrap(`<Zx_xx><Zxlb>0</Zxlb><Jlid>1</Jlid><Zxly>1</Zxly><New>1</New></Zx_xx>`), root + "Zx_xx[1]/New", schema.Unknown},
		{wrap(`x`), "UploadData/ICP/ZXBA", schema.Format},
		{wrap(``), root + "Zx_xx", schema.Missing},
		{`<UploadData version="V.3.0"><YM/></UploadData>`, "UploadData/YM", schema.Missing},
		{`<UploadData version="V.3.0"><JCDM/></UploadData>`, "UploadData/JCDM", schema.Unknown},
		{`<UploadData version="V.3.0"/>`, "UploadData", schema.Choice},
		{`<UploadData/>`, "UploadData/@version", schema.Version},
		{strings.Repeat(wrap(``), 1)[:len(`<UploadData version="V.3.0">`)] + `<ICP><Qqdwid>1</Qqdwid></ICP></UploadData>`,
			"UploadData/ICP", schema.Missing},
	} {
		_, problems, err := document.ParseUpload([]byte(c.xml))
		if err != nil {
			t.Errorf("%s: %v", c.xml, err)
			continue
		}
		if !slices.ContainsFunc(problems, func(p schema.Problem) bool { return p.Path == c.path && p.Rule == c.rule }) {
			t.Errorf("%s: %v, want %s %s", c.xml, problems, c.path, c.rule)
		}
	}
	for _, xml := range []string{"", "<DownloadData/>", "<UploadData>", "<UploadData/><a/>"} {
		if _, _, err := document.ParseUpload([]byte(xml)); err == nil {
			t.Errorf("%q was parsed as an upload", xml)
		}
	}
}

// TestResultsAboutEvidenceAlone parses a result about evidence, operation 35. The ministry's schema forbids it and the comment in
// the schema allows it; package document follows the comment.
func TestResultsAboutEvidenceAlone(t *testing.T) {
	xml := `<DownloadData version="V.3.0"><ICP><BAJG><Jg_xx><Jgxx><Jgdm>1060</Jgdm></Jgxx><Czlx>35</Czlx></Jg_xx></BAJG></ICP></DownloadData>`
	download, problems, err := document.ParseDownload([]byte(xml))
	if err != nil || len(problems) > 0 || download.ICP.Results.Records[0].Operation != document.SubmitEvidenceOperation {
		t.Error(download, problems, err)
	}
}

func TestEmptyElementsDoNotGrow(t *testing.T) {
	var xml strings.Builder
	xml.WriteString(`<DownloadData version="V.3.0"><ICP><HMDLB>`)
	for range schema.MaxItems + 1 {
		xml.WriteString(`<Wzhmdxxs/>`)
	}
	xml.WriteString(`</HMDLB></ICP></DownloadData>`)
	if _, _, err := document.ParseDownload([]byte(xml.String())); err == nil {
		t.Error("accepted")
	}
}

func TestPrintingIsRedacted(t *testing.T) {
	upload, _, err := document.ParseUpload(sample(t, "new-filing.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(*upload), fmt.Sprintf("%+v", upload), fmt.Sprintf("%#v", *upload), upload.LogValue().String()} {
		if shown != "upload(redacted)" {
			t.Errorf("shown: %d characters", len(shown))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"new-filing.xml", "results.xml", "filed.xml"} {
		f.Add(sample(f, name))
	}
	f.Add([]byte(`<UploadData version="V.3.0"><ICP><ZXBA><Zx_xx/></ZXBA></ICP></UploadData>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if upload, problems, err := document.ParseUpload(data); err == nil && len(problems) == 0 {
			checkRoundTrip(t, upload.Marshal, func(sent []byte) (any, error) {
				back, _, err := document.ParseUpload(sent)
				return back, err
			}, upload)
		}
		if download, problems, err := document.ParseDownload(data); err == nil && len(problems) == 0 {
			checkRoundTrip(t, download.Marshal, func(sent []byte) (any, error) {
				back, _, err := document.ParseDownload(sent)
				return back, err
			}, download)
		}
	})
}

// checkRoundTrip checks that a document read without problems is the same after writing and reading it.
func checkRoundTrip(t *testing.T, marshal func() ([]byte, error), parse func([]byte) (any, error), want any) {
	sent, err := marshal()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := parse(sent); err != nil || !reflect.DeepEqual(back, want) {
		t.Fatalf("came back changed: %v", err)
	}
}

// TestGB18030 sends characters that no GBK has to a bureau that reads GB18030.
func TestGB18030(t *testing.T) {
	upload, _, err := document.ParseUpload(sample(t, "new-filing.xml"))
	if err != nil {
		t.Fatal(err)
	}
	subject := &upload.ICP.New[0].Subject
	subject.Name = "示例𬭎䶮€"
	if _, err := upload.Marshal(); err == nil {
		t.Error("the characters are sent in GBK")
	}
	upload.Characters = gbk.GB18030
	sent, err := upload.Marshal()
	if err != nil || !bytes.HasPrefix(sent, []byte(`<?xml version="1.0" encoding="GB18030"?>`)) {
		t.Fatalf("%.60s, %v", sent, err)
	}
	back, problems, err := document.ParseUpload(sent)
	if err != nil || len(problems) > 0 || back.ICP.New[0].Subject.Name != subject.Name {
		t.Errorf("%v, %v", problems, err)
	}
}
